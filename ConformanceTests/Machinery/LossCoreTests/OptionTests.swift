import Foundation
import LossFunctions
import Testing

/// The options of every linked loss: JSON round trips and validation.
@Suite struct OptionTests {
  static func names() throws -> [String] { try LossRegistry.linked.checked().names }
  /// Every option of every loss, as (loss, option).
  static func options() throws -> [(String, String)] {
    try names().flatMap { name in
      (LossRegistry.linked.entry(named: name)?.options ?? []).map { (name, $0.name) }
    }
  }

  private func description(_ loss: String, _ option: String) throws -> OptionDescription {
    let entry = try #require(LossRegistry.linked.entry(named: loss))
    return try #require(entry.options.first { $0.name == option })
  }

  /// Values of the right type that differ from the default; some may be out of range.
  private func others(_ option: OptionDescription) -> [OptionValue] {
    let choices = option.range.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { OptionValue.text(String($0.element)) }
    let all: [OptionValue]
    switch option.defaultValue {
    case .null: all = [0.25, 0, 3, -1, ["loss": "log_cosh", "scale": 2]]
    case .flag(let flag): all = [.flag(!flag)]
    case .number: all = choices + [0.25, 2.5, 1, 2, -1, 7]
    case .text: all = choices + ["kernel"]
    case .list: all = [[0.5, 2], [1], [["loss": "huber", "scale": 2]]]
    case .object: all = []
    }
    return all.filter { $0 != option.defaultValue }
  }

  private func roundTrip(_ configuration: LossConfiguration) throws -> LossConfiguration {
    let data = try JSONEncoder().encode(configuration)
    return try JSONDecoder().decode(LossConfiguration.self, from: data)
  }

  @Test("default options round-trip through JSON", arguments: try names())
  func defaults(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    let read = try roundTrip(loss.configuration)
    #expect(read == loss.configuration)
    let again = try LossRegistry.linked.loss(read)
    #expect(again.configuration == loss.configuration)
    #expect(again.base.description == loss.base.description)
  }

