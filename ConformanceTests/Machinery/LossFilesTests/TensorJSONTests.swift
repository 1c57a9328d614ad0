import LossConformance
import LossFiles
import LossTensors
import Testing

@Suite struct TensorJSONTests {
  @Test(
    "How numbers are written decides their kind",
    arguments: [
      ("[[1, 2], [3, -4]]", "i64 [2, 2] [1, 2, 3, -4]"),
      ("[1.0, 2]", "f64 [2] [1.0, 2.0]"),
      ("[1e2, .5, 5., +3]", "f64 [4] [100.0, 0.5, 5.0, 3.0]"),
      ("[nan, \"nan\", NaN, inf, -inf, \"-Infinity\"]", "f64 [6] [nan, nan, nan, inf, -inf, -inf]"),
      ("[-0.0]", "f64 [1] [-0.0]"),
      ("[true, false]", "bool [2] [true, false]"),
      ("9007199254740993", "i64 [] [9007199254740993]"),
      (" 0.5\n", "f64 [] [0.5]"),
      ("[]", "f64 [0] []"),
      ("[[], []]", "f64 [2, 0] []"),
      ("{\"shape\": [2], \"data\": [1, -0]}", "f64 [2] [1.0, -0.0]"),
      ("{\"data\": [true], \"sh\\u0061pe\": []}", "bool [] [true]"),
      ("{\"element\": \"i64\", \"shape\": [0, 3], \"data\": []}", "i64 [0, 3] []"),
      // Rounded once: by way of Double it would be 1.
      (
        "{\"element\": \"f32\", \"shape\": [1], \"data\": [1.00000005960464477540]}",
        "f32 [1] [1.0000001]"
      ),
    ]
  )
  func reading(text: String, expected: String) throws {
    #expect(phrase(try TensorJSON.read(text, name: "a.json")) == expected)
  }

