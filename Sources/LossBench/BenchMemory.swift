import LossFunctions

/// Memory that stays where it is as long as this lives.
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

/// An input of a call, and the memory that its view points to.
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
