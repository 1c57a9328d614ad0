internal import LossCore
import LossPlots

/// The page of a loss.
struct LossHTMLPage {
  let entry: LossEntry
  let family: String
  let registry: LossRegistry

  private var metadata: LossMetadata { entry.metadata }
  private var signature: LossSignature { entry.signature }

  var html: String {
    let slice = Result { () throws(LossError) in
      try LossSlice(of: registry.loss(named: metadata.name))
    }
    let curve = slice.flatMap { slice in
      Result { () throws(LossError) in try Curve(metadata.name, slice) }
    }
    let familyLink = HTML.link("../index.html#\(HTML.escaped(family))", HTML.escaped(family))
    let body =
      "<p class=\"family\">\(familyLink)</p>\n<h1>\(HTML.breakable(metadata.name))</h1>\n"
      + "<p class=\"summary\">\(HTML.escaped(metadata.summary))</p>\n"
      + HTML.section("Formula", formula)
      + HTML.section("Plot", plot(curve))
      + HTML.section("Inputs", inputs)
      + HTML.section("Options", options)
      + HTML.section("Gradient", gradient(try? curve.get()))
      + HTML.section("Domain and edge cases", domain(try? slice.get()))
      + HTML.section("Properties", HTML.list(entry.properties.map { HTML.escaped($0.description) }))
      + HTML.section("Example", example)
      + HTML.section("In other frameworks", dialectEntries)
      + HTML.section("References", HTML.list(metadata.references.map(HTML.escaped)))
    return HTML.page(title: "\(metadata.name) · losses", root: "../", body: body)
  }

  private var formula: String {
    "<div class=\"formula\">\(MathML.block(metadata.formula))</div>\n"
      + "<details><summary>As text</summary>\(HTML.listing(metadata.formula))</details>"
  }

  // MARK: Plot and gradient

  private func plot(_ curve: Result<Curve, LossError>) -> String {
    switch curve {
    case .failure(let error):
      return "<p>There is no plot: \(HTML.escaped(error.description))</p>"
    case .success(let curve):
      let panels: [LossChart.Panel] = curve.slice.hasDerivative ? [.loss, .gradient] : [.loss]
      let charts = panels.compactMap { panel in
        (try? LossChart([curve], panels: [panel])).map {
          "<figure>\n\(SVGChart.text(of: $0, standalone: false))</figure>"
        }
      }
      let words = ["losses", "plot", metadata.name] + (panels.count > 1 ? ["--gradient"] : [])
      return "<div class=\"plots\">\n\(charts.joined(separator: "\n"))\n</div>\n"
        + HTML.listing((words + ["-o", "plot.svg"]).joined(separator: " "))
    }
  }

  private func gradient(_ curve: Curve?) -> String {
    let roles = signature.inputs.filter(\.isDifferentiable).map { HTML.code($0.role.name) }
    let loss = try? registry.loss(named: metadata.name).base
    let curved = loss?.rolesWithSecondDerivative.map { HTML.code($0.name) } ?? []
    var items = [
      roles.isEmpty
        ? "There is no gradient." : "Exact, with respect to \(roles.joined(separator: ", "))."
    ]
    if !curved.isEmpty {
      items.append(
        "The second derivative, the diagonal of the Hessian: \(curved.joined(separator: ", ")).")
    }
    if let curve {
      items += curve.kinks.map { kink in
        let held = curve.slice.held.isEmpty ? "" : " with \(HTML.escaped(curve.slice.held))"
        return "A \(kink.isJump ? "jump" : "kink") where the \(HTML.escaped(curve.slice.axis)) is"
          + " \(number(kink.place.x))\(held): the slope goes from \(number(kink.left.derivative)) to"
          + " \(number(kink.right.derivative)), and is stated as \(number(kink.place.derivative))."
      }
    }
    return HTML.list(items)
  }

  // MARK: Inputs and options

  private var inputs: String {
    var rows = signature.inputs.map { input in
      [
        HTML.code(input.role.name),
        input.encodings.map { "\(HTML.escaped(input.phrase($0))) \(HTML.code("\($0.axes)"))" }
          .joined(separator: "<br>or "),
        input.notes.joined(separator: ", "),
      ]
    }
    if rows.isEmpty { rows.append(["", "those of its parts", ""]) }
    let covered =
      signature.maskCovers == .terms
      ? "term" : "element of \(signature.inputs.first?.role.name ?? "the leading input")"
    rows.append([HTML.code("weight"), "numbers of at least zero, for each term", "optional"])
    rows.append([
      HTML.code("mask"), "true keeps, false removes, for each \(HTML.escaped(covered))", "optional",
    ])
    var notes =
      "<p>One term for each of \(HTML.code("\(signature.terms)")), reduced by"
      + " \(HTML.code(entry.defaultReduction.optionValue.text)) where nothing else is said.</p>"
    if let axis = signature.classAxis {
      notes += "\n<p>The axis \(HTML.code(axis)) is the last, or any that the call names.</p>"
    }
    return HTML.table(["Role", "Holds", "Notes"], rows) + "\n" + notes
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

  // MARK: Domain

  private func domain(_ slice: LossSlice?) -> String {
    var text = metadata.domain.isEmpty ? "" : "<p>\(HTML.escaped(metadata.domain))</p>\n"
    guard let slice else { return text }
    let edges =
      slice.domain.upperBound.isFinite
      ? [slice.domain.lowerBound, slice.domain.upperBound]
      : [max(slice.domain.lowerBound, -1000), 0, 1000]
    var places: [Double] = []
    for edge in edges where !places.contains(edge) { places.append(edge) }
    let rows = places.map { place in
      let point = slice.point(at: place)
      return [number(place), number(point.value)]
        + (slice.hasDerivative ? [number(point.derivative)] : [])
    }
    let held = slice.held.isEmpty ? "" : ", with \(HTML.escaped(slice.held))"
    text += "<p>At the edges, computed for the \(HTML.escaped(slice.axis))\(held):</p>\n"
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
      return "<p>There is no example: \(HTML.escaped(error.description))</p>"
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
