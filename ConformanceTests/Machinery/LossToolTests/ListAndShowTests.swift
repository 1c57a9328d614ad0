import Foundation
import LossFunctions
import Testing

@testable import LossTool

@Suite struct ListAndShowTests {
  @Test("Every name of the registry is listed")
  func all() throws {
    let text = Run("list").output
    for name in LossRegistry.linked.names { #expect(text.contains("\n  \(name) ")) }
    for dialect in LossRegistry.linked.dialects {
      let text = "\n" + Run("list", "--dialect", dialect.name).output
      let names = LossRegistry.linked.dialectNames.filter { $0.hasPrefix("\(dialect.name).") }
      for name in names { #expect(text.contains("\n\(name) ")) }
    }
  }

  @Test("The list can be restricted to a family or a framework")
  func narrowed() {
    #expect(
      Run("list", "--family", "sequence").output.hasPrefix("sequence\n  ctc   "))
    #expect(
      Run("list", "--family", "sequence", "--dialect", "flux").output == "flux.ctc_loss  ctc\n")
    #expect(
      Run("list", "--dialect", "flux").output.contains("same as flux.hinge_loss"))
    #expect(Run("list", "--family", "composition", "--dialect", "flux").output.isEmpty)
  }

  @Test("The list as JSON has every name")
  func listJSON() throws {
    let losses = try JSONSerialization.jsonObject(with: Data(Run("list", "--json").output.utf8))
    let names = try #require(losses as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(names.sorted() == LossRegistry.linked.names)
    let dialectNames = try JSONSerialization.jsonObject(
      with: Data(Run("list", "--json", "--dialect", "axon").output.utf8))
    let first = try #require((dialectNames as? [[String: Any]])?.first)
    #expect(Set(first.keys) == ["name", "loss", "family", "summary", "same_as"])
  }

  @Test(
    "Every name can be shown, as text and as JSON",
    arguments: try LossRegistry.linked.checked().names)
  func shows(name: String) throws {
    let entry = try #require(LossRegistry.linked.entry(named: name))
    let text = Run("show", name).output
    #expect(text.contains(entry.metadata.summary))
    for option in entry.options { #expect(text.contains("  \(option.name) = ")) }
    for input in entry.signature.inputs { #expect(text.contains("\n  \(input.role) ")) }
    let page = try json(Run("show", name, "--json").output)
    #expect(page["name"] as? String == name)
    #expect((page["options"] as? [Any])?.count == entry.options.count)
    #expect((page["inputs"] as? [Any])?.count == entry.signature.inputs.count)
    #expect(page["traits"] as? [String] == entry.properties.map(\.description))
    #expect(text.contains("\nProperties\n") == !entry.properties.isEmpty)
  }

  @Test(
    "Every name of another framework can be shown",
    arguments: try LossRegistry.linked.checked().dialectNames)
  func showsDialectName(name: String) throws {
    let dialectEntry = try #require(LossRegistry.linked.dialectEntry(named: name))
    let text = Run("show", name).output
    for argument in dialectEntry.arguments { #expect(text.contains("our \(argument.role)")) }
    for option in dialectEntry.options { #expect(text.contains(option.names[0])) }
    let page = try json(Run("show", name, "--json").output)
    #expect(page["name"] as? String == name)
    #expect((page["arguments"] as? [Any])?.count == dialectEntry.arguments.count)
  }

  @Test("The page of a name of another framework has the equivalent options")
  func mapping() throws {
    let page = try json(Run("show", "flux.crossentropy", "--json").output)
    #expect(page["loss"] as? String == "cross_entropy")
    let with = try #require(page["with"] as? [String: Any])
    #expect(with["from_logits"] as? Bool == false)
    #expect(with["epsilon"] as? String == "machine")
    #expect(with["class_axis"] as? Int == 0)
    #expect(with["reduction"] as? String == "mean")
  }
}