  @Test(
    "each option round-trips through JSON and changes the configuration", arguments: try options())
  func each(_ name: String, _ option: String) throws {
    let described = try description(name, option)
    var accepted = 0
    for value in others(described) {
      guard let loss = try? LossRegistry.linked.loss(named: name, options: [option: value]) else {
        continue
      }
      accepted += 1
      let default_ = try LossRegistry.linked.loss(named: name)
      #expect(loss.configuration != default_.configuration, "\(value.text)")
      if case .list = value {} else { #expect(loss.configuration.options[option] == value) }
      let read = try roundTrip(loss.configuration)
      #expect(read == loss.configuration)
      #expect(try LossRegistry.linked.loss(read).configuration == loss.configuration)
    }
    #expect(accepted > 0, "no value but the default was accepted")
  }

  @Test(
    "a value of the wrong type throws, and the error names the option", arguments: try options())
  func wrongType(_ name: String, _ option: String) throws {
    let described = try description(name, option)
    let values: [OptionValue] =
      switch described.defaultValue {
      case .null: ["three", true, [1], ["a": 1]]
      case .flag: [1, 0, "true", nil, [true]]
      case .number: ["three", true, nil, [1], ["a": 1]]
      case .text: [1, true, nil, ["x"]]
      case .list: [1, "x", true, nil, ["a": 1], [nil], ["x"], [[1]]]
      case .object: [1]
      }
    for value in values {
      let error = refusal("\(value.text) for \(option)") { () throws(LossError) in
        try LossRegistry.linked.loss(named: name, options: [option: value])
      }
      #expect(error?.code == .invalidOption, "\(value.text)")
      #expect(error?.subject == option, "\(value.text)")
      #expect(error?.loss == name, "\(value.text)")
      #expect(error?.expected == described.range, "\(value.text)")
    }
  }

  @Test("an unknown option throws, and the nearest is suggested", arguments: try options())
  func unknown(_ name: String, _ option: String) throws {
    let slip = option + "x"
    let error = refusal { () throws(LossError) in
      try LossRegistry.linked.loss(named: name, options: [slip: 1])
    }
    #expect(error?.code == .unknownOption)
    #expect(error?.subject == slip)
    #expect(error?.hint == "Did you mean \"\(option)\"?")
  }

  /// Values at the edges of ranges, and whether they are in range.
  static let ranges: [(String, String, OptionValue, Bool)] = [
    ("huber", "delta", 0, false), ("huber", "delta", -0.0, false), ("huber", "delta", -1, false),
    ("huber", "delta", .number(0x1p-149), true), ("huber", "delta", .number(0x1p-151), false),
    ("huber", "delta", .number(0x1p127), true), ("huber", "delta", .number(0x1p128), false),
    ("huber", "delta", "inf", false), ("dice", "smooth", .number(0x1p-151), true),
    ("huber", "delta", "nan", false), ("huber", "delta", .number(.infinity), false),
    ("cross_entropy", "label_smoothing", 0, true), ("cross_entropy", "label_smoothing", 1, true),
    ("cross_entropy", "label_smoothing", .number(1.0.nextUp), false),
    ("cross_entropy", "label_smoothing", .number(-.leastNonzeroMagnitude), false),
    ("cross_entropy", "label_smoothing", "nan", false),
    ("cross_entropy", "class_weights", [0, 1], true),
    ("cross_entropy", "class_weights", [1, -1], false),
    ("cross_entropy", "class_weights", [1, "nan"], false),
    ("cross_entropy", "class_weights", [1, "inf"], false),
    ("cross_entropy", "ignore_index", -100, true), ("cross_entropy", "ignore_index", 1.5, false),
    ("cross_entropy", "ignore_index", 1e300, false), ("cross_entropy", "ignore_index", nil, true),
    ("cross_entropy", "ignore_index", "inf", false),
    ("cross_entropy", "epsilon", "machine", true), ("cross_entropy", "epsilon", -1e-9, false),
    ("cross_entropy", "epsilon", "inf", false), ("cross_entropy", "epsilon", "machin", false),
    ("binary_cross_entropy", "clip", 0, true), ("binary_cross_entropy", "clip", 0.5, false),
    ("binary_cross_entropy", "clip", .number(0.5.nextDown), true),
    ("binary_focal", "alpha", nil, true), ("binary_focal", "alpha", 0, true),
    ("binary_focal", "alpha", 1, true), ("binary_focal", "alpha", 1.01, false),
    ("focal", "gamma", 0, true), ("focal", "gamma", -0.1, false), ("focal", "gamma", "inf", false),
    ("margin_ranking", "margin", -3, true), ("margin_ranking", "margin", "-inf", false),
    ("siamese_contrastive", "margin", 0, true), ("siamese_contrastive", "margin", -1, false),
    ("dice", "smooth", 0, true), ("dice", "smooth", -1, false), ("dice", "smooth", "inf", false),
    ("dice", "per", "class", true), ("dice", "per", "Class", false),
    ("ctc", "blank", -1, true), ("ctc", "blank", 0.5, false),
    ("ctc", "infeasible", "zero", true), ("ctc", "infeasible", "nan", false),
    ("l2_penalty", "of", "kernel", true), ("l2_penalty", "of", "", false),
    ("sum", "parts", [], true), ("sum", "parts", [["scale": 1]], false),
    ("sum", "parts", [["loss": "huber", "scale": "inf"]], false),
    ("sum", "parts", [["loss": "huber", "scale": "nan"]], false),
    ("sum", "parts", [["loss": "huber", "scale": nil]], false),
    ("sum", "parts", [["loss": "huber", "skale": 2]], false),
  ]

  @Test("the edges of ranges", arguments: ranges)
  func edges(_ name: String, _ option: String, _ value: OptionValue, _ isInside: Bool) throws {
    if isInside {
      _ = try LossRegistry.linked.loss(named: name, options: [option: value])
    } else {
      let error = refusal { () throws(LossError) in
        try LossRegistry.linked.loss(named: name, options: [option: value])
      }
      #expect(error?.code == .invalidOption)
    }
  }

  @Test("options set in code are validated by the evaluation")
  func setInCode() {
    for delta in [0, -1, Double.infinity, -.infinity, .nan] {
      let error = refusal { () throws(LossError) in try HuberLoss(delta: delta)([1.0], [2.0]) }
      #expect(error?.code == .invalidOption)
      #expect(
        error?.description
          == "huber: option \"delta\" is \(delta); expected a"
          + "\(delta.isFinite ? "" : " finite") number above zero.")
    }
  }

