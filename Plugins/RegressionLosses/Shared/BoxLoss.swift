public import LossCore

/// A loss of two boxes, each given by its lower and its upper corner.
///
/// The loss gives a formula of what two boxes have along each axis; the walk and the gradients of
/// the corners are here. The formula is computed in `Double`, whatever the element: slopes are
/// differences of parts that may be far larger, and ε is not lost beside an area.
public protocol BoxLoss: FormLoss {
  /// The term of two boxes, and its derivatives with respect to what they have along the axes.
  func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm
}

/// A term of two boxes with its derivatives.
public struct BoxTerm {
  /// The term.
  public var value: Double
  /// The derivatives along the first axis.
  public var x: BoxGradient
  /// The derivatives along the second axis.
  public var y: BoxGradient

  /// A term from its parts.
  @inline(__always)
  public init(value: Double, x: BoxGradient, y: BoxGradient) {
    self.value = value
    self.x = x
    self.y = y
  }
}

/// The option that every loss of boxes has.
public struct BoxOptions: LossOptions {
  /// What is added to what the loss divides by.
  public var epsilon = 1e-7
  /// The epsilon of torchvision.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .number("epsilon", \.epsilon, .above(0), "what is added to what the loss divides by")
  ]
}

extension LossSignature {
  /// Two boxes, `[x1, y1, x2, y2]` along the last axis.
  static let boxes = LossSignature(
    .real(.prediction, "... 4", .boxCorners), .real(.target, "... 4", .boxCorners), terms: "...")
}

extension [DialectArgument] {
  /// The arguments of the box losses of torchvision.
  static let torchvisionBoxes = [
    DialectArgument(.prediction, "boxes1"), DialectArgument(.target, "boxes2"),
  ]
}

extension BoxLoss {
  /// A term for each pair of boxes.
  public var termLayout: TermLayout? { .groups }
  /// Two boxes.
  public var signature: LossSignature { .boxes }

  /// Walks the boxes, block by block.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    guard let first = pass.real(0), let second = pass.real(1) else { return }
    let pass = copy pass
    let gradients = (pass.gradient(0), pass.gradient(1))
    pass.forEachBlock(elementsPerTerm: 4) { range, terms in
      for term in range {
        let place = 4 * term
        let isRemoved = pass.isRemoved(term)
        let (a, b) = (first + place, second + place)
        let x = BoxAxis(a[0].asDouble, a[2].asDouble, b[0].asDouble, b[2].asDouble)
        let y = BoxAxis(a[1].asDouble, a[3].asDouble, b[1].asDouble, b[3].asDouble)
        let found = self.term(x, y)
        terms[term - range.lowerBound] = isRemoved ? 0 : S(found.value)
        let coefficient = pass.gradientScale(term).asDouble
        func write(
          _ gradient: UnsafeMutablePointer<S>, _ x: (low: Double, high: Double),
          _ y: (low: Double, high: Double)
        ) {
          gradient[place] = isRemoved ? 0 : S(coefficient * x.low)
          gradient[place + 1] = isRemoved ? 0 : S(coefficient * y.low)
          gradient[place + 2] = isRemoved ? 0 : S(coefficient * x.high)
          gradient[place + 3] = isRemoved ? 0 : S(coefficient * y.high)
        }
        if let gradient = gradients.0 { write(gradient, x.corners(found.x), y.corners(found.y)) }
        if let gradient = gradients.1 {
          write(gradient, x.otherCorners(found.x), y.otherCorners(found.y))
        }
      }
    }
  }
}
