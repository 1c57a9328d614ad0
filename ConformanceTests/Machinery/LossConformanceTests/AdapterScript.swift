import Foundation
import LossConformance
import LossFunctions

/// An adapter as a shell script for a test, and its cases.
struct AdapterScript {
  let folder: URL

  /// - Parameters:
  ///   - greeting: the first commands of the script.
  ///   - response: shell commands for each request; `$id`, `$name` and `$request` are its id, the last
  ///     part of the case name, and the whole line. `value 4 8` responds with value and gradient.
  init(greeting: String = Self.greeting, _ response: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = """
      here='\(folder.path)'
      value() {
        printf '{"id": %s, "value": {"shape": [], "data": [%s]}, ' "$id" "$1"
        printf '"gradients": {"prediction": {"shape": [1], "data": [%s]}}}\\n' "$2"
      }
      \(greeting)
      while read -r request; do
        id=${request#*\\"id\\": }; id=${id%%,*}
        name=${request#*#}; name=${name%%\\"*}
        \(response)
      done
      """
    try Data(script.utf8).write(to: folder.appending(path: "adapter.sh"))
  }

  static let greeting = #"echo '{"protocol": 1, "implementation": "a script"}'"#

  /// `exec` avoids an intermediate shell process.
  var command: String { "exec sh '\(folder.appending(path: "adapter.sh").path)'" }

  func adapter(timeLimit: Duration = .seconds(20)) throws(LossError) -> Adapter {
    try Adapter(command: command, timeLimit: timeLimit)
  }

  /// The contents of a file that the script wrote to its folder.
  func text(of file: String) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }

  /// Cases of the squared error of 2 and 0 with the given names; the correct response is `value 4 4`.
  /// Cases whose name starts with "refused" expect an error.
  func cases(_ names: String...) throws -> [ConformanceCase] {
    try cases(
      names.map { name in
        let expect =
          name.hasPrefix("refused")
          ? #"{"error": {"code": "shape_mismatch", "subject": "target"}}"#
          : #"""
          {"value": {"shape": [], "data": [4]},
           "gradients": {"prediction": {"shape": [1], "data": [4]}}}
          """#
        return #"""
          {"id": "\#(name)", "about": "", "flags": ["Toy"], "source": "here", "place": "",
           "inputs": {"prediction": {"element": "f64", "shape": [1], "data": [2]},
             "target": {"element": "f64", "shape": [1], "data": [0]}},
           "expect": \#(expect)}
          """#
      })
  }

  /// Cases from their JSON.
  func cases(loss: String = "mean_squared_error", _ cases: [String]) throws -> [ConformanceCase] {
    let file = folder.appending(path: "cases.json")
    let text = #"""
      {"schema": 1, "loss": "\#(loss)", "about": "",
       "sources": {"here": {"project": "tests", "obtained": "derived"}},
       "flags": {"Toy": {"hunts": "nothing", "effect": "none"}},
       "cases": [\#(cases.joined(separator: ",\n"))]}
      """#
    try Data(text.utf8).write(to: file)
    return try Corpus(paths: [file.path]).cases
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}
