import Foundation
import LossConformance
import LossFiles
import LossFunctions

/// Damaged files of every format, read in this process: each gives a tensor or throws a `LossError`.
struct FileFuzz {
  /// A format, and how a file of it is read.
  struct Format {
    let name: String
    let samples: [[UInt8]]
    /// The bytes that keep a file nearly valid.
    let alphabet: [UInt8]
    let read: ([UInt8]) throws(LossError) -> AnyTensor
    /// Writes a tensor that was read; nil for a format that is only read.
    var write: ((AnyTensor) throws(LossError) -> [UInt8])?
    /// What follows the path of a file that is read in chunks; nil for a format that is not.
    var selection: String?
  }

  /// How the files of a format ended.
  struct Counts: Equatable {
    var tensors = 0
    var refusals = 0
    var failures = 0
  }

  /// The number of damaged files of each format.
  let count: Int
  /// The seed of the first file of each format; the others follow.
  let seed: UInt64

  /// Reads the files and prints how they ended; 1 if one ended otherwise.
  func run(show: (String) -> Void) -> Int32 {
    FuzzSeed.reportTraps()
    var failures = 0
    do {
      for format in try Self.formats() {
        let clock = ContinuousClock()
        let start = clock.now
        let counts = try run(format, show: show)
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        show(
          "\(format.name): \(count) files in \(Int(elapsed.rounded())) s; \(counts.tensors) tensors, "
            + "\(counts.refusals) refusals, \(counts.failures) failures")
        failures += counts.failures
      }
    } catch {
      show("\(error)")
      return 1
    }
    return failures == 0 ? 0 : 1
  }

