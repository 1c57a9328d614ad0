internal import LossCore

// What a library says of its losses, as the host reads it in `PluginManifest+Reading.swift`.

extension LossPlugin {
  var described: OptionValue {
    ["name": .text(name), "losses": .list(losses.map(\.described))]
  }
}

extension LossEntry {
  fileprivate var described: OptionValue {
    [
      "name": .text(metadata.name), "summary": .text(metadata.summary),
      "formula": .text(metadata.formula),
      "kind": kind.optionValue, "domain": .text(metadata.domain),
      "gradient": .text(metadata.gradient), "usage": .text(metadata.usage),
      "related": metadata.related.optionValue,
      "also_known_as": metadata.alsoKnownAs.optionValue,
      "references": metadata.references.optionValue,
      "spellings": .list(metadata.dialectEntries.map(\.described)),
      "options": .list(options.map(\.described)),
      "signature": signature.described, "reduction": defaultReduction.optionValue,
      "traits": .list(properties.map(\.described)),
    ]
  }
}

extension LossProperty {
  fileprivate var described: OptionValue {
    switch self {
    case .convex: ["trait": "convex"]
    case .range(let range):
      [
        "trait": "range", "low": .number(range.lowerBound), "high": .number(range.upperBound),
      ]
    case .symmetric: ["trait": "symmetric"]
    case .zeroAtTarget: ["trait": "zero_at_target"]
    case .lipschitz(let constant): ["trait": "lipschitz", "constant": .number(constant)]
    case .twiceDifferentiable: ["trait": "twice_differentiable"]
    case .stopsGradient(through: let part): ["trait": "holds_constant", "part": .text(part)]
    case .batchDependent: ["trait": "couples_samples"]
    case .positionDependent: ["trait": "couples_places"]
    }
  }
}

extension OptionDescription {
  fileprivate var described: OptionValue {
    [
      "name": .text(name), "default": defaultValue, "range": .text(range),
      "summary": .text(summary),
    ]
  }
}

extension LossProtocol {
  /// What a loss is with its options: some inputs of some losses depend on them.
  var described: OptionValue {
    [
      "name": .text(name), "options": .object(options.values), "signature": signature.described,
      "reduction": defaultReduction.optionValue, "description": .text(description),
      "second_derivatives": rolesWithSecondDerivative.optionValue,
      "traits": .list(properties.map(\.described)),
    ]
  }
}

extension LossSignature {
  fileprivate var described: OptionValue {
    [
      "inputs": .list(inputs.map(\.described)), "terms": .text(terms.text),
      "class_axis": classAxis.optionValue,
      "mask_covers": .text(maskCovers == .terms ? "terms" : "elements"),
    ]
  }
}

extension InputSpecification {
  fileprivate var described: OptionValue {
    [
      "role": .text(role.name), "domain": .text(domain.rawValue),
      "forms": .list(encodings.map(\.described)), "differentiable": .flag(isDifferentiable),
      "optional": .flag(isOptional),
      "list_end": listEnd.map { .number(Double($0)) } ?? .null,
    ]
  }
}

extension InputSpecification.Encoding {
  fileprivate var described: OptionValue {
    switch kind {
    case .real: ["kind": "real", "axes": .text(axes.text)]
    case .group: ["kind": "group", "axes": .text(axes.text)]
    case .classIndex(let axis): described("class_index", axis)
    case .label(let axis): described("label", axis)
    case .length(let axis): described("length", axis)
    }
  }

  private func described(_ kind: String, _ axis: String) -> OptionValue {
    ["kind": .text(kind), "of": .text(axis), "axes": .text(axes.text)]
  }
}

extension AxisPattern {
  /// The pattern as it is written in a signature.
  fileprivate var text: String { axes.map(\.description).joined(separator: " ") }
}

extension DialectEntry {
  fileprivate var described: OptionValue {
    [
      "dialect": [
        "name": .text(dialect.name), "title": .text(dialect.title),
        "aliases": dialect.aliases.optionValue,
        "options": .list(dialect.options.map(\.described)),
      ],
      "names": names.optionValue, "arguments": .list(arguments.map(\.described)),
      "options": .list(options.map(\.described)),
    ]
  }
}

extension DialectOption {
  fileprivate var described: OptionValue {
    ["names": names.optionValue, "summary": .text(summary)]
  }
}

extension DialectArgument {
  fileprivate var described: OptionValue {
    ["role": .text(role.name), "names": names.optionValue, "adapted": .flag(isAdapted)]
  }
}

extension DialectResolution {
  var described: OptionValue {
    [
      "options": .object(options), "reduction": reduction.optionValue,
      "class_axis": classAxis.optionValue, "keeps_axes": .flag(keepsDimensions),
      "scale": .number(scale),
    ]
  }
}

extension LossError {
  var described: OptionValue {
    [
      "code": .text(code.rawValue), "loss": .text(loss), "subject": .text(subject),
      "found": .text(found), "expected": .text(expected), "hint": .text(hint),
    ]
  }
}
