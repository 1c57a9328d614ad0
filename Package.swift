// swift-tools-version: 6.3
import PackageDescription

/// A module: a target under `Sources/`. One of the tests that computes is optimised in debug builds too.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], computes: Bool = false
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(name)",
    swiftSettings: settings + (computes ? optimized : []),
    // Rounding and square roots of a debug build are calls to libm, which nothing else would link.
    linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux, .android]))])
}

/// A family of losses: a target under `Plugins/` that registers itself by being linked.
struct Family {
  let name: String
  /// The modules whose losses, or whose ways of composing losses, those of this family are made of.
  var parts: [Target.Dependency] = []

  var target: Target {
    .target(
      name: name, dependencies: ["LossCore", "LossDialects"] + parts, path: "Plugins/\(name)",
      swiftSettings: settings)
  }
}

/// A suite of tests under `ConformanceTests/`.
func suite(_ name: String, at path: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "ConformanceTests/\(path)",
    swiftSettings: settings)
}

// The baseline of x86-64 has neither 256-bit vectors nor fused multiply-add. The trait AVX2, on by
// default there, compiles for processors since about 2013 that have both (x86-64-v3); AVX512 for
// those with 512-bit vectors (x86-64-v4). `--disable-default-traits` builds for any x86-64. With AVX2,
// softmax rows and products of matrices have 512-bit vectors where the processor has them.
#if arch(x86_64)
  let traits: Set<Trait> = [
    .trait(name: "AVX2", description: "Compile for x86-64-v3: AVX2 and FMA."),
    .trait(
      name: "AVX512", description: "Compile for x86-64-v4: AVX-512.", enabledTraits: ["AVX2"]),
    .default(enabledTraits: ["AVX2"]),
  ]
  let vectorSettings: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=x86-64-v3"], .when(traits: ["AVX2"])),
    .define("LOSSES_FMA", .when(traits: ["AVX2"])),
    .unsafeFlags(
      ["-Xcc", "-march=x86-64-v4", "-Xcc", "-mprefer-vector-width=512"],
      .when(traits: ["AVX512"])),
    .define("LOSSES_AVX512", .when(traits: ["AVX512"])),
    .define("LOSSES_WIDE", .when(platforms: [.linux], configuration: .release, traits: ["AVX2"])),
  ]
  // LossVectors compiles some functions for 512-bit vectors beside others for 256 bits; the processor
  // decides at the first call. A list gives attributes to names: only these functions have such
  // instructions, and none of them can take the place of another.
  let wideSettings: [SwiftSetting] = [
    .unsafeFlags(
      [
        "-Xllvm",
        "-forceattrs-csv-path=\(Context.packageDirectory)/Sources/LossVectors/wide-functions.csv",
      ],
      .when(platforms: [.linux], configuration: .release, traits: ["AVX2"]))
  ]
#else
  let traits: Set<Trait> = []
  let vectorSettings: [SwiftSetting] = []
  let wideSettings: [SwiftSetting] = []
#endif

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + vectorSettings

/// Debug builds of what computes for every test are optimised too: numbers, tensors, laws and plots. The
/// core is not: it would make the first debug build of every client 1.7 times slower.
let optimized: [SwiftSetting] = [
  .unsafeFlags(
    ["-O", "-whole-module-optimization", "-disable-batch-mode", "-num-threads", "2"],
    .when(configuration: .debug))
]

/// The wheel of docs/python carries the Swift runtime in the C library, so that it needs no Swift to run.
/// SwiftPM's own option for that applies to programs only.
let runtime: [LinkerSetting] =
  Context.environment["LOSSES_STATIC_RUNTIME"] == nil
  ? [] : [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux]))]

/// Every family. To add one: its folder under `Plugins/`, and its name here.
let families = [
  Family(name: "RegressionLosses"),
  Family(name: "ClassificationLosses"),
  Family(name: "EmbeddingLosses"),
  Family(name: "RankingLosses"),
  Family(name: "SegmentationLosses"),
  Family(name: "SequenceLosses"),
  Family(
    name: "CompoundLosses",
    parts: ["LossComposition", "ClassificationLosses", "SegmentationLosses"]),
]

