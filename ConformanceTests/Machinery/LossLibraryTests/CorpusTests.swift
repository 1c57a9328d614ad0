import CLosses
import Foundation
import LossCore
import LossFunctions
import LossLibrary
import Testing

@testable import LossConformance

/// Every case of the corpus, in half precision too, through the functions of losses.h: the same bits and the same errors as in
/// Swift. With `LOSSES_CORPUS_BITS` they are written to that file, for other languages to compare.
@Suite struct CorpusTests {
  @Test("the corpus has the same bits through the C library")
  func corpus() throws {
    let corpus = try Corpus.builtIn()
    let cases = corpus.cases + corpus.casesInHalfPrecision(with: .linked)
    var lines: [String] = []
    var differing: [String] = []
    for conformanceCase in cases {
      let expected = Self.inSwift(conformanceCase)
      let found = Self.inC(conformanceCase)
      if expected != found {
        differing.append("\(conformanceCase): \(expected) in Swift, \(found)")
      }
      lines.append("\(conformanceCase)\t\(expected)")
    }
    #expect(cases.count > 10_000)
    #expect(differing.isEmpty, "\(differing.prefix(5).joined(separator: "\n"))")
    if let path = ProcessInfo.processInfo.environment["LOSSES_CORPUS_BITS"] {
      try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  private static func inSwift(_ conformanceCase: ConformanceCase) -> String {
    do throws(LossError) {
      let roles = conformanceCase.expectedGradients
      let result = try conformanceCase.evaluate(with: .linked, gradientsOf: roles)
      return Self.text(result.value)
        + roles.map { " \($0) " + (result.gradients[$0].map(Self.text) ?? "") }.joined()
    } catch {
      return "\(error)"
    }
  }

  private static func inC(_ conformanceCase: ConformanceCase) -> String {
    let loss: LibraryLoss
    do throws(LibraryError) {
      loss = try LibraryLoss(
        conformanceCase.loss, options: conformanceCase.fixture.options,
        reduction: conformanceCase.fixture.reduction, classAxis: conformanceCase.fixture.classAxis)
      let (value, gradients) = try loss.evaluate(
        conformanceCase.inputs, gradientsOf: conformanceCase.expectedGradients,
        in: conformanceCase.element, isForced: conformanceCase.fixture.compute != nil,
        checks: conformanceCase.fixture.isUnchecked ? LOSSES_CHECK_NONE : LOSSES_CHECK_DEFAULT)
      return Self.text(value)
        + zip(conformanceCase.expectedGradients, gradients)
        .map { " \($0) " + Self.text($1) }.joined()
    } catch {
      return error.message
    }
  }

  /// Element type, shape and bits.
  private static func text(_ tensor: AnyTensor) -> String {
    let bits =
      switch tensor {
      case .float32(let tensor):
        tensor.scalars.map { String($0.isNaN ? 0x7fc0_0000 : $0.bitPattern, radix: 16) }
      default:
        tensor.doubles.map { String($0.isNaN ? 0x7ff8 << 48 : $0.bitPattern, radix: 16) }
      }
    return "\(tensor.element.rawValue)\(tensor.shape) " + bits.joined(separator: ",")
  }
}
