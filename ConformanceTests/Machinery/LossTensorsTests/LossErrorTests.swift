import LossTensors
import Testing

/// The rendering of errors.
@Suite struct LossErrorTests {
  @Test("the list of codes")
  func codes() {
    #expect(
      LossError.Code.allCases.map(\.rawValue) == [
        "unknown_loss", "unknown_option", "invalid_option", "missing_input", "unknown_input",
        "shape_mismatch", "invalid_rank", "invalid_class", "invalid_value", "invalid_type",
        "empty_input", "unreadable_file",
      ])
  }

  static let lines: [(LossError, String)] = [
    (
      LossError(
        .unknownLoss, loss: "hubr", subject: "hubr", found: "no loss has this name",
        expected: "one of 58 names", hint: "Did you mean \"huber\"?"),
      "hubr: no loss has this name; expected one of 58 names. Did you mean \"huber\"?"
    ),
    (
      LossError(
        .unknownLoss, loss: "sum", subject: "hubr", found: "no loss has this name",
        expected: "one of 58 names"),
      "sum: hubr: no loss has this name; expected one of 58 names."
    ),
    (
      LossError(
        .unknownOption, loss: "huber", subject: "dleta", found: "is not an option of this loss",
        expected: "one of delta", hint: "Did you mean \"delta\"?"),
      "huber: option \"dleta\" is not an option of this loss; expected one of delta. Did you mean"
        + " \"delta\"?"
    ),
    (
      LossError(
        .invalidOption, loss: "huber", subject: "delta", found: "is -1.0",
        expected: "a number above zero"),
      "huber: option \"delta\" is -1.0; expected a number above zero."
    ),
    (
      LossError(
        .missingInput, loss: "huber", subject: "target", found: "is missing",
        expected: "the inputs prediction, target"),
      "huber: target is missing; expected the inputs prediction, target."
    ),
    (
      LossError(
        .unknownInput, loss: "huber", subject: "label", found: "is not an input of this loss",
        expected: "prediction, target"),
      "huber: label is not an input of this loss; expected prediction, target."
    ),
    (
      LossError(
        .shapeMismatch, loss: "huber", subject: "target", found: "has shape [3, 1]",
        expected: "[3], the shape of prediction"),
      "huber: target has shape [3, 1]; expected [3], the shape of prediction."
    ),
    (
      LossError(
        .invalidRank, loss: "focal", subject: "prediction", found: "has shape []",
        expected: "the axes [..., class]"),
      "focal: prediction has shape []; expected the axes [..., class]."
    ),
    (
      LossError(
        .invalidClass, loss: "cross_entropy", subject: "target", found: "is 7 at [2]",
        expected: "a class in 0 ..< 5"),
      "cross_entropy: target is 7 at [2]; expected a class in 0 ..< 5."
    ),
    (
      LossError(
        .invalidValue, loss: "huber", subject: "weight", found: "is -1.0 at [0]",
        expected: "a finite number of at least zero"),
      "huber: weight is -1.0 at [0]; expected a finite number of at least zero."
    ),
    (
      LossError(
        .invalidType, loss: "huber", subject: "mask", found: "has type f64", expected: "type bool"),
      "huber: mask has type f64; expected type bool."
    ),
    (
      LossError(
        .emptyInput, loss: "huber", subject: "mask", found: "leaves no terms",
        expected: "at least one term", hint: "Reduction sum gives 0."),
      "huber: mask leaves no terms; expected at least one term. Reduction sum gives 0."
    ),
    (
      LossError(.unreadableFile, subject: "a.npy", found: "does not exist"),
      "a.npy does not exist."
    ),
    (LossError(.unreadableFile, subject: "", found: "nothing is there"), "nothing is there."),
  ]

  @Test("an error renders as one line", arguments: lines)
  func rendering(_ error: LossError, _ line: String) {
    #expect(error.description == line)
    #expect("\(error)" == line)
  }

  @Test("every code has an example")
  func complete() {
    #expect(Set(Self.lines.map(\.0.code)) == Set(LossError.Code.allCases))
  }

  @Test("an error keeps its first loss name")
  func named() {
    let error = LossError(.missingInput, subject: "target", found: "is missing")
    #expect(error.description == "target is missing.")
    #expect(error.named("huber").description == "huber: target is missing.")
    #expect(error.named("huber").named("sum") == error.named("huber"))
    #expect(error.named("huber") != error)
  }
}
