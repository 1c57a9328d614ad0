import LossConformance
import LossFunctions
import Testing

/// The exact sum of partial results against the sum of a call, over the corpus.
@Suite struct PartialDistanceTests {
  @Test("the value by partial results is within one ulp of a call, in every case")
  func isNear() throws {
    var (count, differing) = (0, 0)
    for one in try Corpus.builtIn().cases {
      guard let distance = try one.partialDistance(with: .linked) else { continue }
      #expect(distance <= 1, "\(one.fullID) differs by \(distance) ulp")
      count += 1
      if distance > 0 { differing += 1 }
    }
    print("partial results: \(differing) of \(count) values differ from those of a call")
    #expect(count > 5000)
  }
}
