import LossCore

/// A kind of element as fixtures spell it.
struct FixtureElement: Decodable, Hashable {
  let element: ElementType

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let element = ElementType(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "is none of f32, f64, i64, bool")
    }
    self.element = element
  }
}

/// A tensor of a fixture: its element, its shape and its elements in row-major order.
struct FixtureTensor: Decodable, Hashable {
  /// The kind of element; expected values may leave it out, since they are compared as numbers.
  let element: ElementType?
  let shape: Shape
  /// The elements as numbers; truth values are 0 and 1.
  let data: [FixtureNumber]

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(decoder, required: ["shape", "data"], optional: ["element"])
    element = try fields.optional("element", as: FixtureElement.self)?.element
    data = try fields.value("data")
    let extents: [Int] = try fields.value("shape")
    do throws(LossError) {
      shape = try Shape(extents)
    } catch {
      throw fields.refusal("shape", error.found)
    }
    guard data.count == shape.count else {
      throw fields.refusal("data", "has \(data.count) numbers, not \(shape.count)")
    }
  }

  /// The numbers as `Double`.
  var doubles: [Double] { data.map(\.value) }

  /// The tensor in its element.
  var tensor: AnyTensor {
    switch element ?? .float64 {
    case .float32: make { Float($0.value) }
    case .float64: make { $0.value }
    case .int64: make { $0.integer ?? 0 }
    case .bool: make { $0.value != 0 }
    }
  }

  private func make<Scalar: TensorScalar>(_ convert: (FixtureNumber) -> Scalar) -> AnyTensor {
    AnyTensor(Tensor(trusted: shape, data.map(convert)))
  }
}

/// One element: a number, a truth value, or one of the words nan, inf and -inf.
struct FixtureNumber: Decodable, Hashable {
  let value: Double
  let integer: Int?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // What nearly all of them are comes first: a refusal of the decoder is dear.
    if let number = try? container.decode(Double.self) {
      value = number
      integer = number.magnitude < 0x1p53 ? Int(exactly: number) : try? container.decode(Int.self)
    } else if let flag = try? container.decode(Bool.self) {
      (value, integer) = (flag ? 1 : 0, flag ? 1 : 0)
    } else {
      let word = try container.decode(String.self)
      guard let number = ["nan": Double.nan, "inf": .infinity, "-inf": -.infinity][word] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(word) is none of nan, inf, -inf")
      }
      (value, integer) = (number, nil)
    }
  }
}
