import LossCore

extension JSONLine {
  /// The value of an option; whole numbers without a decimal point.
  init(_ value: OptionValue) {
    self =
      switch value {
      case .null: .null
      case .flag(let flag): .flag(flag)
      case .number(let number): value.integer.map(JSONLine.integer) ?? .number(number)
      case .text(let text): .text(text)
      case .list(let list): .list(list.map(JSONLine.init))
      case .object(let object): .named(object, JSONLine.init)
      }
  }

  /// A tensor in the fixture encoding: element type, shape, and elements in row-major order.
  init(_ tensor: AnyTensor) {
    let data: [JSONLine] =
      switch tensor.widened {
      // The shortest digits of a Float are fewer than those of the equal Double.
      case .float32(let tensor): tensor.scalars.map { .number(Double("\($0)") ?? Double($0)) }
      case .float64(let tensor): tensor.scalars.map(JSONLine.number)
      case .int64(let tensor): tensor.scalars.map(JSONLine.integer)
      case .bool(let tensor): tensor.scalars.map(JSONLine.flag)
      case .narrow: []
      }
    self = .object([
      ("element", .text(tensor.element.rawValue)),
      ("shape", .list(tensor.shape.extents.map(JSONLine.integer))), ("data", .list(data)),
    ])
  }

  /// An object with its keys in alphabetical order.
  static func named<Value>(_ values: [String: Value], _ write: (Value) -> JSONLine) -> JSONLine {
    .object(values.sorted { $0.key < $1.key }.map { ($0.key, write($0.value)) })
  }
}
