import Foundation
import LossFunctions
import Testing

/// Sums and products of losses.
@Suite struct SumLossTests {
  static let inputs: LossInputs = [
    .prediction: AnyTensor(Tensor([1.0, -2, 0.5, 4])),
    .target: AnyTensor(Tensor([0.5, 1, 0.25, 1])),
  ]
  private func value(_ loss: some LossProtocol, _ inputs: LossInputs = inputs) throws -> Double {
    try loss.evaluate(inputs).value.doubles[0]
  }

  @Test("values and gradients are the scaled sums of the parts")
  func adds() throws {
    let huber = HuberLoss(delta: 0.5)
    let loss = 0.75 * huber + 0.25 * LogCoshLoss() + MeanSquaredErrorLoss()
    let roles: [Role] = [.prediction, .target]
    for reduction in [Reduction.mean, .sum, .unreduced, .mean(over: [0], keepsDimensions: true)] {
      for upstream in [nil, AnyTensor(Tensor(-1.5))] as [AnyTensor?] {
        let parts: [(Double, any LossProtocol)] = [
          (0.75, huber), (0.25, LogCoshLoss()), (1, MeanSquaredErrorLoss()),
        ]
        func total(_ elements: (LossResult) -> [Double]) throws -> [Double] {
          try parts.reduce([]) { sum, part in
            let result = try part.1.evaluate(
              Self.inputs, gradientsOf: roles, reduction: reduction, upstream: upstream)
            let scaled = elements(result).map { part.0 * $0 }
            return sum.isEmpty ? scaled : zip(sum, scaled).map(+)
          }
        }
        let result = try loss.evaluate(
          Self.inputs, gradientsOf: roles, reduction: reduction, upstream: upstream)
        #expect(agree(result.value.doubles, try total { $0.value.doubles }))
        for role in roles {
          let gradient = result.gradients[role]?.doubles ?? []
          #expect(agree(gradient, try total { $0.gradients[role]?.doubles ?? [] }), "\(role)")
        }
      }
    }
  }

  @Test("nested sums and scales are flattened")
  func flatten() throws {
    let nested = 2 * (3 * HuberLoss(delta: 1) + (LogCoshLoss() + 0.5 * MeanSquaredErrorLoss()))
    #expect(nested.options.parts.map(\.scale) == [6, 2, 1])
    #expect(nested.options.parts.map(\.loss.name) == ["huber", "log_cosh", "mean_squared_error"])
    let expected =
      6 * (try value(HuberLoss(delta: 1))) + 2 * (try value(LogCoshLoss()))
      + (try value(MeanSquaredErrorLoss()))
    #expect(agree([try value(nested)], [expected]))
  }

  @Test("sums are equal if their parts, scales and order are")
  func equality() {
    let one = HuberLoss(delta: 1) + LogCoshLoss()
    #expect(one.options == (HuberLoss(delta: 1) + LogCoshLoss()).options)
    #expect(one.options != (LogCoshLoss() + HuberLoss(delta: 1)).options)
    #expect(one.options != (HuberLoss(delta: 2) + LogCoshLoss()).options)
    #expect(one.options != (2 * HuberLoss(delta: 1) + LogCoshLoss()).options)
  }

  @Test("a sum without parts is zero")
  func noParts() throws {
    #expect(try SumLoss().evaluate([:]).value == AnyTensor(Tensor(0.0)))
  }

