/// Hints for shapes that are often confused.
extension Shape {
  /// How to give this shape the extents of another by axes of extent 1; empty if these do not make
  /// the difference.
  ///
  /// - Parameter broadcasts: whether axes of extent 1 may stand for longer ones.
  func reshapingHint(to shape: Shape, broadcasts: Bool = false) -> String {
    if extents.filter({ $0 != 1 }) == shape.extents.filter({ $0 != 1 }), self != shape {
      return rank < shape.rank
        ? "Add an axis of extent 1: \(shape)."
        : rank > shape.rank
          ? "Remove the axis of extent 1: \(shape)." : "Reshape it to \(shape)."
    }
    if rank > 1, self != shape, extents.sorted() == shape.extents.sorted() {
      return "Its axes are in another order."
    }
    guard broadcasts, rank < shape.rank, rank > 0 else { return "" }
    let (first, last) = (Array(shape.extents.prefix(rank)), Array(shape.extents.suffix(rank)))
    let ones = Array(repeating: 1, count: shape.rank - rank)
    var expanded: [[Int]] = []
    if extents == first { expanded.append(extents + ones) }
    if extents == last { expanded.append(ones + extents) }
    let axes = ones.count == 1 ? "an axis" : "axes"
    let shapes = expanded.map(\.description).joined(separator: " or ")
    return expanded.isEmpty ? "" : "Add \(axes) of extent 1: \(shapes)."
  }
}

extension LossError {
  /// The hint for class weights that are given as the input `weight`, which weights terms.
  static let classWeightsHint = "Class weights are the option class_weights."
  /// The hint for a class index by which data sets mark what does not count.
  static let ignoredClassHint =
    "Labels that do not count are those of ignore_index, or removed by the input mask."
  /// The same for a loss without such an option.
  static let maskedClassHint = "Labels that do not count are removed by the input mask."
  /// The hint for a dense target where a class is ignored.
  static func ignoredRowsHint(_ index: Int) -> String {
    "With ignore_index \(index) the target is class indices; remove rows of a dense target with the "
      + "input mask."
  }
}

extension ValidatedInputs {
  /// A hint for an input whose shape does not match; empty if nothing usual explains it.
  func shapeHint(_ view: InputView, _ index: Int) -> String {
    guard index > 0 else { return "" }
    return surplusHint(view, index) ?? classAxisHint(view, index)
      ?? signature.inputCodes[index].lazy
      .filter(binding.isBound)
      .map { view.shape.reshapingHint(to: binding.shape(of: $0)) }
      .first { !$0.isEmpty } ?? ""
  }

  /// The class axis with which the leading input and this one would match.
  private func classAxisHint(_ view: InputView, _ index: Int) -> String? {
    guard signature.classAxis != nil, let leadingCodes = signature.inputCodes[0].first,
      leading.rank > 1, let current = binding.classAxis
    else { return nil }
    if case .label? = signature.inputs[index].encodings.first?.kind { return nil }
    // The likely ones: next to the batch axis, and the last.
    let axes = [1, leading.rank - 1, 0] + (0..<leading.rank)
    // One class alone is no class axis.
    for axis in axes where axis != current && axis < leading.rank && leading.extents[axis] > 1 {
      for codes in signature.inputCodes[index] {
        var trial = AxisBinding(signature)
        guard (try? trial.bind(leading, to: leadingCodes, classAxis: axis)) != nil,
          (try? trial.bind(view.shape, to: codes, classAxis: axis)) != nil
        else { continue }
        return "With class_axis \(axis) it would fit."
      }
    }
    return nil
  }

  /// The axis of the leading input that lacks its surplus, as the label axis of a transducer.
  private func surplusHint(_ view: InputView, _ index: Int) -> String? {
    guard let codes = signature.inputCodes[index].first,
      let pattern = signature.inputCodes[0].first, let first = signature.inputs.first
    else { return nil }
    let rank = view.shape.rank
    for (position, code) in codes.codes.enumerated() where code >= 0 {
      let name = AxisCodes.name(code)
      let longer = pattern.codes.firstIndex {
        $0 >= 0 && AxisCodes.name($0) == name && AxisCodes.surplus($0) > AxisCodes.surplus(code)
      }
      let axis = rank - codes.codes.count + position
      guard let longer, axis >= 0, axis < rank, let bound = binding.extent(code: code) else {
        continue
      }
      let surplus = AxisCodes.surplus(pattern.codes[longer]) - AxisCodes.surplus(code)
      guard view.shape.extents[axis] == bound &+ surplus else { continue }
      return
        "\(first.role) needs \(bound &+ 2 &* surplus) positions on its \(signature.axisNames[name])"
        + " axis, \(surplus) more than \(view.role): the first is before any \(signature.axisNames[name])."
    }
    return nil
  }
}
