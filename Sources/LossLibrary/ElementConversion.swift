internal import LossCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#elseif canImport(Darwin)
  internal import Darwin
#endif

// The core takes element types and strides as they lie. What it does not take is copied here: elements
// that are not aligned, that repeat, and booleans other than 0 and 1.

/// Memory for the copies of one call.
final class CopyMemory {
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit { for pointer in allocations { free(pointer) } }

  /// - Throws: `LossError` of code `invalid_value` if there is not so much memory.
  func allocate<T>(
    _ type: T.Type, count: Int, for subject: String
  ) throws(LossError) -> UnsafeMutablePointer<T> {
    let (size, overflows) = max(1, count).multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard !overflows, let pointer = malloc(size) else {
      throw LossError(
        .invalidValue, subject: subject, found: "has \(count) elements, too many to copy")
    }
    allocations.append(pointer)
    return pointer.bindMemory(to: type, capacity: max(1, count))
  }
}

extension TensorMemory {
  /// The tensor as an input: as it lies if the core takes it so, otherwise a copy.
  func input(_ role: Role, _ copies: CopyMemory) throws(LossError) -> InputView {
    let mayRepeat = role == .weight || role == .mask
    if isAligned, mayRepeat || !isRepeated, element != .bool || holdsFlags {
      return InputView(
        role: role, shape: shape, element: element, pointer: UnsafeRawPointer(pointer),
        strides: elementStrides)
    }
    let size = element.size
    let copy = UnsafeMutableRawPointer(
      try copies.allocate(UInt64.self, count: (shape.count * size + 7) / 8, for: subject))
    if element == .bool {
      forEachAddress { index, address in
        copy.storeBytes(
          of: address.load(as: UInt8.self) == 0 ? 0 : 1, toByteOffset: index, as: UInt8.self)
      }
    } else {
      forEachAddress { index, address in
        (copy + index * size).copyMemory(from: address, byteCount: size)
      }
    }
    return InputView(
      role: role, shape: shape, element: element, pointer: UnsafeRawPointer(copy))
  }

  /// Whether the bytes are those of `Bool` without gaps.
  private var holdsFlags: Bool {
    strides == nil
      && UnsafeRawBufferPointer(start: pointer, count: pointer == nil ? 0 : shape.count)
        .allSatisfy { $0 < 2 }
  }

  /// A tensor of the computation, such as an upstream gradient.
  func tensor<S: ComputeScalar>(
    of type: S.Type, _ copies: CopyMemory
  ) throws(LossError) -> Tensor<S> {
    let view = try input(.weight, copies)
    return withExtendedLifetime(copies) { view.tensor.converted() }
  }

  /// A view for a gradient: of the tensor as it lies if it is aligned, otherwise of a copy.
  func output<S: ComputeScalar>(
    _ role: Role, of type: S.Type, _ copies: CopyMemory
  ) throws(LossError) -> GradientView<S> {
    if element == S.element, isAligned, strides == nil {
      return GradientView(
        role: role,
        buffer: UnsafeMutableBufferPointer(
          start: pointer?.assumingMemoryBound(to: type), count: shape.count))
    }
    if isAligned {
      return GradientView(
        role: role,
        stored: StoredGradient(
          element: element, shape: shape, pointer: pointer, strides: elementStrides))
    }
    let size = (shape.count * element.size + 7) / 8
    let copy = try copies.allocate(UInt64.self, count: size, for: subject)
    return GradientView(
      role: role,
      stored: StoredGradient(element: element, shape: shape, pointer: UnsafeMutableRawPointer(copy))
    )
  }

  /// Copies a gradient to the tensor that it was not computed in.
  func write<S: ComputeScalar>(_ gradient: GradientView<S>) {
    guard !isAligned, let copy = gradient.stored?.pointer else { return }
    forEachAddress { index, address in
      address.copyMemory(from: copy + index * element.size, byteCount: element.size)
    }
  }

  /// Writes numbers of the computation, each rounded once.
  func write<S: ComputeScalar>(_ numbers: [S]) throws(LossError) {
    if element == S.element, strides == nil, numbers.count == shape.count, let pointer {
      numbers.withUnsafeBytes { numbers in
        UnsafeMutableRawBufferPointer(start: pointer, count: numbers.count).copyMemory(
          from: numbers)
      }
      return
    }
    let rounded = try AnyTensor(Tensor(shape: shape.extents, scalars: numbers)).cast(to: element)
    rounded.withBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      forEachAddress { index, address in
        address.copyMemory(from: start + index * element.size, byteCount: element.size)
      }
    }
  }
}
