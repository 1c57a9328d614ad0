import LossTensors

/// Reads a tensor from JSON, in either notation.
///
/// Foundation's decoder does not distinguish `1` (an integer here) from `1.0`, and rejects a bare
/// `nan`. See also `JSONNumber`.
struct JSONTensorReader {
  private var scanner: JSONScanner
  private var name: String { scanner.name }
  /// The index of the current list element, one number per nesting level.
  private var index: [Int] = []

  init(_ bytes: [UInt8], name: String) {
    scanner = JSONScanner(bytes, name: name)
  }

  /// The tensor of the whole text.
  mutating func tensor() throws(LossError) -> AnyTensor {
    let result =
      if scanner.next == "{" { try fixture() } else { try numbers().tensor(name: name) }
    try scanner.expectEnd()
    return result
  }

  // MARK: - Fixture notation

  private mutating func fixture() throws(LossError) -> AnyTensor {
    var element: ElementType?
    var extents: [Int]?
    var data: JSONNumbers?
    var keys: Set<[UInt8]> = []
    while let key = try scanner.key(after: &keys) {
      switch key {
      case "element": element = try self.element()
      case "shape": extents = try self.extents()
      case "data": data = try flatList(key)
      default:
        let key = LossError.quotation(key.utf8)
        throw .unreadable(
          name,
          "has an unknown key, \(key)",
          expected: JSONTensorReader.keys
        )
      }
    }
    guard let extents else { throw missing("shape") }
    guard let data else { throw missing("data") }
    let shape = try Shape(untrusted: extents, name: name)
    guard data.numbers.count == shape.count else {
      throw .unreadable(
        name,
        "has \"data\" of length \(data.numbers.count)",
        expected: "\(shape.count), for shape \(shape)"
      )
    }
    let isFlags = !data.numbers.isEmpty && data.numbers.allSatisfy { $0.kind == .flag }
    return try data.tensor(of: element ?? (isFlags ? .bool : .float64), shape: shape, name: name)
  }

  private mutating func element() throws(LossError) -> ElementType {
    let word = try scanner.string()
    guard let element = ElementType(rawValue: word) else {
      throw .unreadable(
        name,
        "has element \(LossError.quotation(word.utf8))",
        expected: "one of " + ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    return element
  }

  private mutating func extents() throws(LossError) -> [Int] {
    var extents: [Int] = []
    for number in try flatList("shape").numbers {
      guard let extent = number.integer, extent >= 0 else {
        throw .unreadable(
          name,
          "has the extent \(LossError.excerpt(number.text))",
          expected: "nonnegative integers"
        )
      }
      extents.append(extent)
    }
    return extents
  }

  private mutating func flatList(_ key: String) throws(LossError) -> JSONNumbers {
    let list = try numbers()
    guard list.extents.count == 1 else {
      let found = list.extents.isEmpty ? "a bare number" : "nested lists"
      throw .unreadable(name, "has \(found) as \"\(key)\"", expected: "a flat list of numbers")
    }
    return list
  }

  // MARK: - Nested lists

  private mutating func numbers() throws(LossError) -> JSONNumbers {
    var numbers: [JSONNumber] = []
    let extents = try list(into: &numbers)
    return JSONNumbers(extents: extents, numbers: numbers)
  }

  /// Reads a list or a number, and returns its shape.
  private mutating func list(into numbers: inout [JSONNumber]) throws(LossError) -> [Int] {
    guard scanner.take("[") else {
      numbers.append(try number())
      return []
    }
    // Limits the recursion, so that no text can overflow the stack.
    guard index.count < Shape.maximumRank else {
      throw .unreadable(
        name,
        "has more than \(Shape.maximumRank) nested lists",
        expected: "at most \(Shape.maximumRank) axes"
      )
    }
    var count = 0
    var first: [Int] = []
    index.append(0)
    defer { index.removeLast() }
    while count == 0 ? !scanner.take("]") : try scanner.takeComma(orEnd: "]") {
      index[index.count - 1] = count
      let extents = try list(into: &numbers)
      if count == 0 { first = extents }
      guard extents == first else { throw ragged(extents, first) }
      count += 1
    }
    return [count] + first
  }

  private mutating func number() throws(LossError) -> JSONNumber {
    let start = scanner
    let number =
      if scanner.next == "\"" {
        JSONNumber(quoted: try scanner.string())
      } else {
        JSONNumber(word: scanner.word())
      }
    guard let number else {
      scanner = start
      throw scanner.unexpected("a number, true, false, nan, inf, -inf or a list of these")
    }
    return number
  }

  // MARK: - Errors

  private static let keys = "\"element\" (optional), \"shape\" and \"data\""

  private func missing(_ key: String) -> LossError {
    .unreadable(name, "has no \"\(key)\"", expected: JSONTensorReader.keys)
  }

  private func ragged(_ extents: [Int], _ first: [Int]) -> LossError {
    func phrase(_ extents: [Int]) -> String {
      switch extents.count {
      case 0: "a number"
      case 1: "a list of length \(extents[0])"
      default: "lists of shape \(extents)"
      }
    }
    return .unreadable(
      name,
      "has \(phrase(extents)) at \(index)",
      expected: "\(phrase(first)), as at \(index.dropLast() + [0])"
    )
  }
}
