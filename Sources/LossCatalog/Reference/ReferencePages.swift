public import LossCore

/// The tables of every loss of a registry, as pages in Markdown.
public struct ReferencePages {
  let registry: LossRegistry

  /// The pages of the losses of a registry.
  public init(of registry: LossRegistry) { self.registry = registry }

  /// The pages: the path of each below the folder of the pages, and its text.
  public func pages() -> [(path: String, text: String)] {
    [
      ("Losses.md", losses), ("Options.md", options), ("Inputs.md", inputs),
      ("Gradients.md", gradients), ("Properties.md", properties),
    ]
      + registry.dialects.map { dialect in
        ("Dialects/\(dialect.name).md", DialectReference(dialect, of: registry).text)
      }
  }

  /// A page with one table, of what is not in a registry.
  public static func page(
    title: String, introduction: String, columns: [String], rows: [[String]]
  ) -> String {
    Markdown.page(title: title, [introduction, Markdown.table(columns, rows)])
  }

  /// A table for each family that has rows.
  private func tables(_ columns: [String], _ rows: (LossEntry) -> [[String]]) -> [String] {
    registry.plugins.flatMap { plugin in
      let rows = plugin.losses.flatMap(rows)
      return rows.isEmpty ? [] : ["## \(plugin.name)", Markdown.table(columns, rows)]
    }
  }

  // MARK: Losses and options

  private var losses: String {
    let introduction = """
      Every loss by family. `losses show NAME` prints its formula, options and references.
      """
    return Markdown.page(
      title: "Losses",
      [introduction]
        + tables(["Loss", "Swift type", "Summary", "Use"]) { entry in
          [
            [
              Markdown.code(entry.metadata.name), Markdown.code(entry.declaration?().type ?? ""),
              entry.metadata.summary, entry.metadata.usage,
            ]
          ]
        })
  }

  private var options: String {
    let introduction = """
      The options of every loss, by their names in JSON and on the command line. In Swift they are \
      parameters of the initialiser in camel case: `class_weights` is `classWeights`. A loss that \
      is not listed has none.
      """
    return Markdown.page(
      title: "Options",
      [introduction]
        + tables(["Loss", "Option", "Default", "Range", "Meaning"]) { entry in
          entry.options.enumerated().map { index, option in
            [
              index == 0 ? Markdown.code(entry.metadata.name) : "", Markdown.code(option.name),
              Markdown.code(option.defaultValue.text), option.range, option.summary,
            ]
          }
        })
  }

  // MARK: Inputs

  private var inputs: String {
    let introduction = """
      The inputs of every loss with default options, in the order of the arguments. Shapes are \
      examples: N samples, C classes, D features, H and W space, T time steps, U labels, L items \
      of a list.

      *Terms* is the shape of the unreduced result. A `weight` has the shape of the terms. A \
      `mask` has the shape of the terms, or that of the first input where *Mask* says elements. \
      *Reduction* is the default.
      """
    return Markdown.page(
      title: "Inputs",
      [introduction]
        + tables(["Loss", "Inputs", "Terms", "Mask", "Reduction", "Domain"]) { entry in
          let signature = entry.signature
          return [
            [
              Markdown.code(entry.metadata.name),
              signature.inputs.isEmpty
                ? "those of its parts"
                : signature.inputs.map { input($0, signature) }.joined(separator: "<br>"),
              signature.inputs.isEmpty ? "" : shapes(signature, signature.terms),
              signature.maskCovers == .terms ? "terms" : "elements",
              Markdown.code(entry.defaultReduction.optionValue.text), entry.metadata.domain,
            ]
          ]
        })
  }

  private func input(_ input: InputSpecification, _ signature: LossSignature) -> String {
    let encodings = input.encodings.map {
      "\(input.phrase($0)) \(shapes(signature, $0.axes))"
    }
    return "\(Markdown.code(input.role.name)): \(encodings.joined(separator: ", or "))"
      + (input.isOptional ? ", optional" : "")
  }

  private func shapes(_ signature: LossSignature, _ axes: AxisPattern) -> String {
    signature.shapes(axes).split(separator: " or ").map { shape in
      shape.hasPrefix("[") ? Markdown.code(String(shape)) : String(shape)
    }.joined(separator: " or ")
  }

  // MARK: Gradients and properties

  private var gradients: String {
    let introduction = """
      The inputs with respect to which each loss has a gradient, a second derivative (the \
      diagonal of the Hessian) and products of the Hessian with a vector, and the subgradient that \
      it takes where it has no derivative. Class indices, labels, lengths, `weight` and `mask` \
      have no gradient.
      """
    return Markdown.page(
      title: "Gradients",
      [introduction]
        + tables([
          "Loss", "Gradient", "Second derivative", "Hessian times vector", "Kinks and subgradients",
        ]) { entry in
          let loss = try? registry.loss(named: entry.metadata.name).base
          let differentiable = entry.signature.inputs.filter(\.isDifferentiable).map(\.role.name)
          return [
            [
              Markdown.code(entry.metadata.name), Markdown.codes(differentiable),
              Markdown.codes(loss?.rolesWithSecondDerivative.map(\.name) ?? []),
              Markdown.codes(loss?.rolesWithHessianVectorProduct.map(\.name) ?? []),
              entry.metadata.gradient,
            ]
          ]
        })
  }

  private var properties: String {
    let introduction = """
      The properties that each loss declares for its terms with default options, for every input in \
      its domain. The laws search for counter-examples.

      | property | meaning |
      | --- | --- |
      | convex | a convex function of the predictions |
      | non-negative, range | bounds of the terms |
      | symmetric | the first two inputs can be exchanged |
      | zero at target | 0 where the prediction equals the target |
      | Lipschitz L | no term changes faster than L times the Euclidean distance of the predictions |
      | twice differentiable | twice continuously differentiable in the predictions |
      | stops gradient through X | the gradient holds the part X of the formula constant |
      | batch dependent | a term depends on other samples of the batch |
      | position dependent | a term depends on the positions of its elements |

      Partial results, of shards of the data, hold the sum of the *terms*, or the *sums* of each \
      region, or those of the *parts* of the loss; without them a result needs the inputs of all \
      shards.
      """
    return Markdown.page(
      title: "Properties",
      [introduction]
        + tables(["Loss", "Properties", "Partial results"]) { entry in
          [
            [
              Markdown.code(entry.metadata.name),
              entry.properties.map(\.description).joined(separator: ", "),
              partialResults(of: entry),
            ]
          ]
        })
  }

  /// What the partial results of a loss with default options hold.
  private func partialResults(of entry: LossEntry) -> String {
    guard let loss = try? entry.make([:], registry) else { return "" }
    return switch loss.partialForm {
    case .terms: "terms"
    case .regionSums: "sums"
    case .parts: "parts"
    case nil: ""
    }
  }
}
