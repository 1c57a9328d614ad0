import LossCatalog
import LossFunctions

/// The page of a loss under its registered name.
struct LossTextPage {
  let entry: LossEntry
  let family: String
  /// The loss with its default options.
  let loss: any LossProtocol

  private var signature: LossSignature { entry.signature }

  var text: String {
    let metadata = entry.metadata
    var page = TextPage(["\(metadata.name)  (\(family))", metadata.summary])
    page.add("Formula", metadata.formula.split(separator: "\n").map(String.init))
    page.add("Inputs", rows: inputs)
    page.add(
      "Terms",
      [
        "\(signature.shapes(signature.terms)), reduced by \(entry.defaultReduction.optionValue.text):",
        entry.defaultReduction.explanation,
      ])
    if let axis = signature.classAxis {
      page.add("Class axis", ["\(axis): the last axis, unless --class-axis is given"])
    }
    page.add("Options", rows: entry.options.flatMap(rows))
    page.add("Swift", swift)
    page.add("JSON", [entry.configuration()])
    page.add("Use", metadata.usage.isEmpty ? [] : [metadata.usage])
    page.add("Related", metadata.related.isEmpty ? [] : [metadata.related.joined(separator: ", ")])
    page.add(
      "Also known as",
      metadata.alsoKnownAs.isEmpty ? [] : [metadata.alsoKnownAs.joined(separator: ", ")])
    page.add("Other names", metadata.dialectEntries.flatMap(\.qualifiedNames))
    page.add("Properties", entry.properties.isEmpty ? [] : [entry.properties.phrase])
    page.add("Domain", metadata.domain.isEmpty ? [] : [metadata.domain])
    page.add("Derivatives", rows: derivatives)
    page.add("Gradient", metadata.gradient.isEmpty ? [] : [metadata.gradient])
    page.add("Partial results", [partialResults])
    page.add("References", metadata.references)
    return page.text
  }

  /// The initialiser with all its defaults, and the call.
  private var swift: [String] {
    guard let declaration = entry.declaration?() else { return [] }
    return ["import \(declaration.module)", declaration.initializer, declaration.call(of: entry)]
  }

  /// The inputs with respect to which there are derivatives, by their kind.
  private var derivatives: [[String]] {
    let kinds = [
      ("gradient", loss.differentiableRoles),
      ("second derivative", loss.rolesWithSecondDerivative),
      ("Hessian times vector", loss.rolesWithHessianVectorProduct),
    ]
    return kinds.compactMap { kind, roles in
      roles.isEmpty ? nil : [kind, roles.map(\.name).joined(separator: ", ")]
    }
  }

  /// What `eval --partial` writes for a shard of the data, with default options.
  private var partialResults: String {
    switch loss.partialForm {
    case .terms: "of its terms: their sum and the divisor"
    case .regionSums: "of each region: its sums"
    case .parts: "of its parts"
    case nil:
      entry.kind == .transform
        ? "none: a transform has no sum" : "none: a result needs the inputs of all shards together"
    }
  }

  /// Weight and mask are every loss's own, so that no signature lists them.
  private var inputs: [[String]] {
    var rows = signature.inputs.map { input in
      let encodings = input.encodings.map { "\(input.phrase($0)) \(signature.shapes($0.axes))" }
      let cells = [input.role.name, encodings.joined(separator: ", or ")]
      return input.notes.isEmpty ? cells : cells + [input.notes.joined(separator: ", ")]
    }
    if rows.isEmpty { rows.append(["", "the inputs of its parts"]) }
    rows.append([Role.weight.name, "nonnegative numbers, one per term", "optional"])
    rows.append([Role.mask.name, "true keeps, false removes; one per \(maskUnit)", "optional"])
    return rows
  }

  private var maskUnit: String {
    switch signature.maskCovers {
    case .terms: "term"
    case .elements: "element of \(signature.inputs.first?.role.name ?? "the first input")"
    }
  }

  private func rows(_ option: OptionDescription) -> [[String]] {
    [["\(option.name) = \(option.defaultValue.text)", option.summary], ["", option.range]]
  }

  var json: JSONText {
    let metadata = entry.metadata
    return .object([
      ("name", .text(metadata.name)), ("family", .text(family)),
      ("summary", .text(metadata.summary)),
      ("formula", .text(metadata.formula)), ("inputs", .list(signature.inputs.map(\.json))),
      ("terms", .text(signature.terms.description)),
      ("class_axis", signature.classAxis.map(JSONText.text) ?? .null),
      ("mask_covers", .text(signature.maskCovers == .terms ? "terms" : "elements")),
      ("reduction", JSONText(entry.defaultReduction.optionValue)),
      ("options", .list(entry.options.map(json))),
      ("traits", .texts(entry.properties.map(\.description))),
      ("spellings", .texts(metadata.dialectEntries.flatMap(\.qualifiedNames))),
      ("second_derivatives", .texts(loss.rolesWithSecondDerivative.map(\.name))),
      ("hessian_vector", .texts(loss.rolesWithHessianVectorProduct.map(\.name))),
      ("partial_results", loss.partialForm.map { JSONText.text($0.rawValue) } ?? .null),
      ("domain", .text(metadata.domain)), ("gradient", .text(metadata.gradient)),
      ("usage", .text(metadata.usage)), ("related", .texts(metadata.related)),
      ("also_known_as", .texts(metadata.alsoKnownAs)),
      ("references", .texts(metadata.references)),
      ("swift", .text(entry.declaration?().initializer ?? "")),
    ])
  }

  private func json(_ option: OptionDescription) -> JSONText {
    .object([
      ("name", .text(option.name)), ("default", JSONText(option.defaultValue)),
      ("range", .text(option.range)), ("summary", .text(option.summary)),
    ])
  }
}

extension [LossProperty] {
  /// The properties in one line.
  fileprivate var phrase: String { map(\.description).joined(separator: ", ") }
}

extension InputSpecification {
  fileprivate var json: JSONText {
    .object([
      ("role", .text(role.name)),
      ("forms", .list(encodings.map(\.json))), ("domain", .text(domain.rawValue)),
      ("differentiable", .flag(isDifferentiable)), ("optional", .flag(isOptional)),
    ])
  }
}

extension InputSpecification.Encoding {
  fileprivate var json: JSONText {
    .object([("kind", .text(kind.word)), ("axes", .text(axes.description))])
  }
}

extension InputSpecification.Kind {
  fileprivate var word: String {
    switch self {
    case .real: "real"
    case .classIndex: "class_index"
    case .label: "label"
    case .length: "length"
    case .group: "group"
    }
  }
}
