import LossConformance
import LossFiles
import LossTensors
import Testing

@Suite struct NumPyFileTests {
  private func read(_ bytes: [UInt8]) throws(LossError) -> AnyTensor {
    try NumPyFile.read(bytes, name: "a.npy")
  }

  @Test("Floating-point files are read in either byte order, and in C and Fortran order")
  func floats() throws {
    let float32 = try read(NumPySamples.float32)
    #expect(float32 == .float32(try Tensor(rows: [[1.5, -0.0, 3], [4, 5, 6]])))
    #expect(float32.doubles[1].sign == .minus)
    let fortran = try read(NumPySamples.fortran)
    #expect(fortran == .float64(try Tensor(rows: [[1, 2, 3], [4, 5, 6]])))
    // The last number is the smallest subnormal half.
    #expect(
      try read(NumPySamples.bigEndianHalf)
        == SafetensorsFileTests.half(.float16, [4], [0x3c00, 0xc100, 0x7c00, 1])
    )
    #expect(try read(NumPySamples.scalar) == .float64(Tensor(0.1)))
    #expect(
      try read(NumPySamples.empty) == .float32(Tensor(shape: [2, 0, 3], scalars: []))
    )
  }

  @Test("Integer and boolean files are read, in every format version")
  func integers() throws {
    #expect(try read(NumPySamples.bytes) == AnyTensor(Tensor([-128, 127] as [Int8])))
    #expect(try read(NumPySamples.longs) == .int64(Tensor([Int.min, Int.max])))
    #expect(try read(NumPySamples.bool) == .bool(try Tensor(rows: [[true], [false]])))
    #expect(try read(NumPySamples.version2) == AnyTensor(Tensor([258, 65535] as [UInt16])))
    #expect(try read(NumPySamples.version3) == AnyTensor(Tensor([7] as [Int32])))
  }

  @Test(
    "The bfloat16 arrays of ml_dtypes are read and written, also after NumPy read and wrote them")
  func bfloat16() throws {
    let tensor = SafetensorsFileTests.half(.bfloat16, [3], [0x3f80, 0xc020, 0x3dcd])
    #expect(try read(NumPySamples.bfloat16) == tensor)
    #expect(try NumPyFile.write(tensor) == NumPySamples.bfloat16)
    var copy = NumPySamples.bfloat16
    let order = try #require(copy.firstRange(of: Array("<V2".utf8))?.lowerBound)
    copy[order] = UInt8(ascii: "|")
    #expect(try read(copy) == tensor)
    copy[order] = UInt8(ascii: ">")
    for index in stride(from: copy.count - 6, to: copy.count, by: 2) {
      copy.swapAt(index, index + 1)
    }
    #expect(try read(copy) == tensor)
    #expect(
      try NPZFile.read(NumPySamples.bfloat16Archive, member: "a", name: "a.npz") == tensor)
  }

  @Test("Written files are identical to those of NumPy")
  func writing() throws {
    for sample in [
      NumPySamples.float32, NumPySamples.scalar, NumPySamples.longs, NumPySamples.bool,
      NumPySamples.empty,
    ] {
      #expect(try NumPyFile.write(read(sample)) == sample)
    }
  }

  @Test("A tensor with more axes than NumPy allows is rejected")
  func tooManyAxes() throws {
    let tensor = try Tensor(shape: Array(repeating: 1, count: 65), scalars: [1.0])
    #expect(throws: LossError.self) { try NumPyFile.write(AnyTensor(tensor)) }
  }

  @Test("The size of the data must match the header")
  func lengthOfData() {
    let sample = NumPySamples.fortran
    #expect(
      errorMessage { () throws(LossError) in try read(sample.dropLast(8)) }
        == "a.npy has 40 bytes of data; expected 48, for shape [2, 3] of <f8."
    )
    #expect(
      errorMessage { () throws(LossError) in try read(sample + [0]) }
        == "a.npy has 49 bytes of data; expected 48, for shape [2, 3] of <f8."
    )
  }

  @Test("An integer that overflows Int is reported with its index")
  func tooLarge() {
    #expect(
      errorMessage { () throws(LossError) in try read(NumPySamples.tooLarge) } == """
        a.npy has 9223372036854775808 at [1, 1]; expected integers from \
        -9223372036854775808 to 9223372036854775807.
        """
    )
  }

  @Test("Files survive a round trip, and errors have their path")
  func files() throws {
    try withTemporaryFolder { folder in
      let tensor = try AnyTensor(Tensor(rows: [[1.0, .infinity]]))
      try NumPyFile.write(tensor, to: folder + "/a.npy")
      #expect(try NumPyFile.read(path: folder + "/a.npy") == tensor)
      #expect(
        errorMessage { () throws(LossError) in try NumPyFile.read(path: folder + "/b.npy") }
          == "\(folder)/b.npy does not exist."
      )
    }
  }

  @Test("A corrupt file is rejected or read, and never traps", arguments: [UInt64(20)])
  func damage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let samples = [NumPySamples.fortran, NumPySamples.tooLarge, NumPySamples.version2]
    var errorCount = 0
    for round in 0..<3000 {
      let bytes = generator.corrupted(
        samples[round % samples.count],
        alphabet: Array("0129-,()<>|'bfiuTrueFalse{}: ".utf8)
      )
      if (try? read(bytes)) == nil { errorCount += 1 }
    }
    #expect((1000..<3000).contains(errorCount))
  }
}
