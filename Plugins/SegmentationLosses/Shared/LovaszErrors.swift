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
struct LovaszErrors: ~Copyable {
  /// An error and where it stands, ordered by one number.
  struct Record {
    /// The complement of the error's bits, so that a larger error has a smaller key.
    var key: UInt64
    /// Twice the place, and 1 more in the foreground.
    var place: UInt32
  }

  /// More places than a record can tell apart.
  static var mostPlaces: Int { 1 << 31 }

  private var records: UnsafeMutablePointer<Record>
  private var others: UnsafeMutablePointer<Record>
  private var count = 0
  private var foreground = 0
  /// The lowest bit of a key that tells errors apart.
  private let lowestBit: Int

  /// Room for the errors of some places, computed in an element.
  init<S: LossScalar>(places: Int, of type: S.Type) {
    records = .allocate(capacity: max(1, places))
    others = .allocate(capacity: max(1, places))
    lowestBit = Double.significandBitCount - min(S.significandBitCount, 52)
  }

  deinit {
    records.deallocate()
    others.deallocate()
  }

  /// Takes the error of a place; one that is not above 0 costs nothing and only counts as a place.
  @inline(__always)
  mutating func add<S: LossScalar>(_ error: S, place: Int, isForeground: Bool) {
    let bit = isForeground ? 1 : 0
    foreground += bit
    // NaN is not at most 0: it stays, as the largest.
    guard !(error <= 0) else { return }
    records[count] = Record(
      key: ~error.widened.magnitude.bitPattern, place: UInt32(truncatingIfNeeded: 2 * place + bit))
    count += 1
  }

  /// Whether a place of the foreground was added.
  var hasForeground: Bool { foreground > 0 }

  /// Σ weight · error, with the weight of each error that is above 0.
  mutating func sum(_ body: (_ place: Int, _ weight: Double, _ isForeground: Bool) -> Void)
    -> Double
  {
    sort()
    var sum = WideSum()
    var (kept, union) = (Double(foreground), Double(foreground))
    var start = 0
    while start < count {
      let key = records[start].key
      var (end, hits) = (start, 0)
      while end < count, records[end].key == key {
        hits += Int(records[end].place & 1)
        end += 1
      }
      let ofForeground = 1 / union
      kept -= Double(hits)
      let others = Double(end - start - hits)
      let ofOthers = union == 0 ? 1 / others : kept / union / (union + others)
      union += others
      for index in start..<end {
        let place = records[index].place
        let isForeground = place & 1 == 1
        let weight = isForeground ? ofForeground : ofOthers
        sum.add(weight * Double(bitPattern: ~key))
        body(Int(place >> 1), weight, isForeground)
      }
      start = end
    }
    return sum.value
  }

  /// Sorts by the keys, digit by digit, lowest first; equal errors keep their order.
  private mutating func sort() {
    let digits = 1 << Self.bitsInDigit
    withUnsafeTemporaryAllocation(of: Int.self, capacity: digits) { memory in
      guard let starts = memory.baseAddress else { return }
      for shift in stride(from: lowestBit, to: UInt64.bitWidth, by: Self.bitsInDigit) {
        sort(byDigitAt: UInt64(shift), starts, digits)
      }
    }
  }

  private static var bitsInDigit: Int { 12 }

  private mutating func sort(
    byDigitAt shift: UInt64, _ starts: UnsafeMutablePointer<Int>, _ digits: Int
  ) {
    let mask = UInt64(digits - 1)
    starts.update(repeating: 0, count: digits)
    for index in 0..<count { starts[Int(records[index].key &>> shift & mask)] += 1 }
    // A digit that all have in common changes nothing.
    guard count > 0, starts[Int(records[0].key &>> shift & mask)] < count else { return }
    var start = 0
    for digit in 0..<digits {
      let size = starts[digit]
      starts[digit] = start
      start += size
    }
    for index in 0..<count {
      let record = records[index]
      let digit = Int(record.key &>> shift & mask)
      others[starts[digit]] = record
      starts[digit] += 1
    }
    swap(&records, &others)
  }
}
