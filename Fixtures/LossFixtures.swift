public import Foundation

/// Where the fixture corpus lies: JSON files that any language can read.
public enum LossFixtures {
  /// The folder with `sources.json`, `flags.json` and a folder for each group; nil if the program
  /// was moved away from its resources.
  public static var corpus: URL? {
    let beside =
      [Bundle.main.bundleURL, Bundle.main.executableURL?.deletingLastPathComponent()]
      + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    let built = beside.compactMap { folder in
      folder?.appending(path: bundleName).appending(path: "corpus")
    }
    // In a checkout the sources are there even where the build folder is not.
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "corpus")
    return (built + [source]).first { folder in
      FileManager.default.fileExists(atPath: folder.appending(path: "sources.json").path)
    }
  }

  // `Bundle.module` would end the program where the resources are missing.
  #if os(Linux) || os(Android) || os(Windows)
    private static let bundleName = "swift-losses_LossFixtures.resources"
  #else
    private static let bundleName = "swift-losses_LossFixtures.bundle"
  #endif
}
