import LossFunctions

/// A loss with a value in the element type of its inputs where that is half precision, as in PyTorch.
///
/// Only a form reads such inputs; for other losses the core converts them.
struct RoundedValue: FormLoss {
  static let metadata = MeanAbsoluteErrorLoss.metadata
  let base = MeanAbsoluteErrorLoss()
  let options: NoOptions

  init(options: NoOptions) { self.options = options }

  var signature: LossSignature { base.signature }
  var termLayout: TermLayout? { base.termLayout }

  func run(_ context: borrowing KernelContext<Float>) throws(LossError) { try base.run(context) }
  func run(_ context: borrowing KernelContext<Double>) throws(LossError) { try base.run(context) }

  func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    let outcome = try base.evaluate(call)
    guard let half = call.inputs.first(where: { $0.element == .bfloat16 })?.element else {
      return outcome
    }
    let rounded = try AnyTensor(outcome.tensor).cast(to: half)
    return LossOutcome(Tensor(trusted: outcome.shape, rounded.doubles.map { Float($0) }))
  }
}