  /// Reads the damaged files of one format.
  func run(_ format: Format, show: (String) -> Void) throws -> Counts {
    let path = FileManager.default.temporaryDirectory.appending(
      path: UUID().uuidString + format.name
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var counts = Counts()
    for offset in 0..<UInt64(count) {
      FuzzSeed.current = seed &+ offset
      var generator = SeededGenerator(seed: FuzzSeed.current)
      let bytes = generator.corrupted(generator.pick(format.samples), alphabet: format.alphabet)
      do throws(LossError) {
        let tensor = try format.read(bytes)
        counts.tensors += 1
        if let problem = Self.difference(tensor, format) {
          counts.failures += 1
          show("\(format.name) seed \(FuzzSeed.current): \(problem)")
        }
      } catch {
        counts.refusals += 1
        if !Self.isExpected(error) {
          counts.failures += 1
          show("\(format.name) seed \(FuzzSeed.current): \(error.code.rawValue): \(error)")
        }
      }
      // Files take longer than bytes.
      if let selection = format.selection, offset % 32 == 0 {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do throws(LossError) {
          try Self.readInChunks(path, selection, size: bytes.count, &generator)
        } catch  where !Self.isExpected(error) {
          counts.failures += 1
          show("\(format.name) seed \(FuzzSeed.current), in chunks: \(error)")
        } catch {}
      }
    }
    return counts
  }

  /// Whether an error is one line about an unreadable file.
  private static func isExpected(_ error: LossError) -> Bool {
    error.code == .unreadableFile && !error.description.contains(where: \.isNewline)
  }

  /// How a tensor differs from the same tensor after it was written and read.
  private static func difference(_ tensor: AnyTensor, _ format: Format) -> String? {
    guard let write = format.write else { return nil }
    do throws(LossError) {
      let bytes = try write(tensor)
      let copy = try format.read(bytes)
      // NaN is not equal to itself, but its bytes are.
      guard copy.element == tensor.element, copy.shape == tensor.shape, try write(copy) == bytes
      else { return "is written as \(copy.element.rawValue) \(copy.shape)" }
      return nil
    } catch {
      return "cannot be written: \(error)"
    }
  }

  /// Reads a file row by row; every other one becomes shorter meanwhile.
  private static func readInChunks(
    _ path: String, _ selection: String, size: Int, _ generator: inout SeededGenerator
  ) throws(LossError) {
    let reader = try TensorReader(path + selection)
    if generator.probability(50) { truncate(path, Int.random(in: 0...size, using: &generator)) }
    let rows = reader.shape.extents.first ?? 1
    let row = try Shape(Array(reader.shape.extents.dropFirst()))
    // A file of rows without elements may have any number of them.
    for _ in 0..<min(rows, 1000) { _ = try reader.read(row) }
  }

  // MARK: - Formats

  /// Every format with its samples.
  static func formats() throws(LossError) -> [Format] {
    let tensors = try sampleTensors()
    let fixtures = tensors.map { Array(TensorJSON.fixture($0).utf8) }
    let nested = tensors.map { Array(TensorJSON.nested($0).utf8) }
    let numPy = try tensors.map { (tensor) throws(LossError) in try NumPyFile.write(tensor) }
    let pairs = try tensors.map { (tensor) throws(LossError) in
      try SafetensorsFile.write([("a", tensor), ("b é", tensors[0]), ("c", .bool(Tensor([])))])
    }
    let single = try tensors.map { (tensor) throws(LossError) in
      try SafetensorsFile.write([("a", tensor)])
    }
    let archive = [UInt8](Data(base64Encoded: Self.archive) ?? Data())
    let digits = "0123456789-+.eE,nafitru \n"
    return [
      Format(
        name: ".npy", samples: numPy, alphabet: Array("0129-,()<>|'bfiuVTrueFalse{}: ".utf8),
        read: { (bytes) throws(LossError) in try NumPyFile.read(bytes, name: "a.npy") },
        write: { (tensor) throws(LossError) in try NumPyFile.write(tensor) }, selection: ""),
      Format(
        name: ".npz", samples: [archive, Self.stored(numPy)],
        alphabet: [0, 1, 2, 8, 255] + Array("PKa.npy0129-,()<>'".utf8),
        read: { (bytes) throws(LossError) in
          try NPZFile.read(bytes, member: "a", name: "a.npz")
        }),
      Format(
        name: ".safetensors", samples: pairs + single,
        alphabet: Array("0129,[]{}:\"\\ dtypeshaoffBFIU".utf8),
        read: { (bytes) throws(LossError) in
          try SafetensorsFile.read(bytes, tensor: "a", name: "a.safetensors")
        },
        write: { (tensor) throws(LossError) in try SafetensorsFile.write([("a", tensor)]) },
        selection: ":a"),
      Format(
        name: ".csv",
        samples: [
          "a,b\n1,2\n3,4.5\n", "\"a\";b\r\n\"1\";-0.5\r\nnan;inf\r\n", "1\t2\n3\t4\n",
          "\u{feff}a,\"b \"\"c\"\", d\"\nTrue,FALSE\ntrue,false\n",
        ].map { Array($0.utf8) }, alphabet: Array((digits + ";\t\r\"'ab").utf8),
        read: { (bytes) throws(LossError) in
          try CSVFile.read(bytes, columns: ["*"], name: "a.csv")
        }),
      Format(
        name: ".json", samples: fixtures + nested,
        alphabet: Array((digits + "[]{}:\"\\dshape").utf8),
        read: { (bytes) throws(LossError) in
          try TensorJSON.read(String(decoding: bytes, as: UTF8.self), name: "a.json")
        },
        write: { (tensor) throws(LossError) in Array(TensorJSON.fixture(tensor).utf8) }),
    ]
  }

  /// A small tensor of each element type.
  private static func sampleTensors() throws(LossError) -> [AnyTensor] {
    var tensors: [AnyTensor] = [.float64(Tensor(-0.1)), .float32(Tensor([.nan, .infinity]))]
    let numbers = AnyTensor(try Tensor(shape: [2, 3], scalars: [0.0, 1, 2, 3, 100, 127]))
    for element in ElementType.allCases {
      let isFlag = element == .bool
      tensors.append(
        try (isFlag ? AnyTensor(Tensor([true, false])) : numbers).cast(to: element))
    }
    return tensors
  }

  /// An archive that NumPy 2.4 wrote with savez_compressed, of a float32 and an int64 array.
  private static let archive = """
    UEsDBC0AAAAIAAAAIQA6IyRt//////////8FABQAYS5ucHkBABAAsAAAAAAAAABmAAAAAAAAAJvsF+obEMnIUMZQ\
    rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CiaaOgq1CmQDLgYIsGNgaADi\
    A0DMYM/AoADEDkCcAMQNQDwBiBcA8QZ7AFBLAwQtAAAACAAAACEAFcrdVv//////////BQAUAGIubnB5AQAQAMAB\
    AAAAAAAAgwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ck\
    FqQC+RomBjqaOgq1CuQDLhYGCIDRbFCagwEVMEJpdjR5JjQaJs+MQ5wJTZ4VzX50ANPHhsZnQeMz4RBnRJNnRFPH\
    gSbOjEajy8P0wcwDAFBLAQItAy0AAAAIAAAAIQA6IyRtZgAAALAAAAAFAAAAAAAAAAAAAACAAQAAAABhLm5weVBL\
    AQItAy0AAAAIAAAAIQAVyt1WgwAAAMABAAAFAAAAAAAAAAAAAACAAZ0AAABiLm5weVBLBQYAAAAAAgACAGYAAABX\
    AQAAAAA=
    """

  /// An archive without compression: the files a.npy, b.npy and so on.
  private static func stored(_ files: [[UInt8]]) -> [UInt8] {
    func little(_ number: Int, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (index, file) in files.prefix(26).enumerated() {
      let name = Array("\(Unicode.Scalar(UInt8(97 + index))).npy".utf8)
      // The fields that both headers share; no reader here checks the checksum.
      let fields =
        little(20, 2) + little(0, 12) + little(file.count, 4) + little(file.count, 4)
        + little(name.count, 2) + little(0, 2)
      directory += little(0x0201_4b50, 4) + little(20, 2) + fields
      directory += little(0, 10) + little(archive.count, 4) + name
      archive += little(0x0403_4b50, 4) + fields + name + file
    }
    let count = min(files.count, 26)
    return archive + directory + little(0x0605_4b50, 4) + little(0, 4) + little(count, 2)
      + little(count, 2) + little(directory.count, 4) + little(archive.count, 4) + little(0, 2)
  }
}
