/// The files of a new package, as they are written: `\(name)` and its kin are filled in.
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

    /// What the losses stand on.
    let core = Target.Dependency.product(name: "LossCore", package: "\(core.package)")

    // The core is compiled for processors with AVX2 and FMA; so are the loops of these losses. On a
    // package that others depend on by version such flags are not allowed: leave them out there.
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
        // For programs that load them at run time: lib\(name)Plugin.so, or .dylib.
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

    /// A robust distance that grows with the logarithm of the residual.
    ///
    /// With residual `r = prediction - target` and scale `c`:
    ///
    ///     c² / 2 · log(1 + (r / c)²)
    ///
    /// - Shape: prediction and target `[...]`, equal; one term an element.
    /// - Domain: every real number; NaN gives NaN.
    /// - Gradient: `r / (1 + (r / c)²)`, which falls off beyond `c`.
    public struct CauchyLoss: DistanceLoss {
      /// Where residuals begin to count less.
      public struct Options: LossOptions {
        /// The residual of the largest slope.
        public var scale = 1.0
        /// A scale of 1.
        public init() {}
        /// The options, described.
        public static let fields: [OptionField<Self>] = [
          .number("scale", \\.scale, .above(0), "the residual of the largest slope")
        ]
      }

      /// The name and the formula.
      public static let metadata = LossMetadata(
        "\(loss)", "A robust distance that grows with the logarithm of the residual.",
        formula: "scale² / 2 · log(1 + (r / scale)²)    with r = prediction - target",
        domain: "Every real number.")

      /// Where residuals begin to count less.
      public let options: Options
      /// The loss.
      public init(options: Options) { self.options = options }
      /// The loss with this scale.
      public init(scale: Double) {
        var options = Options()
        options.scale = scale
        self.init(options: options)
      }

      /// The term.
      public func value<S: LossScalar>(_ residual: S) -> S {
        let scale = S(options.scale)
        let ratio = residual / scale
        return scale * scale / 2 * S.log(onePlus: ratio * ratio)
      }

      /// The derivative of the term by the residual.
      public func derivative<S: LossScalar>(_ residual: S) -> S {
        let ratio = residual / S(options.scale)
        return residual / (1 + ratio * ratio)
      }
    }

    """
  }

  private var listFile: String {
    """
    public import LossCore

    /// The losses of this package. Another one is a file beside this one, and a line here.
    public let \(list) = LossPlugin(
      "\(family)",
      [
        LossEntry(CauchyLoss.self)
      ])

    // A program that links this module finds its losses in `LossRegistry.linked`.
    @section("loss_plugins") @used
    private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(\(list)) }

    """
  }

  private var exportFile: String {
    """
    import LossCore
    import LossPluginABI
    import \(name)

    /// What a program asks the shared library for. It stands in a module of its own, so that a program
    /// can link the losses of two such packages.
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
        #expect(try Self.cases().contains { $0.loss == loss }, "no file in Fixtures is about it")
      }

      @Test("fixtures", arguments: try cases())
      func conforms(_ one: ConformanceCase) throws {
        let result = one.check(with: try LossRegistry([\(list)]))
        if !result.isPassed { Issue.record("\\n\\(result.report)") }
      }

      @Test("laws", arguments: Laws.cases(of: \(list)))
      func holds(_ one: LawCase) {
        let violations = one.check()
        #expect(violations.isEmpty, "\\(violations)")
      }
    }

    """
  }

  private var fixtureFile: String {
    """
    {
      "schema": 1,
      "loss": "\(loss)",
      "about": "A robust distance that grows with the logarithm of the residual",
      "sources": {
        "derived": {
          "project": "\(package)", "version": "1", "file": "the formula", "obtained": "derived"
        }
      },
      "cases": [
        {
          "id": "sum",
          "about": "a residual of 0 and one of the scale",
          "flags": [],
          "source": "derived",
          "place": "log(1 + 1) / 2; slopes 0 and 1 / (1 + 1)",
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
          "about": "a larger scale lets a larger residual count",
          "flags": [],
          "source": "derived",
          "place": "2² / 2 · log(1 + (2 / 2)²) = 2 log 2; slope 2 / (1 + 1)",
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
          "about": "the range of the option is kept",
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

    | what | where |
    |---|---|
    | a loss: formula, derivative, options | `Sources/\(name)/CauchyLoss.swift` |
    | the list of losses | `Sources/\(name)/\(name).swift` |
    | the entry point of the shared library | `Sources/\(name)Plugin/Export.swift` |
    | what must come out, with where it comes from | `Fixtures/\(family)/\(loss).json` |
    | the tests: a fixture for each loss, fixtures, laws | `Tests/\(name)Tests/\(name)Tests.swift` |

    To add a loss: a file beside `CauchyLoss.swift`, a line in the list, a file of fixtures. The guides
    of [swift-losses] say more: `docs/AddingALoss.md`, `docs/AddingAPlugin.md`, `docs/Fixtures.md`.

    A program that depends on the product `\(name)` finds its losses in `LossRegistry.linked`.

    [swift-losses]: the package that `Package.swift` depends on

    """
  }
}
