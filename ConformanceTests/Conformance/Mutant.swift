import LossFunctions

/// A fault that is injected into a loss.
enum Fault: Sendable {
  case none
  // The gradient.
  case wrongSign, gradientHalved, gradientOfOtherInput, kinkOutside, upstreamDropped
  case upstreamTwice, secondDerivativeHalved
  case hessianVectorHalved, hessianAsymmetric, hessianDiagonalRaised
  // The value.
  case valueDoubled, constantRounded, belowZero, nanAtSaturation, nanAtTheEnds
  // The reduction.
  case meanOverFirstAxis, weightsInDivisor, batchMeanIsMean, floatAccumulator, emptyMeanIsNaN
  // Partial results.
  case meanOfMeans
  // The samples.
  case dependsOnPosition, dependsOnBatch, classOffByOne, classAxisDropped
  // Masks and weights.
  case maskMultiplies, maskDropped, maskLeaksIntoGradient, weightTwice
  // The threads.
  case sumByThreads, sumAtRandom
  // Error reporting.
  case acceptsAnything, wrongCode, namelessError
  // Declared properties.
  case declares(LossProperty)
}

/// A correct loss with a fault.
struct Mutant<Base: LossProtocol>: LossProtocol {
  static var metadata: LossMetadata { Base.metadata }
  var base: Base
  var fault: Fault

  init(_ base: Base, _ fault: Fault) {
    self.base = base
    self.fault = fault
  }
  init(options: Base.Options) { self.init(Base(options: options), .none) }

  var options: Base.Options { base.options }
  var signature: LossSignature { base.signature }
  var defaultReduction: Reduction { base.defaultReduction }
  var properties: [LossProperty] {
    if case .declares(let property) = fault {
      base.properties + [property]
    } else {
      base.properties
    }
  }

  var partialForm: PartialForm? { base.partialForm }

  var rolesWithSecondDerivative: [Role] { base.rolesWithSecondDerivative }
  var rolesWithHessianVectorProduct: [Role] { base.rolesWithHessianVectorProduct }

