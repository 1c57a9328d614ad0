import Foundation
import LossFunctions
import Testing

@testable import LossPlots

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct SVGChartTests {
  private func curves(_ names: [String]) throws -> [Curve] {
    try names.map { name in
      try Curve(name, LossSlice(of: LossRegistry.linked.loss(named: name).base))
    }
  }

  @Test("Every plot is well-formed XML, and has a description and every curve in every panel")
  func wellFormed() throws {
    let names = LossRegistry.linked.names.filter {
      (try? curves([$0]))?[0].slice.hasDerivative ?? false
    }
    for names in names.map({ [$0] }) + [names] {
      let chart = try LossChart(curves(names), panels: [.loss, .gradient])
      for standalone in [true, false] {
        let svg = Outline(SVGChart.text(of: chart, standalone: standalone))
        #expect(svg.error == nil, "\(names)")
        #expect(svg.attributes(of: "svg").first?["role"] == "img")
        #expect(svg.count(of: "title") == 1)
        #expect(svg.count(of: "desc") == 1)
        #expect(svg.count(of: "style") == (standalone ? 1 : 0))
        let lines = svg.attributes(of: "path").filter { $0["class"]?.hasPrefix("curve") == true }
        #expect(lines.count == names.count * (standalone ? 3 : 2))
        #expect(lines.allSatisfy { $0["d"]?.contains("nan") == false })
        #expect(lines.allSatisfy { $0["d"]?.contains("inf") == false })
      }
    }
  }

  @Test("A kink has a filled dot at the returned derivative, and open dots at other limits")
  func dots() throws {
    func dots(_ name: String, _ panel: LossChart.Panel) throws -> [[String]] {
      let chart = try LossChart(curves([name]), panels: [panel])
      return Outline(SVGChart.text(of: chart, standalone: false)).attributes(of: "circle").map {
        [$0["class"] ?? "", $0["cx"] ?? "", $0["cy"] ?? ""]
      }
    }
    // The derivatives -1, 1 and 0, at the same x; y increases downwards.
    let steps = try dots("mean_absolute_error", .gradient)
    #expect(steps.map { $0[0] } == ["open c0", "open c0", "closed c0"])
    #expect(Set(steps.map { $0[1] }).count == 1)
    let heights = steps.compactMap { Double($0[2]) }
    try #require(heights.count == 3)
    #expect(heights[1] < heights[2])
    #expect(heights[2] < heights[0])
    #expect(try dots("mean_absolute_error", .loss).map { $0[0] } == ["closed c0"])
    #expect(try dots("hinge", .gradient).map { $0[0] } == ["open c0", "closed c0"])
    #expect(try dots("huber", .gradient).isEmpty)
  }

  @Test("Curves differ in dashes, not only in color")
  func dashes() throws {
    let names = LossRegistry.linked.names.filter { (try? curves([$0])) != nil }.prefix(12)
    let svg = Outline(SVGChart.text(of: try LossChart(curves(Array(names)))))
    let styles = svg.attributes(of: "path").filter { $0["class"]?.hasPrefix("curve") == true }
      .prefix(names.count).map { "\($0["class"] ?? "") \($0["stroke-dasharray"] ?? "")" }
    #expect(Set(styles).count == names.count)
    let first = Set(styles.prefix(6).map { $0.split(separator: " ").dropFirst(2) })
    #expect(first.count == 6)
  }

  @Test("Poles are clipped, and texts are escaped for XML")
  func edges() throws {
    let chart = try LossChart(curves(["kl_divergence"]), title: "a < b & \"c\"", panels: [.loss])
    #expect(chart.scale(of: .loss).range.upperBound < 10)
    let svg = SVGChart.text(of: chart)
    #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
    #expect(svg.contains("prefers-color-scheme: dark"))
  }

  @Test("The description mentions kinks")
  func description() throws {
    let chart = try LossChart(curves(["mean_absolute_error"]))
    #expect(chart.description.contains("mean_absolute_error has a kink at 0"))
    #expect(chart.description.contains("from -1 to 1"))
  }
}

@Suite struct PlotScaleTests {
  @Test("Tick marks are round numbers, with as many decimals as necessary")
  func marks() {
    func labels(_ range: ClosedRange<Double>) -> [String] {
      let scale = PlotScale(range)
      return scale.ticks.map(scale.label)
    }
    #expect(labels(-3...3) == ["−3", "−2", "−1", "0", "1", "2", "3"])
    #expect(labels(0...1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(0...0.05) == ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05"])
    #expect(labels(-250...900) == ["−200", "0", "200", "400", "600", "800"])
    #expect(labels(1e9...2e9).first == "1000000000.0")
  }

  @Test("Constant and nonfinite data have a valid range")
  func degenerate() {
    #expect(PlotScale(fitting: [[2, 2, 2]]).range == 1...3)
    #expect(PlotScale(fitting: [[.nan, .infinity]]).range.contains(0.5))
  }
}

@Suite struct TerminalPlotTests {
  @Test("A text plot has at most 12 lines of 60 characters, and can be plain ASCII")
  func size() throws {
    for name in LossRegistry.linked.names {
      guard let loss = try? LossRegistry.linked.loss(named: name).base,
        let curve = try? Curve(name, LossSlice(of: loss))
      else { continue }
      for glyphs in [TerminalPlot.GlyphSet.braille, .ascii] {
        let lines = TerminalPlot.lines(of: curve, glyphs: glyphs)
        #expect(lines.count <= 12)
        #expect(lines.allSatisfy { $0.count <= 60 }, "\(name)")
        let isPlain = lines.joined().utf8.allSatisfy { $0 < 0x80 }
        #expect(isPlain == (glyphs == .ascii))
      }
    }
  }

  @Test("The absolute error is V-shaped")
  func shape() throws {
    let loss = try LossRegistry.linked.loss(named: "mean_absolute_error").base
    let lines = TerminalPlot.lines(of: try Curve("", LossSlice(of: loss)), glyphs: .ascii)
    let stars = lines.dropLast().map { line in
      line.enumerated().filter { $0.element == "*" }.map(\.offset)
    }
    // From both upper corners to the middle of the bottom rows.
    #expect(stars.first.map { $0.count >= 2 && $0[0] < 8 && ($0.last ?? 0) > 50 } == true)
    for (upper, lower) in zip(stars, stars.dropFirst()) where !lower.isEmpty && !upper.isEmpty {
      #expect(upper[0] <= lower[0])
      #expect((upper.last ?? 0) >= (lower.last ?? 0))
    }
  }
}

/// The elements of an XML document.
final class Outline: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var error: (any Error)?

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    if !parser.parse() { error = parser.parserError ?? CocoaError(.coderReadCorrupt) }
  }

  func count(of name: String) -> Int { elements.count { $0.name == name } }

  func attributes(of name: String) -> [[String: String]] {
    elements.filter { $0.name == name }.map(\.attributes)
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
  }
}
