import Foundation
import LossFunctions

extension CommandOption {
  fileprivate static let path = CommandOption(
    "--path", value: "DIR", "the folder of the package; by default NAME in the current folder",
    completion: .folder)
  fileprivate static let core = CommandOption(
    "--core", value: "PATH|URL",
    "the location of swift-losses; by default the folder in which this tool was built",
    completion: .folder)
}

extension Command {
  static let newPlugin = Command(
    name: "new-plugin",
    summary: "Create a plug-in package with an example loss, to link or to load",
    parameters: [Parameter(name: "NAME", summary: "the name of its module, such as RobustLosses")],
    options: [.path, .core],
    notes: [
      "The package has one loss with an option, its fixtures and its tests. A URL refers to the branch",
      "main. Existing files are not overwritten.",
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
        Created \(folder.path). Next:
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
