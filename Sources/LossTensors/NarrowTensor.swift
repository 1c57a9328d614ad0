/// A dense array of elements that no loss computes with, in row-major order: half precision, and
/// whole numbers of fewer than 64 bits.
///
/// A loss widens them block by block, in the pass that reads them.
public struct NarrowTensor: Hashable, Sendable {
  /// The element type.
  public let element: ElementType
  /// The extents of the axes.
  public let shape: Shape
  /// The elements as they lie in memory, in the byte order of this machine.
  package let bytes: [UInt8]

  /// A tensor of a narrow element type from as many bytes as its elements have, unchecked.
  package init(trusted shape: Shape, _ element: ElementType, _ bytes: [UInt8]) {
    self.shape = shape
    self.element = element
    self.bytes = bytes
  }

  init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    self.init(
      trusted: tensor.shape, Scalar.element, tensor.scalars.withUnsafeBytes { Array($0) })
  }

  /// A tensor of `float16` or `bfloat16`, each element rounded once.
  package init(rounding tensor: AnyTensor, to element: ElementType) {
    let bits: [UInt16]
    switch (tensor, element) {
    case (.float64(let tensor), .bfloat16):
      bits = tensor.scalars.map { BFloat16($0).bitPattern }
    case (.float64(let tensor), _):
      bits = tensor.scalars.map { HalfBits.rounded(Float.roundedToOdd($0)) }
    case (_, .bfloat16):
      bits = (tensor.converted() as Tensor<Float>).scalars.map { BFloat16($0).bitPattern }
    default:
      bits = (tensor.converted() as Tensor<Float>).scalars.map(HalfBits.rounded)
    }
    self.init(trusted: tensor.shape, element, bits.withUnsafeBytes { Array($0) })
  }

  /// The same numbers in an element type that losses compute with.
  package var widened: AnyTensor {
    switch element {
    case .float16: .float32(map(UInt16.self, HalfBits.widened))
    case .bfloat16: .float32(map(UInt16.self) { BFloat16(bitPattern: $0).float })
    case .int8: .int64(map(Int8.self) { Int($0) })
    case .uint8: .int64(map(UInt8.self) { Int($0) })
    case .int16: .int64(map(Int16.self) { Int($0) })
    case .uint16: .int64(map(UInt16.self) { Int($0) })
    case .int32: .int64(map(Int32.self) { Int($0) })
    case .uint32: .int64(map(UInt32.self) { Int($0) })
    case .float32, .float64, .int64, .bool: .narrow(self)
    }
  }

  private func map<Stored: BitwiseCopyable, Scalar: Sendable>(
    _ type: Stored.Type, _ transform: (Stored) -> Scalar
  ) -> Tensor<Scalar> {
    Tensor(
      trusted: shape,
      bytes.withUnsafeBytes { bytes in
        (0..<shape.count).map {
          transform(
            bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Stored>.size, as: Stored.self))
        }
      })
  }

  /// The same elements in another shape.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the number of elements differs.
  public func reshaped(_ shape: Shape) throws(LossError) -> NarrowTensor {
    guard shape.count == self.shape.count else {
      throw LossError(
        .shapeMismatch, subject: "tensor", found: "has \(self.shape.count) elements",
        expected: "\(shape.count), for shape \(shape)")
    }
    return NarrowTensor(trusted: shape, element, bytes)
  }

  /// The tensor with permuted axes: axis `i` of the result is axis `order[i]` of this tensor.
  ///
  /// - Throws: `LossError` of code `invalid_rank` unless `order` is a permutation of the axes.
  public func permuted(_ order: [Int]) throws(LossError) -> NarrowTensor {
    let positions = try Tensor(trusted: shape, Array(0..<shape.count)).permuted(order)
    let size = element.size
    return NarrowTensor(
      trusted: positions.shape, element,
      positions.scalars.flatMap { bytes[$0 * size..<($0 + 1) * size] })
  }
}

/// The conversions between `Float` and the bits of a 16-bit floating-point number of IEEE 754, without
/// branches, so that loops of them are vectorised.
///
/// They are instructions where the build is for processors that have them; otherwise, and where Swift
/// has no `Float16`, arithmetic of whole numbers.
public enum HalfBits {
  /// The same number, exactly; NaN stays NaN.
  @inlinable @inline(__always)
  public static func widened(_ bits: UInt16) -> Float {
    #if arch(arm64) || LOSSES_FMA && !os(macOS)
      // The processor has an instruction for it.
      Float(Float16(bitPattern: bits))
    #else
      widenedInIntegers(bits)
    #endif
  }

  /// The same without instructions for half precision; a loop of it is vectorised.
  @inlinable @inline(__always)
  static func widenedInIntegers(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff)
    // The exponents differ by 112; the product is exact, also for subnormal numbers.
    let product = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let exponent = 0x7f80_0000 & mask(magnitude, above: 0x7bff)
    return Float(bitPattern: product | exponent | UInt32(bits & 0x8000) << 16)
  }

  /// The nearest number, of two at the same distance the even one; infinity from 65520 on. NaN stays
  /// NaN.
  @inlinable @inline(__always)
  public static func rounded(_ number: Float) -> UInt16 {
    #if arch(arm64) || LOSSES_FMA && !os(macOS)
      Float16(number).bitPattern
    #else
      roundedInIntegers(number)
    #endif
  }

  /// The same without instructions for half precision; a loop of it is vectorised.
  @inlinable @inline(__always)
  static func roundedInIntegers(_ number: Float) -> UInt16 {
    let magnitude = number.bitPattern & 0x7fff_ffff
    // A normal number: the bits that do not fit round to even. The exponents differ by 112.
    let normal = (magnitude &- 0x3800_0000 &+ 0xfff &+ (magnitude >> 13 & 1)) >> 13
    // A subnormal number: adding ½ moves its unit in the last place, 2^-24, to that of the sum.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
    var result = subnormal ^ (subnormal ^ normal) & mask(magnitude, above: 0x387f_ffff)
    result ^= (result ^ 0x7c00) & mask(magnitude, above: 0x477f_efff)
    result |= 0x200 & mask(magnitude, above: 0x7f80_0000)
    let sign = number.bitPattern >> 16 & 0x8000
    return UInt16(truncatingIfNeeded: result | sign)
  }

  /// All bits if a number below 2³¹ is above another, otherwise none.
  @inlinable @inline(__always)
  static func mask(_ number: UInt32, above bound: UInt32) -> UInt32 {
    0 &- (bound &- number) >> 31
  }
}
