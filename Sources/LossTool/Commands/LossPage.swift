import LossCatalog
import LossFunctions

/// What there is to say about a loss under our name.
struct LossPage {
  let entry: LossEntry
  let family: String

  private var signature: LossSignature { entry.signature }

  var text: String {
    let card = entry.card
    var page = TextPage(["\(card.name)  (\(family))", card.summary])
    page.add("Formula", card.formula.split(separator: "\n").map(String.init))
    page.add("Inputs", rows: inputs)
    page.add("Terms", ["\(signature.terms), reduced by \(entry.defaultReduction.optionValue.text)"])
    if let axis = signature.classAxis {
      page.add("Class axis", ["\(axis): the last, or as --class-axis says"])
    }
    page.add("Options", rows: entry.options.flatMap(rows))
    page.add("Other names", card.spellings.flatMap(\.qualifiedNames))
    page.add("Claims", entry.traits.isEmpty ? [] : [entry.traits.phrase])
    page.add("Domain", card.domain.isEmpty ? [] : [card.domain])
    page.add("References", card.references)
    return page.text
  }

  /// Weight and mask are every loss's own, so that no signature lists them.
  private var inputs: [[String]] {
    var rows = signature.inputs.map { input in
      let forms = input.forms.map { "\(input.phrase($0)) \($0.axes)" }
      let cells = [input.role.name, forms.joined(separator: ", or ")]
      return input.notes.isEmpty ? cells : cells + [input.notes.joined(separator: ", ")]
    }
    if rows.isEmpty { rows.append(["", "those of its parts"]) }
    rows.append([Role.weight.name, "numbers of at least zero, for each term", "optional"])
    rows.append([Role.mask.name, "true keeps, false removes, for each \(maskUnit)", "optional"])
    return rows
  }

  private var maskUnit: String {
    switch signature.maskCovers {
    case .terms: "term"
    case .elements: "element of \(signature.inputs.first?.role.name ?? "the leading input")"
    }
  }

  private func rows(_ option: OptionDescription) -> [[String]] {
    [["\(option.name) = \(option.defaultValue.text)", option.summary], ["", option.range]]
  }

  var json: JSONText {
    let card = entry.card
    return .object([
      ("name", .text(card.name)), ("family", .text(family)), ("summary", .text(card.summary)),
      ("formula", .text(card.formula)), ("inputs", .list(signature.inputs.map(\.json))),
      ("terms", .text(signature.terms.description)),
      ("class_axis", signature.classAxis.map(JSONText.text) ?? .null),
      ("mask_covers", .text(signature.maskCovers == .terms ? "terms" : "elements")),
      ("reduction", JSONText(entry.defaultReduction.optionValue)),
      ("options", .list(entry.options.map(json))),
      ("traits", .texts(entry.traits.map(\.description))),
      ("spellings", .texts(card.spellings.flatMap(\.qualifiedNames))),
      ("domain", .text(card.domain)), ("references", .texts(card.references)),
    ])
  }

  private func json(_ option: OptionDescription) -> JSONText {
    .object([
      ("name", .text(option.name)), ("default", JSONText(option.defaultValue)),
      ("range", .text(option.range)), ("summary", .text(option.summary)),
    ])
  }
}

extension [LossTrait] {
  /// The claims in one line.
  fileprivate var phrase: String { map(\.description).joined(separator: ", ") }
}

extension InputSpecification {
  fileprivate var json: JSONText {
    .object([
      ("role", .text(role.name)),
      ("forms", .list(forms.map(\.json))), ("domain", .text(domain.rawValue)),
      ("differentiable", .flag(isDifferentiable)), ("optional", .flag(isOptional)),
    ])
  }
}

extension InputSpecification.Form {
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
