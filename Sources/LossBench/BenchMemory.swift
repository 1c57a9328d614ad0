import LossFunctions

/// A buffer with a stable address for the lifetime of this object.
final class BenchMemory<Element> {
  let buffer: UnsafeMutableBufferPointer<Element>

  init(_ elements: [Element]) {
    buffer = .allocate(capacity: elements.count)
    _ = buffer.initialize(fromContentsOf: elements)
  }

  deinit {
    buffer.deinitialize()
    buffer.deallocate()
  }
}

/// An input of a call, which owns the memory of its view.
struct BenchInput {
  let view: InputView
  private let owner: AnyObject

  init<Scalar: TensorScalar>(_ role: Role, _ shape: Shape, _ scalars: [Scalar]) {
    let memory = BenchMemory(scalars)
    owner = memory
    view = InputView(
      role: role, shape: shape, element: Scalar.element,
      pointer: UnsafeRawPointer(memory.buffer.baseAddress))
  }
}
