public import CLossMemory

/// Hints of memory that will be read soon, for loops that would otherwise wait for it.
public enum Prefetch {
  /// Asks for some elements. They need not exist: beyond the end of an array nothing happens.
  @inlinable
  @inline(__always)
  public static func read<S>(_ start: UnsafePointer<S>, count: Int) {
    let address = UInt(bitPattern: start)
    var offset: UInt = 0
    while offset < UInt(bitPattern: count &* MemoryLayout<S>.stride) {
      loss_prefetch(UnsafeRawPointer(bitPattern: address &+ offset))
      offset &+= bytesInLine
    }
  }

  /// How many bytes most processors fetch at once.
  @inlinable
  @inline(__always)
  static var bytesInLine: UInt { 64 }
}
