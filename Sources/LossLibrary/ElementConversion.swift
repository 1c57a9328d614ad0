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

// What the core does not take as it lies: other element types than its own, strides, unaligned memory.
// It is copied here, and results are rounded here.

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
    func view(_ element: ElementType, _ pointer: UnsafeMutableRawPointer?) -> InputView {
      InputView(role: role, shape: shape, element: element, pointer: UnsafeRawPointer(pointer))
    }
    func copy<From: BitwiseCopyable, To>(
      _ type: From.Type, to element: ElementType, _ convert: (From) -> To
    ) throws(LossError) -> InputView {
      let copy = try copies.allocate(To.self, count: shape.count, for: subject)
      forEachAddress { index, address in
        (copy + index).initialize(to: convert(address.loadUnaligned(as: type)))
      }
      return view(element, copy)
    }
    func integers<From: BinaryInteger & BitwiseCopyable>(
      _ type: From.Type
    ) throws(LossError) -> InputView {
      try copy(type, to: .int64) { Int(truncatingIfNeeded: $0) }
    }
    switch element {
    case .float32:
      return try isContiguous ? view(.float32, pointer) : copy(Float.self, to: .float32) { $0 }
    case .float64:
      return try isContiguous ? view(.float64, pointer) : copy(Double.self, to: .float64) { $0 }
    case .int64:
      return try isContiguous ? view(.int64, pointer) : integers(Int64.self)
    case .bool:
      return try holdsFlags ? view(.bool, pointer) : copy(UInt8.self, to: .bool) { $0 != 0 }
    case .float16:
      return try copy(UInt16.self, to: .float32) { Float(halfBits: $0) }
    case .bfloat16:
      return try copy(UInt16.self, to: .float32) { Float(bitPattern: UInt32($0) << 16) }
    case .uint8: return try integers(UInt8.self)
    case .int8: return try integers(Int8.self)
    case .int16: return try integers(Int16.self)
    case .uint16: return try integers(UInt16.self)
    case .int32: return try integers(Int32.self)
    case .uint32: return try integers(UInt32.self)
    }
  }

  /// Whether the bytes are those of `Bool` in row-major order.
  private var holdsFlags: Bool {
    guard isContiguous else { return false }
    return UnsafeRawBufferPointer(start: pointer, count: shape.count).allSatisfy { $0 < 2 }
  }

  /// A tensor of the computation, such as an upstream gradient.
  func tensor<S: ComputeScalar>(
    of type: S.Type, _ copies: CopyMemory
  ) throws(LossError) -> Tensor<S> {
    let view = try input(Role(subject), copies)
    func scalars<From>(_ type: From.Type, _ convert: (From) -> S) -> [S] {
      UnsafeBufferPointer(start: view.pointer?.assumingMemoryBound(to: type), count: shape.count)
        .map(convert)
    }
    let elements =
      switch view.element {
      case .float32: scalars(Float.self) { S($0) }
      case .float64: scalars(Double.self) { S($0) }
      case .int64: scalars(Int.self) { S($0) }
      case .bool: scalars(Bool.self) { $0 ? 1 : 0 }
      }
    return try Tensor(shape: shape.extents, scalars: elements)
  }

  /// Memory for as many numbers of the computation: the tensor itself if it is laid out so.
  func output<S: ComputeScalar>(
    of type: S.Type, _ copies: CopyMemory
  ) throws(LossError) -> UnsafeMutableBufferPointer<S> {
    let isOwn = element == (S.element == .float32 ? .float32 : .float64) && isContiguous
    let start =
      try isOwn
      ? pointer?.assumingMemoryBound(to: type)
      : copies.allocate(type, count: shape.count, for: subject)
    return UnsafeMutableBufferPointer(start: start, count: shape.count)
  }

  /// Writes numbers of the computation, each rounded once; nothing if they are in the tensor already.
  func write<S: ComputeScalar>(_ numbers: UnsafeBufferPointer<S>) {
    guard let start = numbers.baseAddress, UnsafeRawPointer(start) != UnsafeRawPointer(pointer)
    else { return }
    func write<To: BitwiseCopyable>(_ convert: (S) -> To) {
      forEachAddress { index, address in
        address.storeBytes(of: convert(start[index]), as: To.self)
      }
    }
    switch element {
    case .float32: write { Float($0) }
    case .float64: write { Double($0) }
    case .float16: write { Double($0).halfBits }
    case .bfloat16: write { Double($0).brainBits }
    default: break
    }
  }
}

extension Float {
  /// The number with these bits of IEEE 754 binary16.
  fileprivate init(halfBits bits: UInt16) {
    #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
      self = Float(Float16(bitPattern: bits))
    #else
      let magnitude = UInt32(bits & 0x7fff) << 13
      // The exponent is rebased by a product, which is exact for subnormals too.
      let scaled = Float(bitPattern: magnitude) * 0x1p112
      let number = bits & 0x7c00 == 0x7c00 ? Float(bitPattern: magnitude | 0x7f80_0000) : scaled
      self = bits & 0x8000 == 0 ? number : -number
    #endif
  }
}

extension Double {
  /// The bits of the nearest number of IEEE 754 binary16.
  fileprivate var halfBits: UInt16 {
    #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
      return Float16(self).bitPattern
    #else
      let sign: UInt16 = self.sign == .minus ? 0x8000 : 0
      if isNaN { return sign | 0x7e00 }
      if magnitude >= 65520 { return sign | 0x7c00 }
      let exponent = Swift.max(-14, magnitude.isZero ? -14 : Int(magnitude.exponent))
      let unit = Double(sign: .plus, exponent: exponent - 10, significand: 1)
      let steps = UInt16((magnitude / unit).rounded(.toNearestOrEven))
      return sign | (UInt16(exponent + 14) << 10 + steps)
    #endif
  }

  /// The bits of the nearest bfloat16.
  fileprivate var brainBits: UInt16 {
    if isNaN { return 0x7fc0 | (sign == .minus ? 0x8000 : 0) }
    var float = Float(self)
    // Rounded to odd first, so that rounding twice is rounding once.
    if Double(float) != self, float.isFinite {
      if Double(float).magnitude > magnitude {
        float = Float(bitPattern: float.bitPattern - 1)
      }
      float = Float(bitPattern: float.bitPattern | 1)
    }
    let bits = float.bitPattern
    return UInt16(truncatingIfNeeded: (bits + 0x7fff + (bits >> 16 & 1)) >> 16)
  }
}
