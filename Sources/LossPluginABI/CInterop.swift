internal import CLossPlugin
package import LossCore

// Conversion of numbers and text to and from the C ABI.

extension ElementType {
  /// The code of the element type in CLossPlugin.h.
  package var code: Int32 {
    switch self {
    case .float32: LOSS_FLOAT32
    case .float64: LOSS_FLOAT64
    case .int64: LOSS_INT64
    case .bool: LOSS_BOOL
    case .float16: LOSS_FLOAT16
    case .bfloat16: LOSS_BFLOAT16
    case .uint8: LOSS_UINT8
    case .int8: LOSS_INT8
    case .int16: LOSS_INT16
    case .uint16: LOSS_UINT16
    case .int32: LOSS_INT32
    case .uint32: LOSS_UINT32
    }
  }

  /// The element type of a code in CLossPlugin.h; nil for another number.
  package init?(code: Int32) {
    guard let element = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = element
  }
}

extension loss_text_v1 {
  var utf8: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : max(0, Int(count)))
      .assumingMemoryBound(to: UInt8.self)
  }

  var string: String { String(decoding: utf8, as: UTF8.self) }
}

extension String {
  /// Calls a function with the text as a C struct.
  func withText<Result>(_ body: (loss_text_v1) -> Result) -> Result {
    var copy = self
    return copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { bytes in
        body(loss_text_v1(bytes: bytes.baseAddress, count: Int64(bytes.count)))
      }
    }
  }
}

extension loss_tensor_v1 {
  /// A validated view of the tensor.
  ///
  /// - Throws: `LossError` of code `invalid_value` for an unknown element type, an invalid shape, or
  ///   missing memory.
  func view() throws(LossError) -> InputView {
    let role = role.string
    func error(_ found: String) -> LossError {
      LossError(
        .invalidValue, subject: role.isEmpty ? "the library's result" : role, found: found,
        expected: "a tensor as CLossPlugin.h describes it")
    }
    guard let element = ElementType(code: element) else {
      throw error("has element type \(self.element)")
    }
    guard rank >= 0, rank == 0 || extents != nil else { throw error("has rank \(rank)") }
    let shape = try Shape(UnsafeBufferPointer(start: extents, count: Int(rank)).map { Int($0) })
    guard data != nil || shape.count == 0 else { throw error("has no memory") }
    return InputView(role: Role(role), shape: shape, element: element, pointer: data)
  }

  /// A copy of the tensor.
  func copied() throws(LossError) -> AnyTensor {
    let view = try view()
    func copied<Number>(_ type: Number.Type) -> [Number] {
      guard let data = view.pointer?.assumingMemoryBound(to: type) else { return [] }
      return Array(UnsafeBufferPointer(start: data, count: view.shape.count))
    }
    return switch view.element {
    case .float32: .float32(Tensor(trusted: view.shape, copied(Float.self)))
    case .float64: .float64(Tensor(trusted: view.shape, copied(Double.self)))
    case .int64: .int64(Tensor(trusted: view.shape, copied(Int64.self).map { Int($0) }))
    case .bool: .bool(Tensor(trusted: view.shape, copied(UInt8.self).map { $0 != 0 }))
    default:
      .narrow(
        NarrowTensor(
          trusted: view.shape, view.element,
          Array(
            UnsafeRawBufferPointer(
              start: view.pointer,
              count: view.pointer == nil ? 0 : view.shape.count * view.element.size))))
    }
  }
}

extension AnyTensor {
  /// Calls a function with the tensor as a C struct.
  func withTensor<Result>(_ body: (UnsafePointer<loss_tensor_v1>) -> Result) -> Result {
    func call<Number>(_ numbers: [Number]) -> Result {
      let extents = shape.extents.map { Int64($0) }
      return numbers.withUnsafeBytes { data in
        extents.withUnsafeBufferPointer { extents in
          var tensor = loss_tensor_v1()
          tensor.element = element.code
          tensor.rank = Int32(extents.count)
          tensor.extents = extents.baseAddress
          tensor.data = data.baseAddress
          return body(&tensor)
        }
      }
    }
    return switch self {
    case .float32(let tensor): call(tensor.scalars)
    case .float64(let tensor): call(tensor.scalars)
    case .int64(let tensor): call(tensor.scalars.map { Int64($0) })
    case .bool(let tensor): call(tensor.scalars)
    case .narrow(let tensor): call(tensor.bytes)
    }
  }
}
