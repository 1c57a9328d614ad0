internal import CLosses
internal import LossCore

/// A tensor in memory of the caller's, checked against the rules of losses.h.
struct TensorMemory {
  /// What the caller calls it in errors.
  let subject: String
  let shape: Shape
  let element: ElementCode
  let pointer: UnsafeMutableRawPointer?
  /// The strides in bytes; nil for row-major without gaps.
  let strides: [Int]?

  /// - Throws: `LossError` of code `invalid_value` or `invalid_type` for a structure that breaks the
  ///   rules, and `shape_mismatch` for impossible extents.
  init(_ tensor: losses_tensor_v1, subject: String) throws(LossError) {
    self.subject = subject
    guard let element = ElementCode(rawValue: tensor.element) else {
      throw LossError(
        .invalidType, subject: subject, found: "has element type \(tensor.element)",
        expected: "LOSSES_FLOAT32 (1) to LOSSES_UINT32 (12)")
    }
    let rank = Int(tensor.rank)
    guard (0...Int(LOSSES_MAXIMUM_RANK)).contains(rank) else {
      throw LossError(
        .invalidRank, subject: subject, found: "has rank \(rank)",
        expected: "0 to \(LOSSES_MAXIMUM_RANK)")
    }
    guard rank == 0 || tensor.extents != nil else {
      throw .argument(subject, "has no extents")
    }
    let extents = UnsafeBufferPointer(start: tensor.extents, count: rank).map { Int($0) }
    do throws(LossError) {
      shape = try Shape(extents)
    } catch {
      throw LossError(
        error.code, subject: subject, found: "has shape \(extents)", expected: error.expected)
    }
    // No memory bounds the extents of an empty tensor, by which a loss may have terms all the same.
    guard shape.count > 0 || shape.extents.reduce(1, { $0 * max(1, $1) }) <= 1 << 24 else {
      throw LossError(
        .shapeMismatch, subject: subject, found: "has shape \(shape)",
        expected: "extents beside 0 whose product is at most 16777216")
    }
    guard tensor.data != nil || shape.count == 0 else {
      throw .argument(subject, "has no data")
    }
    self.element = element
    pointer = tensor.data
    guard let strides = tensor.strides else {
      self.strides = nil
      return
    }
    let given = UnsafeBufferPointer(start: strides, count: rank).map { Int($0) }
    self.strides = try Self.hasGaps(given, shape, element.size, subject) ? given : nil
  }

  /// Whether strides differ from those of row-major order without gaps.
  private static func hasGaps(
    _ strides: [Int], _ shape: Shape, _ size: Int, _ subject: String
  ) throws(LossError) -> Bool {
    guard shape.count > 0 else { return false }
    var (expected, span, differs) = (size, 0, false)
    for axis in shape.extents.indices.reversed() where shape.extents[axis] > 1 {
      if strides[axis] != expected { differs = true }
      expected = expected &* shape.extents[axis]
      let (step, overflows) = (shape.extents[axis] - 1)
        .multipliedReportingOverflow(by: strides[axis])
      let (sum, isTooFar) = span.addingReportingOverflow(overflows ? 0 : step)
      guard !overflows, !isTooFar else {
        throw .argument(subject, "has stride \(strides[axis]) along axis \(axis)")
      }
      span = sum
    }
    return differs
  }

  /// Whether the elements lie in row-major order without gaps, aligned for their type.
  var isContiguous: Bool {
    strides == nil && Int(bitPattern: pointer) % element.size == 0
  }

  /// Calls a function with the address of each element, in row-major order.
  @inline(__always)
  func forEachAddress(_ body: (Int, UnsafeMutableRawPointer) -> Void) {
    guard let pointer, shape.count > 0 else { return }
    let extents = shape.extents
    let strides = self.strides ?? shape.byteStrides(size: element.size)
    guard let length = extents.last, let step = strides.last else { return body(0, pointer) }
    var position = Array(repeating: 0, count: extents.count - 1)
    var (element, start) = (0, pointer)
    while true {
      for index in 0..<length { body(element + index, start + index &* step) }
      element += length
      var axis = position.count - 1
      while axis >= 0 {
        position[axis] += 1
        start += strides[axis]
        if position[axis] < extents[axis] { break }
        start -= strides[axis] &* extents[axis]
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension Shape {
  /// The strides in bytes of row-major order without gaps.
  fileprivate func byteStrides(size: Int) -> [Int] {
    var stride = size
    var strides = Array(repeating: 0, count: rank)
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride = stride &* extents[axis]
    }
    return strides
  }
}

extension LossError {
  /// An argument that breaks the rules of losses.h.
  static func argument(_ subject: String, _ found: String) -> LossError {
    LossError(
      .invalidValue, subject: subject, found: found,
      expected: "an argument as losses.h describes it")
  }
}
