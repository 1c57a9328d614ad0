import Foundation
import LossFunctions

extension CommandOption {
  fileprivate static let path = CommandOption(
    "--path", value: "DIR", "the folder to write; by default NAME in the current folder",
    expects: .folder)
  fileprivate static let core = CommandOption(
    "--core", value: "PATH|URL",
    "where swift-losses is; by default the folder that this tool was built in", expects: .folder)
}

extension Command {
  static let newPlugin = Command(
    name: "new-plugin", summary: "Write a package with a loss of its own, to be linked or loaded",
    parameters: [Parameter(name: "NAME", summary: "the name of its module, such as RobustLosses")],
    options: [.path, .core],
    notes: [
      "The package has one loss with an option and a gradient, its fixtures and its tests. A URL is",
      "followed on its branch main. Nothing is overwritten.",
    ],
    examples: [
      Example(arguments: ["new-plugin", "RobustLosses", "--path", "robust-losses"], writes: true)
    ]
  ) { arguments, console in
    let name = arguments.positionals[0]
    let folder = URL(filePath: arguments.value(of: .path) ?? name).standardizedFileURL
    let plugin = try NewPlugin(name: name, core: CoreSource(arguments.value(of: .core)))
    try plugin.write(to: folder)
    console.output.write(
      line: """
        \(folder.path) is written. Next:
          cd \(folder.path)
          swift build
          swift test
          \(Tool.name) list --plugin .build/debug/lib\(name)Plugin.\(librarySuffix) --family \(plugin.family)
        """)
    return 0
  }
}

#if canImport(Darwin)
  private let librarySuffix = "dylib"
#else
  private let librarySuffix = "so"
#endif
