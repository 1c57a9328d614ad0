import LossCore

/// The errors of one region in falling order, and what each of them weighs in the Lovász extension
/// of the Jaccard loss.
///
/// The weight of an error is what the Jaccard loss grows by when its place joins the places that
/// are wrong. With `f` places of the foreground and `b` others among the larger errors, of `g` places
/// of the foreground in all, the loss of these is `1 - (g - f) / (g + b)`; the difference to the next
/// is written without a subtraction of quotients:
///
///     1 / (g + b)                          for a place of the foreground
///     (g - f) / ((g + b) (g + b + 1))      for any other place; 1 for the first if g is 0
///
/// Of equal errors those of the foreground come first, and the others share what they weigh together
/// equally, so that the order of the places in memory decides nothing.
struct LovaszErrors<S: LossScalar> {
  /// An error above 0, or a NaN, and where it stands: 8 bytes for `Float`.
  struct Record {
    var error: S
    /// Twice the place, and 1 more in the foreground.
    var place: UInt32

    @inline(__always)
    var isForeground: Bool { place & 1 == 1 }

    /// The bits of the error without its sign: in the order of the errors, NaN above all.
    @inline(__always)
    var key: UInt64 {
      UInt64(truncatingIfNeeded: error.exponentBitPattern) &<< UInt64(S.significandBitCount)
        | UInt64(truncatingIfNeeded: error.significandBitPattern)
    }
  }

  private var records: UnsafeMutablePointer<Record>
  private var others: UnsafeMutablePointer<Record>
  /// How often each digit occurs, for each pass of the sort.
  private let sizes: UnsafeMutablePointer<UInt32>
  private var count = 0
  private var foreground = 0

  /// Calls a function for each of some regions, with room for the errors of its places.
  static func forEachRegion(
    _ pass: borrowing KernelContext<S>, _ regions: Int, places: Int,
    _ body: (_ region: Int, _ errors: inout Self) -> Void
  ) {
    let workers = pass.workers(for: regions)
    let records = UnsafeMutablePointer<Record>.allocate(capacity: max(1, workers * 2 * places))
    let sizes = UnsafeMutablePointer<UInt32>.allocate(capacity: workers * passes * digits)
    defer {
      records.deallocate()
      sizes.deallocate()
    }
    pass.parallelForEach(regions) { region, worker in
      let own = records + worker * 2 * places
      var errors = Self(
        records: own, others: own + places, sizes: sizes + worker * passes * digits)
      body(region, &errors)
    }
  }

  /// Takes the error of a place; one that is not above 0 costs nothing and only counts as a place.
  @inline(__always)
  mutating func add(_ error: S, place: Int, isForeground: Bool) {
    let bit = isForeground ? 1 : 0
    foreground &+= bit
    records[count] = Record(
      error: error, place: UInt32(truncatingIfNeeded: 2 &* place &+ bit))
    // NaN is not at most 0: it stays, as the largest. Otherwise the next record takes the room.
    count &+= error <= 0 ? 0 : 1
  }

  /// Whether a place of the foreground was added.
  var hasForeground: Bool { foreground > 0 }

  /// Σ weight · error, with the weight of each error that is above 0; NaN for an error that is.
  @inline(__always)
  mutating func sum(_ body: (_ place: Int, _ weight: S, _ isForeground: Bool) -> Void) -> Double {
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
        body(Int(record.place &>> 1), derivative, record.isForeground)
      }
      sum.add(BlockedSum.sum(terms, count: termCount))
    }
    return sum.value
  }

  /// As many numbers as `withUnsafeTemporaryAllocation` puts on the stack.
  private static var termsInBlock: Int { 128 }

  /// Calls a function for each record and its weight, largest errors first.
  @inline(__always)
  private func forEachInOrder(_ body: (Record, Double) -> Void) {
    // What of the foreground is not yet wrong, and what is true or wrong.
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
        // An error of its own, as most are: one division, whatever the place is.
        let hit = Double(last.place & 1)
        let other = 1 - hit
        kept -= hit
        let top = Double.select(last.isForeground, 1, kept)
        let rest = Double.select(last.isForeground, 1, union + other)
        body(last, top / (union * rest))
        union += other
        end &-= 1
      }
    }
  }

  /// The first of the records that are equal to the last before an end.
  private func startOfTie(before end: Int) -> Int {
    var start = end - 1
    while start > 0, records[start - 1].key == records[end - 1].key { start -= 1 }
    return start
  }
}

extension LovaszErrors {
  /// How many bits of a key are sorted by at once.
  private static var bitsInDigit: Int { 11 }
  private static var digits: Int { 1 << bitsInDigit }
  /// How often the records are sorted; a key has no sign.
  private static var passes: Int {
    (S.exponentBitCount + S.significandBitCount + bitsInDigit - 1) / bitsInDigit
  }

  @inline(__always)
  private static func digit(_ key: UInt64, _ pass: Int) -> Int {
    Int(key &>> UInt64(pass * bitsInDigit) & UInt64(digits - 1))
  }

  /// Sorts by the keys, digit by digit, lowest first; equal errors keep their order.
  @specialized(where S == Float)
  @specialized(where S == Double)
  private mutating func sort() {
    sizes.initialize(repeating: 0, count: Self.passes * Self.digits)
    for index in 0..<count {
      let key = records[index].key
      for pass in 0..<Self.passes { sizes[pass &* Self.digits &+ Self.digit(key, pass)] &+= 1 }
    }
    for pass in 0..<Self.passes { sort(pass, sizes + pass * Self.digits) }
  }

  /// Sorts by one digit, of which each occurs so often.
  @inline(__always)
  private mutating func sort(_ pass: Int, _ sizes: UnsafeMutablePointer<UInt32>) {
    // A digit that all have in common changes nothing.
    guard count > 0, sizes[Self.digit(records[0].key, pass)] < count else { return }
    var start: UInt32 = 0
    for digit in 0..<Self.digits {
      let size = sizes[digit]
      sizes[digit] = start
      start &+= size
    }
    for index in 0..<count {
      let record = records[index]
      let digit = Self.digit(record.key, pass)
      others[Int(sizes[digit])] = record
      sizes[digit] &+= 1
    }
    swap(&records, &others)
  }
}
