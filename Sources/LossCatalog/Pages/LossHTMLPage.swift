internal import LossCore
internal import LossPlots

/// The page of a loss.
struct LossHTMLPage {
  let entry: LossEntry
  let family: String
  let registry: LossRegistry
  let plot: Result<LossPlot, LossError>

  private var metadata: LossMetadata { entry.metadata }
  private var signature: LossSignature { entry.signature }

  var html: String {
    let curve = try? plot.get().curve
    let familyLink = HTML.link("../index.html#\(HTML.escaped(family))", HTML.escaped(family))
    let body =
      "<p class=\"family\">\(familyLink)</p>\n<h1>\(HTML.breakable(metadata.name))</h1>\n"
      + "<p class=\"summary\">\(HTML.escaped(metadata.summary))</p>\n"
      + alsoKnownAs
      + HTML.section("When to use", usage)
      + HTML.section("Formula", formula)
      + HTML.section("Plot", plotted)
      + HTML.section("Inputs", inputs)
      + HTML.section("Options", options)
      + HTML.section("Declaration", declaration)
      + HTML.section("Gradient", gradient(curve))
      + HTML.section("Domain and edge cases", domain(curve?.slice))
      + HTML.section("Properties", HTML.list(entry.properties.map { HTML.escaped($0.description) }))
      + HTML.section("Example", example)
      + HTML.section("In other frameworks", dialectEntries)
      + HTML.section("References", HTML.list(metadata.references.map(HTML.escaped)))
    return HTML.page(title: "\(metadata.name) · losses", root: "../", body: body)
  }

  private var alsoKnownAs: String {
    let names = metadata.alsoKnownAs.map(HTML.code)
    return names.isEmpty
      ? "" : "<p class=\"known\">Also known as \(names.joined(separator: ", "))</p>\n"
  }

