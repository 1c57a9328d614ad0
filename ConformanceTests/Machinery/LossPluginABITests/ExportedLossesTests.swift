import LossConformance
import LossFunctions
import Testing

@testable import LossPluginABI

/// The linked losses, led across the boundary and back: whatever is true of a loss is true of it
/// there too.
enum Crossed {
  /// Every family through a table of its own. The core's `sum` stays, since it is made of others.
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
  @Test("Every case of the corpus holds on the other side", arguments: Crossed.cases)
  func conforms(_ one: ConformanceCase) throws {
    let result = one.check(with: try Crossed.registry.get())
    if !result.isPassed { Issue.record("\n\(result.report)") }
  }

  @Test("The same names, and what is said of each")
  func descriptions() throws {
    let crossed = try Crossed.registry.get()
    let linked = LossRegistry.linked
    #expect(crossed.names == linked.names)
    #expect(crossed.dialectNames == linked.dialectNames)
    #expect(crossed.dialects.map(\.title) == linked.dialects.map(\.title))
    #expect(crossed.dialects.map(\.aliases) == linked.dialects.map(\.aliases))
    for name in linked.names {
      let here = try #require(linked.entry(named: name))
      let there = try #require(crossed.entry(named: name))
      #expect(there.metadata.summary == here.metadata.summary)
      #expect(there.metadata.formula == here.metadata.formula)
      #expect(there.metadata.domain == here.metadata.domain)
      #expect(there.metadata.references == here.metadata.references)
      #expect(there.options == here.options)
      #expect(there.signature == here.signature)
      #expect(there.defaultReduction == here.defaultReduction)
      #expect(there.properties == here.properties)
      #expect(crossed.plugin(named: name) == linked.plugin(named: name))
    }
    for name in linked.dialectNames {
      let here = try #require(linked.dialectEntry(named: name))
      let there = try #require(crossed.dialectEntry(named: name))
      #expect(there.arguments.map(\.role) == here.arguments.map(\.role))
      #expect(there.arguments.map(\.names) == here.arguments.map(\.names))
      #expect(there.arguments.map(\.isAdapted) == here.arguments.map(\.isAdapted))
      let options = [here, there].map { ($0.options + $0.dialect.options) }
      #expect(options[0].map(\.names) == options[1].map(\.names))
      #expect(options[0].map(\.summary) == options[1].map(\.summary))
      #expect(
        try crossed.loss(named: name).configuration == linked.loss(named: name).configuration)
    }
  }

  @Test("The same configuration comes back", arguments: try LossRegistry.linkedResult.get().names)
  func configurations(name: String) throws {
    let crossed = try Crossed.registry.get()
    let here = try LossRegistry.linked.loss(named: name)
    let there = try crossed.loss(named: name)
    #expect(there.configuration == here.configuration)
    #expect(there.base.description == here.base.description)
    #expect(there.base.signature == here.base.signature)
    #expect(there.base.properties == here.base.properties)
    #expect(there.base.rolesWithSecondDerivative == here.base.rolesWithSecondDerivative)
    #expect(try crossed.loss(there.configuration).configuration == here.configuration)
  }

  @Test("The same bits in both elements, with weights, masks, an upstream and two threads")
  func bits() throws {
    let crossed = try Crossed.registry.get()
    let inputs: LossInputs = [
      .prediction: try .float32(Tensor(rows: [[0.1, -2, 3], [0.7, 5, -1]])),
      .target: .int64(Tensor([2, 0])), .weight: .float32(Tensor([0.25, 3])),
      .mask: .bool(Tensor([true, true])),
    ]
    for reduction in [
      Reduction.unreduced, .mean, .weightedMean, .sum(over: [0], keepsDimensions: true),
    ] {
      for element in [ElementType.float32, .float64] {
        let results = try [LossRegistry.linked, crossed].map { registry in
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

  @Test("A loss of a library is a part of a sum, with scale and gradient")
  func composes() throws {
    let crossed = try Crossed.registry.get()
    let huber = try crossed.loss(named: "huber", options: ["delta": 0.5]).base
    let mixed = 0.5 * MeanSquaredErrorLoss() + huber
    let pure = 0.5 * MeanSquaredErrorLoss() + HuberLoss(delta: 0.5)
    let inputs: LossInputs = [
      .prediction: .float64(Tensor([1.1, 1.9, 3.1])), .target: .float64(Tensor([1, 2, 5])),
    ]
    let roles: [Role] = [.prediction, .target]
    #expect(
      try mixed.evaluate(inputs, gradientsOf: roles) == pure.evaluate(inputs, gradientsOf: roles))
    let parts: OptionValue = [
      ["scale": 2, "loss": "huber", "options": ["delta": 0.5]], ["scale": 0.5, "loss": "log_cosh"],
    ]
    let sums = try [LossRegistry.linked, crossed].map { registry in
      try registry.loss(named: "sum", options: ["parts": parts])
    }
    #expect(sums[0].configuration == sums[1].configuration)
    #expect(
      try sums[0].evaluate(inputs, gradientsOf: roles)
        == sums[1].evaluate(inputs, gradientsOf: roles))
  }

  @Test("An error says the same on both sides", arguments: ["huber", "flux.huber_loss"])
  func errors(name: String) throws {
    let crossed = try Crossed.registry.get()
    let inputs: LossInputs = [
      .prediction: .float64(Tensor([1, 2])), .target: .float64(Tensor([1])),
    ]
    for delta in [1.0, -1] {
      let errors = [LossRegistry.linked, crossed].map { registry in
        #expect(throws: LossError.self) {
          _ = try registry.loss(named: name, options: ["delta": .number(delta)]).evaluate(inputs)
        }
      }
      #expect(errors[0] == errors[1])
    }
  }

  @Test("A gradient that no loss has, and an input that no loss knows, are refused")
  func refuses() throws {
    let hinge = try Crossed.registry.get().loss(named: "huber")
    let inputs: LossInputs = [
      .prediction: .float64(Tensor([1])), .target: .float64(Tensor([1])),
    ]
    let gradient = #expect(throws: LossError.self) {
      try hinge.evaluate(inputs, gradientsOf: [.weight])
    }
    #expect(gradient?.code == .unknownInput)
    var more = inputs
    more["tarjet"] = .float64(Tensor([1]))
    let surplus = #expect(throws: LossError.self) { try hinge.evaluate(more) }
    #expect(surplus?.hint == "Did you mean \"target\"?")
  }
}
