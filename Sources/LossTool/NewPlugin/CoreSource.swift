import Foundation
import LossFunctions

/// Where a new package finds this one.
struct CoreSource {
  /// The line of Package.swift that says so.
  let dependency: String
  /// What the package is called there.
  let package: String

  /// The folder or the URL that was given; by default the folder that this file was compiled in.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a folder without a package, and `UsageError`
  ///   if none was given and there is none.
  init(_ given: String?) throws {
    if let given, given.contains("://") || given.hasPrefix("git@") {
      let url = given.hasSuffix("/") ? String(given.dropLast()) : given
      let last = url.split(whereSeparator: { "/:".contains($0) }).last.map(String.init) ?? url
      package = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
      dependency = ".package(url: \(Self.quoted(url)), branch: \"main\")"
      return
    }
    let folder = given.map { URL(filePath: $0).standardizedFileURL } ?? Self.checkout
    let manifest = folder.appending(path: "Package.swift").path
    guard FileManager.default.fileExists(atPath: manifest) else {
      guard given != nil else {
        throw UsageError(
          "the folder that this tool was built in is gone", expected: ["--core PATH|URL"])
      }
      throw LossError(
        .unreadableFile, subject: folder.path, found: "holds no package",
        expected: "a folder with swift-losses, or its URL")
    }
    package = "swift-losses"
    dependency = ".package(name: \"\(package)\", path: \(Self.quoted(folder.path)))"
  }

  /// A text as Swift writes it.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static var checkout: URL {
    URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
  }
}
