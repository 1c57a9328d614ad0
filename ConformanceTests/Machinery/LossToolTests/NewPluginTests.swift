import Foundation
import LossConformance
import LossCore
import Testing

@testable import LossTool

/// The files of a new package; `.ci/outside-package` builds, tests and loads one.
@Suite struct NewPluginTests {
  @Test("Names of files, family and losses follow from the name of the module")
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

  @Test("A Swift keyword as name gives a valid list name")
  func keywords() throws {
    #expect(try NewPlugin(name: "Default", core: CoreSource(nil)).list == "defaultLosses")
  }

  @Test("The fixtures can be loaded")
  func fixtures() throws {
    try withTemporaryFolder { folder in
      _ = Run("new-plugin", "MyLosses", "--path", folder)
      let corpus = try Corpus(paths: ["\(folder)/Fixtures"])
      #expect(corpus.cases.map(\.loss) == ["my_cauchy", "my_cauchy", "my_cauchy"])
    }
  }

  @Test("Existing files are not overwritten")
  func keeps() throws {
    try withTemporaryFolder { folder in
      try Data("mine".utf8).write(to: URL(filePath: "\(folder)/notes"))
      let run = Run("new-plugin", "MyLosses", "--path", folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("already exists"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes"])
      #expect(Run("new-plugin", "MyLosses", "--path", "\(folder)/notes").status == 1)
      #expect(Run("new-plugin", "MyLosses", "--path", "\(folder)/notes/below").status == 1)
    }
  }

  @Test("The core is a folder with a package, or a URL, whose last component is the package name")
  func core() throws {
    let error = #expect(throws: LossError.self) { try CoreSource("/nowhere") }
    #expect(error?.code == .unreadableFile)
    for url in ["https://example.org/losses/core.git", "git@example.org:losses/core.git"] {
      let source = try CoreSource(url)
      #expect(source.package == "core")
      #expect(source.dependency == ".package(url: \"\(url)\", branch: \"main\")")
    }
  }

  @Test("A plug-in that cannot be loaded is an error, before or after the command")
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
