/// The samples that each process has of a batch that all of them evaluate, and the exchange of what
/// they compute. A loss that does not know it evaluates the whole batch.
@usableFromInline package final class SampleShare {
  /// The samples of each process, along the first axis of the terms.
  package let samples: [Range<Int>]
  private let rank: Int
  private let exchangeBytes: ([UInt8]) throws(LossError) -> [[UInt8]]
  /// Whether the processes have exchanged something, so that none waits for this one.
  private(set) var hasExchanged = false

  init(_ samples: [Range<Int>], over group: some ProcessGroup) {
    self.samples = samples
    rank = group.rank
    exchangeBytes = { (bytes) throws(LossError) in
      try group.exchange { () throws(LossError) in bytes }
    }
  }

  /// The samples of this process.
  package var own: Range<Int> { samples[rank] }

  /// Sends numbers to every process, and returns those of all, of which there are `counts`.
  package func exchange<S: LossScalar>(
    _ numbers: UnsafeBufferPointer<S>, counts: [Int]
  ) throws(LossError) -> [[S]] {
    hasExchanged = true
    let messages = try exchangeBytes(Array(UnsafeRawBufferPointer(numbers)))
    var all: [[S]] = []
    for (process, message) in messages.enumerated() {
      guard process < counts.count, message.count == counts[process] * MemoryLayout<S>.stride else {
        throw LossError.unreadableMessage(of: process)
      }
      all.append(
        Array(unsafeUninitializedCapacity: counts[process]) { memory, count in
          UnsafeMutableRawBufferPointer(memory).copyBytes(from: message)
          count = counts[process]
        })
    }
    return all
  }
}
