import LossFunctions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Inputs that once crashed the program, or could: each runs in a separate process, which must exit
/// successfully and in time.
@Suite struct SafetyTests {
  @Test("returns or throws, never traps", arguments: Array(Trial.all.keys).sorted())
  func survives(_ name: String) async {
    await #expect(processExitsWith: .success, "\(name)") { [name = name as String] in
      alarm(5)
      _ = try? Trial.all[name]?()
    }
  }

  @Test("class indices of weighted regions are checked")
  func classesOfRegions() async {
    await #expect(processExitsWith: .success) {
      let error = refusal { () throws(LossError) in
        try DiceLoss().evaluate(
          Trial.regions(target: [0, 1, 2, 7], weight: AnyTensor(Tensor(1.0))))
      }
      #expect(error?.code == .invalidClass)
      #expect(error?.subject == "target")
    }
  }

  @Test("class indices of a region of weight 0 are not read")
  func removedRegions() async {
    await #expect(processExitsWith: .success) {
      let dice = DiceLoss { $0.per = .sample }
      let weight = AnyTensor(Tensor([0.0, 1, 1, 1]))
      let cleanResult = try dice.evaluate(
        Trial.regions(target: [0, 1, 2, 0], weight: weight), gradientsOf: [.prediction])
      for garbage in [-1, 3, 1 << 40, Int.min, Int.max] {
        let corruptedResult = try dice.evaluate(
          Trial.regions(target: [garbage, 1, 2, 0], weight: weight), gradientsOf: [.prediction])
        #expect(corruptedResult == cleanResult)
      }
    }
  }

  @Test("empty tensors with extents that no memory bounds are refused")
  func emptyTensors() throws {
    func empty(_ extents: [Int]) throws -> AnyTensor {
      .float32(try Tensor(shape: Shape(extents), scalars: []))
    }
    let mask = try empty([1 << 40, 0, 3])
    let dice = DiceLoss(per: .sample)
    #expect(throws: LossError.self) {
      try dice.evaluate([.prediction: mask, .target: mask])
    }
    let rows = try empty([0, 1 << 30])
    let keras = try LossRegistry.linked.loss(named: "keras.losses.MeanSquaredError")
    #expect(throws: LossError.self) { try keras.evaluate([.prediction: rows, .target: rows]) }
    let features = try empty([0, 1 << 60])
    #expect(throws: LossError.self) {
      try LinearCrossEntropyLoss().evaluate([
        "hidden": features, "kernel": features, .target: try Tensor(shape: [0], scalars: [Int]()),
      ])
    }
    // An empty batch of large images.
    let images = try empty([0, 3, 4096, 4096])
    #expect(
      try MeanSquaredErrorLoss().evaluate(
        [.prediction: images, .target: images], reduction: .sum
      ).scalar() == 0)
  }
}

/// Losses whose signatures do not fit their form: they work or throw.
@Suite struct FormContractTests {
  @Test("an elementwise loss with a scalar target")
  func oneTarget() async {
    await #expect(processExitsWith: .success) {
      let count = 1 << 16
      let result = Result { () throws(LossError) in
        try OneTargetLoss().evaluate(
          [
            .prediction: AnyTensor(Tensor<Double>(Array(repeating: 3, count: count))),
            .target: AnyTensor(Tensor(1.0)),
          ], gradientsOf: [.target])
      }
      if case .success(let result) = result {
        #expect(result.value.doubles == [4])
        #expect(agree(result.gradients[.target]?.doubles ?? [], [-4]))
      }
    }
  }

  @Test("a rowwise loss with a shared row")
  func sharedRow() async {
    await #expect(processExitsWith: .success) {
      let result = Result { () throws(LossError) in
        try SharedRowLoss().evaluate([
          .prediction: AnyTensor(
            Tensor(repeating: 1.0, shape: (try? Shape([1 << 16, 2])) ?? .scalar)),
          .target: AnyTensor(Tensor<Double>([1, 2])),
        ])
      }
      if case .success(let result) = result { #expect(result.value.doubles == [3]) }
    }
  }

  @Test("a signature with nine named axes")
  func manyAxes() async {
    await #expect(processExitsWith: .success) {
      let ones = Array(repeating: 1, count: 9)
      let result = Result { () throws(LossError) in
        try ManyAxesLoss().evaluate([
          .prediction: AnyTensor(Tensor(shape: ones, scalars: [5.0]))
        ])
      }
      if case .success(let result) = result { #expect(result.value.doubles == [5]) }
    }
  }
}

/// Calls that would trap if sizes were computed before they are checked.
enum Trial {
  /// Four samples of three classes.
  static func regions(target: [Int], weight: AnyTensor) -> LossInputs {
    let shape = (try? Shape([4, 3])) ?? .scalar
    return [
      .prediction: AnyTensor(Tensor(repeating: 0.25, shape: shape)),
      .target: AnyTensor(Tensor(target)), .weight: weight,
    ]
  }

  static func empty(_ extents: [Int]) throws -> AnyTensor {
    try AnyTensor(Tensor(shape: extents, scalars: [Double]()))
  }

  static let all: [String: @Sendable () throws -> LossResult] = [
    "dice, class index out of range, weight 1": {
      try DiceLoss().evaluate(regions(target: [0, 1, 2, 7], weight: AnyTensor(Tensor(1.0))))
    },
    "dice, class index out of range in a sample of weight 0": {
      var options = DiceLoss.Options()
      options.per = .sample
      return try DiceLoss(options: options).evaluate(
        regions(target: [1 << 44, 1, 2, 0], weight: AnyTensor(Tensor([0.0, 1, 1, 1]))))
    },
    "ctc, no sequence, huge time and label axes": {
      try CTCLoss().evaluate(
        [
          .prediction: empty([0, 1 << 40, 3]),
          .target: AnyTensor(Tensor(shape: [0, 1 << 40], scalars: [Int]())),
        ], reduction: .sum)
    },
    "ctc, no time step, huge class axis": {
      try CTCLoss().evaluate(
        [
          .prediction: empty([1, 0, 1 << 61]),
          .target: AnyTensor(Tensor(shape: [1, 0], scalars: [Int]())),
        ], gradientsOf: [.prediction], reduction: .sum)
    },
    "cross entropy, no row, huge class axis, strided": {
      var options = CrossEntropyLoss.Options()
      options.ignoreIndex = 0
      return try CrossEntropyLoss(options: options).evaluate(
        [.prediction: empty([1 << 60, 0]), .target: AnyTensor(Tensor([Int]()))],
        reduction: .sum, classAxis: 0)
    },
    "softmax, no class, many rows, strided": {
      try Softmax().evaluate([.prediction: empty([0, 1 << 30])], classAxis: 0)
    },
    "softmax, no class, huge number of rows": {
      try Softmax().evaluate([.prediction: empty([1 << 40, 0])])
    },
  ]
}