  @Test("Both forms are written so that they read back")
  func writing() throws {
    let reals = try AnyTensor(
      Tensor(rows: [
        [0.1, -0.0], [.nan, -.infinity], [.leastNonzeroMagnitude, 1e23],
      ]))
    let fixture = """
      {"element": "f64", "shape": [3, 2], "data": [0.1, -0.0, "nan", "-inf", 5e-324, 1e+23]}
      """
    let nested = "[[0.1, -0.0], [\"nan\", \"-inf\"], [5e-324, 1e+23]]"
    #expect(TensorJSON.fixture(reals) == fixture)
    #expect(TensorJSON.nested(reals) == nested)
    #expect(try TensorJSON.fixture(TensorJSON.read(fixture, name: "")) == fixture)
    #expect(try TensorJSON.nested(TensorJSON.read(nested, name: "")) == nested)

    #expect(TensorJSON.nested(AnyTensor(Tensor<Float>(0.1))) == "0.1")
    #expect(
      TensorJSON.nested(try AnyTensor(Tensor<Int>(shape: [1, 1, 2], scalars: [1, 2])))
        == "[[[1, 2]]]"
    )
    #expect(TensorJSON.nested(AnyTensor(Tensor([true]))) == "[true]")
    #expect(TensorJSON.nested(try AnyTensor(Tensor<Float>(shape: [2, 0], scalars: []))) == "[]")
  }

  @Test(
    "Lists that make no tensor are refused",
    arguments: [
      ("[[1, 2], [3]]", "holds a list of length 1 at [1]; expected a list of length 2, as at [0]."),
      ("[1, [2]]", "holds a list of length 1 at [1]; expected a number, as at [0]."),
      (
        "[[[1], [2]], [[3], 4]]",
        "holds a number at [1, 1]; expected a list of length 1, as at [1, 0]."
      ),
      (
        "[[[1]], [[2], [3]]]",
        "holds lists of shape [2, 1] at [1]; expected lists of shape [1, 1], as at [0]."
      ),
      (
        "[[1, 2], [3, true]]",
        "holds 1 at [0, 0] and true at [1, 1]; expected only numbers, or only true and false."
      ),
      ("[1e999]", "holds 1e999 at [0]; expected a number that f64 can hold."),
      (
        "[0, 9223372036854775808]",
        "holds 9223372036854775808 at [1]; expected a whole number that i64 can hold."
      ),
    ]
  )
  func lists(text: String, message: String) {
    #expect(
      refusal { () throws(LossError) in try TensorJSON.read(text, name: "a.json") } == "a.json "
        + message
    )
  }

  @Test("Nesting is refused before it can overflow the stack")
  func depth() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(
      refusal { () throws(LossError) in try TensorJSON.read(text, name: "a.json") }
        == "a.json is nested deeper than 64 lists; expected at most 64 axes."
    )
  }

  @Test(
    "What is not JSON is refused",
    arguments: [
      ("", "ends early; expected \(anything)."),
      ("[1,", "ends early; expected \(anything)."),
      ("[1", "ends early; expected \",\" or \"]\"."),
      ("[1 2]", "holds \"2\" at byte 3; expected \",\" or \"]\"."),
      ("[1,]", "holds \"]\" at byte 3; expected \(anything)."),
      ("[1]]", "holds \"]\" at byte 3; expected nothing more."),
      ("[null]", "holds \"null\" at byte 1; expected \(anything)."),
      ("[\"1\"]", "holds \"1\" at byte 1; expected \(anything)."),
      ("--1", "holds \"--1\" at byte 0; expected \(anything)."),
      ("0x10", "holds \"0x10\" at byte 0; expected \(anything)."),
      ("[\"nan", "ends inside a text in quotes."),
      ("[\"\\", "ends inside a text in quotes."),
      ("[1 \"\\", "holds \"\\\"\" at byte 3; expected \",\" or \"]\"."),
      (
        "{\"\\q\": 1}",
        "holds \"\\\\q\" at byte 1; expected a text whose escapes are JSON's."
      ),
    ]
  )
  func syntax(text: String, message: String) {
    #expect(
      refusal { () throws(LossError) in try TensorJSON.read(text, name: "a.json") } == "a.json "
        + message
    )
  }

  @Test(
    "A fixture form that contradicts itself is refused",
    arguments: [
      (
        "\"shape\": [2, 3], \"data\": [1]",
        "has \"data\" of length 1; expected 6, for shape [2, 3]."
      ),
      (
        "\"shape\": [-2], \"data\": [1]",
        "has the extent -2; expected whole numbers of zero or more that can be counted."
      ),
      (
        "\"shape\": [1.0], \"data\": [1]",
        "has the extent 1.0; expected whole numbers of zero or more that can be counted."
      ),
      (
        "\"shape\": 1, \"data\": [1]",
        "has a bare number as \"shape\"; expected one list of numbers."
      ),
      (
        "\"shape\": [1], \"data\": [[1]]",
        "has lists of lists as \"data\"; expected one list of numbers."
      ),
      ("\"shape\": [1]", "has no \"data\"; expected \(keys)."),
      ("\"data\": [1]", "has no \"shape\"; expected \(keys)."),
      ("\"dtype\": \"f8\"", "has an unknown or repeated key, \"dtype\"; expected \(keys)."),
      (
        "\"shape\": [1], \"shape\": [1]",
        "has an unknown or repeated key, \"shape\"; expected \(keys)."
      ),
      ("\"element\": \"f16\"", "has element \"f16\"; expected one of f32, f64, i64, bool."),
      (
        "\"element\": \"i64\", \"shape\": [1], \"data\": [1.0]",
        "holds 1.0 at [0]; expected a whole number that i64 can hold."
      ),
      (
        "\"element\": \"bool\", \"shape\": [1], \"data\": [1]",
        "holds 1 at [0]; expected true or false."
      ),
      (
        "\"element\": \"f32\", \"shape\": [1], \"data\": [1e39]",
        "holds 1e39 at [0]; expected a number that f32 can hold."
      ),
      (
        "\"shape\": [2], \"data\": [1, true]",
        "holds true at [1]; expected a number that f64 can hold."
      ),
    ]
  )
  func fixtures(text: String, message: String) {
    #expect(
      refusal { () throws(LossError) in try TensorJSON.read("{" + text + "}", name: "a.json") }
        == "a.json " + message
    )
  }

  @Test("A damaged text is refused or read, and never traps", arguments: [UInt64(21)])
  func damage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let texts = [
      "{\"element\": \"f64\", \"shape\": [2, 2], \"data\": [1, \"nan\", -0.0, 2e5]}",
      "[[1, 2, 3], [-inf, .5, 1e300]]", "[[[true], [false]]]",
    ]
    var refusals = 0
    for round in 0..<3000 {
      let bytes = generator.damaged(
        Array(texts[round % texts.count].utf8),
        alphabet: Array("[]{},:\"\\0123456789.eE+-tfn ".utf8)
      )
      let text = String(decoding: bytes, as: UTF8.self)
      if (try? TensorJSON.read(text, name: "a.json")) == nil { refusals += 1 }
    }
    #expect((1000..<3000).contains(refusals))
  }
}

private let anything = "a number, true, false, nan, inf, -inf or a list of these"
private let keys = "\"element\" (which may be left out), \"shape\" and \"data\", each once"

private func phrase(_ tensor: AnyTensor) -> String {
  let scalars =
    switch tensor {
    case .float32(let tensor): "\(tensor.scalars)"
    case .float64(let tensor): "\(tensor.scalars)"
    case .int64(let tensor): "\(tensor.scalars)"
    case .bool(let tensor): "\(tensor.scalars)"
    }
  return "\(tensor.element.rawValue) \(tensor.shape) \(scalars)"
}
