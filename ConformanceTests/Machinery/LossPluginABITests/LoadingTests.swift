import Foundation
import LossPluginABI
import LossFunctions
import Testing

/// Whatever a path leads to, loading it ends in losses or in an error that says why.
@Suite(.enabled(if: CLibrary.compiler != nil, "needs a compiler of C")) struct LoadingTests {
  private func withFolder(_ work: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try work(folder.path)
  }

  private func error(of path: String) throws -> LossError {
    try #require(#expect(throws: LossError.self) { try LossPlugin(contentsOf: path) })
  }

  @Test("What is no library is refused by its kind")
  func files() throws {
    try withFolder { folder in
      let good = try Data(contentsOf: URL(filePath: CLibrary.right.build(in: folder)))
      var torn = good
      torn[16] = 1  // an object file, which cannot be loaded
      let files: [(name: String, bytes: Data, found: String)] = [
        ("text.so", Data("#!/bin/sh\nexit 1\n".utf8), "no shared library"),
        ("empty.so", Data(), "is empty"),
        ("head.so", good.prefix(40), "is cut short"),
        ("half.so", good.prefix(good.count / 8), "is cut short"),
        ("object.so", torn, "cannot be loaded"),
      ]
      for file in files {
        let path = "\(folder)/\(file.name)"
        try file.bytes.write(to: URL(filePath: path))
        let error = try error(of: path)
        #expect(error.code == .unreadableFile)
        #expect(error.subject == path)
        #if os(Linux)
          #expect(error.found.contains(file.found), "\(error)")
        #endif
      }
      #expect(try error(of: folder).found == "is a folder")
      #expect(try error(of: "\(folder)/none.so").found == "does not exist")
      #expect(try error(of: "\(folder)/text.so/none.so").code == .unreadableFile)
      #expect(try error(of: "").code == .unreadableFile)
      #expect(try error(of: "/dev/null").found == "is no file")
      // A name without a folder is a file of the current folder, not of the system's.
      #expect(try error(of: "libm.so.6").found == "does not exist")
    }
  }

  static let wrong: [(library: CLibrary, code: LossError.Code, says: String)] = [
    (.withoutEntry, .unreadableFile, "is a shared library without loss_plugin_v1"),
    (.undefinedSymbol, .unreadableFile, "nowhere_to_be_found"),
    (.noTable, .invalidValue, "gives no table of losses"),
    (.otherMagic, .invalidValue, "something else than a table"),
    (.otherVersion, .invalidValue, "speaks version 2 of the plug-in table; expected version 1"),
    (.shortTable, .invalidValue, "gives a table of 24 bytes"),
    (.missingFunction, .invalidValue, "gives a table without evaluate"),
    (.silent, .invalidValue, "does not answer"),
    (.refusesSilently, .invalidValue, "does not answer"),
    (.refuses, .invalidValue, "the loss😀 is tired. Wait."),
    (.noJSON, .invalidValue, "JSON cannot be read at byte"),
    (.noList, .invalidValue, "losses is 3"),
  ]

  @Test("A library that breaks the rules is refused when it is loaded", arguments: wrong.indices)
  func libraries(index: Int) throws {
    let (library, code, says) = Self.wrong[index]
    try withFolder { folder in
      let error = try error(of: library.build(in: folder))
      #expect(error.code == code)
      #expect(error.description.contains(says), "\(error)")
    }
  }

  @Test("A loss that breaks the rules is refused when it is used")
  func losses() throws {
    let wrong: [CLibrary] = [
      .makesNothing, .negativeRank, .hugeShape, .noMemory, .unknownElement, .otherElement,
    ]
    for library in wrong {
      try withFolder { folder in
        let registry = try LossRegistry([LossPlugin(contentsOf: library.build(in: folder))])
        let inputs: LossInputs = [.prediction: AnyTensor.float64(Tensor([1, 2]))]
        #expect(throws: LossError.self, "\(library)") {
          try registry.loss(named: "c_count").evaluate(inputs)
        }
      }
    }
  }

  @Test("A library in another language gives values and gradients in both elements")
  func right() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.right.build(in: folder))
      let registry = try LossRegistry(LossRegistry.linked.plugins + [plugin])
      let count = try registry.loss(named: "c_count")
      #expect(registry.plugin(named: "c_count") == "c")
      let tensors: [AnyTensor] = [.float32(Tensor([1, 2, 3])), .float64(Tensor([4, 5, 6]))]
      for tensor in tensors {
        let result = try count.evaluate([.prediction: tensor], gradientsOf: [.prediction])
        #expect(result.value.element == tensor.element)
        #expect(result.value.doubles == [3])
        #expect(result.gradients[.prediction]?.doubles == [1, 1, 1])
      }
      let empty = try count.evaluate([.prediction: AnyTensor.float64(Tensor([]))])
      #expect(empty.value.doubles == [0])
    }
  }

  @Test("What a library leaves out has its default")
  func terse() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.terse.build(in: folder))
      let registry = try LossRegistry([plugin])
      let entry = try #require(plugin.losses.first)
      #expect(entry.metadata.summary.isEmpty)
      let option = try #require(entry.options.first)
      #expect(option.name == "base" && option.defaultValue == .null)
      #expect(option.range.isEmpty && option.summary.isEmpty)
      let input = try #require(entry.signature.inputs.first)
      #expect(input.domain == .any && !input.isDifferentiable && !input.isOptional)
      #expect(entry.signature.classAxis == nil && entry.signature.maskCovers == .terms)
      let inputs: LossInputs = [.prediction: AnyTensor.float64(Tensor([1, 2, 3]))]
      for name in ["c_count", "here.count"] {
        #expect(try registry.loss(named: name).evaluate(inputs).value.doubles == [3])
      }
      let made = try entry.make(["base": 2], registry)
      #expect(made.name == "c_count")
      #expect(made.description == "c_count")
      #expect(made.signature == entry.signature)
      #expect(made.defaultReduction == .mean)
      #expect(made.rolesWithSecondDerivative.isEmpty && made.properties.isEmpty)
      let table: AnyTensor = try .float64(Tensor(shape: [1, 1], scalars: [1]))
      let refusal = #expect(throws: LossError.self) {
        try registry.loss(named: "c_count").evaluate([.prediction: table])
      }
      #expect(refusal == LossError(.invalidRank, loss: "c_count", subject: "", found: ""))
    }
  }

  @Test("A name that is built in cannot be claimed, nor one library be loaded twice")
  func clashes() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.claimsHuber.build(in: folder))
      let built = try #require(
        #expect(throws: LossError.self) {
          try LossRegistry(LossRegistry.linked.plugins + [plugin])
        })
      #expect(built.code == .invalidValue)
      #expect(
        built.description
          == "huber is registered by plug-in \"regression\" and by plug-in \"c\"; "
          + "expected one plug-in for each name.")
      let twice = #expect(throws: LossError.self) { try LossRegistry([plugin, plugin]) }
      #expect(twice?.code == .invalidValue)
    }
  }

  @Test("A loss that no library made is refused, not computed")
  func unmade() {
    let loss = LoadedLoss(options: LoadedLoss.Options())
    #expect(throws: LossError.self) {
      try loss.evaluate([.prediction: AnyTensor.float64(Tensor([1]))])
    }
  }
}
