import Foundation
import LossFunctions

/// The location of this package, for the dependency of a new package.
struct CoreSource {
  /// The dependency in Package.swift.
  let dependency: String
  /// The identity of the package.
  let package: String

  /// Creates a source from a folder or URL; by default the folder in which this tool was built.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a folder without a package, and `UsageError`
  ///   if the default folder does not exist.
  init(_ location: String?) throws {
    if let location, location.contains("://") || location.hasPrefix("git@") {
      let url = location.hasSuffix("/") ? String(location.dropLast()) : location
      let last = url.split(whereSeparator: { "/:".contains($0) }).last.map(String.init) ?? url
      package = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
      dependency = ".package(url: \(Self.quoted(url)), branch: \"main\")"
      return
    }
    let folder = location.map { URL(filePath: $0).standardizedFileURL } ?? Self.checkout
    let manifest = folder.appending(path: "Package.swift").path
    guard FileManager.default.fileExists(atPath: manifest) else {
      guard location != nil else {
        throw UsageError(
          "the folder in which this tool was built does not exist", expected: ["--core PATH|URL"])
      }
      throw LossError(
        .unreadableFile, subject: folder.path, found: "has no Package.swift",
        expected: "the folder or the URL of swift-losses")
    }
    package = "swift-losses"
    dependency = ".package(name: \"\(package)\", path: \(Self.quoted(folder.path)))"
  }

  /// A Swift string literal.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static var checkout: URL {
    URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
  }
}
