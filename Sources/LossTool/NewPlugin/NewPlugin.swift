import Foundation
import LossFunctions

/// A package to be written: one loss of its own, and everything that it needs to be built, judged
/// and loaded.
struct NewPlugin {
  /// The name of the module, which the files are named after: `RobustLosses`.
  let name: String
  /// Where the core comes from.
  let core: CoreSource

  /// The name of the family: `robust`.
  var family: String { familyWords.joined(separator: "_") }
  /// The name of the loss in a registry. The family is part of it, so that it stays free whatever
  /// losses come with the core.
  var loss: String { "\(family)_cauchy" }
  /// The name of the list of losses in Swift: `robustLosses`.
  var list: String {
    familyWords[0] + familyWords.dropFirst().map(\.capitalized).joined() + "Losses"
  }
  /// The name of the package: `robust-losses`.
  var package: String { Self.words(of: name).joined(separator: "-") }

  private var familyWords: [String] {
    let words = Self.words(of: name)
    let isSuffix = words.count > 1 && ["loss", "losses"].contains(words[words.count - 1])
    return isSuffix ? words.dropLast() : words
  }

  /// The words of a name in small letters: `robust` and `losses` of `RobustLosses`.
  private static func words(of name: String) -> [String] {
    var words: [String] = []
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      let isInside = index > 0 && (letters[index - 1].isLowercase || letters[index - 1].isNumber)
      let endsCapitals =
        index > 0 && index + 1 < letters.count && letters[index - 1].isUppercase
        && letters[index + 1].isLowercase
      if words.isEmpty || (letter.isUppercase && (isInside || endsCapitals)) { words.append("") }
      words[words.count - 1] += letter.lowercased()
    }
    return words
  }

  /// - Throws: `UsageError` for a name that no module can have beside those of this package.
  init(name: String, core: CoreSource) throws(UsageError) {
    self.name = name
    self.core = core
    let isIdentifier = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard isIdentifier, name.count <= 64, let first = name.first, first.isUppercase else {
      throw UsageError(
        "the name is \"\(name)\"",
        expected: ["a capital letter, then letters and digits, such as RobustLosses"])
    }
    // Some file systems do not tell capital letters from small ones.
    guard !Self.taken.contains(name.lowercased()) else {
      throw UsageError("\"\(name)\" is the name of a module already", expected: ["another name"])
    }
    guard !LossRegistry.linked.plugins.map(\.name).contains(family) else {
      throw UsageError(
        "\"\(name)\" makes a family \"\(family)\", which is built in", expected: ["another name"])
    }
  }

  /// The modules that the package is built with, and the type that it begins with.
  private static let taken: Set<String> = [
    "cauchyloss", "classificationlosses", "clossplugin", "closssection",
    "foundation", "lossboundary", "lossconformance", "losscore", "lossdialects", "losses",
    "lossfiles", "lossfixtures", "lossfunctions", "lossnumerics", "losstensors", "losstool",
    "rankinglosses", "regressionlosses", "segmentationlosses", "sequencelosses", "swift",
    "testing", "xctest",
  ]

  /// Writes the package into a folder that is not there yet, or is empty.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a folder that holds something, or that
  ///   cannot be written.
  func write(to folder: URL) throws(LossError) {
    let manager = FileManager.default
    let path = folder.path
    if manager.fileExists(atPath: path) {
      let contents = try? manager.contentsOfDirectory(atPath: path)
      guard contents?.isEmpty == true else {
        throw LossError(
          .unreadableFile, subject: path, found: "is there already",
          expected: "a folder that is not there, or is empty", hint: "Nothing was written.")
      }
    }
    for file in files {
      let url = folder.appending(path: file.path)
      do {
        try manager.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: url)
      } catch {
        throw LossError(
          .unreadableFile, subject: url.path,
          found: "cannot be written: \(error.localizedDescription)")
      }
    }
  }
}
