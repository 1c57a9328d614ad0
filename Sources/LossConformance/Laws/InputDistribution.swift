import LossCore

/// A distribution of random inputs.
public enum InputDistribution: String, CaseIterable, Sendable {
  /// Uniform numbers well inside the domain.
  case ordinary
  /// A few distinct numbers, so that many are equal and many lie at kinks.
  case ties
  /// Zeros wherever the domain includes them.
  case zeros
  /// The boundaries of the domain, and logits whose exponentials underflow or overflow.
  case extreme
  /// Numbers near 1e-300.
  case tiny
  /// Numbers near 1e150, whose squares are just finite.
  case huge
  /// Ordinary numbers, and for one input extremes of the floating-point range: zeros of both signs,
  /// subnormal numbers, and numbers up to the largest finite one.
  case ends
}

/// A preset of sample, class and other extents.
enum ShapePreset: String, Sendable {
  /// Three samples of five classes.
  case batch
  /// Two by two samples of three classes.
  case plane
  /// Extent 1 for every axis except two classes.
  case single
  /// Two samples with one class.
  case oneClass
  /// No samples.
  case none
  /// As `batch`, with fewer time steps than labels.
  case tight

  /// The extents of the `...` axes.
  var ellipsis: [Int] {
    switch self {
    case .batch, .tight: [3]
    case .plane: [2, 2]
    case .single: [1]
    case .oneClass: [2]
    case .none: [0]
    }
  }

  /// The number of classes.
  var classCount: Int {
    switch self {
    case .batch, .tight, .none: 5
    case .plane: 3
    case .single: 2
    case .oneClass: 1
    }
  }

  /// The extents of the named axes.
  func extents(for signature: LossSignature) -> [String: Int] {
    var extents: [String: Int] = [:]
    if let axis = signature.classAxis { extents[axis] = classCount }
    let names = signature.inputs.flatMap { $0.encodings.flatMap { $0.axes.axes } }
    for case .named(let name) in names where name != signature.classAxis {
      switch self {
      case .single: extents[name] = 1
      case .tight: extents[name] = name == "time" ? 2 : 4
      case .none where signature.terms.axes.first == .named(name): extents[name] = 0
      default: break
      }
    }
    return extents
  }
}
