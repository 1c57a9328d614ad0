public import LossCore
import LossDialects

/// A loss of two boxes, each given by its lower and its upper corner.
///
/// The loss is a formula of the extents of both boxes along each axis. This protocol iterates over
/// the boxes and computes the gradients of the corners. The formula is evaluated in `Double` for
/// every scalar: derivatives are differences of much larger terms, and epsilon is far below areas.
public protocol BoxLoss: FormLoss {
  /// The term of two boxes, and its derivatives with respect to their extents along each axis.
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

  /// A term and its derivatives.
  @inline(__always)
  public init(value: Double, x: BoxGradient, y: BoxGradient) {
    self.value = value
    self.x = x
    self.y = y
  }
}

/// The options of `giou` and `diou`.
public struct BoxOptions: LossOptions {
  /// Constant added to the divisors.
  public var epsilon = 0.0
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .number("epsilon", \.epsilon, .atLeast(0), "constant added to the divisors")
  ]
}

extension LossSignature {
  /// Two boxes, `[x1, y1, x2, y2]` along the last axis.
  static let boxes = LossSignature(
    .real(.prediction, "... 4", .boxCorners), .real(.target, "... 4", .boxCorners), terms: "...")
}

extension DialectEntry {
  /// A function of two boxes of torchvision, which adds epsilon to its divisors.
  static func torchvisionBoxes(_ function: String) -> DialectEntry {
    .torchvision(
      function, options: [.same("eps", as: "epsilon")], overrides: ["epsilon": 1e-7],
      arguments: .torchvisionBoxes)
  }
}

extension [DialectArgument] {
  /// The arguments of the box losses of torchvision.
  static let torchvisionBoxes = [
    DialectArgument(.prediction, "boxes1"), DialectArgument(.target, "boxes2"),
  ]
}

extension BoxLoss {
  public var termLayout: TermLayout? { .groups }
  public var signature: LossSignature { .boxes }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard let first = context.real(0), let second = context.real(1) else { return }
    let context = copy context
    let gradients = (context.gradient(0), context.gradient(1))
    context.forEachBlock(elementsPerTerm: 4) { range, terms in
      for term in range {
        let corner = 4 * term
        let isRemoved = context.isRemoved(term)
        let (a, b) = (first + corner, second + corner)
        let x = BoxAxis(a[0].asDouble, a[2].asDouble, b[0].asDouble, b[2].asDouble)
        let y = BoxAxis(a[1].asDouble, a[3].asDouble, b[1].asDouble, b[3].asDouble)
        let result = self.term(x, y)
        terms[term - range.lowerBound] = isRemoved ? 0 : S(result.value)
        let gradientScale = context.gradientScale(term).asDouble
        func write(
          _ gradient: UnsafeMutablePointer<S>, _ x: (low: Double, high: Double),
          _ y: (low: Double, high: Double)
        ) {
          gradient[corner] = isRemoved ? 0 : S(gradientScale * x.low)
          gradient[corner + 1] = isRemoved ? 0 : S(gradientScale * y.low)
          gradient[corner + 2] = isRemoved ? 0 : S(gradientScale * x.high)
          gradient[corner + 3] = isRemoved ? 0 : S(gradientScale * y.high)
        }
        if let gradient = gradients.0 { write(gradient, x.corners(result.x), y.corners(result.y)) }
        if let gradient = gradients.1 {
          write(gradient, x.otherCorners(result.x), y.otherCorners(result.y))
        }
      }
    }
  }
}
