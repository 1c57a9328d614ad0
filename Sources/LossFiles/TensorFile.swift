public import LossTensors

/// Tensors as command-line arguments: files, or inline numbers.
public enum TensorFile {
  /// Reads the tensor of an argument.
  ///
  /// - `a.npy` and `a.json` are files.
  /// - `a.npz:NAME` is a tensor of a NumPy archive; the name is optional if there is only one.
  /// - `a.csv:COLUMN` is a column of a table; `a.csv:A,B` gives several columns as `[row, column]`,
  ///   `a.csv:*` all of them. A table without a header has column numbers from 0.
  /// - `-` is the standard input: JSON, or the contents of a `.npy` file.
  /// - Any other argument is an inline value in `TensorJSON` notation: `[1.1, 1.9]`, `-0.5`, `nan`,
  ///   `true`.
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
          path, "has no column names", expected: "\(path):COLUMN, \(path):A,B or \(path):*")
      }
      return try CSVFile.read(
        path: path, columns: CSVFile.columns(of: columns, name: argument))
    }
    switch FileExtension(argument) {
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
        "is neither a supported file nor a number",
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

  /// Splits an argument into a path with the given file extension and the text after its colon.
  private static func split(
    _ argument: String, at fileExtension: String
  ) -> (path: String, selection: String?)? {
    if argument.lowercased().hasSuffix(fileExtension) { return (argument, nil) }
    let colons = argument.indices.filter { argument[$0] == ":" }
    guard let colon = colons.first(where: { argument[..<$0].lowercased().hasSuffix(fileExtension) })
    else { return nil }
    return (String(argument[..<colon]), String(argument[colon...].dropFirst()))
  }

  /// Writes a tensor to a file in the format of its extension, `.npy` or `.json`.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for another extension or if the file cannot be
  ///   written, and `invalid_rank` if the tensor has more than 64 axes.
  public static func write(_ tensor: AnyTensor, to path: String) throws(LossError) {
    switch FileExtension(path) {
    case .npy: try NumPyFile.write(tensor, to: path)
    case .json: try TensorJSON.write(tensor, to: path)
    case nil:
      throw .unreadable(
        path,
        "has an unsupported file extension",
        expected: ".npy or .json"
      )
    }
  }

  private enum FileExtension: String, CaseIterable {
    case npy = ".npy"
    case json = ".json"

    init?(_ path: String) {
      let path = path.lowercased()
      guard let match = FileExtension.allCases.first(where: { path.hasSuffix($0.rawValue) }) else {
        return nil
      }
      self = match
    }
  }
}
