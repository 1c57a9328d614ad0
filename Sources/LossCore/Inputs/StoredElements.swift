internal import LossNumerics

/// The elements of an array as they lie in the caller's memory: of any element type, and at any
/// strides.
struct StoredElements {
  let element: ElementType
  let shape: Shape
  /// The layout; nil for row-major order without gaps.
  let layout: StridedRuns?

  init(_ element: ElementType, _ shape: Shape, strides: [Int]?) {
    self.element = element
    self.shape = shape
    layout = strides.flatMap { StridedRuns(shape, strides: $0) }
  }

  init(_ view: InputView) { self.init(view.element, view.shape, strides: view.strides) }

  /// Whether a computation in a scalar type can read the memory as it is.
  func isDirect<S: LossScalar>(_ type: S.Type) -> Bool {
    layout == nil && element.isElement(S.self)
  }

  /// Writes elements of a range, in row-major order, in the scalar type of a computation.
  func read<S: LossScalar>(
    _ range: Range<Int>, from memory: UnsafeRawPointer, into out: UnsafeMutablePointer<S>
  ) {
    forEachRun(range) { offset, stride, count, position in
      Self.convert(
        memory + offset * element.size, element, stride: stride, count: count, to: out + position)
    }
  }

  /// Writes whole numbers of a range, in row-major order.
  func readIntegers(
    _ range: Range<Int>, from memory: UnsafeRawPointer, into out: UnsafeMutablePointer<Int>
  ) {
    forEachRun(range) { offset, stride, count, position in
      let start = memory + offset * element.size
      let out = out + position
      switch element {
      case .int64: out.write(start, Int.self, stride, count) { $0 }
      case .int8: out.write(start, Int8.self, stride, count) { Int($0) }
      case .uint8, .bool: out.write(start, UInt8.self, stride, count) { Int($0) }
      case .int16: out.write(start, Int16.self, stride, count) { Int($0) }
      case .uint16: out.write(start, UInt16.self, stride, count) { Int($0) }
      case .int32: out.write(start, Int32.self, stride, count) { Int($0) }
      case .uint32: out.write(start, UInt32.self, stride, count) { Int($0) }
      case .float32, .float64, .float16, .bfloat16: break
      }
    }
  }

  /// Writes computed numbers to the elements of a range, each rounded once.
  func write<S: LossScalar>(
    _ numbers: UnsafePointer<S>, to memory: UnsafeMutableRawPointer, _ range: Range<Int>
  ) {
    forEachRun(range) { offset, stride, count, position in
      Self.store(
        numbers + position, count: count, to: memory + offset * element.size, element,
        stride: stride)
    }
  }

