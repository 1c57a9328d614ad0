/// One input of a call as memory: its role, its shape and where its elements lie.
public struct InputView {
  /// The role.
  public let role: Role
  /// The extents of the axes.
  public let shape: Shape
  /// The kind of element.
  public let element: ElementType
  /// The first element; nil if there is none.
  public let pointer: UnsafeRawPointer?

  /// A view of memory that outlives the call.
  @inlinable
  public init(role: Role, shape: Shape, element: ElementType, pointer: UnsafeRawPointer?) {
    self.role = role
    self.shape = shape
    self.element = element
    self.pointer = pointer
  }
}

/// Where the gradient with respect to one role is to be written.
public struct GradientView<S: LossScalar> {
  /// The role.
  public let role: Role
  /// Room for as many elements as the input has.
  public let buffer: UnsafeMutableBufferPointer<S>

  /// A view of memory that outlives the call.
  @inlinable
  public init(role: Role, buffer: UnsafeMutableBufferPointer<S>) {
    self.role = role
    self.buffer = buffer
  }
}

/// Which derivatives an evaluation writes.
public enum DerivativeOrder: Hashable, Sendable {
  /// The gradient.
  case first
  /// The second derivative with respect to each element by itself: the diagonal of the Hessian.
  case second
}

/// One evaluation: what is given and what is wanted.
///
/// The views point to memory that the caller keeps alive; every count is checked before any of it is
/// read or written.
public struct EvaluationRequest<S: LossScalar> {
  /// The inputs.
  public let inputs: UnsafeBufferPointer<InputView>
  /// The gradients that are wanted.
  public let gradients: UnsafeBufferPointer<GradientView<S>>
  /// How the terms become the result.
  public var reduction: Reduction
  /// Where the class axis lies; nil means the last axis.
  public var classAxis: Int?
  /// How many threads may work at once; the result has the same bits for any number.
  public var threads: Int
  /// What is written where gradients are wanted: first derivatives, or the diagonal of the second.
  public var order: DerivativeOrder
  /// What the gradients are multiplied by: nothing, one number or a number for each of the result.
  public var upstream: UnsafeBufferPointer<S>?
  /// The sum of the terms of the calls before, for a loss that is evaluated block by block.
  @usableFromInline var total = CompensatedSum()

  /// A call of these inputs.
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
    self.threads = threads
    self.order = order
    self.upstream = upstream
  }

  /// The input with a role, or nil.
  @inlinable
  public func input(_ role: Role) -> InputView? {
    for index in inputs.indices where inputs[index].role == role { return inputs[index] }
    return nil
  }
}

/// The result of an evaluation: one number, or several in a shape.
public struct LossOutcome<S: LossScalar> {
  /// The result if it is one number; otherwise the first of them.
  public let value: S
  /// The result if it is not one number, in row-major order.
  public let values: [S]?
  /// The shape of the result.
  public let shape: Shape
  /// The sum of the terms, with those of the calls before.
  var total = CompensatedSum()

  /// A result of one number.
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
