public import LossTensors

/// What an argument of the command line means: a file, or numbers written in its place.
public enum TensorFile {
  /// The tensor that an argument names or spells out.
  ///
  /// - `a.npy` and `a.json` are files, whatever the name begins with.
  /// - `a.npz:NAME` is a tensor of a NumPy archive; the name may be left out if there is only one.
  /// - `a.csv:COLUMN` is a column of a table with a header; `a.csv:A,B` are several, as
  ///   `[row, column]`.
  /// - `-` is the standard input: JSON, or the bytes of a `.npy` file.
  /// - Any other must be the numbers themselves: `[1.1, 1.9]`, `-0.5`, `nan`, `true`, as
  ///   `TensorJSON` reads them.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ argument: String) throws(LossError) -> AnyTensor {
    if argument == "-" { return try readStandardInput() }
    if let (path, member) = split(argument, at: ".npz") {
      return try NPZFile.read(path: path, member: member)
    }
    if let (path, columns) = split(argument, at: ".csv") {
      guard let columns else {
        throw .unreadable(
          path, "is a table", expected: "its columns to be named: \(path):COLUMN or \(path):A,B")
      }
      let names = columns.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return try CSVFile.read(path: path, columns: names)
    }
    switch Ending(argument) {
    case .npy: return try NumPyFile.read(path: argument)
    case .json: return try TensorJSON.read(path: argument)
    case nil: break
    }
    let name = LossError.excerpt(argument)
    let words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
    let isNumber = words.count == 1 && JSONNumber(word: words[0]) != nil
    guard isNumber || words.first?.first == "[" else {
      throw .unreadable(
        name.isEmpty ? "an empty argument" : name,
        "is neither a file of numbers nor a number",
        expected: ".npy, .npz:NAME, .csv:COLUMN, .json, - or an inline value such as '[1.1, 1.9]'"
      )
    }
    return try TensorJSON.read(argument, name: name)
  }

  private static func readStandardInput() throws(LossError) -> AnyTensor {
    let name = "standard input"
    let bytes = try FileBytes.readStandardInput()
    if bytes.starts(with: NumPyHeader.magic) { return try NumPyFile.read(bytes, name: name) }
    return try TensorJSON.read(String(decoding: bytes, as: UTF8.self), name: name)
  }

  /// The path that ends in an ending, and what stands behind the colon after it.
  private static func split(
    _ argument: String, at ending: String
  ) -> (path: String, rest: String?)? {
    if argument.lowercased().hasSuffix(ending) { return (argument, nil) }
    let colons = argument.indices.filter { argument[$0] == ":" }
    guard let colon = colons.first(where: { argument[..<$0].lowercased().hasSuffix(ending) })
    else { return nil }
    return (String(argument[..<colon]), String(argument[colon...].dropFirst()))
  }

  /// Writes a tensor to a file in the format that its name ends in, `.npy` or `.json`.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the name ends in neither or the file cannot
  ///   be written, and `invalid_rank` if the tensor has more axes than a file can hold, 64.
  public static func write(_ tensor: AnyTensor, to path: String) throws(LossError) {
    switch Ending(path) {
    case .npy: try NumPyFile.write(tensor, to: path)
    case .json: try TensorJSON.write(tensor, to: path)
    case nil:
      throw .unreadable(
        path,
        "is no name of a file of numbers",
        expected: "one that ends in .npy or .json"
      )
    }
  }

  private enum Ending: String, CaseIterable {
    case npy = ".npy"
    case json = ".json"

    init?(_ path: String) {
      let path = path.lowercased()
      guard let ending = Ending.allCases.first(where: { path.hasSuffix($0.rawValue) }) else {
        return nil
      }
      self = ending
    }
  }
}
