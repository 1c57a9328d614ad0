import LossConformance
import LossFunctions
import Testing

@testable import LossCore

/// Hints under the name of a framework speak of its options, inputs and functions.
@Suite struct DialectHintTests {
  private static let registry = LossRegistry.linked

  @Test("advice is read from the text of a hint")
  func advice() throws {
    let one = try #require(OptionAdvice("For logits set from_logits to true."))
    #expect((one.purpose, one.option) == ("For logits", "from_logits"))
    #expect(one.values == [true])
    let two = try #require(OptionAdvice("Set activation to sigmoid or softmax."))
    #expect((two.purpose, two.option, two.values) == ("", "activation", ["sigmoid", "softmax"]))
    for other in ["", "Reduction sum gives 0.", "Set from_logits of dice to true.", "set a to"] {
      #expect(OptionAdvice(other) == nil, "\(other)")
    }
  }

  @Test("where probabilities are read, every name of a framework says what to do with logits")
  func logits() throws {
    for name in Self.registry.dialectNames {
      let loss = try Self.registry.loss(named: name)
      let signature = loss.base.signature
      guard let input = signature.inputs.first,
        input.domain == .probability || input.domain == .distribution
      else { continue }
      var sampler = InputSampler(seed: 1)
      var inputs = sampler.inputs(for: signature)
      inputs[input.role] = inputs[input.role].map { tensor in
        AnyTensor(
          Tensor(repeating: 1.5, shape: tensor.shape))
      }
      do {
        _ = try loss.base.evaluate(inputs)
        Issue.record("\(name) takes 1.5 as a probability")
      } catch {
        guard error.hint.contains("For logits") else { continue }
        let hint = loss.translated(hint: error.hint)
        let entry = try #require(Self.registry.dialectEntry(named: name))
        let words = hint.split { " .".contains($0) }.map(String.init)
        if let verb = words.firstIndex(of: "set") {
          let known = entry.knownOptions.flatMap(\.names)
          #expect(known.contains(words[verb + 1]), "\(name): \(hint)")
        } else {
          let other = hint.split(separator: "use ").last?.split(separator: " ").first ?? ""
          let target = other.hasSuffix(".") ? String(other.dropLast()) : String(other)
          #expect(Self.registry.entry(named: target) != nil, "\(name): \(hint)")
          #expect(target != name, "\(name): \(hint)")
        }
      }
    }
  }
}
