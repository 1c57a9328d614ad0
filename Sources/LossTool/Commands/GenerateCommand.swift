import Foundation
import LossCatalog
import LossConformance
import LossFiles
import LossFunctions

extension CommandOption {
  fileprivate static let check = CommandOption(
    "--check", "write nothing; fail if a file is not up to date")
}

extension Command {
  static let generate = Command(
    name: "generate", summary: "Write what follows from the losses of a package: Swift and tables",
    parameters: [Parameter(name: "DIR", summary: "the folder of the package", completion: .folder)],
    options: [.check, .plugin],
    notes: [
      "Writes Generated.swift of every module in DIR/Plugins or DIR/Sources that declares losses:",
      "initialisers with the options as parameters, and calls with the inputs as parameters.",
      "Where DIR has the folder docs/reference, writes tables of all losses there.",
    ],
    examples: [Example(arguments: ["generate", "."])]
  ) { arguments, console in
    let folder = arguments.positionals[0]
    let isCheck = arguments.has(.check)
    var outdated: [String] = []
    let files = generatedFiles(of: try arguments.registry(), in: folder)
    for file in files {
      let path = "\(folder)/\(file.path)"
      let old = try? String(contentsOf: URL(filePath: path), encoding: .utf8)
      if old == file.text { continue }
      outdated.append(file.path)
      guard !isCheck else { continue }
      let parent = URL(filePath: path).deletingLastPathComponent()
      try? FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      try FileBytes.write(Array(file.text.utf8), to: path)
    }
    for path in outdated { console.output.write(line: path) }
    let state = isCheck ? "out of date" : "written"
    console.output.write(line: "\(outdated.count) of \(files.count) files \(state)")
    if files.isEmpty {
      console.errors.write(
        line: "No folder of \(folder)/Plugins or \(folder)/Sources has the name of a module whose"
          + " losses this tool links; those of a loaded library name none.")
    }
    return isCheck && !outdated.isEmpty ? 1 : 0
  }
}

/// The files that follow from a registry, by their path in the package.
private func generatedFiles(
  of registry: LossRegistry, in folder: String
) -> [(path: String, text: String)] {
  let sources: [(path: String, text: String)] = SwiftFiles(of: registry).files().compactMap {
    file in
    let paths = ["Plugins", "Sources"].map { "\($0)/\(file.module)" }
    return paths.first { isFolder("\(folder)/\($0)") }.map { ("\($0)/Generated.swift", file.text) }
  }
  let reference = "docs/reference"
  guard isFolder("\(folder)/\(reference)") else { return sources }
  let pages = ReferencePages(of: registry).pages().map { ("\(reference)/\($0.path)", $0.text) }
  guard isFolder("\(folder)/Sources/LossConformance") else { return sources + pages }
  return sources + pages + [("\(reference)/LawStatements.md", lawStatements)]
}

/// The page of the laws, for the package that has them.
private var lawStatements: String {
  ReferencePages.page(
    title: "Statements of the laws",
    introduction: "[Laws](../Laws.md) says how they are checked.", columns: ["Law", "Statement"],
    rows: Law.all.map { ["`\($0.name)`", $0.statement] })
}

private func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}
