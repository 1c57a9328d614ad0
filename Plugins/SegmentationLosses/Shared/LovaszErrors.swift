import LossCore

/// The errors of one region in descending order, and their weights in the Lovász extension of the
/// Jaccard loss.
///
/// The weight of an error is the growth of the Jaccard loss when its element joins the wrong ones.
/// With `f` foreground elements and `b` others among the larger errors, and `g` foreground elements
/// in all, that loss is `1 - (g - f) / (g + b)`; its growth is computed without subtracting
/// quotients:
///
///     1 / (g + b)                          for a foreground element
///     (g - f) / ((g + b) (g + b + 1))      for any other; 1 for the first if g is 0
///
/// Of equal errors, those of the foreground come first and the others share their weight equally,
/// so that the order in memory has no effect.
struct LovaszErrors<S: LossScalar> {
  /// An error above 0, or NaN, and its index: 8 bytes for `Float`.
  struct Record {
    var error: S
    /// Twice the index, plus 1 in the foreground.
    var indexAndClass: UInt32

    @inline(__always)
    var isForeground: Bool { indexAndClass & 1 == 1 }

    /// The bits of the error without its sign, which have the order of the errors; NaN is largest.
    @inline(__always)
    var key: UInt64 {
      UInt64(truncatingIfNeeded: error.exponentBitPattern) &<< UInt64(S.significandBitCount)
        | UInt64(truncatingIfNeeded: error.significandBitPattern)
    }
  }

  private var records: UnsafeMutablePointer<Record>
  private var others: UnsafeMutablePointer<Record>
  /// The number of keys with each digit, for each pass of the sort.
  private let sizes: UnsafeMutablePointer<UInt32>
  private var count = 0
  private var foreground = 0

  /// Calls a function for each region, in parallel, with scratch memory for `capacity` errors.
  static func forEachRegion(
    _ context: borrowing KernelContext<S>, _ regions: Int, capacity: Int,
    _ body: (_ region: Int, _ errors: inout Self) -> Void
  ) {
    let workers = context.workers(for: regions)
    let records = UnsafeMutablePointer<Record>.allocate(capacity: max(1, workers * 2 * capacity))
    let sizes = UnsafeMutablePointer<UInt32>.allocate(capacity: workers * passes * digits)
    defer {
      records.deallocate()
      sizes.deallocate()
    }
    context.parallelForEach(regions) { region, worker in
      let recordsOfWorker = records + worker * 2 * capacity
      var errors = Self(
        records: recordsOfWorker, others: recordsOfWorker + capacity,
        sizes: sizes + worker * passes * digits)
      body(region, &errors)
    }
  }

  /// Adds the error of an element; one of at most 0 has no record, but counts in the foreground.
  @inline(__always)
  mutating func add(_ error: S, index: Int, isForeground: Bool) {
    let bit = isForeground ? 1 : 0
    foreground &+= bit
    records[count] = Record(
      error: error, indexAndClass: UInt32(truncatingIfNeeded: 2 &* index &+ bit))
    // NaN compares false and is kept. A record that is not kept is overwritten by the next.
    count &+= error <= 0 ? 0 : 1
  }

  /// Whether a foreground element was added.
  var hasForeground: Bool { foreground > 0 }

  /// `Σ weight · error`; calls a function with the weight of each error above 0, NaN for NaN.
  @inline(__always)
  mutating func sum(_ body: (_ index: Int, _ weight: S, _ isForeground: Bool) -> Void) -> Double {
    sort()
    var sum = CompensatedSum()
    withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.termsInBlock) { memory in
      guard let terms = memory.baseAddress else { return }
      var termCount = 0
      forEachInOrder { record, weight in
        terms[termCount] = weight * record.error.asDouble
        termCount &+= 1
        if termCount == Self.termsInBlock {
          sum.add(BlockedSum.sum(terms, count: termCount))
          termCount = 0
        }
        let derivative = S.select(record.error.isNaN, record.error, S(weight))
        body(Int(record.indexAndClass &>> 1), derivative, record.isForeground)
      }
      sum.add(BlockedSum.sum(terms, count: termCount))
    }
    return sum.value
  }

  /// As many `Double`s as `withUnsafeTemporaryAllocation` puts on the stack.
  private static var termsInBlock: Int { 128 }

  /// Calls a function for each record and its weight, largest errors first.
  @inline(__always)
  private func forEachInOrder(_ body: (Record, Double) -> Void) {
    // The foreground elements that are not yet wrong, and the union of foreground and wrong ones.
    var (kept, union) = (Double(foreground), Double(foreground))
    var end = count
    while end > 0 {
      let last = records[end &- 1]
      if union == 0 || (end > 1 && records[end &- 2].key == last.key) {
        let start = startOfTie(before: end)
        let hits = (start..<end).count { records[$0].isForeground }
        let others = Double(end - start - hits)
        kept -= Double(hits)
        let ofForeground = 1 / union
        let ofOthers = union == 0 ? 1 / others : kept / (union * (union + others))
        union += others
        for index in start..<end {
          body(records[index], records[index].isForeground ? ofForeground : ofOthers)
        }
        end = start
      } else {
        // No tie, the usual case: one division, without a branch on the class.
        let hit = Double(last.indexAndClass & 1)
        let other = 1 - hit
        kept -= hit
        let numerator = Double.select(last.isForeground, 1, kept)
        let factor = Double.select(last.isForeground, 1, union + other)
        body(last, numerator / (union * factor))
        union += other
        end &-= 1
      }
    }
  }

  /// The start of the records whose errors equal that of the last before `end`.
  private func startOfTie(before end: Int) -> Int {
    var start = end - 1
    while start > 0, records[start - 1].key == records[end - 1].key { start -= 1 }
    return start
  }
}

extension LovaszErrors {
  /// The number of bits in a digit.
  private static var bitsInDigit: Int { 11 }
  private static var digits: Int { 1 << bitsInDigit }
  /// The number of digits in a key, which has no sign bit.
  private static var passes: Int {
    (S.exponentBitCount + S.significandBitCount + bitsInDigit - 1) / bitsInDigit
  }

  @inline(__always)
  private static func digit(_ key: UInt64, _ context: Int) -> Int {
    Int(key &>> UInt64(context * bitsInDigit) & UInt64(digits - 1))
  }

  /// Radix sort by the keys, lowest digit first; stable.
  @specialized(where S == Float)
  @specialized(where S == Double)
  private mutating func sort() {
    sizes.initialize(repeating: 0, count: Self.passes * Self.digits)
    for index in 0..<count {
      let key = records[index].key
      for context in 0..<Self.passes {
        sizes[context &* Self.digits &+ Self.digit(key, context)] &+= 1
      }
    }
    for context in 0..<Self.passes { sort(context, sizes + context * Self.digits) }
  }

  /// Sorts by one digit, given the number of keys with each digit.
  @inline(__always)
  private mutating func sort(_ context: Int, _ sizes: UnsafeMutablePointer<UInt32>) {
    // Nothing to do if all keys have the same digit.
    guard count > 0, sizes[Self.digit(records[0].key, context)] < count else { return }
    var start: UInt32 = 0
    for digit in 0..<Self.digits {
      let size = sizes[digit]
      sizes[digit] = start
      start &+= size
    }
    for index in 0..<count {
      let record = records[index]
      let digit = Self.digit(record.key, context)
      others[Int(sizes[digit])] = record
      sizes[digit] &+= 1
    }
    swap(&records, &others)
  }
}
