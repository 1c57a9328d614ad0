/// What is known of each row of an evaluation, and read by the next one.
///
/// `@unchecked`: the threads of an evaluation write to different rows, and nothing else writes
/// meanwhile.
final class RowTable<Element>: @unchecked Sendable {
  private let memory: UnsafeMutablePointer<Element>
  private let count: Int

  init(count: Int, _ element: Element) {
    self.count = count
    memory = .allocate(capacity: max(1, count))
    memory.initialize(repeating: element, count: count)
  }

  deinit {
    memory.deinitialize(count: count)
    memory.deallocate()
  }

  var all: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: memory, count: count) }
  subscript(row: Int) -> Element { memory[row] }
  /// Rows are evaluated only for inputs whose shape gives this number of rows.
  func pointer(_ row: Int) -> UnsafeMutablePointer<Element> { memory + row }
}
