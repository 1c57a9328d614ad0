/// A view of the memory of one input.
public struct InputView {
  /// The role.
  public let role: Role
  /// The extents of the axes.
  public let shape: Shape
  /// The element type.
  public let element: ElementType
  /// The element with the index 0 on every axis; may be nil if there are none.
  public let pointer: UnsafeRawPointer?
  /// The distance of adjacent elements along each axis, in elements; nil for row-major order without
  /// gaps.
  public let strides: [Int]?

  /// A view of memory that outlives the evaluation.
  @inlinable
  public init(
    role: Role, shape: Shape, element: ElementType, pointer: UnsafeRawPointer?,
    strides: [Int]? = nil
  ) {
    self.role = role
    self.shape = shape
    self.element = element
    self.pointer = pointer
    self.strides = strides
  }
}

/// A view of the memory for the gradient with respect to one role.
public struct GradientView<S: LossScalar> {
  /// The role.
  public let role: Role
  /// As many elements as the input has; empty if `stored` is not nil.
  public let buffer: UnsafeMutableBufferPointer<S>
  /// The memory of a gradient of another element type, or with strides.
  public let stored: StoredGradient?

  /// A view of memory that outlives the evaluation.
  @inlinable
  public init(role: Role, buffer: UnsafeMutableBufferPointer<S>) {
    self.role = role
    self.buffer = buffer
    stored = nil
  }

  /// A view of memory of another element type, or with strides, that outlives the evaluation. Each
  /// number is rounded once.
  @inlinable
  public init(role: Role, stored: StoredGradient) {
    self.role = role
    buffer = UnsafeMutableBufferPointer(start: nil, count: 0)
    self.stored = stored
  }
}

/// The memory for a gradient in an element type other than that of the computation, or with strides.
public struct StoredGradient {
  /// The element type: a floating-point type.
  public let element: ElementType
  /// The extents of the axes: those of the input.
  public let shape: Shape
  /// The element with the index 0 on every axis; may be nil if there are none.
  public let pointer: UnsafeMutableRawPointer?
  /// The distance of adjacent elements along each axis, in elements; nil for row-major order without
  /// gaps.
  public let strides: [Int]?

  /// A view of memory that outlives the evaluation.
  @inlinable
  public init(
    element: ElementType, shape: Shape, pointer: UnsafeMutableRawPointer?, strides: [Int]? = nil
  ) {
    self.element = element
    self.shape = shape
    self.pointer = pointer
    self.strides = strides
  }
}

/// The order of the derivatives that an evaluation writes.
public enum DerivativeOrder: Hashable, Sendable {
  /// The gradient.
  case first
  /// The diagonal of the Hessian: the second derivative with respect to each element.
  case second
  /// The product of the Hessian with a vector.
  case hessianVectorProduct
}

/// The inputs, outputs and parameters of one evaluation.
///
/// The caller keeps the memory of the views alive. All shapes and counts are checked before any
/// element is read or written.
public struct EvaluationRequest<S: LossScalar> {
  /// The inputs.
  public let inputs: UnsafeBufferPointer<InputView>
  /// The requested gradients.
  public let gradients: UnsafeBufferPointer<GradientView<S>>
  /// The reduction of the terms.
  public var reduction: Reduction
  /// The class axis; nil for the last axis.
  public var classAxis: Int?
  /// The maximum number of threads, from 1 to 2^16; the result has the same bits for any number.
  public let threads: Int
  /// The order of the derivatives to write.
  public var order: DerivativeOrder
  /// The upstream gradient that gradients are multiplied by: one number, or one per element of the
  /// result; nil for 1.
  public var upstream: UnsafeBufferPointer<S>?
  /// The sum of the terms of earlier requests, for a loss that is evaluated in parts.
  @usableFromInline var total = CompensatedSum()
  /// The vector that the Hessian is multiplied by: its parts by role, each of the shape of the input;
  /// 0 for other roles. Only for the order `hessianVectorProduct`.
  public var vectors = UnsafeBufferPointer<InputView>(start: nil, count: 0)
  /// The inputs in which numbers outside their domain are refused.
  public var domainChecks = DomainChecks.all
  /// Whether elementwise losses derive their value by automatic differentiation even where they
  /// have derivatives of their own.
  package var usesAutomaticDerivatives = false
  /// What collects, or gives, the sums of a loss whose data are evaluated in shards.
  @usableFromInline package var partial: PartialCollector?

  /// A request from its parts.
  @inlinable
  public init(
    _ inputs: UnsafeBufferPointer<InputView>, gradients: UnsafeBufferPointer<GradientView<S>>,
    reduction: Reduction = .mean, classAxis: Int? = nil, threads: Int = 1,
    order: DerivativeOrder = .first, upstream: UnsafeBufferPointer<S>? = nil
  ) {
    self.inputs = inputs
    self.gradients = gradients
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = min(max(1, threads), 1 << 16)
    self.order = order
    self.upstream = upstream
  }

  /// The input with a role; nil if there is none.
  @inlinable
  public func input(_ role: Role) -> InputView? {
    for index in inputs.indices where inputs[index].role == role { return inputs[index] }
    return nil
  }
}

/// The value of an evaluation: a scalar or a tensor.
public struct LossOutcome<S: LossScalar> {
  /// The result if it is a scalar, otherwise its first element.
  public let value: S
  /// The elements of the result in row-major order; nil for a scalar.
  public let values: [S]?
  /// The shape of the result.
  public let shape: Shape
  /// The sum of the terms, including those of earlier requests.
  var total = CompensatedSum()

  /// A scalar result.
  public init(_ value: S) {
    self.value = value
    values = nil
    shape = .scalar
  }

  init(_ values: [S], _ shape: Shape) {
    value = values.first ?? 0
    self.values = shape.rank == 0 ? nil : values
    self.shape = shape
  }
}

extension LossOutcome where S: TensorScalar {
  /// A result of any shape.
  public init(_ tensor: Tensor<S>) { self.init(tensor.scalars, tensor.shape) }

  /// The result as a tensor.
  public var tensor: Tensor<S> { Tensor(trusted: shape, values ?? [value]) }
}
