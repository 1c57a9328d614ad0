public import LossCore

/// One case of a corpus: can be checked against any registry or adapter; prints as `group/file#id`.
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The file of the case: `regression/huber`.
  public let file: String
  /// The name of the loss, registered or of another framework.
  public let loss: String
  /// The source of the expected values.
  public let source: FixtureSource

  let fixture: Fixture
  let flagged: [(word: String, flag: FixtureFlag)]
  /// The inputs of the fixture as tensors.
  private let given: LossInputs
  /// The vector that the Hessian is multiplied by.
  private let vectors: LossInputs
  /// The element type of the real inputs where it is not that of the fixture: half precision.
  var halfElement: ElementType?
  /// The reference case of a relation; empty if there is none.
  var related: [ConformanceCase] = []

  /// - Throws: `LossError` that names the case and the input, for a number that the element type of
  ///   the input does not have.
  init(
    file: String, fixture: Fixture, loss: String, source: FixtureSource,
    flags: [(String, FixtureFlag)]
  ) throws(LossError) {
    self.file = file
    self.fixture = fixture
    self.loss = loss
    self.source = source
    flagged = flags.map { (word: $0.0, flag: $0.1) }
    do throws(LossError) {
      given = try LossInputs(fixture.inputs)
      vectors = try LossInputs(fixture.vectors)
    } catch {
      throw error.named("\(file)#\(fixture.id)")
    }
  }

  /// The full name: `regression/huber#inside-the-knee`.
  public var fullID: String {
    "\(file)#\(fixture.id)" + (halfElement.map { " in \($0.rawValue)" } ?? "")
  }

  /// The property of the loss that the case shows.
  public var about: String { fixture.about }

  /// The bugs that the case targets: words of `flags.json`.
  public var flags: [String] { flagged.map(\.word) }

  public var description: String { fullID }

  /// The options of the loss.
  package var options: [String: OptionValue] { fixture.options }

  /// The inputs as tensors, in half precision if that is chosen.
  var inputs: LossInputs {
    guard let halfElement else { return given }
    var inputs = given
    for (role, tensor) in given.tensors where tensor.element.isReal {
      inputs[role] = (try? tensor.cast(to: halfElement)) ?? tensor
    }
    return inputs
  }

  /// The element type of the computation.
  var element: ElementType { fixture.compute?.element ?? inputs.computedElement }

  /// Evaluates the case's loss on its inputs.
  func evaluate(
    with registry: LossRegistry, gradientsOf roles: [Role] = [],
    options: [String: OptionValue]? = nil
  ) throws(LossError) -> LossResult {
    let loss = try registry.loss(
      named: loss, options: options ?? fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    return try loss.evaluate(
      inputs, gradientsOf: roles, in: fixture.compute?.element,
      domainChecks: fixture.isUnchecked ? DomainChecks.none : nil)
  }

  /// The roles whose gradients the case expects.
  var expectedGradients: [Role] { Self.roles(fixture.expect.derivatives?.gradients) }

  private static func roles(_ tensors: [String: FixtureTensor]?) -> [Role] {
    (tensors ?? [:]).keys.sorted().map { Role($0) }
  }

  /// Evaluates the case with all derivatives that it expects.
  private func evaluateDerivatives(with registry: LossRegistry) throws(LossError) -> LossResult {
    var result = try evaluate(with: registry, gradientsOf: expectedGradients)
    guard let expected = fixture.expect.derivatives, expectsSecondOrder else { return result }
    let loss = try registry.loss(
      named: loss, options: fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    let checks = fixture.isUnchecked ? DomainChecks.none : nil
    if !expected.secondDerivatives.isEmpty {
      result.secondDerivatives = try loss.evaluate(
        inputs, secondDerivativesOf: Self.roles(expected.secondDerivatives),
        in: fixture.compute?.element, domainChecks: checks
      ).secondDerivatives
    }
    if !expected.hessianVector.isEmpty {
      result.hessianVectorProducts = try loss.evaluate(
        inputs, vectors: vectors, hessianVectorProductsOf: Self.roles(expected.hessianVector),
        in: fixture.compute?.element, domainChecks: checks
      ).hessianVectorProducts
    }
    return result
  }

  /// Whether the case expects second derivatives, or products of the Hessian with a vector.
  private var expectsSecondOrder: Bool {
    guard let expected = fixture.expect.derivatives else { return false }
    return !expected.secondDerivatives.isEmpty || !expected.hessianVector.isEmpty
  }

  /// Evaluates the loss of the case and compares the result with the expected one.
  public func check(with registry: LossRegistry) -> CaseResult {
    check(in: registry) { conformanceCase in
      do throws(LossError) {
        return .result(try conformanceCase.evaluateDerivatives(with: registry))
      } catch {
        return AdapterResponse(error)
      }
    }
  }

  /// Checks another implementation by the same rules.
  public func check(with adapter: Adapter) -> CaseResult {
    check(in: adapter.registry) { conformanceCase in
      conformanceCase.expectsSecondOrder
        ? .unsupported("adapters have no second derivatives") : adapter.response(conformanceCase)
    }
  }

  private func check(
    in registry: LossRegistry, by respond: (ConformanceCase) -> AdapterResponse
  ) -> CaseResult {
    let ourLoss = registry.entry(named: loss)?.metadata.name ?? loss
    let responses = ([self] + related).map(respond)
    for case .unsupported(let reason) in responses {
      return CaseResult(self, ourLoss: ourLoss, unsupported: reason)
    }
    let findings =
      switch fixture.expect {
      case .result(let value, let derivatives): checkResult(value, derivatives, responses[0])
      case .error(let code, let subject): [checkError(code, subject, responses[0])]
      case .relation(let relation): [checkRelation(relation, responses)]
      }
    return CaseResult(self, ourLoss: ourLoss, findings)
  }
}

extension LossInputs {
  fileprivate init(_ tensors: [String: FixtureTensor]) throws(LossError) {
    self.init()
    for (role, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      self[Role(role)] = try tensor.tensor(name: role)
    }
  }
}
