public import LossCore

extension Corpus {
  /// Checks the corpus as a whole: wording, unique names, and coverage of the registry.
  ///
  /// Errors within one file (keys, shapes, sources, flags, references) are already rejected when the
  /// corpus is read.
  ///
  /// - Returns: one message per finding; empty if there are none.
  public func lint(against registry: LossRegistry) -> [String] {
    uniqueNames() + wording() + registeredNames(registry) + reductions(registry)
      + options(registry) + dialectEntries(registry) + errorCodes() + provenance()
  }

  private func uniqueNames() -> [String] {
    Dictionary(grouping: cases, by: \.fullID).filter { $0.value.count > 1 }.keys.sorted()
      .map { "\($0): duplicate case name" }
  }

  private func wording() -> [String] {
    var findings: [String] = []
    for one in cases {
      let id = one.fixture.id
      if id.isEmpty
        || !id.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") })
      {
        findings.append(
          "\(one.fullID): the id must consist of lowercase letters, digits and dashes")
      }
      if one.about.isEmpty || one.about.count > 70 {
        findings.append("\(one.fullID): about has \(one.about.count) characters; expected 1 to 70")
      }
      let words = one.about.lowercased()
      if words.contains("should") || words.hasPrefix("test") {
        findings.append("\(one.fullID): about must state a fact, without \"should\" or \"test\"")
      }
      let largest = one.fixture.inputs.values.map(\.data.count).max() ?? 0
      if largest > 12, !one.flags.contains("Large") {
        findings.append(
          "\(one.fullID): an input has \(largest) numbers; more than 12 need the flag Large")
      }
    }
    return findings
  }

  private func registeredNames(_ registry: LossRegistry) -> [String] {
    cases.compactMap { one in
      if case .error(code: "unknown_loss", _) = one.fixture.expect { return nil }
      return registry.entry(named: one.loss) == nil
        ? "\(one.fullID): \(one.loss) is not a registered loss" : nil
    }
  }

  /// Every registered loss needs a case for every reduction; a transform has only `none`.
  private func reductions(_ registry: LossRegistry) -> [String] {
    var seen: [String: Set<Reduction.Kind>] = [:]
    for one in cases {
      guard case .result = one.fixture.expect, let entry = registry.entry(named: one.loss) else {
        continue
      }
      seen[one.loss, default: []].insert((one.fixture.reduction ?? entry.defaultReduction).kind)
    }
    return registry.names.flatMap { name -> [String] in
      let defaultKind = registry.entry(named: name)?.defaultReduction.kind ?? .mean
      let expected = defaultKind == .unreduced ? [defaultKind] : Reduction.Kind.allCases
      return expected.filter { !(seen[name] ?? []).contains($0) }
        .map { "\(name): no case with reduction \($0.rawValue)" }
    }
  }

  /// Every option needs a case whose result or error changes when the option is removed.
  private func options(_ registry: LossRegistry) -> [String] {
    var changed: Set<String> = []
    for one in cases {
      for option in one.fixture.options.keys where !changed.contains("\(one.loss).\(option)") {
        var others = one.fixture.options
        others[option] = nil
        let roles = one.expectedGradients
        let with = try? one.evaluate(with: registry, gradientsOf: roles)
        let without = try? one.evaluate(with: registry, gradientsOf: roles, options: others)
        if with != without { changed.insert("\(one.loss).\(option)") }
      }
    }
    return registry.names.flatMap { name in
      (registry.entry(named: name)?.options ?? []).map(\.name)
        .filter { !changed.contains("\(name).\($0)") }
        .map { "\(name): no case shows that option \($0) changes the result" }
    }
  }

  /// Every dialect entry needs a case under one of its names.
  private func dialectEntries(_ registry: LossRegistry) -> [String] {
    let used = Set(cases.map(\.loss))
    return registry.names.flatMap { registry.entry(named: $0)?.metadata.dialectEntries ?? [] }
      .filter { $0.qualifiedNames.allSatisfy { !used.contains($0) } }
      .map { "\($0.qualifiedNames[0]): no case" }
  }

  private func errorCodes() -> [String] {
    let covered = Set(
      cases.compactMap { one -> String? in
        if case .error(let code, _) = one.fixture.expect { code } else { nil }
      })
    return LossError.Code.allCases.map(\.rawValue)
      // A fixture cannot describe an unreadable file.
      .filter { $0 != LossError.Code.unreadableFile.rawValue && !covered.contains($0) }
      .map { "error code \($0): no case" }
  }

  private func provenance() -> [String] {
    let usedSources = Set(cases.map(\.fixture.source))
    let usedFlags = Set(cases.flatMap(\.flags))
    return sources.keys.sorted().filter { !usedSources.contains($0) }.map {
      "source \($0): no case"
    }
      + flags.keys.sorted().filter { !usedFlags.contains($0) }.map { "flag \($0): no case" }
  }
}
