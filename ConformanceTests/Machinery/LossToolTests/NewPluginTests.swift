import Foundation
import LossConformance
import LossCore
import Testing

@testable import LossTool

/// What a new package is made of; `.ci/outside-package` builds one, judges it and loads it.
@Suite struct NewPluginTests {
  @Test("The files bear the names that follow from the module's")
  func files() throws {
    try withTemporaryFolder { folder in
      let run = Run("new-plugin", "MyMSELosses", "--path", "\(folder)/new")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("cd \(folder)/new\n"))
      #expect(run.output.contains("libMyMSELossesPlugin"))
      let plugin = try NewPlugin(name: "MyMSELosses", core: CoreSource(nil))
      #expect(plugin.package == "my-mse-losses")
      #expect(plugin.family == "my_mse")
      #expect(plugin.list == "myMseLosses")
      #expect(plugin.loss == "my_mse_cauchy")
      for file in plugin.files {
        let text = try String(contentsOfFile: "\(folder)/new/\(file.path)", encoding: .utf8)
        #expect(text == file.text)
        #expect(text.hasSuffix("\n"))
      }
      let manifest = try String(contentsOfFile: "\(folder)/new/Package.swift", encoding: .utf8)
      #expect(manifest.contains(#".package(name: "swift-losses", path: "/"#))
    }
  }

  @Test("A name of one word that Swift has taken gives a list with another one")
  func keywords() throws {
    #expect(try NewPlugin(name: "Default", core: CoreSource(nil)).list == "defaultLosses")
  }

  @Test("The fixtures load, and each hunts with a source")
  func fixtures() throws {
    try withTemporaryFolder { folder in
      _ = Run("new-plugin", "MyLosses", "--path", folder)
      let corpus = try Corpus(paths: ["\(folder)/Fixtures"])
      #expect(corpus.cases.map(\.loss) == ["my_cauchy", "my_cauchy", "my_cauchy"])
    }
  }

  @Test("Nothing is overwritten")
  func keeps() throws {
    try withTemporaryFolder { folder in
      try Data("mine".utf8).write(to: URL(filePath: "\(folder)/notes"))
      let run = Run("new-plugin", "MyLosses", "--path", folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("is there already"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes"])
      #expect(Run("new-plugin", "MyLosses", "--path", "\(folder)/notes").status == 1)
      #expect(Run("new-plugin", "MyLosses", "--path", "\(folder)/notes/below").status == 1)
    }
  }

  @Test("The core is a folder with a package, or a URL and its last word")
  func core() throws {
    let error = #expect(throws: LossError.self) { try CoreSource("/nowhere") }
    #expect(error?.code == .unreadableFile)
    for url in ["https://example.org/losses/core.git", "git@example.org:losses/core.git"] {
      let source = try CoreSource(url)
      #expect(source.package == "core")
      #expect(source.dependency == ".package(url: \"\(url)\", branch: \"main\")")
    }
  }

  @Test("A plug-in that cannot be loaded ends the command, wherever it is named")
  func plugin() {
    for words in [
      ["--plugin", "nowhere.so", "list"], ["list", "--plugin", "nowhere.so"],
      ["--plugin=nowhere.so", "show", "huber"], ["eval", "huber", "1", "2", "--plugin=nowhere.so"],
    ] {
      let run = Run(words)
      #expect(run.status == 1)
      #expect(run.errors == "nowhere.so does not exist.\n")
      #expect(run.output.isEmpty)
    }
    #expect(Run("verify", "--plugin", "nowhere.so").status == 2)
    #expect(Run("--plugin", "nowhere.so", "list", "--help").status == 0)
  }
}
