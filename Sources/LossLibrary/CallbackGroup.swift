internal import CLosses
internal import LossCore

/// A group of processes whose collective is a function of the caller's.
struct CallbackGroup: ProcessGroup {
  private let group: losses_group_v1
  private let progress = Progress()

  private final class Progress {
    var hasExchanged = false
  }

  init(_ group: losses_group_v1) throws(LossError) {
    guard group.count > 0, (0..<group.count).contains(group.rank), group.all_gather != nil else {
      throw .argument("group", "has rank \(group.rank) of \(group.count)")
    }
    guard group.first_class >= 0, group.first_class <= group.end_class else {
      throw .argument("first_class", "is \(group.first_class), end_class \(group.end_class)")
    }
    self.group = group
  }

  var rank: Int { Int(group.rank) }
  var count: Int { Int(group.count) }

  /// The classes of this process; nil if it has all.
  var classes: Range<Int>? {
    group.end_class == 0 ? nil : Int(group.first_class)..<Int(group.end_class)
  }

  /// Whether this process has sent anything to the others.
  var hasExchanged: Bool { progress.hasExchanged }

  func allGather(_ bytes: [UInt8]) throws(LossError) -> [[UInt8]] {
    progress.hasExchanged = true
    var messages: [[UInt8]] = []
    let status = bytes.withUnsafeBytes { bytes in
      withUnsafeMutablePointer(to: &messages) { messages in
        group.all_gather(group.context, bytes.baseAddress, Int64(bytes.count), messages) {
          receiver, bytes, count in
          receiver?.assumingMemoryBound(to: [[UInt8]].self).pointee.append(
            Array(
              UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : max(0, Int(count)))))
        }
      }
    }
    guard status == 0 else { throw .argument("all_gather", "has failed with \(status)") }
    return messages
  }
}
