/// What can stand in a place of the command line, for shells that complete words.
enum Expectation: Sendable {
  /// What cannot be guessed: a number, a text.
  case anything
  case words([String])
  case file
  case folder
  /// A name of ours, or of another framework.
  case loss
  case family
  case dialect
  /// `KEY=VALUE` with an option of the losses that are named before.
  case lossOption
  /// `ROLE=FILE` with an input of the loss that is named before.
  case input
  /// `ROLE=FILE` with an input that the loss has a gradient for.
  case differentiableInput
}
