public import CLossMemory

/// Hints of memory that will be read soon, for loops that would otherwise wait for it.
public enum Prefetch {
  /// Asks for some elements from an offset on. They need not exist: beyond the end of an array nothing
  /// happens, and no pointer is made to there.
  @inlinable
  @inline(__always)
  public static func read<S>(_ start: UnsafePointer<S>, at offset: Int, count: Int) {
    let first = UInt(bitPattern: start) &+ UInt(bitPattern: offset &* MemoryLayout<S>.stride)
    var byte: UInt = 0
    while byte < UInt(bitPattern: count &* MemoryLayout<S>.stride) {
      loss_prefetch(UnsafeRawPointer(bitPattern: first &+ byte))
      byte &+= bytesInLine
    }
  }

  /// How many bytes most processors fetch at once.
  @inlinable
  @inline(__always)
  static var bytesInLine: UInt { 64 }
}
