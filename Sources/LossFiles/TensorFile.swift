public import LossTensors

/// Tensors as command-line arguments: files, or inline numbers.
public enum TensorFile {
  /// Reads the tensor of an argument.
  ///
  /// - `a.npy` and `a.json` are files.
  /// - `a.npz:NAME` is a tensor of a NumPy archive, `a.safetensors:NAME` one of such a file; the name
  ///   is optional if there is only one.
  /// - `a.csv:COLUMN` is a column of a table; `a.csv:A,B` gives several columns as `[row, column]`,
  ///   `a.csv:*` all of them. A table without a header has column numbers from 0.
  /// - `-` is the standard input: JSON, or the contents of a `.npy` file.
  /// - Any other argument is an inline value in `TensorJSON` notation: `[1.1, 1.9]`, `-0.5`, `nan`,
  ///   `true`.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ argument: String) throws(LossError) -> AnyTensor {
    if argument == "-" { return try readStandardInput() }
    switch TensorLocation(argument) {
    case .numPy(let path): return try NumPyFile.read(path: path)
    case .archive(let path, let member): return try NPZFile.read(path: path, member: member)
    case .safetensors(let path, let tensor):
      return try SafetensorsFile.read(path: path, tensor: tensor)
    case .table(let path, let columns?):
      return try CSVFile.read(path: path, columns: CSVFile.columns(of: columns, name: argument))
    case .table(let path, nil):
      throw .unreadable(
        path, "is given without a column", expected: "\(path):COLUMN, \(path):A,B or \(path):*")
    case .json(let path): return try TensorJSON.read(path: path)
    case nil: break
    }
    let name = LossError.excerpt(argument)
    let words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
    let isNumber = words.count == 1 && JSONNumber(word: words[0]) != nil
    guard isNumber || words.first?.first == "[" else {
      throw .unreadable(
        name.isEmpty ? "an empty argument" : name,
        "is neither a supported file nor a number",
        expected: ".npy, .npz:NAME, .safetensors:NAME, .csv:COLUMN, .json, -"
          + " or an inline value such as '[1.1, 1.9]'"
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

  /// Writes a tensor to a file in the format of its extension: `.npy`, `.safetensors:NAME` or `.json`.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for another extension or if the file cannot be
  ///   written, and `invalid_rank` if the tensor has more than 64 axes.
  public static func write(_ tensor: AnyTensor, to destination: String) throws(LossError) {
    try write([(tensor, destination)])
  }

  /// Writes tensors to files in the format of their extension; those of one `.safetensors` file
  /// together. An existing file is replaced, with all its tensors; links are followed.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for another extension, for a file or name that is
  ///   given twice, or if a file cannot be written, and `invalid_rank` if a tensor has more than 64 axes.
  public static func write(
    _ tensors: [(tensor: AnyTensor, destination: String)]
  ) throws(LossError) {
    for (_, destination) in tensors {
      switch TensorLocation(destination) {
      case .numPy, .safetensors, .json: continue
      default:
        throw .unreadable(
          destination, "has an unsupported file extension",
          expected: ".npy, .safetensors:NAME or .json")
      }
    }
    try requireDistinctFiles(tensors.map(\.destination))
    let streamed = tensors.filter { TensorWriter.writes($0.destination) }
    var writer = try TensorWriter(
      streamed.map {
        TensorWriter.Output(
          destination: $0.destination, shape: $0.tensor.shape, element: $0.tensor.element)
      })
    for (index, (tensor, _)) in streamed.enumerated() { try writer.append(tensor, to: index) }
    try writer.finish()
    for (tensor, destination) in tensors where !TensorWriter.writes(destination) {
      try TensorJSON.write(tensor, to: destination)
    }
  }

  /// A text that is equal for all spellings of a destination.
  package static func resolved(_ destination: String) -> String {
    switch TensorLocation(destination) {
    case .safetensors(let path, let tensor?): FileBytes.resolved(path) + ":" + tensor
    default: FileBytes.resolved(destination)
    }
  }

  /// Refuses a file for two tensors, unless its format holds several.
  static func requireDistinctFiles(_ destinations: [String]) throws(LossError) {
    var files: Set<String> = []
    for destination in destinations {
      if case .safetensors = TensorLocation(destination) { continue }
      guard files.insert(resolved(destination)).inserted else {
        throw .unreadable(destination, "is given for two tensors", expected: "files that differ")
      }
    }
  }
}