  func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    try run(call)
  }
  func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double> {
    try run(call)
  }

  /// An entry that creates the loss with a fault.
  static func entry(_ fault: Fault) -> LossEntry {
    LossEntry(Mutant.self) { (values, _) throws(LossError) in
      Mutant(Base(options: try Base.Options(values)), fault)
    }
  }

  private func run<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<
    S
  > {
    // A value of partial results has no inputs that could be faulty.
    if let collector = call.partial, collector.isValueOnly { return try S.evaluate(base, call) }
    if case .meanOfMeans = fault, let collector = call.partial, collector.whole == nil {
      var shard = call
      shard.partial = nil
      let mean = try evaluateBase(shard)
      collector.add(term: Double(mean.value))
      return mean
    }
    var outcome: LossOutcome<S>
    do throws(LossError) {
      outcome = try evaluateBase(prepared(call))
    } catch {
      return try report(error)
    }
    outcome = modified(outcome, call)
    modifyGradients(call)
    return outcome
  }

  /// The call with faults of the reduction and the upstream.
  private func prepared<S: ComputeScalar>(_ call: EvaluationRequest<S>) -> EvaluationRequest<S> {
    var call = call
    switch fault {
    case .upstreamDropped: call.upstream = nil
    case .classAxisDropped: call.classAxis = nil
    case .weightsInDivisor where call.reduction.kind == .mean:
      call.reduction.kind = .weightedMean
    case .batchMeanIsMean where call.reduction.kind == .batchMean: call.reduction.kind = .mean
    case .emptyMeanIsNaN: call.reduction.whenEmpty = .nan
    case .floatAccumulator where call.reduction.kind == .sum: call.reduction.kind = .unreduced
    default: break
    }
    return call
  }

  /// Evaluates the base loss on inputs with faults.
  private func evaluateBase<S: ComputeScalar>(
    _ call: EvaluationRequest<S>
  ) throws(LossError) -> LossOutcome<S> {
    var views = Array(call.inputs)
    var integers: [Int] = []
    var reals: [Double] = []
    switch fault {
    case .maskDropped: views.removeAll { $0.role == .mask }
    case .classOffByOne:
      guard let index = views.firstIndex(where: { $0.element == .int64 }) else { break }
      integers = views[index].integers.map { $0 == 0 ? 0 : $0 - 1 }
    case .weightTwice:
      guard let weight = call.input(.weight) else { break }
      reals = weight.reals.map { $0 * $0 }
    default: break
    }
    return try integers.withUnsafeBufferPointer { (integers) throws(LossError) in
      try reals.withUnsafeBufferPointer { (reals) throws(LossError) in
        for (index, view) in views.enumerated() {
          if view.element == .int64, !integers.isEmpty {
            views[index] = view.reading(.int64, integers.baseAddress.map { .init($0) })
          } else if view.role == .weight, !reals.isEmpty {
            views[index] = view.reading(.float64, reals.baseAddress.map { .init($0) })
          }
        }
        return try views.withUnsafeBufferPointer { (views) throws(LossError) in
          var request = EvaluationRequest(
            views, gradients: call.gradients, reduction: call.reduction,
            classAxis: call.classAxis, threads: call.threads, order: call.order,
            upstream: call.upstream)
          request.partial = call.partial
          request.vectors = call.vectors
          return try S.evaluate(base, request)
        }
      }
    }
  }

  /// Rethrows an error with faults.
  private func report<S: ComputeScalar>(_ error: LossError) throws(LossError) -> LossOutcome<S> {
    var error = error
    switch fault {
    case .acceptsAnything:
      return LossOutcome(0)
    case .wrongCode where error.code == .shapeMismatch: error.code = .invalidRank
    case .namelessError: error.loss = "a loss"
    default: break
    }
    throw error
  }

  private func modified<S: ComputeScalar>(
    _ outcome: LossOutcome<S>, _ call: EvaluationRequest<S>
  ) -> LossOutcome<S> {
    let leading = call.inputs.first
    let first = leading?.shape.extents.first ?? 1
    switch fault {
    case .valueDoubled: return outcome.map { $0 * 2 }
    case .constantRounded: return outcome.map { $0 * (1 + 1e-6) }
    case .belowZero: return outcome.map { $0 - 1e-6 }
    case .nanAtSaturation:
      if leading?.reals.contains(where: { $0.magnitude > 500 }) == true {
        return outcome.map { _ in .nan }
      }
    case .nanAtTheEnds:
      if leading?.reals.contains(where: { $0.magnitude >= 1e200 }) == true {
        return outcome.map { _ in .nan }
      }
    case .meanOverFirstAxis where call.reduction.kind == .mean:
      let count = leading?.shape.count ?? 1
      return outcome.map { $0 * S(Double(count / max(1, first))) }
    case .dependsOnPosition:
      guard let values = outcome.values else { break }
      let changed = values.enumerated().map { $1 * S(1 + 0.01 * Double($0)) }
      return LossOutcome(Tensor(trusted: outcome.shape, changed))
    case .dependsOnBatch: return outcome.map { $0 * S(Double(first)) }
    case .maskMultiplies:
      let holdsNaN = call.inputs.contains {
        $0.element != .int64 && $0.reals.contains(where: \.isNaN)
      }
      if holdsNaN { return outcome.map { _ in .nan } }
    case .sumByThreads where call.threads > 1: return outcome.map { $0 + $0.ulp }
    case .sumAtRandom:
      let steps = S(Double(Int.random(in: 1...1_000_000)))
      return outcome.map { $0 + steps * $0.ulp }
    case .floatAccumulator where call.reduction.kind == .sum:
      return LossOutcome((outcome.values ?? []).reduce(0, +))
    default: break
    }
    return outcome
  }

  private func modifyGradients<S: ComputeScalar>(_ call: EvaluationRequest<S>) {
    let factor = call.upstream.map { $0.count == 1 ? $0[0] : 2 } ?? 1
    for gradient in call.gradients {
      let buffer = gradient.buffer
      switch fault {
      case .wrongSign: for index in buffer.indices { buffer[index] = -buffer[index] }
      case .secondDerivativeHalved where call.order == .second:
        for index in buffer.indices { buffer[index] /= 2 }
      case .hessianVectorHalved where call.order == .hessianVectorProduct:
        for index in buffer.indices { buffer[index] /= 2 }
      case .hessianAsymmetric where call.order == .hessianVectorProduct:
        for index in buffer.indices { buffer[index] *= S(1 + 1e-8 * Double(index)) }
      case .hessianDiagonalRaised where call.order == .hessianVectorProduct:
        let vector = call.vectors.first { $0.role == gradient.role }?.reals ?? []
        for index in vector.indices { buffer[index] += S(1e-8 * vector[index]) }
      case .gradientHalved: for index in buffer.indices { buffer[index] /= 2 }
      case .valueDoubled: break
      case .upstreamTwice: for index in buffer.indices { buffer[index] *= factor }
      case .kinkOutside:
        let prediction = call.input(.prediction)?.reals ?? []
        let target = call.input(.target)?.reals ?? []
        for index in buffer.indices where prediction[index] == target[index] { buffer[index] = 3 }
      case .maskLeaksIntoGradient:
        if call.input(.mask) != nil {
          for index in buffer.indices where buffer[index] == 0 { buffer[index] = 1 }
        }
      default: break
      }
    }
    if case .gradientOfOtherInput = fault, call.gradients.count > 1 {
      let (a, b) = (call.gradients[0].buffer, call.gradients[1].buffer)
      for index in a.indices where b.indices.contains(index) {
        (a[index], b[index]) = (b[index], a[index])
      }
    }
  }
}

extension LossOutcome where S: TensorScalar {
  /// Applies a function to every number.
  fileprivate func map(_ change: (S) -> S) -> LossOutcome {
    LossOutcome(Tensor(trusted: shape, (values ?? [value]).map(change)))
  }
}

extension InputView {
  fileprivate var integers: [Int] {
    guard element == .int64, let pointer else { return [] }
    return (0..<shape.count).map { pointer.assumingMemoryBound(to: Int.self)[$0] }
  }

  fileprivate var reals: [Double] {
    guard let pointer else { return [] }
    return (0..<shape.count).map { index in
      switch element {
      case .float32: Double(pointer.assumingMemoryBound(to: Float.self)[index])
      case .float64: pointer.assumingMemoryBound(to: Double.self)[index]
      case .int64: Double(pointer.assumingMemoryBound(to: Int.self)[index])
      case .bool: pointer.assumingMemoryBound(to: Bool.self)[index] ? 1 : 0
      default: .nan
      }
    }
  }

  fileprivate func reading(_ element: ElementType, _ pointer: UnsafeRawPointer?) -> InputView {
    InputView(role: role, shape: shape, element: element, pointer: pointer)
  }
}
