public import LossTensors

/// Tensors in NumPy archives, `.npz`: ZIP files with one `.npy` file per tensor.
///
/// Reads the archives of both `savez` and `savez_compressed`.
public enum NPZFile {
  /// Reads a tensor of an archive.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the archive.
  ///   - member: the name of the tensor; nil for the only one.
  ///   - name: the name of the archive in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], member: String?, name: String
  ) throws(LossError) -> AnyTensor {
    let entries = try ZIPDirectory.entries(of: bytes, name: name)
    let names = entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
    let list = LossError.excerpt(names.joined(separator: ", "), limit: 200)
    guard let member = member ?? (names.count == 1 ? names[0] : nil) else {
      throw .unreadable(
        name, "has \(names.count) tensors", expected: "\(name):NAME with one of \(list)")
    }
    guard let index = names.firstIndex(of: member) else {
      throw .unreadable(
        name, "has no tensor \(LossError.quotation(member.utf8))", expected: "one of \(list)")
    }
    let data = try entries[index].contents(of: bytes, name: name)
    return try NumPyFile.read(data, name: "\(name):\(member)")
  }

  /// Reads a tensor of an archive.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, member: String?) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), member: member, name: path)
  }
}

/// A file in a ZIP archive.
///
/// The format: APPNOTE.TXT, PKWARE, sections 4.3 to 4.5, with the ZIP64 sizes of large members.
private struct ZIPEntry {
  var name: String
  var method: Int
  var compressedSize: Int
  var size: Int
  var headerOffset: Int

  /// The bytes of the file.
  func contents(of archive: [UInt8], name archiveName: String) throws(LossError) -> [UInt8] {
    let invalid = LossError.unreadable(archiveName, "is not a complete ZIP archive")
    let header = ZIPBytes(archive)
    guard header.number(headerOffset, 4) == 0x0403_4b50,
      let nameLength = header.number(headerOffset + 26, 2),
      let extraLength = header.number(headerOffset + 28, 2)
    else { throw invalid }
    let start = headerOffset + 30 + nameLength + extraLength
    guard start <= archive.count, compressedSize <= archive.count - start else { throw invalid }
    let data = archive[start..<start + compressedSize]
    switch method {
    case 0:
      guard size == compressedSize else { throw invalid }
      return Array(data)
    case 8:
      try FileBytes.requireMemory(size, name: archiveName)
      guard let inflated = Inflation.inflate(data, size: size) else {
        throw .unreadable(
          archiveName, "has corrupt compressed data in \(LossError.quotation(name.utf8))"
        )
      }
      return inflated
    default:
      throw .unreadable(
        archiveName,
        "has \(LossError.quotation(name.utf8)) with compression method \(method)",
        expected: "an archive of NumPy's savez or savez_compressed")
    }
  }
}

/// The list of files at the end of a ZIP archive.
private enum ZIPDirectory {
  static func entries(of archive: [UInt8], name: String) throws(LossError) -> [ZIPEntry] {
    let bytes = ZIPBytes(archive)
    let invalid = LossError.unreadable(name, "is not a complete ZIP archive")
    // The end record is followed by a comment of at most 65,535 bytes.
    let last = archive.count - 22
    let offsets = stride(from: last, through: max(0, last - 0xffff), by: -1)
    guard last >= 0, let end = offsets.first(where: { bytes.number($0, 4) == 0x0605_4b50 }),
      let count = bytes.number(end + 10, 2), var offset = bytes.number(end + 16, 4)
    else { throw invalid }
    if offset == 0xffff_ffff {
      // ZIP64: a locator of 20 bytes precedes the end record.
      guard let record = bytes.number(end - 20 + 8, 8), let start = bytes.number(record + 48, 8)
      else { throw invalid }
      offset = start
    }
    var entries: [ZIPEntry] = []
    for _ in 0..<count {
      guard bytes.number(offset, 4) == 0x0201_4b50, let entry = entry(bytes, at: &offset) else {
        throw invalid
      }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(_ bytes: ZIPBytes, at offset: inout Int) -> ZIPEntry? {
    guard let method = bytes.number(offset + 10, 2), let packed = bytes.number(offset + 20, 4),
      let size = bytes.number(offset + 24, 4), let nameLength = bytes.number(offset + 28, 2),
      let extraLength = bytes.number(offset + 30, 2), let comment = bytes.number(offset + 32, 2),
      let headerOffset = bytes.number(offset + 42, 4),
      let name = bytes.text(offset + 46, nameLength)
    else { return nil }
    var entry = ZIPEntry(
      name: name, method: method, compressedSize: packed, size: size, headerOffset: headerOffset)
    let extra = offset + 46 + nameLength
    guard bytes.readLargeSizes(extra..<extra + extraLength, into: &entry) else { return nil }
    offset = extra + extraLength + comment
    return entry
  }
}

/// Little-endian numbers of an archive; nil beyond its end.
private struct ZIPBytes {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(_ offset: Int, _ size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let number = (0..<size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[offset + $1]) }
    // Larger offsets are invalid, and sums of two could overflow.
    return number < 1 << 48 ? Int(number) : nil
  }

  func text(_ offset: Int, _ size: Int) -> String? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    return String(decoding: bytes[offset..<offset + size], as: UTF8.self)
  }

  /// Reads ZIP64 sizes from the extra fields, one for each 32-bit size of 2³² - 1. False if the fields
  /// are corrupt.
  func readLargeSizes(_ fields: Range<Int>, into entry: inout ZIPEntry) -> Bool {
    var offset = fields.lowerBound
    while offset + 4 <= fields.upperBound {
      guard let kind = number(offset, 2), let size = number(offset + 2, 2) else { return false }
      var next = offset + 4
      offset = next + size
      guard kind == 1 else { continue }
      for size in [\ZIPEntry.size, \.compressedSize, \.headerOffset]
      where entry[keyPath: size] == 0xffff_ffff {
        guard let large = number(next, 8) else { return false }
        entry[keyPath: size] = large
        next += 8
      }
    }
    return true
  }
}
