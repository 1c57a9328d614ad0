/// The kind of values that an argument accepts, for shell completion.
enum CompletionHint: Sendable {
  /// A value without completion: a number, a text.
  case anything
  case words([String])
  case file
  case folder
  /// The name of a loss, registered or of another framework.
  case loss
  case family
  case dialect
  /// `KEY=VALUE` with an option of the losses on the line.
  case lossOption
  /// `ROLE=FILE` with an input of the loss on the line.
  case input
  /// `ROLE=TYPE` with an input of the loss on the line.
  case cast
  /// `ROLE=FILE` with a differentiable input of the loss on the line.
  case differentiableInput
}
