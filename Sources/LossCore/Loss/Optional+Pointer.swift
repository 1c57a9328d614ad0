extension Optional {
  /// Calls a function with a pointer to the elements of an optional array; nil if there is no
  /// array.
  @inlinable
  func withPointer<Element, Result, Failure: Error>(
    _ body: (UnsafePointer<Element>?) throws(Failure) -> Result
  ) throws(Failure) -> Result where Wrapped == [Element] {
    guard let self else { return try body(nil) }
    return try self.withUnsafeBufferPointer { (buffer) throws(Failure) in
      try body(buffer.baseAddress)
    }
  }

  @inlinable
  mutating func withMutablePointer<Element, Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<Element>?) throws(Failure) -> Result
  ) throws(Failure) -> Result where Wrapped == [Element] {
    guard var array = self else { return try body(nil) }
    self = nil
    defer { self = array }
    return try array.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
      try body(buffer.baseAddress)
    }
  }
}