  @Test("a penalty keeps its reduction sum inside a mean")
  func penalty() throws {
    let loss =
      MeanSquaredErrorLoss() + 0.1 * L2Penalty(of: "kernel") + 0.01 * L1Penalty(of: "kernel")
    var inputs = Self.inputs
    inputs["kernel"] = try tensor([2, 3], [1.0, -2, 3, 0.5, 0, -1])
    let result = try loss.evaluate(inputs, gradientsOf: [.prediction, "kernel"])
    let squares = (1 + 4 + 9 + 0.25 + 1) / 2.0
    let expected = (try value(MeanSquaredErrorLoss())) + 0.1 * squares + 0.01 * 7.5
    #expect(agree(result.value.doubles, [expected]))
    let kernel = [1, -2, 3, 0.5, 0, -1].map { 0.1 * $0 + 0.01 * ($0 > 0 ? 1 : $0 < 0 ? -1 : 0) }
    #expect(agree(result.gradients["kernel"]?.doubles ?? [], kernel))
    let alone = try MeanSquaredErrorLoss().evaluate(Self.inputs, gradientsOf: [.prediction])
    #expect(
      agree(
        result.gradients[.prediction]?.doubles ?? [], alone.gradients[.prediction]?.doubles ?? []))
  }

  @Test("the mask does not apply to a penalty on parameters", arguments: [3, 4])
  func maskedPenalty(_ count: Int) throws {
    let loss = MeanSquaredErrorLoss() + 0.5 * L2Penalty(of: "kernel")
    var inputs = Self.inputs
    inputs["kernel"] = AnyTensor(Tensor<Double>((0..<count).map { Double($0 + 1) }))
    inputs[.mask] = AnyTensor(Tensor([true, false, true, true]))
    var masked = inputs
    masked["kernel"] = nil
    let expected =
      (try value(MeanSquaredErrorLoss(), masked))
      + 0.5 * (1...count).map { Double($0 * $0) / 2 }.reduce(0, +)
    #expect(agree([try value(loss, inputs)], [expected]))
  }

  @Test("a part keeps its own reduction and class axis")
  func partReduction() throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], [0.1, 0.7, 0.2, 0.5, 0.25, 0.25]),
      .target: AnyTensor(Tensor([1, 0, 1])),
    ]
    let loss =
      CrossEntropyLoss().reduced(by: .sum, classAxis: 0) + 0.5
      * DiceLoss(activation: .softmax).reduced(by: .mean, classAxis: 0)
    let one = try CrossEntropyLoss().evaluate(inputs, reduction: .sum, classAxis: 0).value.doubles[
      0]
    let two = try DiceLoss(activation: .softmax).evaluate(inputs, classAxis: 0).value.doubles[0]
    #expect(agree([try value(loss, inputs)], [one + 0.5 * two]))
  }

  @Test("results of different shapes throw")
  func shapes() throws {
    let loss = MeanSquaredErrorLoss() + L2Penalty(of: "kernel")
    var inputs = Self.inputs
    inputs["kernel"] = AnyTensor(Tensor([1.0, 2]))
    let error = refusal { () throws(LossError) in
      try loss.evaluate(inputs, reduction: Reduction.unreduced)
    }
    #expect(error?.code == .shapeMismatch)
    #expect(error?.loss == "sum")
    #expect(error?.description.contains("l2_penalty") == true)
  }

  @Test("inputs and gradients that no part has throw")
  func unknownRoles() throws {
    let loss = MeanSquaredErrorLoss() + LogCoshLoss()
    var inputs = Self.inputs
    inputs["predictoin"] = AnyTensor(Tensor([1.0]))
    let error = refusal { () throws(LossError) in try loss.evaluate(inputs) }
    #expect(error?.code == .unknownInput)
    #expect(error?.subject == "predictoin")
    #expect(error?.hint == "Did you mean \"prediction\"?")
    for role in [Role.weight, .mask, "kernel"] {
      let error = refusal { () throws(LossError) in
        try loss.evaluate(Self.inputs, gradientsOf: [role])
      }
      #expect(error?.code == .unknownInput)
      #expect(error?.subject == role.name)
    }
    let missing = refusal { () throws(LossError) in
      try loss.evaluate([.prediction: AnyTensor(Tensor([1.0]))])
    }
    #expect(missing?.code == .missingInput)
    #expect(missing?.subject == "target")
  }

  @Test("a sum round-trips through JSON")
  func json() throws {
    let loss =
      0.42 * HuberLoss(delta: 0.5) + MeanSquaredErrorLoss().reduced(by: .sum) + 0.01
      * L1Penalty(of: "kernel")
    let data = try JSONEncoder().encode(ConfiguredLoss(loss, reduction: .mean).configuration)
    let again = try LossRegistry.linked.loss(
      JSONDecoder().decode(LossConfiguration.self, from: data))
    #expect((again.base as? SumLoss)?.options == loss.options)
    #expect(again.reduction == .mean)
    var inputs = Self.inputs
    inputs["kernel"] = AnyTensor(Tensor([1.0, -3]))
    #expect(try again.evaluate(inputs).value.doubles == [try value(loss, inputs)])
  }

  @Test("a sum can be read from JSON")
  func fromJSON() throws {
    let text = """
      {"loss": "sum", "options": {"parts": [
        {"scale": 0.5, "loss": "huber", "options": {"delta": 2}},
        {"loss": "sum", "options": {"parts": [{"loss": "flux.mae", "reduction": "sum"}]}},
        {"scale": -1, "loss": "log_cosh", "reduction": {"kind": "mean", "axes": [0]}}]}}
      """
    let loss = try LossRegistry.linked.loss(
      JSONDecoder().decode(LossConfiguration.self, from: Data(text.utf8)))
    let huber = try value(HuberLoss(delta: 2))
    let error = try MeanAbsoluteErrorLoss().evaluate(Self.inputs, reduction: .sum).value.doubles[0]
    let expected = 0.5 * huber + error - (try value(LogCoshLoss()))
    #expect(agree(try loss.evaluate(Self.inputs).value.doubles, [expected]))
  }

  @Test("a part with another input layout throws")
  func adapted() {
    let error = refusal { () throws(LossError) in
      try LossRegistry.linked.loss(
        named: "sum", options: ["parts": [["loss": "flux.sparsecrossentropy"]]])
    }
    #expect(error?.code == .invalidOption)
    #expect(error?.subject == "parts")
  }

  @Test("errors of a part name the part")
  func errors() {
    let error = refusal { () throws(LossError) in
      try LossRegistry.linked.loss(
        named: "sum", options: ["parts": [["loss": "huber", "options": ["delta": -1]]]])
    }
    #expect(error?.description == "huber: option \"delta\" is -1.0; expected a number above zero.")
    let unknown = refusal { () throws(LossError) in
      try LossRegistry.linked.loss(named: "sum", options: ["parts": [["loss": "hubr"]]])
    }
    #expect(unknown?.code == .unknownLoss)
    #expect(unknown?.hint == "Did you mean \"huber\"?")
  }

  @Test("a closure loss can be evaluated, masked and added")
  func closure() throws {
    let cubic = ClosureLoss("cubic") { p, t in (p - t) * (p - t) * (p - t) }
    let loss = 2 * cubic + HuberLoss(delta: 1)
    let prediction = [1.0, -2, 0.5, 4]
    let target = [0.5, 1, 0.25, 1]
    let cubes = zip(prediction, target).map { ($0 - $1) * ($0 - $1) * ($0 - $1) }.reduce(0, +) / 4
    #expect(agree([try value(loss)], [2 * cubes + (try value(HuberLoss(delta: 1)))]))
    let gradient = try cubic.valueAndGradient(prediction, target).gradient
    let quotients = try centralDifferences(at: prediction) { try cubic($0, target) }
    #expect(isDerivative(gradient, quotients))
    #expect(
      refusal { () throws(LossError) in try cubic([1.0], [1.0, 2]) }?.description
        == "cubic: target has shape [2]; expected [1], the shape of prediction.")
    let masked = try cubic(
      Tensor<Double>([1, .nan]), Tensor<Double>([0, 0]), mask: Tensor<Bool>([true, false]))
    #expect(masked == 1)
  }

  @Test("a closure mixes its numbers with Double")
  func closureWithDoubles() throws {
    let scale = 3.0
    let loss = ClosureLoss("scaled") { p, t in
      let residual = p - t
      return scale * residual * residual / 2 + (scale - p) / scale
    }
    let (value, gradient) = try loss.valueAndGradient([2.0], [1.0])
    #expect(agree([value], [1.5 + 1.0 / 3]))
    #expect(agree(gradient, [3 - 1.0 / 3]))
  }

  @Test("two closure losses of the same name are not equal")
  func closuresDiffer() {
    let one = ClosureLoss("mine") { $0 - $1 }
    let two = ClosureLoss("mine") { $1 - $0 }
    #expect((1 * one).options != (1 * two).options)
  }
}
