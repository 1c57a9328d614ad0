public import LossCore

/// A named loss that is the weighted sum of other losses of the same prediction and target.
///
/// Implement `parts`; the form evaluates each of them on the inputs and adds:
///
///     Σ scale · mean(part)
///
/// A compound has a single term, since the terms of its parts have different shapes: one per
/// region, row or element. Its gradient is the sum of the gradients of the parts.
///
/// - Mask: it has the shape of the prediction. Region parts and elementwise parts exclude the
///   masked elements; rowwise parts exclude every row with a masked element.
/// - Target: a part that does not accept class indices gets a one-hot target instead.
///
/// `SumLoss` adds arbitrary losses; a compound is an established combination with its own name.
public protocol CompoundLoss: BatchLoss {
  /// The losses and their scales, for a prediction with this number of classes.
  func parts(classCount: Int) -> [CompoundPart]
}

/// One loss of a compound.
public struct CompoundPart: Sendable {
  /// The factor of the value and the gradients; a loss with the scale 0 is not evaluated.
  let scale: Double
  /// The loss, of a prediction and a target.
  let loss: any LossProtocol
  /// The reduction of its terms.
  let reduction: Reduction
  /// The selected classes and their weights, for a loss with one term per element.
  let classes: RegionClasses

  /// A part from a loss and its scale.
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

/// The reduction of the terms of each part of a compound.
public enum PartReduction: String, OptionChoice {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
}

extension CompoundLoss {
  /// The properties that all parts have, if their predictions have the domain of this loss.
  public var properties: [LossProperty] {
    let parts = parts(classCount: 2)
    let domain = signature.inputs.first?.domain
    guard parts.allSatisfy({ $0.loss.signature.inputs.first?.domain == domain }) else { return [] }
    let isNonNegative = parts.allSatisfy { ($0.loss.properties.range?.lowerBound ?? -1) >= 0 }
    let isSmooth = parts.allSatisfy { $0.loss.properties.contains(.twiceDifferentiable) }
    return (isNonNegative ? [.nonNegative] : []) + (isSmooth ? [.twiceDifferentiable] : [])
  }

  /// The partial results of the parts; nil if a part has none.
  public var partialForm: PartialForm? {
    parts(classCount: 2).allSatisfy { $0.loss.partialForm != nil } ? .parts : nil
  }

  /// The inputs for which every part has products of its Hessian.
  public var rolesWithHessianVectorProduct: [Role] {
    let parts = parts(classCount: 2)
    return signature.inputs.filter(\.isDifferentiable).map(\.role).filter { role in
      parts.allSatisfy { $0.loss.rolesWithHessianVectorProduct.contains(role) }
    }
  }

  /// Adds the values of the parts.
  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    do throws(LossError) {
      // The parts are evaluated in a concrete scalar type.
      if let context = context as? KernelContext<Float> {
        terms[0] = S(try sum(context))
      } else if let context = context as? KernelContext<Double> {
        terms[0] = S(try sum(context))
      }
    } catch {
      var error = error
      error.loss = name
      throw error
    }
  }

  private func sum<S: ComputeScalar>(_ context: KernelContext<S>) throws(LossError) -> Double {
    let evaluation = PartEvaluation(context)
    defer { evaluation.release() }
    var total = 0.0
    var isFirst = true
    for (index, part) in parts(classCount: context.rows.length).enumerated()
    where part.scale != 0 && !context.isRemoved(0) {
      total += try evaluation.evaluate(
        part, overwrites: isFirst, partial: context.partial?.part(index))
      isFirst = false
    }
    if isFirst { evaluation.clear() }
    return total
  }
}

extension RegionScope {
  /// The signature of a compound with a part over such regions: logits or probabilities, and a
  /// single term.
  public func compoundSignature(
    targetHasGradient: Bool = true, readsProbabilities: Bool = false
  ) -> LossSignature {
    let compounds = readsProbabilities ? Self.probabilities : Self.logits
    return (targetHasGradient ? compounds.any : compounds.fixedTarget)[self]
  }

  private typealias Signatures = (any: RegionSignatures, fixedTarget: RegionSignatures)
  private static let logits = signatures(.any)
  private static let probabilities = signatures(.probability)

  private static func signatures(_ prediction: InputSpecification.Domain) -> Signatures {
    (
      any: signatures(prediction, targetHasGradient: true),
      fixedTarget: signatures(prediction, targetHasGradient: false)
    )
  }

  private static func signatures(
    _ prediction: InputSpecification.Domain, targetHasGradient: Bool
  ) -> RegionSignatures {
    RegionSignatures { region in
      let signature = region.signature(
        prediction: prediction, target: .probability, targetHasGradient: targetHasGradient)
      return LossSignature(
        inputs: signature.inputs, terms: "", classAxis: signature.classAxis, maskCovers: .elements)
    }
  }
}
