import LossConformance
import LossFiles
import LossTensors
import Testing

@Suite struct TensorJSONTests {
  @Test(
    "The notation of the numbers determines the element type",
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
      // Rounded once: through Double it would be 1.
      (
        "{\"element\": \"f32\", \"shape\": [1], \"data\": [1.00000005960464477540]}",
        "f32 [1] [1.0000001]"
      ),
    ]
  )
  func reading(text: String, expected: String) throws {
    #expect(phrase(try TensorJSON.read(text, name: "a.json")) == expected)
  }

  @Test("Both notations survive a round trip")
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
    "Ragged and mixed lists are rejected",
    arguments: [
      ("[[1, 2], [3]]", "has a list of length 1 at [1]; expected a list of length 2, as at [0]."),
      ("[1, [2]]", "has a list of length 1 at [1]; expected a number, as at [0]."),
      (
        "[[[1], [2]], [[3], 4]]",
        "has a number at [1, 1]; expected a list of length 1, as at [1, 0]."
      ),
      (
        "[[[1]], [[2], [3]]]",
        "has lists of shape [2, 1] at [1]; expected lists of shape [1, 1], as at [0]."
      ),
      (
        "[[1, 2], [3, true]]",
        "has 1 at [0, 0] and true at [1, 1]; expected only numbers, or only booleans."
      ),
      ("[1e999]", "has 1e999 at [0]; expected a number in the range of f64."),
      (
        "[0, 9223372036854775808]",
        "has 9223372036854775808 at [1]; expected an integer in the range of i64."
      ),
    ]
  )
  func lists(text: String, message: String) {
    #expect(
      errorMessage { () throws(LossError) in try TensorJSON.read(text, name: "a.json") }
        == "a.json "
        + message
    )
  }

  @Test("Deep nesting is rejected before it can overflow the stack")
  func depth() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(
      errorMessage { () throws(LossError) in try TensorJSON.read(text, name: "a.json") }
        == "a.json has more than 64 nested lists; expected at most 64 axes."
    )
  }

  @Test(
    "Invalid JSON is rejected",
    arguments: [
      ("", "ends early; expected \(anything)."),
      ("[1,", "ends early; expected \(anything)."),
      ("[1", "ends early; expected \",\" or \"]\"."),
      ("[1 2]", "has \"2\" at byte 3; expected \",\" or \"]\"."),
      ("[1,]", "has \"]\" at byte 3; expected \(anything)."),
      ("[1]]", "has \"]\" at byte 3; expected the end."),
      ("[null]", "has \"null\" at byte 1; expected \(anything)."),
      ("[\"1\"]", "has \"1\" at byte 1; expected \(anything)."),
      ("--1", "has \"--1\" at byte 0; expected \(anything)."),
      ("0x10", "has \"0x10\" at byte 0; expected \(anything)."),
      ("[\"nan", "ends inside a string."),
      ("[\"\\", "ends inside a string."),
      ("[1 \"\\", "has \"\\\"\" at byte 3; expected \",\" or \"]\"."),
      (
        "{\"\\q\": 1}",
        "has \"\\\\q\" at byte 1; expected a string of UTF-8 with valid JSON escapes."
      ),
    ]
  )
  func syntax(text: String, message: String) {
    #expect(
      errorMessage { () throws(LossError) in try TensorJSON.read(text, name: "a.json") }
        == "a.json "
        + message
    )
  }

  @Test(
    "Invalid fixture notation is rejected",
    arguments: [
      (
        "\"shape\": [2, 3], \"data\": [1]",
        "has \"data\" of length 1; expected 6, for shape [2, 3]."
      ),
      (
        "\"shape\": [-2], \"data\": [1]",
        "has the extent -2; expected nonnegative integers."
      ),
      (
        "\"shape\": [1.0], \"data\": [1]",
        "has the extent 1.0; expected nonnegative integers."
      ),
      (
        "\"shape\": 1, \"data\": [1]",
        "has a bare number as \"shape\"; expected a flat list of numbers."
      ),
      (
        "\"shape\": [1], \"data\": [[1]]",
        "has nested lists as \"data\"; expected a flat list of numbers."
      ),
      ("\"shape\": [1]", "has no \"data\"; expected \(keys)."),
      ("\"data\": [1]", "has no \"shape\"; expected \(keys)."),
      ("\"dtype\": \"f8\"", "has an unknown key, \"dtype\"; expected \(keys)."),
      (
        "\"shape\": [1], \"shape\": [1]",
        "has the key \"shape\" twice; expected keys that differ."
      ),
      (
        "\"element\": \"f8\"",
        """
        has element "f8"; expected one of f32, f64, i64, bool, f16, bf16, i8, u8, i16, u16, i32, u32.
        """
      ),
      (
        "\"element\": \"i8\", \"shape\": [2], \"data\": [127, 128]",
        "has 128 at [1]; expected an integer from -128 to 127."
      ),
      (
        "\"element\": \"i64\", \"shape\": [1], \"data\": [1.0]",
        "has 1.0 at [0]; expected an integer in the range of i64."
      ),
      (
        "\"element\": \"bool\", \"shape\": [1], \"data\": [1]",
        "has 1 at [0]; expected true or false."
      ),
      (
        "\"element\": \"f32\", \"shape\": [1], \"data\": [1e39]",
        "has 1e39 at [0]; expected a number in the range of f32."
      ),
      (
        "\"element\": \"f16\", \"shape\": [2], \"data\": [65519, 65520]",
        "has 65520 at [1]; expected a number in the range of f16."
      ),
      (
        "\"shape\": [2], \"data\": [1, true]",
        "has true at [1]; expected a number in the range of f64."
      ),
    ]
  )
  func fixtures(text: String, message: String) {
    #expect(
      errorMessage { () throws(LossError) in try TensorJSON.read("{" + text + "}", name: "a.json") }
        == "a.json " + message
    )
  }

  @Test("Corrupt text is rejected or read, and never traps", arguments: [UInt64(21)])
  func damage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let texts = [
      "{\"element\": \"f64\", \"shape\": [2, 2], \"data\": [1, \"nan\", -0.0, 2e5]}",
      "[[1, 2, 3], [-inf, .5, 1e300]]", "[[[true], [false]]]",
    ]
    var errorCount = 0
    for round in 0..<3000 {
      let bytes = generator.corrupted(
        Array(texts[round % texts.count].utf8),
        alphabet: Array("[]{},:\"\\0123456789.eE+-tfn ".utf8)
      )
      let text = String(decoding: bytes, as: UTF8.self)
      if (try? TensorJSON.read(text, name: "a.json")) == nil { errorCount += 1 }
    }
    #expect((1000..<3000).contains(errorCount))
  }
}

private let anything = "a number, true, false, nan, inf, -inf or a list of these"
private let keys = "\"element\" (optional), \"shape\" and \"data\""

private func phrase(_ tensor: AnyTensor) -> String {
  let scalars =
    switch tensor {
    case .float32(let tensor): "\(tensor.scalars)"
    case .float64(let tensor): "\(tensor.scalars)"
    case .int64(let tensor): "\(tensor.scalars)"
    case .bool(let tensor): "\(tensor.scalars)"
    case .narrow(let tensor): "\(tensor)"
    }
  return "\(tensor.element.rawValue) \(tensor.shape) \(scalars)"
}
