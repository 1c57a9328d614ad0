import LossCore

/// One JSON file of the corpus, as `fixture.schema.json` describes it.
struct FixtureFile: Decodable {
  var loss: String
  var about: String
  var cases: [Fixture]
  var sources: [String: FixtureSource]
  var flags: [String: FixtureFlag]

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: ["schema", "loss", "about", "cases"], optional: ["sources", "flags"])
    guard try fields.value("schema", as: FixtureInteger.self).value == 1 else {
      throw fields.error("schema", "must be 1")
    }
    loss = try fields.value("loss")
    about = try fields.value("about")
    cases = try fields.value("cases")
    var ids: Set<String> = []
    for fixture in cases where !ids.insert(fixture.id).inserted {
      throw fields.error("cases", "has the id \"\(fixture.id)\" twice")
    }
    sources = try fields.optional("sources") ?? [:]
    flags = try fields.optional("flags") ?? [:]
  }
}

/// One case: inputs, options, the expected result and its source.
struct Fixture: Decodable {
  var id: String
  var about: String
  var flags: [String]
  var source: String
  var place: String
  var loss: String?
  var inputs: [String: FixtureTensor]
  /// The vector that the Hessian is multiplied by, by role.
  var vectors: [String: FixtureTensor]
  var options: [String: OptionValue]
  var reduction: Reduction?
  var classAxis: Int?
  var compute: FixtureElement?
  /// Whether numbers outside their domain are taken as they are.
  var isUnchecked: Bool
  var expect: Expectation
  var tolerance: Tolerance?

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: ["id", "about", "flags", "source", "place", "inputs", "expect"],
      optional: [
        "loss", "vectors", "options", "reduction", "class_axis", "compute", "unchecked",
        "framework_value", "framework_gradients", "tolerance", "because",
      ])
    id = try fields.value("id")
    guard !id.isEmpty, !id.contains(where: { "#/".contains($0) || $0.isWhitespace }) else {
      throw fields.error(
        "id", "is \(id.debugDescription); expected a name without spaces, \"#\" and \"/\"")
    }
    about = try fields.value("about")
    flags = try fields.value("flags")
    source = try fields.value("source")
    place = try fields.value("place")
    loss = try fields.optional("loss")
    inputs = try fields.value("inputs")
    vectors = try fields.optional("vectors") ?? [:]
    options = try fields.optional("options") ?? [:]
    if let value: OptionValue = try fields.optional("reduction") {
      guard let reduction = Reduction(optionValue: value) else {
        throw fields.error("reduction", "is invalid; expected \(Reduction.expectation)")
      }
      self.reduction = reduction
    }
    classAxis = try fields.optional("class_axis", as: FixtureInteger.self)?.value
    compute = try fields.optional("compute")
    isUnchecked = try fields.optional("unchecked") ?? false
    expect = try fields.value("expect")
    guard vectors.isEmpty == (expect.derivatives?.hessianVector.isEmpty ?? true) else {
      throw fields.error("vectors", "and hessian_vector must be given together")
    }
    tolerance = try fields.optional("tolerance")
    guard (tolerance == nil) == (try fields.optional("because", as: String.self) == nil) else {
      throw fields.error("tolerance", "and because must be given together")
    }
  }
}

/// The expected outcome of a case: a result, an error, or a relation.
enum Expectation: Decodable {
  case result(value: FixtureTensor?, ExpectedDerivatives)
  case error(code: String, subject: String)
  case relation(Relation)

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: [],
      optional: ["value", "gradients", "second_derivatives", "hessian_vector", "error", "relation"])
    let value: FixtureTensor? = try fields.optional("value")
    let derivatives = ExpectedDerivatives(
      gradients: try fields.optional("gradients") ?? [:],
      secondDerivatives: try fields.optional("second_derivatives") ?? [:],
      hessianVector: try fields.optional("hessian_vector") ?? [:])
    let error: [String: String]? = try fields.optional("error")
    let relation: Relation? = try fields.optional("relation")
    switch (value != nil || !derivatives.isEmpty, error, relation) {
    case (true, nil, nil): self = .result(value: value, derivatives)
    case (false, let error?, nil):
      guard let code = error["code"], let subject = error["subject"], error.count == 2 else {
        throw fields.error("error", "must have exactly the keys code and subject")
      }
      self = .error(code: code, subject: subject)
    case (false, nil, let relation?): self = .relation(relation)
    default: throw fields.error("expect", "must have exactly one of a result, error and relation")
    }
  }
}

extension Expectation {
  /// The expected derivatives; nil for an error or a relation.
  var derivatives: ExpectedDerivatives? {
    guard case .result(_, let derivatives) = self else { return nil }
    return derivatives
  }
}

/// The expected derivatives of a case, each by role.
struct ExpectedDerivatives {
  var gradients: [String: FixtureTensor] = [:]
  var secondDerivatives: [String: FixtureTensor] = [:]
  /// The product of the Hessian with the vector of the case.
  var hessianVector: [String: FixtureTensor] = [:]

  var all: [FixtureTensor] { [gradients, secondDerivatives, hessianVector].flatMap(\.values) }
  var isEmpty: Bool { all.isEmpty }
}

/// A relation of the value of a case to the value of another case, or to numbers.
enum Relation: Decodable {
  case lessThan(String)
  case greaterThan(String)
  case closeTo(String)
  case notEqual(Double)
  case between(Double, Double)

  /// The id of the reference case.
  var reference: String? {
    switch self {
    case .lessThan(let reference), .greaterThan(let reference), .closeTo(let reference): reference
    case .notEqual, .between: nil
    }
  }

  init(from decoder: any Decoder) throws {
    let names = ["less_than", "greater_than", "close_to", "not_equal", "between"]
    let fields = try StrictFields(decoder, required: [], optional: names)
    guard fields.count == 1 else {
      throw fields.error("relation", "must be one of \(names.joined(separator: ", "))")
    }
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
      throw fields.error("relation", "must be one of \(names.joined(separator: ", "))")
    }
  }
}
