import Foundation
import LossFiles
import LossFunctions

extension CommandOption {
  static let partial = CommandOption(
    "--partial", value: "FILE", "write a partial result, which losses merge adds to others",
    completion: .file)
  static let rows = CommandOption(
    "--rows", value: "A:B", "the rows of a partial result, from A up to and without B")
  static let shards = CommandOption(
    "--shards", value: "N", "of how many shards this one is; losses merge refuses fewer")
}

/// Evaluates shards, and writes their partial results.
struct PartialWorker {
  private let request: EvalRequest
  private let rows: Range<Int>?
  /// The number of shards, if the arguments are one of several.
  private let shardCount: Int?

  init(_ request: EvalRequest, _ arguments: Arguments) throws {
    self.request = request
    for option in [
      CommandOption.gradient, .secondDerivative, .hessianVector, .value, .objective, .json,
    ]
    where arguments.has(option) {
      throw UsageError("\(option.name) is given with --partial", expected: ["one of the two"])
    }
    shardCount = try arguments.value(of: .shards).map { text in
      guard let count = Int(text), count > 0 else {
        throw UsageError("--shards is \"\(text)\"", expected: ["a number above 0"])
      }
      return count
    }
    guard let text = arguments.value(of: .rows) else {
      rows = nil
      return
    }
    let bounds = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard bounds.count == 2, let first = bounds[0], let end = bounds[1], 0 <= first, first < end
    else { throw UsageError("--rows is \"\(text)\"", expected: ["a range A:B such as 0:1000"]) }
    rows = first..<end
  }

  func run(_ path: String, _ console: Console) throws {
    guard request.inputArguments.contains(where: { $0.argument.isPattern }) else {
      let rows = try evaluate(request.inputArguments, to: path, shardCount: shardCount)
      console.errors.write(line: "\(path): \(rows)")
      return
    }
    guard rows == nil, shardCount == nil else {
      throw UsageError(
        "\(rows == nil ? "--shards" : "--rows") is given with a pattern",
        expected: ["one of the two"])
    }
    let shards = try shards()
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw LossError(.unreadableFile, subject: path, found: "cannot be created")
    }
    for (index, shard) in shards.enumerated() {
      let file = "\(path)/\(shard.name).partial"
      let rows = try evaluate(shard.arguments, to: file, shardCount: shards.count)
      console.errors.write(line: "\(index + 1) of \(shards.count): \(file): \(rows)")
      console.errors.flush()
    }
  }

  /// Evaluates one shard and writes its partial result, unless the file has it already.
  ///
  /// - Returns: what was done, in words.
  private func evaluate(
    _ arguments: [(role: Role, argument: String)], to path: String, shardCount: Int?
  ) throws -> String {
    let existing = FileManager.default.fileExists(atPath: path) ? try LossPartial(path: path) : nil
    let inputs = try PartialInputs(arguments, of: request.loss, rows: rows)
    var merged: LossPartial?
    var source = try inputs.read { block in
      guard existing == nil || merged == nil else { return }
      var converted = LossInputs()
      for (role, tensor) in block.tensors {
        converted[role] = try request.converted(tensor, role)
      }
      let partial = try request.loss.partial(
        converted, in: request.element, threads: request.threads,
        domainChecks: request.domainChecks)
      merged = try merged?.merged(with: partial) ?? partial
    }
    source.shardCount = shardCount
    let count = "\(source.rows.count) rows"
    guard let merged else { return count }
    guard let existing else {
      try FileBytes.write(merged.covering([source]).bytes, to: path)
      return count
    }
    // The options and the version of the first block are those of all.
    _ = try existing.covering([]).merged(with: merged.covering([]))
    guard existing.sources == [source] else {
      throw LossError(
        .invalidValue, loss: request.loss.name, subject: path,
        found: existing.sources.contains { $0.names == source.names && $0.rows == source.rows }
          ? "covers \(source), which changed since"
          : "covers \(existing.sources.map(\.description).joined(separator: ", "))",
        expected: "\(source) as it is now", hint: "Delete the file to evaluate the rows again.")
    }
    return "\(count), evaluated before"
  }

  /// The shards that the patterns in the arguments find, in the order of their names.
  ///
  /// - Throws: `LossError` for a shard without a file of some input.
  private func shards() throws -> [(name: String, arguments: [(role: Role, argument: String)])] {
    let found = try request.inputArguments.filter(\.argument.isPattern).map { role, pattern in
      (role: role, pattern: pattern, files: try ShardPattern(pattern).files())
    }
    let names = Set(found.flatMap(\.files.keys)).sorted()
    for (role, pattern, files) in found {
      if files.isEmpty {
        throw LossError(
          .unreadableFile, loss: request.loss.name, subject: pattern, found: "finds no file")
      }
      if let name = names.first(where: { files[$0] == nil }) {
        throw LossError(
          .unreadableFile, loss: request.loss.name, subject: pattern,
          found: "has no file of \(role) for shard \(name)",
          expected: "a file of each input for each shard")
      }
    }
    return names.map { name in
      let arguments = request.inputArguments.map { role, argument in
        (role: role, argument: found.first { $0.role == role }?.files[name] ?? argument)
      }
      return (name, arguments)
    }
  }
}

/// A path with one `*`, for the name of a shard.
private struct ShardPattern {
  private let folder: String
  private let prefix: String
  private let suffix: String
  /// The path after the folder of a shard.
  private let rest: String

  init(_ pattern: String) throws {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw UsageError("\"\(pattern)\" has several *", expected: ["one, for the name of a shard"])
    }
    let before = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    folder = before.dropLast().joined(separator: "/")
    prefix = before.last ?? ""
    let slash = parts[1].firstIndex(of: "/") ?? parts[1].endIndex
    suffix = String(parts[1][..<slash])
    rest = String(parts[1][slash...])
  }

  /// The files by the names of their shards.
  func files() throws -> [String: String] {
    let root = folder.isEmpty ? "." : folder
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: root)
    } catch {
      throw LossError(.unreadableFile, subject: root, found: "is no folder that can be read")
    }
    var files: [String: String] = [:]
    for entry in entries
    where entry.count > prefix.count + suffix.count && entry.hasPrefix(prefix)
      && entry.hasSuffix(suffix)
    {
      let path = (folder.isEmpty ? "" : folder + "/") + entry + rest
      guard FileManager.default.fileExists(atPath: path) else { continue }
      files[String(entry.dropFirst(prefix.count).dropLast(suffix.count))] = path
    }
    return files
  }
}

extension String {
  /// Whether an argument stands for the files of several shards.
  fileprivate var isPattern: Bool { contains("*") && !contains(".csv:") && first != "[" }
}

extension LossPartial {
  /// The partial result in a file.
  ///
  /// - Throws: `LossError` that names the file.
  init(path: String) throws(LossError) {
    do throws(LossError) {
      try self.init(bytes: try FileBytes.read(path: path))
    } catch {
      guard error.subject == "partial" else { throw error }
      var error = error
      error.subject = path
      throw error
    }
  }
}
