import Foundation
import LossCatalog
import LossFiles
import LossFunctions

extension CommandOption {
  fileprivate static let folder = CommandOption(
    "--output", short: "-o", value: "DIR", "the folder of the site; created if necessary",
    completion: .folder)
}

extension Command {
  static let catalog = Command(
    name: "catalog", summary: "Write a static site with a page for every loss",
    options: [.plugin, .folder],
    notes: ["Open DIR/index.html. Existing files of the same names are replaced."],
    examples: [Example(arguments: ["catalog", "-o", "site"])]
  ) { arguments, console in
    guard let folder = arguments.value(of: .folder), !folder.isEmpty else {
      throw UsageError("-o is missing", expected: ["the folder of the site"])
    }
    let registry = try arguments.registry()
    // Before the pages, which take seconds.
    try createFolder(of: "\(folder)/index.html")
    let pages = Catalog(of: registry).pages()
    for page in pages {
      let path = "\(folder)/\(page.path)"
      try createFolder(of: path)
      try FileBytes.write(Array(page.text.utf8), to: path)
    }
    console.output.write(line: "\(pages.count) files in \(folder)")
    return 0
  }
}

private func createFolder(of path: String) throws(LossError) {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  } catch {
    throw LossError(
      .unreadableFile, subject: folder.path,
      found: "cannot be created: \(error.localizedDescription)",
      expected: "a writable path")
  }
}
