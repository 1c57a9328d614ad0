import LossFunctions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Inputs that once stopped the program, or would: each is tried in a process of its own, which has
/// to end well and in time.
@Suite struct SafetyTests {
  @Test("returns or throws, never traps", arguments: Array(Trial.all.keys).sorted())
  func survives(_ name: String) async {
    await #expect(processExitsWith: .success, "\(name)") { [name = name as String] in
      alarm(5)
      _ = try? Trial.all[name]?()
    }
  }

  @Test("a class beyond the classes is refused also where the regions are weighted")
  func classesOfRegions() async {
    await #expect(processExitsWith: .success) {
      let error = refusal { () throws(LossError) in
        try DiceLoss().evaluate(
          Trial.regions(target: [0, 1, 2, 7], weight: Tensor(1.0).anyTensor))
      }
      #expect(error?.code == .invalidClass)
      #expect(error?.subject == "target")
    }
  }

  @Test("garbage classes of a region with weight 0 are not read")
  func removedRegions() async {
    await #expect(processExitsWith: .success) {
      var dice = DiceLoss()
      dice = DiceLoss(
        options: {
          var o = dice.options; o.per = .sample; return o
        }())
      let weight = Tensor([0.0, 1, 1, 1]).anyTensor
      let clean = try dice.evaluate(
        Trial.regions(target: [0, 1, 2, 0], weight: weight), gradientsOf: [.prediction])
      for garbage in [-1, 3, 1 << 40, Int.min, Int.max] {
        let dirty = try dice.evaluate(
          Trial.regions(target: [garbage, 1, 2, 0], weight: weight), gradientsOf: [.prediction])
        #expect(dirty == clean)
      }
    }
  }
}

/// Losses whose signatures are not what their form walks: they work, or are refused.
@Suite struct FormContractTests {
  @Test("an elementwise loss with one target for all")
  func oneTarget() async {
    await #expect(processExitsWith: .success) {
      let count = 1 << 16
      let result = Result { () throws(LossError) in
        try OneTargetLoss().evaluate(
          [
            .prediction: Tensor<Double>(Array(repeating: 3, count: count)).anyTensor,
            .target: Tensor(1.0),
          ], gradientsOf: [.target])
      }
      if case .success(let result) = result {
        #expect(result.value.doubles == [4])
        #expect(agree(result.gradients[.target]?.doubles ?? [], [-4]))
      }
    }
  }

  @Test("a rowwise loss with one row for all")
  func sharedRow() async {
    await #expect(processExitsWith: .success) {
      let result = Result { () throws(LossError) in
        try SharedRowLoss().evaluate([
          .prediction: Tensor(repeating: 1.0, shape: (try? Shape([1 << 16, 2])) ?? .scalar)
            .anyTensor,
          .target: Tensor<Double>([1, 2]),
        ])
      }
      if case .success(let result) = result { #expect(result.value.doubles == [3]) }
    }
  }

  @Test("a signature with nine names")
  func manyAxes() async {
    await #expect(processExitsWith: .success) {
      let ones = Array(repeating: 1, count: 9)
      let result = Result { () throws(LossError) in
        try ManyAxesLoss().evaluate([
          .prediction: Tensor(shape: ones, scalars: [5.0]).anyTensor
        ])
      }
      if case .success(let result) = result { #expect(result.value.doubles == [5]) }
    }
  }
}

/// Calls that go wrong where something is computed before it is checked.
enum Trial {
  /// Four samples of three classes.
  static func regions(target: [Int], weight: AnyTensor) -> LossInputs {
    let shape = (try? Shape([4, 3])) ?? .scalar
    return [
      .prediction: Tensor(repeating: 0.25, shape: shape).anyTensor,
      .target: Tensor(target), .weight: weight,
    ]
  }

  static func empty(_ extents: [Int]) throws -> AnyTensor {
    try Tensor(shape: extents, scalars: [Double]()).anyTensor
  }

  static let all: [String: @Sendable () throws -> LossResult] = [
    "dice, bad class, one region weighted 1": {
      try DiceLoss().evaluate(regions(target: [0, 1, 2, 7], weight: Tensor(1.0).anyTensor))
    },
    "dice, garbage class in a sample of weight 0": {
      var options = DiceLoss.Options()
      options.per = .sample
      return try DiceLoss(options: options).evaluate(
        regions(target: [1 << 44, 1, 2, 0], weight: Tensor([0.0, 1, 1, 1]).anyTensor))
    },
    "ctc, no sequence, times and labels without number": {
      try CTCLoss().evaluate(
        [
          .prediction: empty([0, 1 << 40, 3]),
          .target: Tensor(shape: [0, 1 << 40], scalars: [Int]()).anyTensor,
        ], reduction: .sum)
    },
    "ctc, no time step, classes without number": {
      try CTCLoss().evaluate(
        [
          .prediction: empty([1, 0, 1 << 61]),
          .target: Tensor(shape: [1, 0], scalars: [Int]()).anyTensor,
        ], gradientsOf: [.prediction], reduction: .sum)
    },
    "cross entropy, no row, classes without number, strided": {
      var options = CrossEntropyLoss.Options()
      options.ignoreIndex = 0
      return try CrossEntropyLoss(options: options).evaluate(
        [.prediction: empty([1 << 60, 0]), .target: Tensor([Int]())],
        reduction: .sum, classAxis: 0)
    },
    "softmax, no class, many rows, strided": {
      try Softmax().evaluate([.prediction: empty([0, 1 << 30])], classAxis: 0)
    },
    "softmax, no class, rows without number": {
      try Softmax().evaluate([.prediction: empty([1 << 40, 0])])
    },
  ]
}
