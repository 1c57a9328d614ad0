import LossCore

/// An element type in fixture notation.
struct FixtureElement: Decodable, Hashable {
  let element: ElementType

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let element = ElementType(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "must be one of "
          + ElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self.element = element
  }
}

/// A tensor of a fixture: element type, shape, and elements in row-major order.
struct FixtureTensor: Decodable, Hashable {
  /// The element type; optional for expected values, which are compared as numbers.
  let element: ElementType?
  let shape: Shape
  /// The elements as numbers; booleans are 0 and 1.
  let data: [FixtureNumber]

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(decoder, required: ["shape", "data"], optional: ["element"])
    element = try fields.optional("element", as: FixtureElement.self)?.element
    data = try fields.value("data")
    let extents: [Int] = try fields.value("shape")
    do throws(LossError) {
      shape = try Shape(extents)
    } catch {
      throw fields.error("shape", error.found)
    }
    guard data.count == shape.count else {
      throw fields.error("data", "has \(data.count) numbers; expected \(shape.count)")
    }
  }

  /// The elements as `Double`.
  var doubles: [Double] { data.map(\.value) }

  /// The tensor in its element type; `f64` by default.
  var tensor: AnyTensor {
    switch element ?? .float64 {
    case .float32: converted { Float($0.value) }
    case .float64: converted { $0.value }
    case .int64: converted { $0.integer ?? 0 }
    case .bool: converted { $0.value != 0 }
    case .bfloat16: converted { BFloat16($0.value) }
    case .float16:
      .narrow(
        NarrowTensor(rounding: .float64(Tensor(trusted: shape, doubles)), to: .float16))
    case .int8: converted { Int8(clamping: $0.integer ?? 0) }
    case .uint8: converted { UInt8(clamping: $0.integer ?? 0) }
    case .int16: converted { Int16(clamping: $0.integer ?? 0) }
    case .uint16: converted { UInt16(clamping: $0.integer ?? 0) }
    case .int32: converted { Int32(clamping: $0.integer ?? 0) }
    case .uint32: converted { UInt32(clamping: $0.integer ?? 0) }
    }
  }

  private func converted<Scalar: TensorScalar>(_ convert: (FixtureNumber) -> Scalar) -> AnyTensor {
    AnyTensor(Tensor(trusted: shape, data.map(convert)))
  }
}

/// One element: a number, a boolean, or one of the words nan, inf and -inf.
struct FixtureNumber: Decodable, Hashable {
  let value: Double
  let integer: Int?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Double first: a failed decoding is slow, and nearly all elements are numbers.
    if let number = try? container.decode(Double.self) {
      value = number
      integer = number.magnitude < 0x1p53 ? Int(exactly: number) : try? container.decode(Int.self)
    } else if let flag = try? container.decode(Bool.self) {
      (value, integer) = (flag ? 1 : 0, flag ? 1 : 0)
    } else {
      let word = try container.decode(String.self)
      guard let number = ["nan": Double.nan, "inf": .infinity, "-inf": -.infinity][word] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(word) is not one of nan, inf, -inf")
      }
      (value, integer) = (number, nil)
    }
  }
}
