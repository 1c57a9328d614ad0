import Foundation
import LossFunctions
import Testing

@testable import LossCatalog

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct CatalogTests {
  private static let pages = Catalog(of: .linked).pages()
  /// The paths of the pages in HTML.
  private static let html = pages.map(\.path).filter { $0.hasSuffix(".html") }

  /// The page at a path.
  private func page(at path: String) throws -> Catalog.Page {
    try #require(Self.pages.first { $0.path == path }, "\(path)")
  }

  /// A page as XML, with void elements closed.
  private func outline(_ page: Catalog.Page) -> Outline {
    Outline(
      page.text.replacing(/<(meta|link|input|br|wbr)([^>]*)>/) { "<\($0.1)\($0.2)/>" }
        .replacing(" hidden>", with: " hidden=\"\">").replacing("<!DOCTYPE html>", with: ""))
  }

  @Test("Every loss has a page, and file names are unique")
  func everyLoss() {
    let paths = Self.pages.map(\.path)
    #expect(Set(paths).count == paths.count)
    for name in LossRegistry.linked.names { #expect(paths.contains("losses/\(name).html")) }
  }

  @Test("Every page is well-formed, and element ids are unique", arguments: html)
  func wellFormed(path: String) throws {
    let page = try page(at: path)
    let outline = outline(page)
    #expect(outline.error == nil, "\(page.path)")
    let names = outline.elements.compactMap { $0.attributes["id"] }
    #expect(Set(names).count == names.count)
    #expect(outline.elements.count { $0.name == "h1" } == 1)
    #expect(page.text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
  }

  @Test("Every link refers to an existing page and id, and none is external", arguments: html)
  func links(path: String) throws {
    let page = try page(at: path)
    let folder = URL(filePath: "/site/\(page.path)")
    for (name, attributes) in outline(page).elements {
      guard let address = attributes["href"] ?? attributes["src"], address != "data:," else {
        continue
      }
      #expect(!address.contains("//"), "\(name) \(address)")
      let url = try #require(URL(string: address, relativeTo: folder)?.absoluteURL)
      let path = String(url.path.dropFirst("/site/".count))
      let target = try #require(Self.pages.first { $0.path == path }, "\(page.path): \(address)")
      if let fragment = url.fragment {
        #expect(target.text.contains("id=\"\(fragment)\""), "\(page.path): \(address)")
      }
    }
    #expect(!page.text.replacing("http://www.w3.org/", with: "").contains("http"))
  }

  @Test("The migration table links every name of another framework to our loss")
  func migration() throws {
    let page = try page(at: "migration.html")
    let text = page.text.replacing("<wbr>", with: "")
    for name in LossRegistry.linked.dialectNames {
      let loss = try #require(LossRegistry.linked.entry(named: name)).metadata.name
      let row = "<code>\(name)</code></td><td data-head=\"Ours\"><a href=\"losses/\(loss).html\">"
      #expect(text.contains(row), "\(name)")
    }
  }

  /// The JSON of a script element.
  private func json(_ id: String, of page: Catalog.Page) throws -> [[String: Any]] {
    let start = try #require(page.text.firstRange(of: "id=\"\(id)\">")).upperBound
    let end = try #require(page.text[start...].firstRange(of: "</script>")).lowerBound
    let json = try JSONSerialization.jsonObject(with: Data(page.text[start..<end].utf8))
    return try #require(json as? [[String: Any]])
  }

  @Test("The search index has every name, in the order of the registry, and what is searched")
  func search() throws {
    let page = try page(at: "index.html")
    let items = try json("losses", of: page)
    let entries = LossRegistry.linked.plugins.flatMap(\.losses)
    #expect(items.compactMap { $0["name"] as? String } == entries.map(\.metadata.name))
    let words = Set(items.flatMap { $0["words"] as? [String] ?? [] })
    #expect(words.isSuperset(of: LossRegistry.linked.dialectNames))
    let paths = Set(Self.pages.map(\.path))
    #expect(items.allSatisfy { paths.contains($0["page"] as? String ?? "") })
    for (item, entry) in zip(items, entries) {
      #expect(item["summary"] as? String == entry.metadata.summary)
      #expect(item["usage"] as? String == entry.metadata.usage)
      #expect(item["known"] as? [String] == entry.metadata.alsoKnownAs)
      let frameworks = Set(entry.metadata.dialectEntries.map(\.dialect.name))
      #expect(Set(item["frameworks"] as? [String] ?? []) == frameworks)
    }
  }

  @Test("Every loss has a card, in the order of the search index, and a plot if it can be plotted")
  func cards() throws {
    let page = try page(at: "index.html")
    let cards = page.text.matches(of: /<li>(?<plot><svg.*?<\/svg>)?<h3><a href="(?<page>[^"]*)">/)
    let pages = try json("losses", of: page).compactMap { $0["page"] as? String }
    #expect(cards.map { String($0.page) } == pages)
    for card in cards {
      let loss = try #require(Self.pages.first { $0.path == card.page })
      #expect((card.plot == nil) == loss.text.contains("<p>No plot: "), "\(card.page)")
    }
    #expect(cards.count { $0.plot != nil } > 50)
  }

  @Test("The filters offer every framework, and tasks beyond the family")
  func filters() throws {
    let page = try page(at: "index.html")
    for dialect in LossRegistry.linked.dialects {
      #expect(page.text.contains("<option value=\"\(dialect.name)\">"))
    }
    let items = try json("losses", of: page)
    func tasks(_ name: String) -> [String] {
      items.first { $0["name"] as? String == name }?["tasks"] as? [String] ?? []
    }
    #expect(tasks("dice_ce") == ["compound", "segmentation"])
    #expect(tasks("giou") == ["regression", "detection"])
    for task in items.flatMap({ $0["tasks"] as? [String] ?? [] }) {
      #expect(page.text.contains("name=\"task\" value=\"\(task)\""))
    }
  }

  @Test("Sliders have a path in each panel for every value but the default", arguments: html)
  func sliders(path: String) throws {
    let page = try page(at: path)
    guard page.text.contains("id=\"curves\"") else { return }
    let panels = page.text.matches(of: /<figure>/).count
    for slider in try json("curves", of: page) {
      let values = try #require(slider["values"] as? [String])
      let start = try #require(slider["start"] as? Int)
      let curves = try #require(slider["curves"] as? [Any])
      #expect((2...9).contains(values.count) && curves.count == values.count)
      #expect(curves[start] is NSNull)
      for case let drawings as [[Any]] in curves {
        #expect(drawings.count == panels)
        for drawing in drawings {
          #expect((drawing[0] as? String)?.wholeMatch(of: /(M[-0-9. ]+)+/) != nil)
          for case let dots as [Double] in drawing.dropFirst() { #expect(dots.count % 2 == 0) }
        }
      }
      let option = try #require(slider["option"] as? String)
      #expect(page.text.contains("data-option=\"\(option)\""))
    }
  }

  @Test("Numbers that change the curve have a slider, within their range")
  func sliderValues() throws {
    func values(_ name: String) throws -> [String: [String]] {
      let page = try page(at: "losses/\(name).html")
      let pairs = try json("curves", of: page).map {
        (try #require($0["option"] as? String), $0["values"] as? [String] ?? [])
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }
    #expect(try values("huber") == ["delta": ["0.25", "0.5", "1", "1.5", "2", "3", "5"]])
    #expect(try values("quantile")["level"] == ["0", "0.1", "0.25", "0.5", "0.75", "0.9", "1"])
    #expect(try values("multi_margin")["p"] == ["1", "2"])
    #expect(try values("jensen_shannon")["beta"] == ["0.1", "0.25", "0.5", "0.75", "0.9"])
    #expect(try values("binary_focal")["alpha"]?.first == "null")
    let plain = try page(at: "losses/mean_squared_error.html")
    #expect(!plain.text.contains("slider"))
  }

  @Test(
    "The page of a loss contains its metadata, options, inputs and properties",
    arguments: try LossRegistry.linked.checked().names)
  func page(name: String) throws {
    let entry = try #require(LossRegistry.linked.entry(named: name))
    let page = try page(at: "losses/\(name).html")
    let text = outline(page).text
    let lines =
      [entry.metadata.summary, entry.metadata.domain] + entry.metadata.references
      + entry.options.flatMap { [$0.name, $0.defaultValue.text, $0.range, $0.summary] }
      + entry.signature.inputs.map(\.role.name) + entry.properties.map(\.description)
      + entry.metadata.dialectEntries.flatMap(\.qualifiedNames)
      + [entry.metadata.usage, entry.metadata.gradient] + entry.metadata.alsoKnownAs
      + entry.signature.inputs.flatMap(\.encodings).flatMap {
        entry.signature.shapes($0.axes).split(separator: " or ").map(String.init)
      }
    for line in lines where !line.isEmpty { #expect(text.contains(line), "\(line)") }
    for other in entry.metadata.related {
      #expect(page.text.contains("<a href=\"\(other).html\">"), "\(other)")
    }
    #expect(text.contains(entry.configuration(width: 80)))
    let declaration = try #require(entry.declaration?())
    #expect(text.contains("import \(declaration.module)\n"))
    #expect(text.contains(declaration.call(of: entry)))
    // Long initializers have a line for each parameter.
    let squeezed = text.replacing("(\n  ", with: "(").replacing(",\n  ", with: ", ")
      .replacing("\n)", with: ")")
    #expect(squeezed.contains(declaration.initializer))
  }

  @Test("The page of a loss describes its kinks")
  func kink() throws {
    let page = try page(at: "losses/mean_absolute_error.html")
    #expect(
      page.text.contains(
        "Kink where prediction = 0 with target = 0: the derivative jumps from −1 to 1;"
          + " the loss returns 0."))
  }

  @Test(
    "Every loss with inputs has an example, with the same numbers in Swift and on the command line")
  func examples() throws {
    for name in LossRegistry.linked.names
    where !composedLosses.losses.map(\.metadata.name).contains(name) {
      let entry = try #require(LossRegistry.linked.entry(named: name))
      guard let example = try? WorkedExample(of: entry, in: .linked) else {
        // The page of a loss without an example gives the reason.
        let page = try page(at: "losses/\(name).html")
        #expect(page.text.contains("No example: "))
        continue
      }
      let numbers = example.prints.split(whereSeparator: { "[], \n".contains($0) })
      #expect(!numbers.isEmpty && !numbers.contains("nan"), "\(name)")
      for number in numbers { #expect(example.swift.contains(number), "\(name) \(number)") }
    }
  }

  @Test("Metadata with HTML syntax is escaped")
  func hostile() throws {
    let plugin = LossPlugin("<i>", [LossEntry(HostileLoss.self)])
    for page in try Catalog(of: LossRegistry([plugin])).pages()
    where page.path.hasSuffix(".html") {
      #expect(outline(page).error == nil, "\(page.path)")
      #expect(!page.text.contains("<b>"))
    }
  }
}

/// A loss whose metadata contain HTML and path syntax.
struct HostileLoss: ElementwiseLoss {
  static let metadata = LossMetadata(
    "../a<b>", "</script><b>\"'&", formula: "<b> & </math>", domain: "<b>", references: ["<b>"])
  let options: NoOptions
  func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N { prediction - target }
}

/// The elements and the text of an XML document.
final class Outline: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var text = ""
  private(set) var error: (any Error)?

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    if !parser.parse() { error = parser.parserError ?? CocoaError(.coderReadCorrupt) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
