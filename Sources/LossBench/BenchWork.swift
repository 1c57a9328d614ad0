import LossFunctions

/// The calls to measure, on prepared data.
///
/// Each function makes a given number of calls and returns the sum of their results, so that no call is
/// optimized away. The closures are created where the type of the loss is known, so that the calls are
/// specialized.
struct BenchWork {
  typealias Calls = (_ count: Int) throws(LossError) -> Double

  let value: Calls
  let valueAndGradient: Calls
}

extension BenchWork {
  /// Typed calls on spans, with the gradient of the first input.
  @inline(__always)
  static func pair<P: PredictionScalar, Target: TensorScalar>(
    _ loss: some LossProtocol, _ prediction: [P], _ target: [Target], _ shape: Shape,
    reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int
  ) -> BenchWork {
    var gradient = [P](repeating: .zero, count: prediction.count)
    let targetShape =
      target.count == prediction.count ? shape : shape.removing(axis: classAxis ?? -1)
    return BenchWork(
      value: { count throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          sum += Double(
            try loss.value(
              prediction.span, target.span, shape: shape, targetShape: targetShape,
              reduction: reduction, classAxis: classAxis, threads: threads))
        }
        return sum
      },
      valueAndGradient: { count throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          var span = gradient.mutableSpan
          sum += Double(
            try loss.valueAndGradient(
              prediction.span, target.span, shape: shape, targetShape: targetShape, into: &span,
              reduction: reduction, classAxis: classAxis, threads: threads))
        }
        return sum
      })
  }

  /// Calls on views, for losses that a typed call on spans does not support: several gradients, and
  /// targets whose shape does not follow from the prediction.
  @inline(__always)
  static func views(
    _ loss: some LossProtocol, _ inputs: [BenchInput], gradientsOf roles: [Role], threads: Int
  ) -> BenchWork {
    let views = BenchMemory(inputs.map(\.view))
    let gradientMemory = inputs.filter { roles.contains($0.view.role) }.map { input in
      (input.view.role, BenchMemory([Float](repeating: 0, count: input.view.shape.count)))
    }
    let gradients = BenchMemory(gradientMemory.map { GradientView(role: $0, buffer: $1.buffer) })
    func calls(_ indices: Range<Int>) -> Calls {
      { count throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          let call = EvaluationRequest<Float>(
            UnsafeBufferPointer(views.buffer),
            gradients: UnsafeBufferPointer(gradients.buffer.extracting(indices)), threads: threads)
          sum += Double(try Float.evaluate(loss, call).value)
        }
        // The views point into this memory.
        withExtendedLifetime((inputs, gradientMemory)) {}
        return sum
      }
    }
    return BenchWork(value: calls(0..<0), valueAndGradient: calls(0..<gradientMemory.count))
  }

  /// Calls with named tensors on a loss created by name.
  static func named(
    _ loss: ConfiguredLoss, _ inputs: LossInputs, gradientsOf roles: [Role], threads: Int
  ) -> BenchWork {
    func calls(_ gradientRoles: [Role]) -> Calls {
      { count throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          let result = try loss.evaluate(inputs, gradientsOf: gradientRoles, threads: threads)
          if case .float32(let value) = result.value { sum += Double(value.scalars[0]) }
        }
        return sum
      }
    }
    return BenchWork(value: calls([]), valueAndGradient: calls(roles))
  }
}
