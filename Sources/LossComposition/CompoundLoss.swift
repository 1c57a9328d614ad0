public import LossCore

/// A loss with a name of its own that adds others over the same prediction and target.
///
/// Give the parts; the form hands each of them the inputs, and adds:
///
///     Σ scale · mean(part)
///
/// It has one term, that of everything, since the terms of its parts are of different shapes: one a
/// region, one a row, one an element. The gradient is the sum of those of the parts.
///
/// A mask has the shape of the prediction. A part over regions leaves out the elements that it takes
/// out, as a part over elements does; a part over rows leaves out each row of which it takes out an
/// element. A part that takes no class indices is given the same target as one-hot numbers.
///
/// `SumLoss` is the sum of any losses that a caller brings; a compound is one that others have named.
public protocol CompoundLoss: BatchLoss {
  /// The losses, for a prediction of so many classes, and what each is multiplied by.
  func parts(classCount: Int) -> [CompoundPart]
}

/// One loss of a compound.
public struct CompoundPart: Sendable {
  /// What the value and the gradients are multiplied by; 0 leaves the loss out.
  let scale: Double
  /// The loss, of a prediction and a target.
  let loss: any LossProtocol
  /// How its terms become one number.
  let reduction: Reduction
  /// Which classes count, and what they weigh, in a loss whose terms are those of the elements.
  let classes: RegionClasses

  /// A loss from its parts.
  public init(
    _ scale: Double, _ loss: some LossProtocol, _ reduction: PartReduction,
    classes: RegionClasses = .all
  ) {
    self.scale = scale
    self.loss = loss
    self.reduction = Reduction(reduction == .mean ? .mean : .sum, whenEmpty: .zero)
    self.classes = classes
  }
}

/// How the terms of each part of a compound become one number.
public enum PartReduction: String, OptionChoice {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
}

extension CompoundLoss {
  /// What every part claims, if it claims it for logits too; none of its parts knows one sample.
  public var properties: [LossProperty] {
    let parts = parts(classCount: 2)
    let domain = signature.inputs.first?.domain
    guard parts.allSatisfy({ $0.loss.signature.inputs.first?.domain == domain }) else { return [] }
    let isNonNegative = parts.allSatisfy { ($0.loss.properties.range?.lowerBound ?? -1) >= 0 }
    let isSmooth = parts.allSatisfy { $0.loss.properties.contains(.twiceDifferentiable) }
    return (isNonNegative ? [.nonNegative] : []) + (isSmooth ? [.twiceDifferentiable] : [])
  }

  /// Adds the parts.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    do throws(LossError) {
      // The parts compute in concrete elements, as every loss does.
      if let pass = pass as? KernelContext<Float> {
        terms[0] = S(try sum(pass))
      } else if let pass = pass as? KernelContext<Double> {
        terms[0] = S(try sum(pass))
      }
    } catch {
      var error = error
      error.loss = name
      throw error
    }
  }

  private func sum<S: ComputeScalar>(_ pass: KernelContext<S>) throws(LossError) -> Double {
    let call = PartCall(pass)
    defer { call.release() }
    var total = 0.0
    var isFirst = true
    for part in parts(classCount: pass.rows.length) where part.scale != 0 && !pass.isRemoved(0) {
      total += try call.evaluate(part, overwrites: isFirst)
      isFirst = false
    }
    if isFirst { call.clear() }
    return total
  }
}

extension RegionScope {
  /// The signature of a compound with a part over such regions: one term, of logits.
  public func compoundSignature(targetHasGradient: Bool = true) -> LossSignature {
    (targetHasGradient ? Self.compounds : Self.fixedCompounds)[self]
  }

  private static let compounds = signatures(targetHasGradient: true)
  private static let fixedCompounds = signatures(targetHasGradient: false)

  private static func signatures(targetHasGradient: Bool) -> RegionSignatures {
    RegionSignatures { region in
      let own = region.signature(
        prediction: .any, target: .probability, targetHasGradient: targetHasGradient)
      return LossSignature(
        inputs: own.inputs, terms: "", classAxis: own.classAxis, maskCovers: .elements)
    }
  }
}