  @Test(
    "infinities and NaN round-trip through JSON if an option accepts them",
    arguments: [
      Double.infinity, -.infinity, .nan, 0x1p-1074, -0.0, 1e300, 0.1,
    ])
  func infinities(_ limit: Double) throws {
    let registry = try LossRegistry([LossPlugin("mine", [LossEntry(CappedLoss.self)])])
    let loss = try registry.loss(named: "capped", options: ["limit": .number(limit)])
    let read = try roundTrip(loss.configuration)
    let again = try #require(registry.loss(read).base as? CappedLoss)
    #expect(again.options.limit.bitPattern == limit.bitPattern)
  }

  @Test(
    "integers beyond 2⁵³ are kept or rejected, never changed",
    arguments: [
      (1 << 53) + 1, -(1 << 53) - 1, Int.max, Int.min, Int.max - 1,
    ])
  func largeIntegers(_ index: Int) throws {
    var options = CrossEntropyLoss.Options()
    options.ignoreIndex = index
    let loss = ConfiguredLoss(CrossEntropyLoss(options: options))
    guard let again = try? LossRegistry.linked.loss(roundTrip(loss.configuration)) else { return }
    #expect((again.base as? CrossEntropyLoss)?.options.ignoreIndex == index)
  }

  @Test("an epsilon that is infinite in Float is refused")
  func infiniteEpsilon() {
    let error = refusal { () throws(LossError) in
      try CrossEntropyLoss(fromLogits: false, epsilon: .value(1e39))
        .evaluate([.prediction: Tensor([0.5, 0.5]), .target: Tensor([1.0, 0.0])])
    }
    #expect(error?.code == .invalidOption && error?.subject == "epsilon")
  }

  @Test("a class of weight 0 adds nothing, also with an infinite loss")
  func weightOfZero() throws {
    let inputs: LossInputs = [
      .prediction: try Tensor(shape: [1, 2], scalars: [-Double.infinity, 0]), .target: [0],
    ]
    for name in ["cross_entropy", "focal"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["class_weights": [0, 1]])
      #expect(try loss.evaluate(inputs, reduction: .sum).scalar() == 0)
    }
  }

  @Test("focal without a focus has the gradient of cross entropy at a probability of 0")
  func focalAtZero() throws {
    let inputs: LossInputs = [
      .prediction: try Tensor<Double>(shape: [1, 2], scalars: [0, 1]), .target: [0],
    ]
    let result = try FocalLoss(gamma: 0, fromLogits: false)
      .evaluate(inputs, gradientsOf: [.prediction])
    #expect(
      try result.gradient(of: .prediction)
        == Tensor<Double>(shape: [1, 2], scalars: [-.infinity, 0]))
  }

  @Test("a class axis is refused by a loss without one; a sum gives it to the parts that have one")
  func noClassAxis() throws {
    let numbers = try Tensor<Double>(shape: [1, 2], scalars: [0.25, 0.75])
    let error = refusal { () throws(LossError) in
      try MeanSquaredErrorLoss()(numbers, numbers, classAxis: 1)
    }
    #expect(error?.subject == "class_axis")
    #expect(try (MeanSquaredErrorLoss() + KLDivergenceLoss())(numbers, numbers, classAxis: 0) == 0)
    let integer = refusal { () throws(LossError) in
      try LossRegistry.linked.loss(
        named: "cross_entropy", options: ["ignore_index": .number(9_007_199_254_740_992)])
    }
    #expect(integer?.subject == "ignore_index")
    let digits = try LossRegistry.linked.loss(
      named: "cross_entropy", options: ["ignore_index": "9007199254740993"])
    #expect(digits.base.options.values["ignore_index"] == "9007199254740993")
  }
}

/// A loss with an option that accepts any number, including NaN.
struct CappedLoss: ElementwiseLoss {
  struct Options: LossOptions {
    var limit = 1.0
    static let fields: [OptionField<Self>] = [
      OptionField("limit", \.limit, range: "any number", "the largest term")
    ]
  }
  static let metadata = LossMetadata(
    "capped", "Capped absolute error.", formula: "min(limit, |p - t|)")
  let options: Options

  func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N {
    N.minimumPropagatingNaN(N(options.limit), (prediction - target).magnitude)
  }
}
