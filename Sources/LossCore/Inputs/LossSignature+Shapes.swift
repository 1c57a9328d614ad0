extension LossSignature {
  /// Example shapes of an input in the letters of the field: `[N, C] or [N, H, W, C]`, with N for
  /// samples, C for classes, D for features, H and W for space, T for time, U for labels.
  public func shapes(_ pattern: AxisPattern) -> String {
    let isSpatial = inputs.contains { input in
      input.encodings.contains { $0.axes.axes.contains(.named("class")) }
    }
    let isBare = inputs.allSatisfy { input in
      input.encodings.allSatisfy { $0.axes.axes == [.ellipsis] }
    }
    let hasSample = inputs.contains {
      $0.encodings.contains { $0.axes.axes.first == .named("sample") }
    }
    let rests: [[String]] =
      if hasSample { [["H", "W"]] } else if isSpatial { [["N"], ["N", "H", "W"]] } else if isBare {
        [["N"], ["N", "D"]]
      } else { [["N"]] }
    var shapes: [String] = []
    for rest in rests {
      let letters = pattern.axes.enumerated().flatMap { index, axis in
        Self.letters(axis, isFirst: index == 0, rest)
      }
      let shape = letters.isEmpty ? "one number" : "[\(letters.joined(separator: ", "))]"
      if !shapes.contains(shape) { shapes.append(shape) }
    }
    return shapes.joined(separator: " or ")
  }

  private static func letters(
    _ axis: AxisPattern.Axis, isFirst: Bool, _ rest: [String]
  ) -> [String] {
    switch axis {
    case .ellipsis: rest
    case .exactly(let extent): ["\(extent)"]
    case .named(let name): [letter(name, isFirst: isFirst)]
    case .longer(let name, let surplus): ["\(letter(name, isFirst: isFirst))+\(surplus)"]
    }
  }

  private static func letter(_ name: String, isFirst: Bool) -> String {
    switch name {
    case "sample": "N"
    case "class": "C"
    case "feature": "D"
    case "time": "T"
    case "label": "U"
    case "item": isFirst ? "N" : "L"
    default: name
    }
  }
}
