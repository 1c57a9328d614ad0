public import LossTensors

/// Tensors in NumPy's archives, `.npz`: a ZIP file with a `.npy` file for each.
///
/// Both `savez` and `savez_compressed` are read.
public enum NPZFile {
  /// A tensor of the archive.
  ///
  /// - Parameters:
  ///   - bytes: the whole archive.
  ///   - member: the name under which the tensor was saved; nil for the only one.
  ///   - name: what errors call the archive.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], member: String?, name: String
  ) throws(LossError) -> AnyTensor {
    let entries = try ZIPDirectory.entries(of: bytes, name: name)
    let names = entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
    let list = LossError.excerpt(names.joined(separator: ", "), limit: 200)
    guard let member = member ?? (names.count == 1 ? names[0] : nil) else {
      throw .unreadable(
        name, "holds \(names.count) tensors", expected: "one to be named: \(name):NAME, of \(list)")
    }
    guard let place = names.firstIndex(of: member) else {
      throw .unreadable(
        name, "has no tensor \(LossError.quotation(member.utf8))", expected: "one of \(list)")
    }
    let data = try entries[place].contents(of: bytes, name: name)
    return try NumPyFile.read(data, name: "\(name):\(member)")
  }

  /// A tensor of an archive.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, member: String?) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), member: member, name: path)
  }
}

/// A file in a ZIP archive.
///
/// The format: APPNOTE.TXT, PKWARE, sections 4.3 to 4.5; of ZIP64 what large members need.
private struct ZIPEntry {
  var name: String
  var method: Int
  var compressedSize: Int
  var size: Int
  var headerOffset: Int

  /// The bytes of the file.
  func contents(of archive: [UInt8], name archiveName: String) throws(LossError) -> [UInt8] {
    let broken = LossError.unreadable(archiveName, "is no complete ZIP archive")
    let header = ZIPBytes(archive)
    guard header.number(headerOffset, 4) == 0x0403_4b50,
      let nameLength = header.number(headerOffset + 26, 2),
      let extraLength = header.number(headerOffset + 28, 2)
    else { throw broken }
    let start = headerOffset + 30 + nameLength + extraLength
    guard start <= archive.count, compressedSize <= archive.count - start else { throw broken }
    let data = archive[start..<start + compressedSize]
    switch method {
    case 0:
      guard size == compressedSize else { throw broken }
      return Array(data)
    case 8:
      guard let inflated = Inflation.inflate(data, size: size) else {
        throw .unreadable(
          archiveName, "holds \(LossError.quotation(name.utf8)), whose compressed bytes are damaged"
        )
      }
      return inflated
    default:
      throw .unreadable(
        archiveName, "holds \(LossError.quotation(name.utf8)), compressed by method \(method)",
        expected: "what NumPy's savez or savez_compressed writes")
    }
  }
}

/// The list of files at the end of a ZIP archive.
private enum ZIPDirectory {
  static func entries(of archive: [UInt8], name: String) throws(LossError) -> [ZIPEntry] {
    let bytes = ZIPBytes(archive)
    let broken = LossError.unreadable(name, "is no complete ZIP archive")
    // The end record has a comment of at most 65,535 bytes behind it.
    let last = archive.count - 22
    let places = stride(from: last, through: max(0, last - 0xffff), by: -1)
    guard last >= 0, let end = places.first(where: { bytes.number($0, 4) == 0x0605_4b50 }),
      let count = bytes.number(end + 10, 2), var place = bytes.number(end + 16, 4)
    else { throw broken }
    if place == 0xffff_ffff {
      // ZIP64: a locator of 20 bytes stands before the end record.
      guard let record = bytes.number(end - 20 + 8, 8), let start = bytes.number(record + 48, 8)
      else { throw broken }
      place = start
    }
    var entries: [ZIPEntry] = []
    for _ in 0..<count {
      guard bytes.number(place, 4) == 0x0201_4b50, let entry = entry(bytes, at: &place) else {
        throw broken
      }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(_ bytes: ZIPBytes, at place: inout Int) -> ZIPEntry? {
    guard let method = bytes.number(place + 10, 2), let packed = bytes.number(place + 20, 4),
      let size = bytes.number(place + 24, 4), let nameLength = bytes.number(place + 28, 2),
      let extraLength = bytes.number(place + 30, 2), let comment = bytes.number(place + 32, 2),
      let offset = bytes.number(place + 42, 4), let name = bytes.text(place + 46, nameLength)
    else { return nil }
    var entry = ZIPEntry(
      name: name, method: method, compressedSize: packed, size: size, headerOffset: offset)
    let extra = place + 46 + nameLength
    guard bytes.readLargeSizes(extra..<extra + extraLength, into: &entry) else { return nil }
    place = extra + extraLength + comment
    return entry
  }
}

/// Little-endian numbers of an archive; nil where it has no such bytes.
private struct ZIPBytes {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(_ place: Int, _ size: Int) -> Int? {
    guard place >= 0, place <= bytes.count - size else { return nil }
    let number = (0..<size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) }
    // No archive in memory has offsets that an Int does not hold, nor sums of two of them.
    return number < 1 << 48 ? Int(number) : nil
  }

  func text(_ place: Int, _ size: Int) -> String? {
    guard place >= 0, place <= bytes.count - size else { return nil }
    return String(decoding: bytes[place..<place + size], as: UTF8.self)
  }

  /// Takes the sizes that 32 bits do not hold from the extra fields: those that read 2³² - 1 stand
  /// there one after the other. False if the fields are damaged.
  func readLargeSizes(_ fields: Range<Int>, into entry: inout ZIPEntry) -> Bool {
    var place = fields.lowerBound
    while place + 4 <= fields.upperBound {
      guard let kind = number(place, 2), let size = number(place + 2, 2) else { return false }
      var next = place + 4
      place = next + size
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
