import LossCore
import LossFiles

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
    let extents = try fields.value("shape", as: [FixtureInteger].self).map(\.value)
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
  ///
  /// - Throws: `LossError` for a number that the element type does not have.
  func tensor(name: String) throws(LossError) -> AnyTensor {
    try JSONNumbers(extents: shape.extents, numbers: data.map(\.notation))
      .tensor(of: element ?? .float64, shape: shape, name: name)
  }
}

/// One element: a number, a boolean, or one of the words nan, inf and -inf.
struct FixtureNumber: Decodable, Hashable {
  /// The number; 0 and 1 for booleans.
  let value: Double
  /// The number or boolean as text, up to the notation of floating point.
  let notation: JSONNumber

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Double first: a failed decoding is slow, and nearly all elements are numbers.
    if let number = try? container.decode(Double.self) {
      value = number
      let integer =
        number.magnitude < 0x1p53 ? Int(exactly: number) : try? container.decode(Int.self)
      // An integer would lose the sign of -0.0.
      let isNegativeZero = number.isZero && number.sign == .minus
      let text = isNegativeZero ? "-0" : integer.map(String.init) ?? "\(number)"
      notation = JSONNumber(text: text, kind: integer == nil ? .real : .integer)
    } else if let flag = try? container.decode(Bool.self) {
      value = flag ? 1 : 0
      notation = JSONNumber(text: "\(flag)", kind: .flag)
    } else {
      let word = try container.decode(String.self)
      guard let number = ["nan": Double.nan, "inf": .infinity, "-inf": -.infinity][word] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(word) is not one of nan, inf, -inf")
      }
      value = number
      notation = JSONNumber(text: word, kind: .real)
    }
  }
}

/// An integer.
///
/// Foundation's decoder reports another number, such as 0.5, as invalid JSON.
struct FixtureInteger: Decodable {
  let value: Int

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try container.decode(Double.self)
    guard let value = Int(exactly: number) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "is \(number); expected an integer")
    }
    self.value = value
  }
}