let package = Package(
  name: "swift-losses",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "LossFunctions", targets: ["LossFunctions"]),
    .library(name: "LossCore", targets: ["LossCore"]),
    .library(name: "LossComposition", targets: ["LossComposition"]),
    .library(name: "LossRecording", targets: ["LossRecording"]),
    .library(name: "LossBoosting", targets: ["LossBoosting"]),
    .library(name: "LossDifferentiation", targets: ["LossDifferentiation"]),
    .library(name: "LossDialects", targets: ["LossDialects"]),
    .library(name: "LossPluginABI", targets: ["LossPluginABI"]),
    .library(name: "LossLibrary", type: .dynamic, targets: ["LossLibrary"]),
    .library(name: "LossFiles", targets: ["LossFiles"]),
    .library(name: "LossFixtures", targets: ["LossFixtures"]),
    .library(name: "LossConformance", targets: ["LossConformance"]),
    .library(name: "LossPlots", targets: ["LossPlots"]),
    .executable(name: "losses", targets: ["LossTool"]),
    .executable(name: "losses-bench", targets: ["LossBench"]),
  ] + families.map { .library(name: $0.name, targets: [$0.name]) },
  traits: traits,
  targets: [
    // The core, from the bottom up.
    module("LossTensors", computes: true),
    .target(name: "CLossProcessor", path: "Sources/CLossProcessor"),
    module("LossNumerics", ["CLossProcessor"], computes: true),
    .target(
      name: "LossVectors", dependencies: ["LossNumerics", "CLossProcessor"],
      path: "Sources/LossVectors", exclude: ["wide-functions.csv"],
      swiftSettings: settings + wideSettings),
    .target(name: "CLossSection", path: "Sources/CLossSection"),
    module(
      "LossCore", ["LossTensors", "LossNumerics", "LossVectors", "CLossProcessor", "CLossSection"]),
    module("LossComposition", ["LossCore"]),
    module("LossRecording", ["LossCore"], computes: true),
    module("LossBoosting", ["LossCore"]),
    module("LossDifferentiation", ["LossCore"]),
    module("LossDialects", ["LossCore"]),
    .target(name: "CLossPlugin", path: "Sources/CLossPlugin"),
    module("LossPluginABI", ["LossCore", "CLossPlugin"]),

    // What stands on it.
    module("LossFiles", ["LossTensors"]),
    module(
      "LossFunctions",
      ["LossCore", "LossComposition", "LossDialects", "LossPluginABI"]
        + families.map { .init(stringLiteral: $0.name) }),
    .target(
      name: "LossFixtures", path: "Fixtures", exclude: ["reference"],
      resources: [.copy("corpus")], swiftSettings: settings),
    .target(name: "CLosses", dependencies: ["CLossPlugin"], path: "Sources/CLosses"),
    .target(
      name: "LossLibrary",
      dependencies: [
        "LossFunctions", "ClassificationLosses", "LossBoosting", "LossPluginABI", "CLosses",
      ],
      path: "Sources/LossLibrary", swiftSettings: settings, linkerSettings: runtime),
    module(
      "LossConformance", ["LossCore", "LossComposition", "LossFiles", "LossFixtures"],
      computes: true),
    module("LossPlots", ["LossCore"], computes: true),
    module("LossCatalog", ["LossCore", "LossPlots", "LossFiles"]),

    .executableTarget(
      name: "LossTool",
      dependencies: [
        "LossCore", "LossDialects", "LossFiles", "LossConformance", "LossFunctions", "LossPlots",
        "LossCatalog", "LossBoosting",
      ],
      path: "Sources/LossTool", swiftSettings: settings),

    .executableTarget(
      name: "LossBench",
      dependencies: [
        "LossCore", "LossConformance", "LossFiles", "LossFunctions", "LossRecording",
      ],
      path: "Sources/LossBench", swiftSettings: settings),

    // The tests.
    suite("Conformance", at: "Conformance", ["LossConformance", "LossFunctions"]),
    suite(
      "LossNumericsTests", at: "Machinery/LossNumericsTests",
      ["LossNumerics", "LossVectors", "LossConformance"]),
    suite("LossTensorsTests", at: "Machinery/LossTensorsTests", ["LossTensors"]),
    suite(
      "LossCoreTests", at: "Machinery/LossCoreTests",
      ["LossCore", "LossConformance", "LossFunctions"]),
    suite(
      "LossRecordingTests", at: "Machinery/LossRecordingTests",
      ["LossRecording", "LossConformance", "LossFunctions"]),
    suite(
      "LossBoostingTests", at: "Machinery/LossBoostingTests", ["LossBoosting", "LossFunctions"]),
    suite(
      "LossDifferentiationTests", at: "Machinery/LossDifferentiationTests",
      ["LossDifferentiation", "LossConformance", "LossFunctions"]),
    suite(
      "LossConformanceTests", at: "Machinery/LossConformanceTests",
      ["LossConformance", "LossFunctions"]),
    suite(
      "LossToolTests", at: "Machinery/LossToolTests",
      ["LossTool", "LossConformance", "LossFiles", "LossFunctions", "LossCatalog"]),
    suite(
      "LossBenchTests", at: "Machinery/LossBenchTests",
      ["LossBench", "LossConformance", "LossFunctions"]),
    suite(
      "LossPluginABITests", at: "Machinery/LossPluginABITests",
      ["LossPluginABI", "LossConformance", "LossFunctions"]),
    suite(
      "LossLibraryTests", at: "Machinery/LossLibraryTests",
      ["LossLibrary", "CLosses", "LossConformance", "LossFunctions"]),
    suite(
      "LossFilesTests", at: "Machinery/LossFilesTests",
      ["LossFiles", "LossTensors", "LossConformance"]),
    suite("LossPlotsTests", at: "Machinery/LossPlotsTests", ["LossPlots", "LossFunctions"]),
    suite(
      "LossCatalogTests", at: "Machinery/LossCatalogTests",
      ["LossCatalog", "LossPlots", "LossFunctions"]),
  ] + families.map(\.target),
  swiftLanguageModes: [.v6]
)