  /// When to use the loss, and its alternatives.
  private var usage: String {
    let related = metadata.related.compactMap { name in
      registry.entry(named: name).map { other in
        link(to: other)
          + "<br><span>\(HTML.escaped(other.metadata.summary))</span>"
      }
    }
    let list =
      related.isEmpty ? "" : "<h3>Related</h3>\n<div class=\"related\">\(HTML.list(related))</div>"
    return [metadata.usage.isEmpty ? "" : "<p>\(mentions(metadata.usage))</p>", list]
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// A text in which the names of other losses are links, and those of options are code.
  private func mentions(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let start = word.prefix { $0 == "(" }
      let name = word.dropFirst(start.count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      let end = word.dropFirst(start.count + name.count)
      return HTML.escaped(String(start)) + mention(String(name)) + HTML.escaped(String(end))
    }.joined(separator: " ")
  }

  private func mention(_ name: String) -> String {
    if entry.options.contains(where: { $0.name == name }), name.count > 1 { return HTML.code(name) }
    // Some names, such as `sum`, are also words.
    let isLoss = metadata.related.contains(name) || name.contains("_")
    guard isLoss, name != metadata.name, let other = registry.entry(named: name) else {
      return name.contains("_") ? HTML.code(name) : HTML.escaped(name)
    }
    return link(to: other)
  }

  private func link(to other: LossEntry) -> String {
    let file = Catalog.path(of: other.metadata.name).dropFirst("losses/".count)
    return HTML.link(String(file), HTML.breakable(other.metadata.name))
  }

  private var formula: String {
    "<div class=\"formula\">\(MathML.block(metadata.formula))</div>\n"
      + "<details><summary>As text</summary>\(HTML.listing(metadata.formula))</details>"
  }

  // MARK: Plot and gradient

  private var plotted: String {
    switch plot {
    case .failure(let error): "<p>No plot: \(HTML.escaped(error.description))</p>"
    case .success(let plot): plot.html
    }
  }

  private func gradient(_ curve: Curve?) -> String {
    let roles = signature.inputs.filter(\.isDifferentiable).map { HTML.code($0.role.name) }
    let loss = try? registry.loss(named: metadata.name).base
    let twiceDifferentiable = loss?.rolesWithSecondDerivative.map { HTML.code($0.name) } ?? []
    var items = [
      roles.isEmpty
        ? "No gradient." : "Exact, with respect to \(roles.joined(separator: ", "))."
    ]
    if !twiceDifferentiable.isEmpty {
      items.append(
        "Second derivative (diagonal of the Hessian), with respect to"
          + " \(twiceDifferentiable.joined(separator: ", ")).")
    }
    let hessian = loss?.rolesWithHessianVectorProduct.map { HTML.code($0.name) } ?? []
    if !hessian.isEmpty {
      items.append(
        "Product of the Hessian with a vector, with respect to \(hessian.joined(separator: ", ")).")
    }
    if let curve {
      items += curve.kinks.map { kink in
        let held = curve.slice.held.isEmpty ? "" : " with \(HTML.escaped(curve.slice.held))"
        return "\(kink.isJump ? "Jump" : "Kink") where \(HTML.escaped(curve.slice.axis)) ="
          + " \(number(kink.point.x))\(held): the derivative jumps from"
          + " \(number(kink.left.derivative)) to \(number(kink.right.derivative));"
          + " the loss returns \(number(kink.point.derivative))."
      }
    }
    let text = metadata.gradient.isEmpty ? "" : "<p>\(HTML.escaped(metadata.gradient))</p>\n"
    return text + HTML.list(items)
  }

  // MARK: Inputs and options

  private var inputs: String {
    var rows = signature.inputs.map { input in
      [
        HTML.code(input.role.name),
        input.encodings.map { "\(HTML.escaped(input.phrase($0))) \(shapes($0.axes))" }
          .joined(separator: "<br>or "),
        input.notes.joined(separator: ", "),
      ]
    }
    if rows.isEmpty { rows.append(["", "the inputs of its parts", ""]) }
    let covered =
      signature.maskCovers == .terms
      ? "term" : "element of \(signature.inputs.first?.role.name ?? "the first input")"
    rows.append([HTML.code("weight"), "nonnegative numbers, one per term", "optional"])
    rows.append([
      HTML.code("mask"), "true keeps, false removes; one per \(HTML.escaped(covered))", "optional",
    ])
    var notes =
      "<p>Terms: \(shapes(signature.terms)). Default reduction:"
      + " \(HTML.code(entry.defaultReduction.optionValue.text)).</p>"
    if let axis = signature.classAxis {
      notes += "\n<p>Class axis: \(HTML.code(axis)), the last axis by default.</p>"
    }
    return HTML.table(["Role", "Content", "Notes"], rows) + "\n" + notes
  }

  private func shapes(_ axes: AxisPattern) -> String {
    signature.shapes(axes).split(separator: " or ").map { shape in
      shape.hasPrefix("[")
        ? "<code class=\"shape\">\(HTML.escaped(String(shape)))</code>"
        : HTML.escaped(String(shape))
    }.joined(separator: " or ")
  }

  private var options: String {
    let rows = entry.options.map { option in
      [
        HTML.code(option.name), HTML.code(option.defaultValue.text), HTML.escaped(option.range),
        HTML.escaped(option.summary),
      ]
    }
    return rows.isEmpty
      ? "<p>None.</p>" : HTML.table(["Option", "Default", "Range", "Meaning"], rows)
  }

  /// The declaration in Swift with its defaults, the call, and the configuration in JSON.
  private var declaration: String {
    let json = "<h3>In JSON</h3>\n\(HTML.listing(entry.configuration(width: 80)))"
    guard let declaration = entry.declaration?() else { return json }
    let lines = [
      "import \(declaration.module)", "",
      "let loss = \(declaration.initializer(width: 70))", declaration.call(of: entry),
    ]
    return "<h3>In Swift</h3>\n\(HTML.listing(lines.joined(separator: "\n")))\n\(json)"
  }

  // MARK: Domain

  private func domain(_ slice: LossSlice?) -> String {
    var text = metadata.domain.isEmpty ? "" : "<p>\(HTML.escaped(metadata.domain))</p>\n"
    guard let slice else { return text }
    let edges =
      slice.domain.upperBound.isFinite
      ? [slice.domain.lowerBound, slice.domain.upperBound]
      : [max(slice.domain.lowerBound, -1000), 0, 1000]
    var distinctEdges: [Double] = []
    for edge in edges where !distinctEdges.contains(edge) { distinctEdges.append(edge) }
    let rows = distinctEdges.map { edge in
      let point = slice.point(at: edge)
      return [number(edge), number(point.value)]
        + (slice.hasDerivative ? [number(point.derivative)] : [])
    }
    let held = slice.held.isEmpty ? "" : ", with \(HTML.escaped(slice.held))"
    text += "<p>Values at the edges, for the \(HTML.escaped(slice.axis))\(held):</p>\n"
    let columns = ["Prediction", "Loss"] + (slice.hasDerivative ? ["Gradient"] : [])
    return text + HTML.table(columns, rows)
  }

  private func number(_ number: Double) -> String {
    let text =
      number.isNaN ? "NaN" : number.isInfinite ? "∞" : OptionValue.number(number.magnitude).text
    return HTML.escaped(number < 0 ? "−\(text)" : text)
  }

  // MARK: Example and names

  private var example: String {
    do throws(LossError) {
      let example = try WorkedExample(of: entry, in: registry)
      return
        "<h3>On the command line</h3>\n\(HTML.listing("$ \(example.command)\n\(example.prints)"))\n"
        + "<h3>In Swift</h3>\n\(HTML.listing(example.swift))"
    } catch {
      return "<p>No example: \(HTML.escaped(error.description))</p>"
    }
  }

  private var dialectEntries: String {
    let rows = metadata.dialectEntries.map { dialectEntry in
      [
        HTML.escaped(dialectEntry.dialect.title),
        dialectEntry.qualifiedNames.map(HTML.code).joined(separator: "<br>"),
        dialectEntry.knownOptions.compactMap(\.names.first).map(HTML.code).joined(separator: ", "),
      ]
    }
    return HTML.table(["Framework", "Names", "Options"], rows)
  }
}
