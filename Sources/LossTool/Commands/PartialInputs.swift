import LossFiles
import LossFunctions

/// The inputs of one shard, of which only a block of rows is in memory.
struct PartialInputs {
  /// One input: a file that is read in blocks, or a tensor.
  private enum Reader {
    case file(TensorReader)
    case tensor(AnyTensor)

    init(_ argument: String) throws {
      if TensorReader.reads(argument) {
        let reader = try TensorReader(argument)
        if reader.isRowMajor, reader.shape.rank > 0 {
          self = .file(reader)
          return
        }
      }
      self = .tensor(try TensorFile.read(argument))
    }

    var shape: Shape {
      switch self {
      case .file(let reader): reader.shape
      case .tensor(let tensor): tensor.shape
      }
    }
  }

  private let readers: [(role: Role, reader: Reader, isSplit: Bool)]
  private let names: [String: String]
  /// The rows to be read.
  let rows: Range<Int>
  let totalRows: Int?
  private let rowsInBlock: Int

  /// About the number of elements of the first input in a block.
  private static let elementsInBlock = 1 << 16

  /// Makes the C library of Linux keep freed memory up to 64 MiB, for the next block: it takes its
  /// thresholds from the largest block that was freed, up to 32 MiB. New pages for each block take
  /// longer than the sums.
  private static let keepsFreedMemory: Void = UnsafeMutableRawPointer.allocate(
    byteCount: 32 << 20 - 1 << 16, alignment: 16
  ).deallocate()

  /// - Throws: `LossError` for unreadable files, and for rows that the inputs do not have.
  init(
    _ arguments: [(role: Role, argument: String)], of loss: ConfiguredLoss, rows: Range<Int>?
  ) throws {
    let opened = try arguments.map { (role: $0.role, reader: try Reader($0.argument)) }
    let leading = opened.first { $0.role == loss.signature.inputs.first?.role }?.reader.shape
    let count = leading.flatMap { loss.splitsRows(of: $0) ? $0.extents.first : nil }
    if let rows, rows.upperBound > count ?? 0 {
      throw LossError(
        .invalidValue, loss: loss.name, subject: "--rows",
        found: "is \(rows.lowerBound):\(rows.upperBound)",
        expected: count.map { "rows of 0:\($0)" } ?? "inputs whose first axis is that of samples")
    }
    readers = try opened.map { role, reader in
      guard let count, let leading else { return (role, reader, false) }
      return (role, reader, try loss.splitsRows(of: role, reader.shape, leading, count))
    }
    names = Dictionary(
      arguments.map { ($0.role.name, $0.argument.first == "[" ? "inline" : $0.argument) },
      uniquingKeysWith: { first, _ in first })
    self.rows = rows ?? 0..<(count ?? 1)
    // The end of standard input is not that of the data.
    totalRows = arguments.contains { $0.argument == "-" } ? nil : count ?? 1
    let size = max(1, (leading?.count ?? 1) / max(1, count ?? 1))
    rowsInBlock = max(1, Self.elementsInBlock / size)
  }

  /// Reads all blocks, and calls a function with each.
  ///
  /// - Returns: what was read, with its digest.
  func read(_ body: (LossInputs) throws -> Void) throws -> PartialSource {
    Self.keepsFreedMemory
    var digests = readers.map { _ in TensorDigest() }
    for (_, reader, isSplit) in readers {
      if case .file(let file) = reader, isSplit {
        try file.skip(rows.lowerBound * file.shape.extents.dropFirst().reduce(1, *))
      }
    }
    var shared: [Int: AnyTensor] = [:]
    var row = rows.lowerBound
    repeat {
      let block = row..<min(rows.upperBound, row + rowsInBlock)
      var inputs = LossInputs()
      for (index, (role, reader, isSplit)) in readers.enumerated() {
        let tensor: AnyTensor
        switch reader {
        case .file(let file) where isSplit:
          let extents = [block.count] + file.shape.extents.dropFirst()
          tensor = try file.read(try Shape(extents))
        case .tensor(let whole) where isSplit: tensor = whole.rows(block)
        case .file(let file):
          tensor = try shared[index] ?? file.read(file.shape)
          shared[index] = tensor
        case .tensor(let whole): tensor = whole
        }
        if isSplit || row == rows.lowerBound { digests[index].add(tensor, isSplit: isSplit) }
        inputs[role] = tensor
      }
      try body(inputs)
      row = block.upperBound
    } while row < rows.upperBound
    var digest = XXHash64()
    for (reader, part) in zip(readers, digests).sorted(by: { $0.0.role.name < $1.0.role.name }) {
      Array("\(reader.role.name) \(part.text) ".utf8).withUnsafeBytes { digest.add($0) }
    }
    return PartialSource(names, rows: rows, of: totalRows, digest: digest.text)
  }
}

/// The digest of a tensor that is read in blocks of rows.
private struct TensorDigest {
  private var hash = XXHash64()
  private var type = ""

  mutating func add(_ tensor: AnyTensor, isSplit: Bool) {
    type = "\(tensor.element.rawValue) \(tensor.shape.extents.dropFirst(isSplit ? 1 : 0))"
    tensor.withBytes { hash.add($0) }
  }

  var text: String { "\(type) \(hash.text)" }
}

extension ConfiguredLoss {
  /// Whether the first axis of the first input is that of samples, so that it can be cut into rows.
  fileprivate func splitsRows(of leading: Shape) -> Bool {
    let keepsLayout = dialectEntry?.arguments.contains(where: \.isAdapted) != true
    guard keepsLayout, let input = signature.inputs.first else { return false }
    if signature.classAxis != nil, leading.position(ofAxis: classAxis ?? -1) == 0 { return false }
    return hasSampleAxis(input, leading)
  }

  /// Whether an input is cut into rows; otherwise all shards share it.
  ///
  /// - Throws: `LossError` for a weight or a mask with fewer axes than the terms that may be one of
  ///   rows, or repeated over them as frameworks do.
  fileprivate func splitsRows(
    of role: Role, _ shape: Shape, _ leading: Shape, _ count: Int
  ) throws(LossError) -> Bool {
    if let input = signature.input(translated(role)) { return hasSampleAxis(input, shape) }
    // A tensor that the framework has as an option, such as class weights.
    guard dialectEntry?.tensorOption(role) == nil, shape.extents.first == count else {
      return false
    }
    let isRows = signature.classAxis != nil
    let terms = isRows ? leading.removing(axis: classAxis ?? -1) : leading
    guard shape.rank < terms.rank, dialectEntry != nil else { return true }
    guard shape.extents != Array(terms.extents.suffix(shape.rank)) else {
      let ones = Array(repeating: 1, count: terms.rank - shape.rank)
      throw LossError(
        .shapeMismatch, loss: name, subject: role.name, found: "has shape \(shape)",
        expected: "the \(terms.rank) axes of the terms: \(shape.extents + ones) for rows, or "
          + "\(ones + shape.extents) for the last axes")
    }
    return true
  }

  private func hasSampleAxis(_ input: InputSpecification, _ shape: Shape) -> Bool {
    let first = signature.inputs.first?.encodings.first?.axes.axes.first
    return input.encodings.contains { encoding in
      let axes = encoding.axes.axes
      let named = axes.count { $0 != .ellipsis }
      return axes.first == first && (axes.first == .ellipsis ? shape.rank > named : shape.rank > 0)
    }
  }
}
