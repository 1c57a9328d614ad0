import Foundation
import LossCatalog
import LossFunctions

extension CommandOption {
  fileprivate static let folder = CommandOption(
    "--output", short: "-o", value: "DIR", "the folder of the site; made where there is none",
    expects: .folder)
}

extension Command {
  static let catalog = Command(
    name: "catalog", summary: "Write a site that shows every loss, to read without a server",
    options: [.plugin, .folder],
    notes: ["Open DIR/index.html. Files of the same names are replaced; others stay."],
    examples: [Example(arguments: ["catalog", "-o", "site"])]
  ) { arguments, console in
    guard let folder = arguments.value(of: .folder), !folder.isEmpty else {
      throw UsageError("-o is missing", expected: ["the folder of the site"])
    }
    let pages = Catalog(of: try arguments.registry()).pages()
    for page in pages {
      let path = "\(folder)/\(page.path)"
      try makeFolder(of: path)
      try TextFile.write(page.text, to: path)
    }
    console.output.write(line: "\(pages.count) files in \(folder)")
    return 0
  }
}

private func makeFolder(of path: String) throws(LossError) {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  } catch {
    throw LossError(
      .unreadableFile, subject: folder.path, found: "cannot be made: \(error.localizedDescription)",
      expected: "a place for a folder")
  }
}
