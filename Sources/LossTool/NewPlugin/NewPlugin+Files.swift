/// The files of a new package; names such as `\(name)` are filled in.
extension NewPlugin {
  var files: [(path: String, text: String)] {
    [
      ("Package.swift", manifest),
      ("README.md", readme),
      (".gitignore", ".build\n.swiftpm\n"),
      ("Sources/\(name)/CauchyLoss.swift", lossFile),
      ("Sources/\(name)/\(name).swift", listFile),
      ("Sources/\(name)Plugin/Export.swift", exportFile),
      ("Tests/\(name)Tests/\(name)Tests.swift", testFile),
      ("Fixtures/\(family)/\(loss).json", fixtureFile),
    ]
  }

  private var manifest: String {
    """
    // swift-tools-version: 6.3
    import PackageDescription

    /// The core that the losses depend on.
    let core = Target.Dependency.product(name: "LossCore", package: "\(core.package)")

    // Compiles the losses for AVX2 and FMA, like the core. SwiftPM does not allow unsafe flags in a
    // package that others depend on by version: remove them there.
    #if arch(x86_64)
      let settings: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
    #else
      let settings: [SwiftSetting] = []
    #endif

    let package = Package(
      name: "\(package)",
      platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
      products: [
        // For programs that link the losses.
        .library(name: "\(name)", targets: ["\(name)"]),
        // For programs that load the losses at run time: lib\(name)Plugin.so, or .dylib.
        .library(name: "\(name)Plugin", type: .dynamic, targets: ["\(name)Plugin"]),
      ],
      dependencies: [
        \(core.dependency)
      ],
      targets: [
        .target(name: "\(name)", dependencies: [core], swiftSettings: settings),
        .target(
          name: "\(name)Plugin",
          dependencies: [
            "\(name)", core, .product(name: "LossPluginABI", package: "\(core.package)"),
          ]),
        .testTarget(
          name: "\(name)Tests",
          dependencies: [
            "\(name)", core, .product(name: "LossConformance", package: "\(core.package)"),
          ]),
      ],
      swiftLanguageModes: [.v6]
    )

    """
  }

  private var lossFile: String {
    """
    public import LossCore

    /// Cauchy loss: the logarithm of one plus the squared residual.
    public struct CauchyLoss: DistanceLoss {
      /// Options of the loss.
      public struct Options: LossOptions {
        /// Residual with the largest derivative.
        public var scale = 1.0
        public init() {}
        public static let fields: [OptionField<Self>] = [
          .number("scale", \\.scale, .above(0), "residual with the largest derivative")
        ]
      }
      public static let metadata = LossMetadata(
        "\(loss)", "Cauchy loss: the logarithm of one plus the squared residual.",
        formula: "scale² / 2 · log(1 + (r / scale)²)    with r = prediction - target",
        domain: "Every real number.")

      public let options: Options
      public init(options: Options) { self.options = options }

      /// The derivatives follow from the value.
      public func value<N: LossArithmetic>(_ residual: N) -> N {
        let scale = N(options.scale)
        let ratio = residual / scale
        return scale * scale / 2 * N.log(onePlus: ratio * ratio)
      }
    }

    """
  }

  private var listFile: String {
    """
    public import LossCore

    /// The losses of this package. To add one: a file in this folder, and a line here.
    public let \(list) = LossPlugin(
      "\(family)",
      [
        LossEntry(CauchyLoss.self)
      ])

    // Registers the losses in `LossRegistry.linked` of every program that links this module.
    @section("loss_plugins") @used
    private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(\(list)) }

    """
  }

  private var exportFile: String {
    """
    import LossCore
    import LossPluginABI
    import \(name)

    /// The entry point of the shared library. It has its own module, so that a program can link the
    /// losses of two such packages.
    @c(loss_plugin_v1)
    public func lossPlugin() -> UnsafeRawPointer { LossPlugin.table(of: \(list)) }

    """
  }

