public import CLossProcessor

/// Prefetch hints for loops that would otherwise stall on memory.
public enum Prefetch {
  /// Prefetches some elements from an offset on. They need not exist: a hint beyond the end of an
  /// array has no effect, and no out-of-bounds pointer is formed.
  @inlinable
  @inline(__always)
  public static func read<S>(_ start: UnsafePointer<S>, at offset: Int, count: Int) {
    let first = UInt(bitPattern: start) &+ UInt(bitPattern: offset &* MemoryLayout<S>.stride)
    var byte: UInt = 0
    while byte < UInt(bitPattern: count &* MemoryLayout<S>.stride) {
      loss_prefetch(UnsafeRawPointer(bitPattern: first &+ byte))
      byte &+= cacheLineSize
    }
  }

  /// The size of a cache line of most processors, in bytes.
  @inlinable
  @inline(__always)
  static var cacheLineSize: UInt { 64 }
}
