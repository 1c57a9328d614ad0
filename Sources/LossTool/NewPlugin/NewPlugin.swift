import Foundation
import LossFunctions

/// A new package: one loss, with everything that is needed to build, test and load it.
struct NewPlugin {
  /// The name of the module: `RobustLosses`.
  let name: String
  /// The location of the core.
  let core: CoreSource

  /// The name of the family: `robust`.
  var family: String { familyWords.joined(separator: "_") }
  /// The name of the loss in a registry. It includes the family, so that it does not clash with a loss
  /// of the core.
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

  /// The words of a name in lowercase: `robust` and `losses` of `RobustLosses`.
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

  /// - Throws: `UsageError` for an invalid module name, or one that this package already uses.
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
    // Some file systems are case-insensitive.
    guard !Self.reservedNames.contains(name.lowercased()) else {
      throw UsageError("\"\(name)\" is already the name of a module", expected: ["another name"])
    }
    guard !LossRegistry.linked.plugins.map(\.name).contains(family) else {
      throw UsageError(
        "\"\(name)\" gives the family \"\(family)\", which is built in", expected: ["another name"])
    }
  }

  /// The modules of this package and its dependencies, and the type of the example loss.
  private static let reservedNames: Set<String> = [
    "cauchyloss", "classificationlosses", "clossplugin", "closssection",
    "foundation", "lossconformance", "losscore", "lossdialects", "losses", "lossfiles",
    "lossfixtures", "lossfunctions", "lossnumerics", "losspluginabi", "losstensors", "losstool",
    "rankinglosses", "regressionlosses", "segmentationlosses", "sequencelosses", "swift",
    "testing", "xctest",
  ]

  /// Writes the package into a new or empty folder.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a folder that is not empty or not writable.
  func write(to folder: URL) throws(LossError) {
    let manager = FileManager.default
    let path = folder.path
    if manager.fileExists(atPath: path) {
      let contents = try? manager.contentsOfDirectory(atPath: path)
      guard contents?.isEmpty == true else {
        throw LossError(
          .unreadableFile, subject: path, found: "already exists",
          expected: "a new or empty folder", hint: "Nothing was written.")
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
