internal import CLosses
internal import LossCore
internal import LossPluginABI

/// A tensor in memory of the caller's, checked against the rules of losses.h.
struct TensorMemory {
  /// What the caller calls it in errors.
  let subject: String
  let shape: Shape
  let element: ElementType
  let pointer: UnsafeMutableRawPointer?
  /// The strides in bytes; nil for row-major without gaps.
  let strides: [Int]?

  /// - Throws: `LossError` of code `invalid_value` or `invalid_type` for a structure that breaks the
  ///   rules, and `shape_mismatch` for impossible extents.
  init(_ tensor: losses_tensor_v1, subject: String) throws(LossError) {
    self.subject = subject
    guard let element = ElementType(code: tensor.element) else {
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
    // A stride of 0 needs no memory.
    guard shape.count <= Int.max / 16 else {
      throw .argument(subject, "has shape \(shape), of more elements than memory can hold")
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

  /// Whether every element is aligned for its type, as the core reads memory.
  var isAligned: Bool {
    let size = element.size
    guard size > 1 else { return true }
    return Int(bitPattern: pointer) % size == 0 && strides?.allSatisfy { $0 % size == 0 } ?? true
  }

  /// Whether elements repeat along an axis.
  var isRepeated: Bool {
    strides.map { zip($0, shape.extents).contains { $0 == 0 && $1 > 1 } } ?? false
  }

  /// The strides in elements, of aligned memory.
  var elementStrides: [Int]? { strides?.map { $0 / element.size } }

  /// Calls a function with the address of each element, in row-major order.
  func forEachAddress(_ body: (Int, UnsafeMutableRawPointer) -> Void) {
    guard let pointer, shape.count > 0 else { return }
    guard let strides else {
      for index in 0..<shape.count { body(index, pointer + index * element.size) }
      return
    }
    var position = Array(repeating: 0, count: shape.rank)
    var address = pointer
    for index in 0..<shape.count {
      body(index, address)
      for axis in position.indices.reversed() {
        position[axis] += 1
        address += strides[axis]
        if position[axis] < shape.extents[axis] { break }
        address -= strides[axis] &* shape.extents[axis]
        position[axis] = 0
      }
    }
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
