public import LossTensors

/// What an argument of the command line means: a file, or numbers written in its place.
public enum TensorFile {
  /// The tensor that an argument names or spells out.
  ///
  /// An argument that ends in `.npy` or `.json` is a file, whatever it begins with: `./a.npy` and
  /// `2024.json` are no numbers. Any other must be the numbers themselves: `[1.1, 1.9]`, `-0.5`,
  /// `nan`, `true`, as `TensorJSON` reads them.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ argument: String) throws(LossError) -> AnyTensor {
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
        expected: ".npy, .json or an inline value such as '[1.1, 1.9]'"
      )
    }
    return try TensorJSON.read(argument, name: name)
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
