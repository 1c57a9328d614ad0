import Foundation
import Testing

@testable import LossTool

@Suite struct PlotTests {
  @Test("A plot is written to a file or to the standard output")
  func output() throws {
    let printed = Run("plot", "huber", "-o", "-")
    #expect(printed.status == 0)
    #expect(printed.output.hasPrefix("<svg "))
    #expect(printed.output.hasSuffix("</svg>\n"))
    try withTemporaryFolder { folder in
      let path = "\(folder)/huber.svg"
      #expect(Run("plot", "huber", "-o", path).output.isEmpty)
      let written = try String(contentsOfFile: path, encoding: .utf8)
      #expect(written == printed.output)
    }
  }

  @Test("Names of other frameworks are accepted, and options apply to the losses that have them")
  func names() {
    let run = Run(
      "plot", "flux.huber_loss", "hinge", "--option", "delta=0.5", "--gradient", "-o", "-")
    #expect(run.status == 0)
    #expect(run.output.contains("flux.huber_loss, delta 0.5"))
    #expect(run.output.contains(">gradient</text>"))
  }

  @Test("The image in the README is the output of its command")
  func classic() throws {
    let committed = URL(filePath: #filePath).appending(
      path: "../../../../docs/images/mse-vs-mae.svg"
    ).standardized
    let words = ["mean_squared_error", "mean_absolute_error", "--gradient", "-o", "-"]
    #expect(
      try Run(["plot"] + words).output == String(contentsOf: committed, encoding: .utf8),
      "losses plot \(words.dropLast().joined(separator: " ")) docs/images/mse-vs-mae.svg")
  }

  @Test(
    "Errors are reported",
    arguments: [
      (["huber"], 2, "-o is missing"),
      (["huber", "-o", "a.png"], 2, "a file that ends in .svg"),
      (["-o", "-"], 2, "NAME is missing"),
      (["hubr", "-o", "-"], 1, "Did you mean \"huber\"?"),
      (["huber", "-o", "-", "--over", "3:-3"], 2, "MIN:MAX"),
      (["huber", "-o", "-", "--over", "1"], 2, "MIN:MAX"),
      (["huber", "-o", "-", "--target", "x"], 2, "expected a number"),
      (["huber", "-o", "-", "--option", "dleta=1"], 1, "Did you mean \"delta\"?"),
      (["huber", "-o", "-", "--option", "delta=-1"], 1, "a number above zero"),
      (["kl_divergence", "-o", "-", "--over", "2:3"], 1, "within 0.0 to 1.0"),
      (["ctc", "-o", "-"], 1, "ctc: prediction has the axes"),
      (["huber", "-o", "/nowhere/at/all.svg"], 1, "is in a folder that does not exist"),
    ] as [([String], Int32, String)])
  func errors(words: [String], status: Int32, message: String) {
    let run = Run(["plot"] + words)
    #expect(run.status == status)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
