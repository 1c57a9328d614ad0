/// Suggests the name that was probably meant.
public enum NearestName {
  /// "Did you mean …?" with the nearest of the names, or an empty string if none is near.
  public static func hint(for name: String, among names: some Sequence<String>) -> String {
    nearest(to: name, among: names).map { "Did you mean \"\($0)\"?" } ?? ""
  }

  /// The name with the smallest edit distance (changed, missing, added or swapped letters), if that
  /// is plausible for a typo: at most a third of the letters. Of equal ones, the first in
  /// alphabetical order.
  public static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    // Distances to a very long name take time, and it is not a typo of a real one.
    guard name.utf8.count <= 128 else { return nil }
    let wanted = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in names.sorted() {
      let distance = distance(wanted, Array(candidate.lowercased()))
      let limit = max(2, max(wanted.count, candidate.count) / 3)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// The Damerau-Levenshtein distance, with transpositions of adjacent letters only.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var older: [Int] = []
    var old = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var cost = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          cost = min(cost, older[j - 2] + 1)
        }
        row.append(cost)
      }
      (older, old) = (old, row)
    }
    return old[b.count]
  }
}
