/// The file of a tensor in a command-line argument, and the tensor in it.
enum TensorLocation {
  case numPy(path: String)
  case archive(path: String, member: String?)
  case safetensors(path: String, tensor: String?)
  case table(path: String, columns: String?)
  case json(path: String)

  /// Parses an argument; nil if it has no supported file extension.
  init?(_ argument: String) {
    let lowercase = argument.lowercased()
    if let (path, selection) = Self.split(argument) {
      let end = path.lowercased()
      self =
        if end.hasSuffix(".npz") {
          .archive(path: path, member: selection)
        } else if end.hasSuffix(".csv") {
          .table(path: path, columns: selection)
        } else {
          .safetensors(path: path, tensor: selection)
        }
    } else if lowercase.hasSuffix(".npy") {
      self = .numPy(path: argument)
    } else if lowercase.hasSuffix(".json") {
      self = .json(path: argument)
    } else {
      return nil
    }
  }

  /// A path to a file of several tensors, and the text after its colon: the first colon after such a
  /// file extension.
  private static func split(_ argument: String) -> (path: String, selection: String?)? {
    func holdsSeveral(_ path: some StringProtocol) -> Bool {
      let path = path.lowercased()
      return [".npz", ".csv", ".safetensors"].contains(where: path.hasSuffix)
    }
    for colon in argument.indices where argument[colon] == ":" && holdsSeveral(argument[..<colon]) {
      return (String(argument[..<colon]), String(argument[colon...].dropFirst()))
    }
    return holdsSeveral(argument) ? (argument, nil) : nil
  }
}
