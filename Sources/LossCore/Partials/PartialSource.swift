/// What a partial result covers: some rows of the data, by the names and a digest of what was read.
public struct PartialSource: Hashable, Sendable {
  /// The name of the data of each role, such as a file.
  public var names: [String: String]
  /// The rows that were read, along the first axis.
  public var rows: Range<Int>
  /// The number of all rows of these data; nil if it is not known.
  public var totalRows: Int?
  /// A digest of the rows that were read.
  public var digest: String
  /// The number of shards that these data are one of; nil if it is not known.
  public var shardCount: Int?

  /// Rows of data.
  public init(
    _ names: [String: String], rows: Range<Int>, of totalRows: Int? = nil, digest: String,
    shardCount: Int? = nil
  ) {
    self.names = names
    self.rows = rows
    self.totalRows = totalRows
    self.digest = digest
    self.shardCount = shardCount
  }

  /// The names in the order of their roles.
  var key: String { names.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ") }
}

extension PartialSource: CustomStringConvertible {
  /// The names with the range of rows.
  public var description: String {
    let files = names.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
    return "\(files) rows \(rows.lowerBound):\(rows.upperBound)"
  }
}

extension PartialSource {
  /// Checks that no data are counted twice.
  ///
  /// - Throws: `LossError` of code `invalid_value` that names the data: rows in two sources, rows
  ///   that changed from one to the other, or one content under two folders.
  static func refuseDuplicates(_ sources: [PartialSource]) throws(LossError) {
    guard sources.count > 1 else { return }
    let sorted = sources.map { (key: $0.key, source: $0) }.sorted {
      ($0.key, $0.source.rows.lowerBound, $0.source.rows.upperBound)
        < ($1.key, $1.source.rows.lowerBound, $1.source.rows.upperBound)
    }
    for ((firstKey, first), (secondKey, second)) in zip(sorted, sorted.dropFirst())
    where firstKey == secondKey {
      if first.totalRows != second.totalRows {
        throw second.refusal(
          "has \(second.totalRows.map(String.init) ?? "unknown") rows in one partial and "
            + "\(first.totalRows.map(String.init) ?? "unknown") in another",
          hint: "It changed between them: evaluate it again.")
      }
      guard first.rows.overlaps(second.rows) else { continue }
      let changed = first.rows == second.rows && first.digest != second.digest
      throw second.refusal(
        changed
          ? "changed between two partials that cover it" : "is counted twice, also as \(first)",
        hint: changed ? "Evaluate it again, and leave out the older partial." : "Leave one out.")
    }
    // The same data, delivered under another folder.
    var seen: [String: PartialSource] = [:]
    for source in sources {
      let files = source.names.sorted { $0.key < $1.key }.map { name in
        name.value.split(separator: "/").last.map(String.init) ?? name.value
      }
      let content = "\(source.digest) \(source.rows) \(files.joined(separator: " "))"
      if let other = seen.updateValue(source, forKey: content) {
        throw source.refusal(
          "has the content of \(other)", hint: "It is counted twice: leave one out.")
      }
    }
  }

  /// Checks that the sources cover all rows of their data, and all shards.
  ///
  /// - Throws: `LossError` of code `invalid_value` that names the rows that are missing.
  static func refuseGaps(_ sources: [PartialSource]) throws(LossError) {
    let groups = Dictionary(grouping: sources, by: \.key).sorted { $0.key < $1.key }
    for (_, group) in groups {
      var next = 0
      for source in group.sorted(by: { $0.rows.lowerBound < $1.rows.lowerBound }) {
        guard source.totalRows != nil else { continue }
        if source.rows.lowerBound > next { throw source.gap(next..<source.rows.lowerBound) }
        next = source.rows.upperBound
      }
      if let source = group.first, let total = source.totalRows, next < total {
        throw source.gap(next..<total)
      }
    }
    guard let count = sources.lazy.compactMap(\.shardCount).max(),
      let source = sources.first(where: { $0.shardCount == count })
    else { return }
    if let other = sources.first(where: { $0.shardCount != count }) {
      throw other.refusal(
        "is one of \(other.shardCount.map(String.init) ?? "unknown") shards, others of \(count)",
        hint: "Shards were added or removed: evaluate the folder again.")
    }
    guard groups.count == count else {
      throw LossError(
        .invalidValue, subject: "partials", found: "cover \(groups.count) shards",
        expected: "\(count), the number of shards that \(source) is one of")
    }
  }

  private func gap(_ rows: Range<Int>) -> LossError {
    LossError(
      .invalidValue,
      subject: names.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", "),
      found: "has no partial for rows \(rows.lowerBound):\(rows.upperBound)",
      expected: "all \(totalRows ?? 0) rows")
  }

  private func refusal(_ found: String, hint: String) -> LossError {
    LossError(
      .invalidValue, subject: "\(self)", found: found, expected: "every row once", hint: hint)
  }
}

extension PartialSource: OptionConvertible {
  /// An object with the keys `names`, `rows`, `of`, `digest` and `shards`; nil for any other value.
  public init?(optionValue: OptionValue) {
    guard case .object(let object) = optionValue, case .object(let names)? = object["names"],
      let bounds = object["rows"].flatMap([Int].init(optionValue:)), bounds.count == 2,
      0 <= bounds[0], bounds[0] <= bounds[1], case .text(let digest)? = object["digest"]
    else { return nil }
    var texts: [String: String] = [:]
    for (role, name) in names {
      guard case .text(let text) = name else { return nil }
      texts[role] = text
    }
    self.init(
      texts, rows: bounds[0]..<bounds[1], of: object["of"]?.integer, digest: digest,
      shardCount: object["shards"]?.integer)
  }

  /// The object.
  public var optionValue: OptionValue {
    var object: [String: OptionValue] = [
      "names": .object(names.mapValues(OptionValue.text)),
      "rows": [rows.lowerBound, rows.upperBound].optionValue, "digest": .text(digest),
    ]
    if let totalRows { object["of"] = totalRows.optionValue }
    if let shardCount { object["shards"] = shardCount.optionValue }
    return .object(object)
  }
}
