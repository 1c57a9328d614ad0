import LossCore

/// A kind of inputs to try a loss with.
public enum InputDistribution: String, CaseIterable, Sendable {
  /// Random numbers well inside the domain.
  case ordinary
  /// Few different numbers, so that many are equal and many lie at kinks.
  case ties
  /// Zeros wherever the domain has them.
  case zeros
  /// The edges of the domain, and logits so large that their exponentials are 0 or infinite.
  case extreme
  /// Numbers near the smallest there are.
  case tiny
  /// Numbers so large that their squares are among the largest there are.
  case huge
  /// Ordinary numbers, and at one input numbers from the ends of the range of each element: zeros of
  /// both signs, subnormal numbers, and numbers up to the largest there are.
  case ends
}

/// How many samples, classes and others there are.
enum ShapePreset: String, Sendable {
  /// Three samples of five classes.
  case batch
  /// Two by two samples of three classes.
  case plane
  /// One of everything but two classes.
  case single
  /// Two samples of one class.
  case oneClass
  /// No sample.
  case none
  /// As a batch, with fewer steps of time than labels.
  case tight

  /// What `...` stands for.
  var rest: [Int] {
    switch self {
    case .batch, .tight: [3]
    case .plane: [2, 2]
    case .single: [1]
    case .oneClass: [2]
    case .none: [0]
    }
  }

  /// How many classes there are.
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
