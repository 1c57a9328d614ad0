import LossCore

/// One JSON file of the corpus; the mirror of `fixture.schema.json`.
struct FixtureFile: Decodable {
  var loss: String
  var about: String
  var cases: [Fixture]
  var sources: [String: FixtureSource]
  var flags: [String: FixtureFlag]

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: ["schema", "loss", "about", "cases"], optional: ["sources", "flags"])
    guard try fields.value("schema", as: Int.self) == 1 else {
      throw fields.refusal("schema", "is not 1, the only version there is")
    }
    loss = try fields.value("loss")
    about = try fields.value("about")
    cases = try fields.value("cases")
    sources = try fields.optional("sources") ?? [:]
    flags = try fields.optional("flags") ?? [:]
  }
}

/// One case: inputs, and what must come out, with its source.
struct Fixture: Decodable {
  var id: String
  var about: String
  var flags: [String]
  var source: String
  var place: String
  var loss: String?
  var inputs: [String: FixtureTensor]
  var options: [String: OptionValue]
  var reduction: Reduction?
  var classAxis: Int?
  var compute: FixtureElement?
  var expect: Expectation
  var tolerance: Tolerance?

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: ["id", "about", "flags", "source", "place", "inputs", "expect"],
      optional: [
        "loss", "options", "reduction", "class_axis", "compute",
        "framework_value", "framework_gradients", "tolerance", "because",
      ])
    id = try fields.value("id")
    about = try fields.value("about")
    flags = try fields.value("flags")
    source = try fields.value("source")
    place = try fields.value("place")
    loss = try fields.optional("loss")
    inputs = try fields.value("inputs")
    options = try fields.optional("options") ?? [:]
    if let value: OptionValue = try fields.optional("reduction") {
      guard let reduction = Reduction(optionValue: value) else {
        throw fields.refusal("reduction", "is none: \(Reduction.expectation)")
      }
      self.reduction = reduction
    }
    classAxis = try fields.optional("class_axis")
    compute = try fields.optional("compute")
    expect = try fields.value("expect")
    tolerance = try fields.optional("tolerance")
    guard (tolerance == nil) == (try fields.optional("because", as: String.self) == nil) else {
      throw fields.refusal("tolerance", "and because go together")
    }
  }
}

/// What must come out of a case: one of the three.
enum Expectation: Decodable {
  case result(value: FixtureTensor?, gradients: [String: FixtureTensor])
  case error(code: String, subject: String)
  case relation(Relation)

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: [], optional: ["value", "gradients", "error", "relation"])
    let value: FixtureTensor? = try fields.optional("value")
    let gradients: [String: FixtureTensor] = try fields.optional("gradients") ?? [:]
    let error: [String: String]? = try fields.optional("error")
    let relation: Relation? = try fields.optional("relation")
    switch (value != nil || !gradients.isEmpty, error, relation) {
    case (true, nil, nil): self = .result(value: value, gradients: gradients)
    case (false, let error?, nil):
      guard let code = error["code"], let subject = error["subject"], error.count == 2 else {
        throw fields.refusal("error", "has not just code and subject")
      }
      self = .error(code: code, subject: subject)
    case (false, nil, let relation?): self = .relation(relation)
    default: throw fields.refusal("expect", "holds not one of result, error and relation")
    }
  }
}

/// How the value of a case compares with another's, or with numbers.
enum Relation: Decodable {
  case lessThan(String)
  case greaterThan(String)
  case closeTo(String)
  case notEqual(Double)
  case between(Double, Double)

  /// The case that this one is compared with.
  var reference: String? {
    switch self {
    case .lessThan(let reference), .greaterThan(let reference), .closeTo(let reference): reference
    case .notEqual, .between: nil
    }
  }

  init(from decoder: any Decoder) throws {
    let names = ["less_than", "greater_than", "close_to", "not_equal", "between"]
    let fields = try StrictFields(decoder, required: [], optional: names)
    if let reference: String = try fields.optional("less_than") {
      self = .lessThan(reference)
    } else if let reference: String = try fields.optional("greater_than") {
      self = .greaterThan(reference)
    } else if let reference: String = try fields.optional("close_to") {
      self = .closeTo(reference)
    } else if let number: Double = try fields.optional("not_equal") {
      self = .notEqual(number)
    } else if let bounds: [Double] = try fields.optional("between"), bounds.count == 2 {
      self = .between(bounds[0], bounds[1])
    } else {
      throw fields.refusal("relation", "is none of \(names.joined(separator: ", "))")
    }
  }
}
