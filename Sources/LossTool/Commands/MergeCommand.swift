import Foundation
import LossFiles
import LossFunctions

extension CommandOption {
  fileprivate static let merged = CommandOption(
    "--partial", value: "FILE", "write the merged partial result, of a part of the data",
    completion: .file)
  fileprivate static let checkInputs = CommandOption(
    "--check-inputs", "read the inputs again, and refuse those that changed")
}

extension Command {
  static let merge = Command(
    name: "merge", summary: "Merge partial results into the value of all data",
    parameters: [
      Parameter(
        name: "FILE", summary: "files of losses eval --partial, or folders of *.partial",
        repeats: true, completion: .file)
    ],
    options: [.merged, .checkInputs, .json],
    notes: [
      "Sums are exact: the value has the same bits for any shards and order. Rows that are counted",
      "twice or missing, files that were truncated or altered, other options and other versions are",
      "refused by name, and nothing is counted.",
    ],
    examples: [
      Example(arguments: ["merge", "parts"], writes: true),
      Example(
        arguments: ["merge", "a.partial", "b.partial", "--partial", "ab.partial"], writes: true),
    ]
  ) { arguments, console in
    let files = try arguments.positionals.flatMap(partialFiles)
    guard !files.isEmpty else { throw UsageError("FILE is missing") }
    var partials: [LossPartial] = []
    for file in files {
      let partial = try LossPartial(path: file)
      if let first = partials.first {
        do throws(LossError) {
          _ = try first.covering([]).merged(with: partial.covering([]))
        } catch {
          var error = error
          if error.subject == "partial" { error.subject = file }
          throw error
        }
      }
      partials.append(partial)
    }
    let merged = try LossPartial.merged(partials)
    if arguments.has(.checkInputs) { for source in merged.sources { try merged.check(source) } }
    if let path = arguments.value(of: .merged) {
      try FileBytes.write(merged.bytes, to: path)
      return 0
    }
    try merged.requireAllRows()
    let value: AnyTensor =
      merged.element == .float32
      ? .float32(Tensor(Float(try merged.value))) : .float64(Tensor(try merged.value))
    if arguments.has(.json) {
      let items: [(key: String, value: JSONText)] = [
        ("loss", .text(merged.loss.name)), ("value", .nested(value)),
        ("element", .text(merged.element.rawValue)), ("terms", .integer(merged.termCount)),
        ("partials", .integer(files.count)), ("shards", .integer(merged.sources.count)),
      ]
      console.output.write(line: JSONText.object(items).written())
    } else {
      // Without the quotes that JSON needs around nan and inf.
      console.output.write(line: TensorJSON.nested(value).filter { $0 != "\"" })
    }
    return 0
  }
}

/// A file, or the partial results in a folder.
private func partialFiles(_ path: String) throws -> [String] {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
  else { return [path] }
  let names = try FileManager.default.contentsOfDirectory(atPath: path)
  let files = names.filter { $0.hasSuffix(".partial") && !$0.hasPrefix(".") }.sorted()
  guard !files.isEmpty else {
    throw LossError(.unreadableFile, subject: path, found: "has no file *.partial")
  }
  return files.map { "\(path)/\($0)" }
}

extension LossPartial {
  /// Reads the rows of a source again.
  ///
  /// - Throws: `LossError` that names the data, if they changed or cannot be read.
  fileprivate func check(_ source: PartialSource) throws {
    let arguments = source.names.map { (role: Role($0.key), argument: $0.value) }
    let now = try PartialInputs(arguments, of: loss, rows: source.rows).read { _ in }
    guard now.digest == source.digest, now.totalRows == source.totalRows else {
      throw LossError(
        .invalidValue, loss: loss.name, subject: "\(source)", found: "changed since",
        expected: "digest \(source.digest)", hint: "Evaluate it again.")
    }
  }
}
