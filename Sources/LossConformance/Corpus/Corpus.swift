import Foundation
public import LossCore
import LossFixtures

/// A collection of cases, read from JSON files.
public struct Corpus: Sendable {
  /// The cases, ordered by file and then as in the file.
  public let cases: [ConformanceCase]
  /// The sources of the expected values, by key.
  public let sources: [String: FixtureSource]
  /// The bugs that cases target, by word.
  public let flags: [String: FixtureFlag]

  /// The corpus of this library.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for an invalid file.
  public static func builtIn() throws(LossError) -> Corpus {
    guard let folder = LossFixtures.corpus else {
      throw LossError(
        .unreadableFile, subject: "the built-in corpus", found: "was not found",
        expected: "resources beside the program",
        hint: "Pass the path of a folder with fixtures instead.")
    }
    return try Corpus(paths: [folder.path])
  }

  /// The cases of the given files, and of all JSON files in the given folders.
  ///
  /// The source and the flags of a case are looked up in its own file, and in `sources.json` and
  /// `flags.json` beside the file or in its parent folder.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a path that does not exist, an invalid file,
  ///   or a reference to a source, flag or case that does not exist.
  public init(paths: [String]) throws(LossError) {
    var reader = CorpusReader()
    for path in paths { try reader.read(URL(filePath: path)) }
    self = try reader.corpus()
  }

  init(
    cases: [ConformanceCase], sources: [String: FixtureSource], flags: [String: FixtureFlag]
  ) {
    self.cases = cases
    self.sources = sources
    self.flags = flags
  }

  /// The cases whose full name contains a text; all cases for nil or an empty text.
  public func matching(_ text: String?) -> Corpus {
    guard let text, !text.isEmpty else { return self }
    return Corpus(
      cases: cases.filter { $0.fullID.contains(text) }, sources: sources, flags: flags)
  }
}

/// Reads files, then resolves the references of the cases.
private struct CorpusReader {
  private var files: [(id: String, file: FixtureFile)] = []
  private var sources: [String: FixtureSource] = [:]
  private var flags: [String: FixtureFlag] = [:]
  private var visited: Set<String> = []
  private var read: Set<String> = []

  mutating func read(_ path: URL) throws(LossError) {
    // A file that is given twice, or through a symbolic link, is read once.
    let url = path.resolvingSymlinksInPath().standardizedFileURL
    guard read.insert(url.path).inserted else { return }
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw LossError(.unreadableFile, subject: url.path, found: "does not exist")
    }
    try readProvenance(in: isFolder.boolValue ? url : url.deletingLastPathComponent())
    guard isFolder.boolValue else { return try readFile(url) }
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    for name in contents.sorted() where !name.hasPrefix(".") {
      let child = url.appending(path: name)
      let isInside = FileManager.default.fileExists(atPath: child.path, isDirectory: &isFolder)
      if isInside, isFolder.boolValue {
        try read(child)
      } else if name.hasSuffix(".json"), !Self.notFixtures.contains(name) {
        try readFile(child)
      }
    }
  }

  private static let notFixtures = ["sources.json", "flags.json", "fixture.schema.json"]

  private mutating func readProvenance(in folder: URL) throws(LossError) {
    for folder in [folder.deletingLastPathComponent(), folder] {
      guard visited.insert(folder.path).inserted else { continue }
      let sources: [String: FixtureSource] = try decodeIfPresent(
        folder.appending(path: "sources.json"))
      self.sources.merge(sources) { $1 }
      let flags: [String: FixtureFlag] = try decodeIfPresent(folder.appending(path: "flags.json"))
      self.flags.merge(flags) { $1 }
    }
  }

  private func decodeIfPresent<Value: Decodable>(
    _ url: URL
  ) throws(LossError) -> [String: Value] {
    guard FileManager.default.fileExists(atPath: url.path) else { return [:] }
    return try decode(url)
  }

  private mutating func readFile(_ url: URL) throws(LossError) {
    let file: FixtureFile = try decode(url)
    let group = url.deletingLastPathComponent().lastPathComponent
    sources.merge(file.sources) { $1 }
    flags.merge(file.flags) { $1 }
    files.append(("\(group)/\(url.deletingPathExtension().lastPathComponent)", file))
  }

  private func decode<Value: Decodable>(_ url: URL) throws(LossError) -> Value {
    do {
      let data = try Data(contentsOf: url)
      // Foundation's decoder takes the first value of a repeated key.
      _ = try OptionValue(json: data, name: url.path, code: .unreadableFile)
      return try JSONDecoder().decode(Value.self, from: data)
    } catch let error as LossError {
      throw error
    } catch {
      throw LossError(.unreadableFile, subject: url.path, found: Self.reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "cannot be read: \(error)" }
    let context =
      switch error {
      case .dataCorrupted(let context), .keyNotFound(_, let context),
        .typeMismatch(_, let context), .valueNotFound(_, let context):
        context
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
      }
    let path = context.codingPath.map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
    }
    let location = path.isEmpty ? "" : " at \(path.joined().drop { $0 == "." })"
    return "is invalid\(location): \(context.debugDescription)"
  }

  func corpus() throws(LossError) -> Corpus {
    var casesByID: [String: ConformanceCase] = [:]
    var cases: [ConformanceCase] = []
    for (id, file) in files {
      for fixture in file.cases {
        let conformanceCase = try conformanceCase(fixture, in: file, id)
        casesByID[conformanceCase.fullID] = conformanceCase
        cases.append(conformanceCase)
      }
    }
    for index in cases.indices {
      guard case .relation(let relation) = cases[index].fixture.expect,
        let reference = relation.reference
      else { continue }
      let name = reference.contains("#") ? reference : "\(cases[index].file)#\(reference)"
      guard let other = casesByID[name] else {
        throw LossError(
          .unreadableFile, subject: cases[index].fullID,
          found: "refers to case \(name), which does not exist")
      }
      cases[index].related = [other]
    }
    return Corpus(cases: cases, sources: sources, flags: flags)
  }

  private func conformanceCase(
    _ fixture: Fixture, in file: FixtureFile, _ id: String
  ) throws(LossError) -> ConformanceCase {
    guard let source = sources[fixture.source] else {
      throw LossError(
        .unreadableFile, subject: "\(id)#\(fixture.id)",
        found: "refers to source \"\(fixture.source)\", which does not exist",
        hint: "Every case needs a source.")
    }
    for word in fixture.flags where flags[word] == nil {
      throw LossError(
        .unreadableFile, subject: "\(id)#\(fixture.id)",
        found: "refers to flag \"\(word)\", which does not exist")
    }
    return try ConformanceCase(
      file: id, fixture: fixture, loss: fixture.loss ?? file.loss, source: source,
      flags: fixture.flags.compactMap { word in flags[word].map { (word, $0) } })
  }
}
