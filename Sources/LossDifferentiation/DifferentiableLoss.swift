public import LossCore
import _Differentiation

/// A loss whose calls Swift differentiates.
///
/// Experimental, as the module `_Differentiation` of the toolchain is.
///
///     let crossEntropy = DifferentiableLoss(CrossEntropyLoss())
///     let penalty = DifferentiableLoss(L2Penalty())
///     let (value, gradient) = try valueAndGradient(at: model) { model in
///       crossEntropy(model(features), labels) + 0.01 * penalty(model.weights)
///     }
///
/// A call gives its value and the gradients that Swift asks for in one pass, with the same bits as
/// `valueAndGradients` of the loss. It does not throw: one that fails gives NaN, as do its
/// gradients, and `valueAndGradient(at:of:)` and `throwingLossErrors` throw its error.
public struct DifferentiableLoss: Sendable {
  /// The loss that is called: of a type, or selected by name.
  public let base: any CallableLoss
  /// How the terms become the value; nil for the loss's own default.
  public var reduction: Reduction?
  /// The position of the class axis; nil for the last axis.
  public var classAxis: Int?
  /// The number of threads that may work at once; the result does not depend on it.
  public var threads: Int

  /// A loss with the parameters of its calls.
  public init(
    _ base: any CallableLoss, reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) {
    self.base = base
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
  }
}

extension DifferentiableLoss {
  /// The value of a call; NaN and a recorded error for one that throws.
  func value<S: DifferentiableScalar>(_ call: () throws(LossError) -> S) -> S {
    do throws(LossError) {
      return try call()
    } catch {
      LossErrorRecord.record(error)
      return .nan
    }
  }

  /// The result of tensors in the order of the signature and other inputs by role.
  func result<S: DifferentiableScalar>(
    _ tensors: [Tensor<S>], _ others: LossInputs, gradientsOf indices: [Int] = [],
    reduction: Reduction? = nil, upstream: Tensor<S>? = nil
  ) throws(LossError) -> LossResult {
    let roles = base.signature.inputs.map(\.role)
    guard tensors.count <= roles.count else {
      throw LossError(
        .unknownInput, loss: base.name, subject: "the call", found: "has \(tensors.count) tensors",
        expected: roles.map(\.name).joined(separator: ", "))
    }
    var inputs = others
    for (role, tensor) in zip(roles, tensors) {
      guard others[role] == nil else {
        throw LossError(
          .unknownInput, loss: base.name, subject: role.name, found: "is given twice",
          expected: "each input once")
      }
      inputs[role] = AnyTensor(tensor)
    }
    return try base.evaluate(
      inputs, gradientsOf: indices.map { roles[$0] }, secondDerivativesOf: [],
      reduction: reduction ?? self.reduction, classAxis: classAxis,
      upstream: upstream.map { AnyTensor($0) }, in: S.element, threads: threads,
      domainChecks: nil)
  }

  /// The value and the gradients of a call; NaN and a recorded error for one that throws.
  func valueAndGradients<S: DifferentiableScalar>(
    of tensors: [Tensor<S>], _ call: () throws(LossError) -> (S, [Tensor<S>])
  ) -> (value: S, gradients: [TensorTangent<S>]) {
    do throws(LossError) {
      let (value, gradients) = try call()
      return (value, gradients.map { TensorTangent($0) })
    } catch {
      LossErrorRecord.record(error)
      return (.nan, tensors.map { TensorTangent(.undefined($0.shape)) })
    }
  }
}
