public import Foundation

/// The location of the fixture corpus: JSON files that are usable from any language.
public enum LossFixtures {
  /// The folder with `sources.json`, `flags.json` and a folder for each group; nil if the resources are
  /// not found.
  public static var corpus: URL? {
    let folders =
      [Bundle.main.bundleURL, Bundle.main.executableURL?.deletingLastPathComponent()]
      + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    let bundled = folders.compactMap { folder in
      folder?.appending(path: bundleName).appending(path: "corpus")
    }
    // In a checkout, the source folder exists even if the build folder was moved.
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "corpus")
    return (bundled + [source]).first { folder in
      FileManager.default.fileExists(atPath: folder.appending(path: "sources.json").path)
    }
  }

  // `Bundle.module` would trap if the resources are missing.
  #if os(Linux) || os(Android) || os(Windows)
    private static let bundleName = "swift-losses_LossFixtures.resources"
  #else
    private static let bundleName = "swift-losses_LossFixtures.bundle"
  #endif
}
