public import LossCore

/// One case of a corpus: it can be checked with any registry, and prints as `group/file#id`.
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The file of the case: `regression/huber`.
  public let file: String
  /// The name of the loss, ours or another framework's.
  public let loss: String
  /// Where the expected values come from.
  public let source: FixtureSource

  let fixture: Fixture
  let flagged: [(word: String, flag: FixtureFlag)]
  /// The case that this one is compared with; empty if there is none.
  var related: [ConformanceCase] = []

  init(
    file: String, fixture: Fixture, loss: String, source: FixtureSource,
    flags: [(String, FixtureFlag)]
  ) {
    self.file = file
    self.fixture = fixture
    self.loss = loss
    self.source = source
    flagged = flags.map { (word: $0.0, flag: $0.1) }
  }

  /// The full name: `regression/huber#inside-the-knee`.
  public var fullID: String { "\(file)#\(fixture.id)" }

  /// What the case says about the loss.
  public var about: String { fixture.about }

  /// The bugs that the case hunts.
  public var flags: [String] { flagged.map(\.word) }

  /// The full name.
  public var description: String { fullID }

  /// The inputs as tensors.
  var inputs: LossInputs {
    var inputs = LossInputs()
    for (role, tensor) in fixture.inputs.sorted(by: { $0.key < $1.key }) {
      inputs[Role(role)] = tensor.tensor
    }
    return inputs
  }

  /// The element of the computation.
  var element: Element { fixture.compute?.element ?? inputs.computedElement }

  /// Evaluates the case's loss on its inputs.
  func evaluate(
    with registry: LossRegistry, gradientsOf roles: [Role] = [],
    options: [String: OptionValue]? = nil
  ) throws(LossError) -> LossResult {
    let loss = try registry.loss(
      named: loss, options: options ?? fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    return try loss.evaluate(inputs, gradientsOf: roles, in: fixture.compute?.element)
  }

  /// Checks the case: evaluates its loss and compares everything that it expects.
  public func check(with registry: LossRegistry) -> CaseResult {
    var findings: [Finding] = []
    switch fixture.expect {
    case .result(let value, let gradients):
      findings = checkResult(value, gradients, registry)
    case .error(let code, let subject):
      findings = [checkError(code, subject, registry)]
    case .relation(let relation):
      findings = [checkRelation(relation, registry)]
    }
    return CaseResult(self, findings)
  }
}