  /// Calls a function for runs of elements with one stride in memory: the offset of the first in
  /// elements, the stride, the number, and the number of elements of the range before it.
  @inline(__always)
  private func forEachRun(_ range: Range<Int>, _ body: (Int, Int, Int, Int) -> Void) {
    guard let layout else { return body(range.lowerBound, 1, range.count, 0) }
    layout.forEachRun(range, body)
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  private static func convert<S: LossScalar>(
    _ start: UnsafeRawPointer, _ element: ElementType, stride: Int, count: Int,
    to out: UnsafeMutablePointer<S>
  ) {
    switch element {
    case .float32: out.write(start, Float.self, stride, count) { S($0) }
    case .float64: out.write(start, Double.self, stride, count) { S($0) }
    case .float16: out.write(start, UInt16.self, stride, count) { S(HalfBits.widened($0)) }
    case .bfloat16:
      out.write(start, UInt16.self, stride, count) { S(BFloat16(bitPattern: $0).float) }
    case .int64: out.write(start, Int.self, stride, count) { S($0) }
    case .int8: out.write(start, Int8.self, stride, count) { S($0) }
    case .uint8: out.write(start, UInt8.self, stride, count) { S($0) }
    case .int16: out.write(start, Int16.self, stride, count) { S($0) }
    case .uint16: out.write(start, UInt16.self, stride, count) { S($0) }
    case .int32: out.write(start, Int32.self, stride, count) { S($0) }
    case .uint32: out.write(start, UInt32.self, stride, count) { S($0) }
    case .bool: out.write(start, UInt8.self, stride, count) { $0 != 0 ? 1 : 0 }
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  private static func store<S: LossScalar>(
    _ numbers: UnsafePointer<S>, count: Int, to start: UnsafeMutableRawPointer,
    _ element: ElementType, stride: Int
  ) {
    switch element {
    case .float32: numbers.store(start, Float.self, stride, count) { Float($0) }
    case .float64: numbers.store(start, Double.self, stride, count) { Double($0) }
    case .float16:
      numbers.store(start, UInt16.self, stride, count) { HalfBits.rounded(toOdd($0)) }
    case .bfloat16:
      numbers.store(start, UInt16.self, stride, count) { BFloat16(toOdd($0)).bitPattern }
    default: break
    }
  }

  /// The number as a `Float` that rounds to fewer bits as the number itself does.
  @inline(__always)
  private static func toOdd<S: LossScalar>(_ number: S) -> Float {
    S.self == Float.self ? Float(number) : Float.roundedToOdd(number.asDouble)
  }
}

extension UnsafeMutablePointer {
  /// Writes transformed elements; with a loop of its own for elements without gaps, which is
  /// vectorised.
  @inline(__always)
  fileprivate func write<Stored>(
    _ start: UnsafeRawPointer, _ type: Stored.Type, _ stride: Int, _ count: Int,
    _ transform: (Stored) -> Pointee
  ) {
    let source = start.assumingMemoryBound(to: Stored.self)
    if stride == 1 {
      for index in 0..<count { self[index] = transform(source[index]) }
    } else {
      for index in 0..<count { self[index] = transform(source[index &* stride]) }
    }
  }
}

extension UnsafePointer {
  /// Writes its transformed elements to strided memory.
  @inline(__always)
  fileprivate func store<Stored>(
    _ start: UnsafeMutableRawPointer, _ type: Stored.Type, _ stride: Int, _ count: Int,
    _ transform: (Pointee) -> Stored
  ) {
    let out = start.assumingMemoryBound(to: Stored.self)
    if stride == 1 {
      for index in 0..<count { out[index] = transform(self[index]) }
    } else {
      for index in 0..<count { out[index &* stride] = transform(self[index]) }
    }
  }
}

/// The elements of a strided array as runs with one stride, in row-major order.
struct StridedRuns {
  /// Axes with more than one element, those that lie behind one another joined.
  private let extents: [Int]
  private let strides: [Int]

  /// Nil for row-major order without gaps.
  init?(_ shape: Shape, strides: [Int]) {
    var joined: [(extent: Int, stride: Int)] = []
    for (extent, stride) in zip(shape.extents, strides) where extent != 1 {
      if let last = joined.last, last.stride == stride &* extent {
        joined[joined.count - 1] = (last.extent &* extent, stride)
      } else {
        joined.append((extent, stride))
      }
    }
    if joined.isEmpty || joined.count == 1 && joined[0].stride == 1 { return nil }
    extents = joined.map(\.extent)
    self.strides = joined.map(\.stride)
  }

  func forEachRun(_ range: Range<Int>, _ body: (Int, Int, Int, Int) -> Void) {
    let last = extents.count - 1
    var index = Array(repeating: 0, count: extents.count)
    var remainder = range.lowerBound
    var offset = 0
    for axis in extents.indices.reversed() {
      index[axis] = remainder % max(1, extents[axis])
      remainder /= max(1, extents[axis])
      offset += index[axis] * strides[axis]
    }
    var position = 0
    while position < range.count {
      let count = min(extents[last] - index[last], range.count - position)
      body(offset, strides[last], count, position)
      position += count
      // To the start of the next row.
      offset -= index[last] * strides[last]
      index[last] = 0
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < extents[axis] { break }
        offset -= index[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
