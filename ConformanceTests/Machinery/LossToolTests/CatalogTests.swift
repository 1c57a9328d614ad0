import Foundation
import LossCatalog
import LossFunctions
import Testing

@testable import LossTool

@Suite struct CatalogTests {
  @Test("The site is written, and missing folders are created")
  func site() throws {
    try withTemporaryFolder { folder in
      let run = Run("catalog", "-o", "\(folder)/a/b")
      #expect(run.status == 0, "\(run.errors)")
      let example = try #require(Command.catalog.examples.first)
      #expect(example.arguments == ["catalog", "-o", "site"])
      let index = try String(contentsOfFile: "\(folder)/a/b/index.html", encoding: .utf8)
      for name in LossRegistry.linked.names {
        let path = "losses/\(name).html"
        #expect(index.contains("href=\"\(path)\""))
        let page = try String(contentsOfFile: "\(folder)/a/b/\(path)", encoding: .utf8)
        #expect(page.contains("<title>\(name)"))
      }
    }
  }

  @Test("The commands on the pages print the documented output")
  func examples() throws {
    var count = 0
    for entry in LossRegistry.linked.plugins.flatMap(\.losses) {
      guard let example = try? WorkedExample(of: entry, in: .linked) else { continue }
      count += 1
      let run = Run(example.arguments)
      #expect(run.status == 0, "\(example.command): \(run.errors)")
      #expect(run.output == example.prints + "\n", "\(example.command)")
    }
    #expect(count >= 27)
  }

  @Test("Errors are reported")
  func errors() throws {
    #expect(Run("catalog").errors.contains("-o is missing"))
    #expect(Run("catalog").status == 2)
    try withTemporaryFolder { folder in
      let file = "\(folder)/file"
      try Data().write(to: URL(filePath: file))
      let run = Run("catalog", "-o", file)
      #expect(run.status == 1)
      #expect(run.errors.contains("cannot be created"))
    }
  }
}

@Suite struct SmallPlotTests {
  @Test("A page ends with a small plot, in ASCII on request; JSON has no plot")
  func show() {
    let text = Run("show", "mean_absolute_error", "--ascii").output
    #expect(text.contains("\nPlot, against the prediction, target = 0\n"))
    #expect(text.contains("*"))
    #expect(!Run("show", "ctc", "--ascii").output.contains("\nPlot"))
    #expect(Run("show", "flux.mae", "--ascii").output.contains("\nPlot"))
    #expect(!Run("show", "mean_absolute_error", "--json").output.contains("Plot"))
  }
}