  private var testFile: String {
    """
    import Foundation
    import LossConformance
    import LossCore
    import \(name)
    import Testing

    @Suite struct \(name)Tests {
      static let fixtures = URL(filePath: #filePath).appending(path: "../../../Fixtures").path
      static func cases() throws -> [ConformanceCase] { try Corpus(paths: [fixtures]).cases }

      @Test("The plug-in has losses")
      func hasLosses() { #expect(!\(list).losses.isEmpty) }

      @Test("Each loss has a fixture", arguments: \(list).losses.map(\\.metadata.name))
      func isPinned(_ loss: String) throws {
        #expect(try Self.cases().contains { $0.loss == loss }, "no fixture file for this loss")
      }

      @Test("fixtures", arguments: try cases())
      func conforms(_ one: ConformanceCase) throws {
        let result = one.check(with: try LossRegistry([\(list)]))
        if !result.isPassed { Issue.record("\\n\\(result.report)") }
      }

      @Test("laws", arguments: Laws.cases(of: \(list)))
      func holds(_ one: LawCase) {
        let counterexamples = one.check()
        #expect(counterexamples.isEmpty, "\\(counterexamples)")
      }
    }

    """
  }

  private var fixtureFile: String {
    """
    {
      "schema": 1,
      "loss": "\(loss)",
      "about": "A robust loss that grows with the logarithm of the residual",
      "sources": {
        "derived": {
          "project": "\(package)", "version": "1", "file": "the formula", "obtained": "derived"
        }
      },
      "cases": [
        {
          "id": "sum",
          "about": "one residual is 0, the other is equal to the scale",
          "flags": [],
          "source": "derived",
          "place": "log(1 + 1) / 2; derivatives 0 and 1 / (1 + 1)",
          "inputs": {
            "prediction": {"element": "f64", "shape": [2], "data": [1.0, 3.0]},
            "target": {"element": "f64", "shape": [2], "data": [1.0, 2.0]}
          },
          "reduction": "sum",
          "expect": {
            "value": {"shape": [], "data": [0.34657359027997264]},
            "gradients": {
              "prediction": {"element": "f64", "shape": [2], "data": [0.0, 0.5]},
              "target": {"element": "f64", "shape": [2], "data": [0.0, -0.5]}
            }
          }
        },
        {
          "id": "scale",
          "about": "a residual equal to a scale of 2",
          "flags": [],
          "source": "derived",
          "place": "2² / 2 · log(1 + (2 / 2)²) = 2 log 2; derivative 2 / (1 + 1)",
          "inputs": {
            "prediction": {"element": "f64", "shape": [1], "data": [2.0]},
            "target": {"element": "f64", "shape": [1], "data": [0.0]}
          },
          "options": {"scale": 2.0},
          "expect": {
            "value": {"shape": [], "data": [1.3862943611198906]},
            "gradients": {"prediction": {"element": "f64", "shape": [1], "data": [1.0]}}
          }
        },
        {
          "id": "scale-of-zero",
          "about": "a scale outside the range of the option is rejected",
          "flags": [],
          "source": "derived",
          "place": "scale is a number above zero",
          "inputs": {
            "prediction": {"element": "f64", "shape": [1], "data": [2.0]},
            "target": {"element": "f64", "shape": [1], "data": [0.0]}
          },
          "options": {"scale": 0.0},
          "expect": {"error": {"code": "invalid_option", "subject": "scale"}}
        }
      ]
    }

    """
  }

  private var readme: String {
    """
    # \(package)

    Losses for [swift-losses]: a module to link, and a shared library to load at run time.

    ```console
    $ swift build
    $ swift test
    $ losses list --plugin .build/debug/lib\(name)Plugin.so --family \(family)
    $ losses eval \(loss) '[1, 3]' '[1, 2]' --plugin .build/debug/lib\(name)Plugin.so
    $ losses verify Fixtures --plugin .build/debug/lib\(name)Plugin.so
    ```

    On macOS the library is `lib\(name)Plugin.dylib`.

    | content | file |
    |---|---|
    | a loss: formula, options | `Sources/\(name)/CauchyLoss.swift` |
    | the list of losses | `Sources/\(name)/\(name).swift` |
    | the entry point of the shared library | `Sources/\(name)Plugin/Export.swift` |
    | expected values and their sources | `Fixtures/\(family)/\(loss).json` |
    | tests: fixtures, laws, and a fixture for each loss | `Tests/\(name)Tests/\(name)Tests.swift` |

    To add a loss: a file beside `CauchyLoss.swift`, a line in the list, and a fixture file. See the
    guides of [swift-losses]: `docs/AddingALoss.md`, `docs/AddingAPlugin.md`, `docs/Fixtures.md`.

    A program that depends on the product `\(name)` finds its losses in `LossRegistry.linked`.

    [swift-losses]: the package that `Package.swift` depends on

    """
  }
}
