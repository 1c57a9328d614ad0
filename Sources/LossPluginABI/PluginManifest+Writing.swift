package import LossCore

// The manifests of a library, which the host reads in `PluginManifest+Reading.swift`.

extension LossPlugin {
  var manifest: OptionValue {
    ["name": .text(name), "losses": .list(losses.map(\.manifest))]
  }
}

extension LossEntry {
  /// The manifest of a loss, with the keys of CLossPlugin.h.
  package var manifest: OptionValue {
    [
      "name": .text(metadata.name), "summary": .text(metadata.summary),
      "formula": .text(metadata.formula),
      "kind": kind.optionValue, "domain": .text(metadata.domain),
      "gradient": .text(metadata.gradient), "usage": .text(metadata.usage),
      "related": metadata.related.optionValue,
      "also_known_as": metadata.alsoKnownAs.optionValue,
      "references": metadata.references.optionValue,
      "spellings": .list(metadata.dialectEntries.map(\.manifest)),
      "options": .list(options.map(\.manifest)),
      "signature": signature.manifest, "reduction": defaultReduction.optionValue,
      "traits": .list(properties.map(\.manifest)),
    ]
  }
}

extension LossProperty {
  fileprivate var manifest: OptionValue {
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
  fileprivate var manifest: OptionValue {
    [
      "name": .text(name), "default": defaultValue, "range": .text(range),
      "summary": .text(summary),
    ]
  }
}

extension LossProtocol {
  /// The manifest of a configured loss, whose signature may depend on its options.
  package var manifest: OptionValue {
    [
      "name": .text(name), "options": .object(options.values), "signature": signature.manifest,
      "reduction": defaultReduction.optionValue, "description": .text(description),
      "second_derivatives": rolesWithSecondDerivative.optionValue,
      "hessian_products": rolesWithHessianVectorProduct.optionValue,
      "traits": .list(properties.map(\.manifest)),
    ]
  }
}

extension LossSignature {
  fileprivate var manifest: OptionValue {
    [
      "inputs": .list(inputs.map(\.manifest)), "terms": .text(terms.text),
      "class_axis": classAxis.optionValue,
      "mask_covers": .text(maskCovers == .terms ? "terms" : "elements"),
    ]
  }
}

extension InputSpecification {
  fileprivate var manifest: OptionValue {
    [
      "role": .text(role.name), "domain": .text(domain.rawValue),
      "forms": .list(encodings.map(\.manifest)), "differentiable": .flag(isDifferentiable),
      "optional": .flag(isOptional),
      "list_end": listEnd.map { .number(Double($0)) } ?? .null,
    ]
  }
}

extension InputSpecification.Encoding {
  fileprivate var manifest: OptionValue {
    switch kind {
    case .real: ["kind": "real", "axes": .text(axes.text)]
    case .group: ["kind": "group", "axes": .text(axes.text)]
    case .classIndex(let axis): manifest("class_index", axis)
    case .label(let axis): manifest("label", axis)
    case .length(let axis): manifest("length", axis)
    }
  }

  private func manifest(_ kind: String, _ axis: String) -> OptionValue {
    ["kind": .text(kind), "of": .text(axis), "axes": .text(axes.text)]
  }
}

extension AxisPattern {
  /// The pattern in signature notation.
  fileprivate var text: String { axes.map(\.description).joined(separator: " ") }
}

extension DialectEntry {
  /// The manifest of a spelling, with the keys of CLossPlugin.h.
  package var manifest: OptionValue {
    [
      "dialect": [
        "name": .text(dialect.name), "title": .text(dialect.title),
        "aliases": dialect.aliases.optionValue,
        "options": .list(dialect.options.map(\.manifest)),
      ],
      "names": names.optionValue, "arguments": .list(arguments.map(\.manifest)),
      "options": .list(options.map(\.manifest)),
      "optional_arguments": optionalArguments.optionValue,
      "checks": .text(domainChecks.rawValue),
      "input_names": .list(inputNames.map(\.manifest)),
    ]
  }
}

extension DialectOption {
  fileprivate var manifest: OptionValue {
    ["names": names.optionValue, "summary": .text(summary), "tensor": .flag(isTensor)]
  }
}

extension DialectArgument {
  fileprivate var manifest: OptionValue {
    ["role": .text(role.name), "names": names.optionValue, "adapted": .flag(isAdapted)]
  }
}

extension DialectResolution {
  var manifest: OptionValue {
    [
      "options": .object(options), "reduction": reduction.optionValue,
      "class_axis": classAxis.optionValue, "keeps_axes": .flag(keepsDimensions),
      "scale": .number(scale), "joined_axes": joinedAxes.optionValue,
      "inputs": .object(inputs), "optional_arguments": optionalArguments.optionValue,
      "ignored": ignored.map { [$0.number, $0.isCounted ? 1 : 0] }.optionValue,
    ]
  }
}

extension LossError {
  /// The manifest of an error, with the keys of CLossPlugin.h.
  package var manifest: OptionValue {
    [
      "code": .text(code.rawValue), "loss": .text(loss), "subject": .text(subject),
      "found": .text(found), "expected": .text(expected), "hint": .text(hint),
    ]
  }
}
