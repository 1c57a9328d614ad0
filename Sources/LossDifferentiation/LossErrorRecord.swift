public import LossCore
public import _Differentiation
internal import Synchronization

/// The first error of the calls inside `throwingLossErrors`.
///
/// A differentiable function cannot throw (Swift 6.3.1 crashes in generating code for the pullback
/// of one that does), so that a call that fails gives NaN and leaves its error here.
final class LossErrorRecord: Sendable {
  @TaskLocal static var current: LossErrorRecord?

  private let first = Mutex<LossError?>(nil)

  var error: LossError? { first.withLock { $0 } }

  static func record(_ error: LossError) {
    current?.first.withLock { $0 = $0 ?? error }
  }
}

/// The result of a function, unless a call of a `DifferentiableLoss` or an operation on tensors
/// inside it failed.
///
///     let gradient = try throwingLossErrors { gradient(at: model, of: objective) }
///
/// Outside of this function such a call gives NaN, and its error is lost.
///
/// - Throws: the first `LossError` of a call inside the function, or of a pullback.
public func throwingLossErrors<Result>(_ body: () -> Result) throws(LossError) -> Result {
  let record = LossErrorRecord()
  let result = LossErrorRecord.$current.withValue(record) { body() }
  if let error = record.error { throw error }
  return result
}

/// The value of an objective and its gradient with respect to a model.
///
///     let (value, gradient) = try valueAndGradient(at: model) { model in
///       0.7 * crossEntropy(model(features), labels) + 0.01 * penalty(model.weights)
///     }
///     model.move(by: -0.1 * gradient)  // for a model that is a tensor
///
/// - Throws: the first `LossError` of a call of a `DifferentiableLoss`, or of an operation on
///   tensors.
public func valueAndGradient<Model: Differentiable, S: DifferentiableScalar>(
  at model: Model, of objective: @differentiable(reverse) (Model) -> S
) throws(LossError) -> (value: S, gradient: Model.TangentVector) {
  try throwingLossErrors { valueWithGradient(at: model, of: objective) }
}
