import LossConformance
import LossFunctions
import Testing

@testable import LossPluginABI

/// The linked losses through the C ABI, which must behave like the originals.
enum RoundTrip {
  /// Every family through its own table, except the composed losses, which consist of other losses.
  static let registry: Result<LossRegistry, LossError> = Result { () throws(LossError) in
    var plugins = [composedLosses]
    for plugin in LossRegistry.linked.plugins where plugin.name != composedLosses.name {
      plugins.append(try LossPlugin(table: LossPlugin.table(of: plugin), path: plugin.name))
    }
    return try LossRegistry(plugins)
  }

  static let cases = (try? Corpus.builtIn().cases) ?? []
}

@Suite struct ExportedLossesTests {
  @Test("Exported losses conform to the corpus", arguments: RoundTrip.cases)
  func conforms(_ one: ConformanceCase) throws {
    // Inputs that only a framework takes are not prepared across the ABI.
    let loss = try? LossRegistry.linked.loss(named: one.loss, options: one.options)
    guard loss?.preparations.isEmpty ?? true else { return }
    let result = one.check(with: try RoundTrip.registry.get())
    if !result.isPassed { Issue.record("\n\(result.report)") }
  }

  @Test("Names and metadata are the same")
  func descriptions() throws {
    let exported = try RoundTrip.registry.get()
    let linked = LossRegistry.linked
    #expect(exported.names == linked.names)
    #expect(exported.dialectNames == linked.dialectNames)
    #expect(exported.dialects.map(\.title) == linked.dialects.map(\.title))
    #expect(exported.dialects.map(\.aliases) == linked.dialects.map(\.aliases))
    for name in linked.names {
      let linkedEntry = try #require(linked.entry(named: name))
      let exportedEntry = try #require(exported.entry(named: name))
      #expect(exportedEntry.metadata.summary == linkedEntry.metadata.summary)
      #expect(exportedEntry.metadata.formula == linkedEntry.metadata.formula)
      #expect(exportedEntry.metadata.domain == linkedEntry.metadata.domain)
      #expect(exportedEntry.metadata.references == linkedEntry.metadata.references)
      #expect(exportedEntry.options == linkedEntry.options)
      #expect(exportedEntry.signature == linkedEntry.signature)
      #expect(exportedEntry.defaultReduction == linkedEntry.defaultReduction)
      #expect(exportedEntry.properties == linkedEntry.properties)
      #expect(exported.plugin(named: name) == linked.plugin(named: name))
    }
    for name in linked.dialectNames {
      let linkedEntry = try #require(linked.dialectEntry(named: name))
      let exportedEntry = try #require(exported.dialectEntry(named: name))
      #expect(exportedEntry.arguments.map(\.role) == linkedEntry.arguments.map(\.role))
      #expect(exportedEntry.arguments.map(\.names) == linkedEntry.arguments.map(\.names))
      #expect(exportedEntry.arguments.map(\.isAdapted) == linkedEntry.arguments.map(\.isAdapted))
      let options = [linkedEntry, exportedEntry].map { ($0.options + $0.dialect.options) }
      #expect(options[0].map(\.names) == options[1].map(\.names))
      #expect(options[0].map(\.summary) == options[1].map(\.summary))
      #expect(
        try exported.loss(named: name).configuration == linked.loss(named: name).configuration)
    }
  }

  @Test("Configurations are the same", arguments: try LossRegistry.linked.checked().names)
  func configurations(name: String) throws {
    let exported = try RoundTrip.registry.get()
    let linkedLoss = try LossRegistry.linked.loss(named: name)
    let exportedLoss = try exported.loss(named: name)
    #expect(exportedLoss.configuration == linkedLoss.configuration)
    #expect(exportedLoss.base.description == linkedLoss.base.description)
    #expect(exportedLoss.base.signature == linkedLoss.base.signature)
    #expect(exportedLoss.base.properties == linkedLoss.base.properties)
    #expect(
      exportedLoss.base.rolesWithSecondDerivative == linkedLoss.base.rolesWithSecondDerivative)
    #expect(try exported.loss(exportedLoss.configuration).configuration == linkedLoss.configuration)
  }

  @Test("Results are bitwise identical in f32 and f64, with weight, mask, upstream and two threads")
  func bits() throws {
    let exported = try RoundTrip.registry.get()
    let inputs: LossInputs = [
      .prediction: try AnyTensor.float32(Tensor(rows: [[0.1, -2, 3], [0.7, 5, -1]])),
      .target: AnyTensor.int64(Tensor([2, 0])), .weight: AnyTensor.float32(Tensor([0.25, 3])),
      .mask: AnyTensor.bool(Tensor([true, true])),
    ]
    for reduction in [
      Reduction.unreduced, .mean, .weightedMean, .sum(over: [0], keepsDimensions: true),
    ] {
      for element in [ElementType.float32, .float64] {
        let results = try [LossRegistry.linked, exported].map { registry in
          try registry.loss(
            named: "cross_entropy", options: ["label_smoothing": 0.1], reduction: reduction
          ).evaluate(
            inputs, gradientsOf: [.prediction], secondDerivativesOf: [.prediction],
            upstream: .float64(Tensor(0.5)), in: element,
            threads: 2)
        }
        #expect(results[0] == results[1])
      }
    }
  }

  @Test("A loss of a library can be part of a sum")
  func composes() throws {
    let exported = try RoundTrip.registry.get()
    let huber = try exported.loss(named: "huber", options: ["delta": 0.5]).base
    let mixed = 0.5 * MeanSquaredErrorLoss() + huber
    let pure = 0.5 * MeanSquaredErrorLoss() + HuberLoss(delta: 0.5)
    let inputs: LossInputs = [
      .prediction: AnyTensor.float64(Tensor([1.1, 1.9, 3.1])),
      .target: AnyTensor.float64(Tensor([1, 2, 5])),
    ]
    let roles: [Role] = [.prediction, .target]
    #expect(
      try mixed.evaluate(inputs, gradientsOf: roles) == pure.evaluate(inputs, gradientsOf: roles))
    let parts: OptionValue = [
      ["scale": 2, "loss": "huber", "options": ["delta": 0.5]], ["scale": 0.5, "loss": "log_cosh"],
    ]
    let sums = try [LossRegistry.linked, exported].map { registry in
      try registry.loss(named: "sum", options: ["parts": parts])
    }
    #expect(sums[0].configuration == sums[1].configuration)
    #expect(
      try sums[0].evaluate(inputs, gradientsOf: roles)
        == sums[1].evaluate(inputs, gradientsOf: roles))
  }

  @Test("Errors are the same", arguments: ["huber", "flux.huber_loss"])
  func errors(name: String) throws {
    let exported = try RoundTrip.registry.get()
    let inputs: LossInputs = [
      .prediction: AnyTensor.float64(Tensor([1, 2])), .target: AnyTensor.float64(Tensor([1])),
    ]
    for delta in [1.0, -1] {
      let errors = [LossRegistry.linked, exported].map { registry in
        #expect(throws: LossError.self) {
          _ = try registry.loss(named: name, options: ["delta": .number(delta)]).evaluate(inputs)
        }
      }
      #expect(errors[0] == errors[1])
    }
  }

  @Test("An unknown gradient and an unknown input are rejected")
  func rejects() throws {
    let huber = try RoundTrip.registry.get().loss(named: "huber")
    let inputs: LossInputs = [
      .prediction: AnyTensor.float64(Tensor([1])), .target: AnyTensor.float64(Tensor([1])),
    ]
    let gradient = #expect(throws: LossError.self) {
      try huber.evaluate(inputs, gradientsOf: [.weight])
    }
    #expect(gradient?.code == .unknownInput)
    var extended = inputs
    extended["tarjet"] = .float64(Tensor([1]))
    let unknownInput = #expect(throws: LossError.self) { try huber.evaluate(extended) }
    #expect(unknownInput?.hint == "Did you mean \"target\"?")
  }
}
