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
  var element: ElementType { fixture.compute?.element ?? inputs.computedElement }

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

  /// The roles whose gradients the case expects.
  var wantedGradients: [Role] {
    guard case .result(_, let gradients) = fixture.expect else { return [] }
    return gradients.keys.sorted().map { Role($0) }
  }

  /// Checks the case: evaluates its loss and compares everything that it expects.
  public func check(with registry: LossRegistry) -> CaseResult {
    check(in: registry) { asked in
      do throws(LossError) {
        return .result(try asked.evaluate(with: registry, gradientsOf: asked.wantedGradients))
      } catch {
        return AdapterResponse(error)
      }
    }
  }

  /// Checks the case with another implementation, by the same rules as ours.
  public func check(with adapter: Adapter) -> CaseResult {
    check(in: adapter.registry) { adapter.response($0) }
  }

  private func check(in registry: LossRegistry, by answer: (ConformanceCase) -> AdapterResponse)
    -> CaseResult
  {
    let ourLoss = registry.entry(named: loss)?.metadata.name ?? loss
    let answers = ([self] + related).map(answer)
    for case .unsupported(let reason) in answers {
      return CaseResult(self, ourLoss: ourLoss, unsupported: reason)
    }
    let findings =
      switch fixture.expect {
      case .result(let value, let gradients): checkResult(value, gradients, answers[0])
      case .error(let code, let subject): [checkError(code, subject, answers[0])]
      case .relation(let relation): [checkRelation(relation, answers)]
      }
    return CaseResult(self, ourLoss: ourLoss, findings)
  }
}
