@testable import LossConformance
import LossDifferentiation
import LossFunctions
import Testing
import _Differentiation

/// Every case of the corpus whose first input has a gradient.
@Suite struct CorpusDerivativeTests {
  @Test("values and gradients of the corpus are those of evaluate") func corpus() throws {
    var compared = 0
    for fixture in try Corpus.builtIn().cases {
      let isSingle = fixture.element == .float32
      if try isSingle ? compare(fixture, as: Float.self) : compare(fixture, as: Double.self) {
        compared += 1
      }
    }
    #expect(compared > 9000)
  }

  /// Compares a case, if it is one that a `DifferentiableLoss` can be asked for.
  private func compare<S: DifferentiableScalar>(
    _ fixture: ConformanceCase, as type: S.Type
  ) throws -> Bool {
    let registry = LossRegistry.linked
    let settings = fixture.fixture
    guard
      let loss = try? registry.loss(
        named: fixture.loss, options: settings.options, reduction: settings.reduction,
        classAxis: settings.classAxis),
      let input = loss.signature.inputs.first, input.isDifferentiable, !settings.isUnchecked,
      let given = fixture.inputs[input.role], given.element == S.element,
      let expected = try? fixture.evaluate(with: registry, gradientsOf: [input.role])
    else { return false }
    var others = fixture.inputs
    others[input.role] = nil
    let first = given.converted(to: S.self)
    let differentiable = DifferentiableLoss(loss)
    let gradient: Tensor<S> = try expected.gradient(of: input.role)
    let found: (value: Tensor<S>, gradient: TensorTangent<S>)
    if expected.value.shape.rank == 0 {
      let result = try valueAndGradient(at: first) { differentiable($0, with: others) }
      found = (Tensor(result.value), result.gradient)
    } else {
      var terms = differentiable
      terms.reduction = loss.defaultReduction
      found = try throwingLossErrors {
        let (value, pullback) = valueWithPullback(at: first) { terms.terms(of: $0, with: others) }
        return (
          value, pullback(TensorTangent(Tensor(repeating: 1, shape: value.shape)))
        )
      }
    }
    #expect(
      isIdentical(found.value.scalars, expected.value(as: S.self).scalars), "\(fixture.fullID)")
    #expect(
      isIdentical(found.gradient.tensor?.scalars ?? [], gradient.scalars), "\(fixture.fullID)")
    return true
  }
}
