import Foundation
import LossPluginABI
import LossFunctions
import Testing

/// Loading a library gives its losses, or an error with the reason.
@Suite(.enabled(if: CLibrary.compiler != nil, "needs a C compiler")) struct LoadingTests {
  private func withFolder(_ work: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try work(folder.path)
  }

  private func error(of path: String) throws -> LossError {
    try #require(#expect(throws: LossError.self) { try LossPlugin(contentsOf: path) })
  }

  @Test("Files that are not libraries are rejected with a specific reason")
  func files() throws {
    try withFolder { folder in
      let good = try Data(contentsOf: URL(filePath: CLibrary.valid.build(in: folder)))
      var objectFile = good
      objectFile[16] = 1
      let files: [(name: String, bytes: Data, found: String)] = [
        ("text.so", Data("#!/bin/sh\nexit 1\n".utf8), "not a shared library"),
        ("empty.so", Data(), "is empty"),
        ("head.so", good.prefix(40), "is truncated"),
        ("half.so", good.prefix(good.count / 8), "is truncated"),
        ("object.so", objectFile, "cannot be loaded"),
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
      #expect(try error(of: "/dev/null").found == "is not a regular file")
      // A bare name refers to the current folder, not to the system's library path.
      #expect(try error(of: "libm.so.6").found == "does not exist")
    }
  }

  static let invalid: [(library: CLibrary, code: LossError.Code, message: String)] = [
    (.withoutEntry, .unreadableFile, "does not export loss_plugin_v1"),
    (.undefinedSymbol, .unreadableFile, "nowhere_to_be_found"),
    (.noTable, .invalidValue, "returns no plug-in table"),
    (.otherMagic, .invalidValue, "returns an invalid plug-in table"),
    (.otherVersion, .invalidValue, "has version 2 of the plug-in table; expected version 1"),
    (.shortTable, .invalidValue, "returns a plug-in table of 24 bytes"),
    (.missingFunction, .invalidValue, "returns a plug-in table without evaluate"),
    (.silent, .invalidValue, "does not follow the rules"),
    (.failsSilently, .invalidValue, "does not follow the rules"),
    (.fails, .invalidValue, "the loss😀 is tired. Wait."),
    (.noJSON, .invalidValue, "JSON ends early"),
    (.noList, .invalidValue, "losses is 3"),
  ]

  @Test(
    "A library with an invalid table or manifest is rejected when it is loaded",
    arguments: invalid.indices)
  func libraries(index: Int) throws {
    let (library, code, message) = Self.invalid[index]
    try withFolder { folder in
      let error = try error(of: library.build(in: folder))
      #expect(error.code == code)
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test("A loss with invalid results is rejected when it is evaluated")
  func losses() throws {
    let invalid: [CLibrary] = [
      .createsNothing, .negativeRank, .hugeShape, .noMemory, .unknownElement, .otherElement,
    ]
    for library in invalid {
      try withFolder { folder in
        let registry = try LossRegistry([LossPlugin(contentsOf: library.build(in: folder))])
        let inputs: LossInputs = [.prediction: AnyTensor.float64(Tensor([1, 2]))]
        #expect(throws: LossError.self, "\(library)") {
          try registry.loss(named: "c_count").evaluate(inputs)
        }
      }
    }
  }

  @Test("A library in C computes values and gradients in f32 and f64")
  func valid() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.valid.build(in: folder))
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

  @Test("Missing keys have default values")
  func minimal() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.minimal.build(in: folder))
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
      let loss = try entry.make(["base": 2], registry)
      #expect(loss.name == "c_count")
      #expect(loss.description == "c_count")
      #expect(loss.signature == entry.signature)
      #expect(loss.defaultReduction == .mean)
      #expect(loss.rolesWithSecondDerivative.isEmpty && loss.properties.isEmpty)
      let matrix: AnyTensor = try .float64(Tensor(shape: [1, 1], scalars: [1]))
      let error = #expect(throws: LossError.self) {
        try registry.loss(named: "c_count").evaluate([.prediction: matrix])
      }
      #expect(error == LossError(.invalidRank, loss: "c_count", subject: "", found: ""))
    }
  }

  @Test("Duplicate names are rejected: of a built-in loss, and of a library that is loaded twice")
  func clashes() throws {
    try withFolder { folder in
      let plugin = try LossPlugin(contentsOf: CLibrary.duplicateName.build(in: folder))
      let clash = try #require(
        #expect(throws: LossError.self) {
          try LossRegistry(LossRegistry.linked.plugins + [plugin])
        })
      #expect(clash.code == .invalidValue)
      #expect(
        clash.description
          == "huber is registered by plug-in \"regression\" and by plug-in \"c\"; "
          + "expected one plug-in for each name. Rename one, or link one of the two plug-ins.")
      let twice = #expect(throws: LossError.self) { try LossRegistry([plugin, plugin]) }
      #expect(twice?.code == .invalidValue)
    }
  }

  @Test("A loss without a library throws")
  func withoutLibrary() {
    let loss = LoadedLoss(options: LoadedLoss.Options())
    #expect(throws: LossError.self) {
      try loss.evaluate([.prediction: AnyTensor.float64(Tensor([1]))])
    }
  }
}
