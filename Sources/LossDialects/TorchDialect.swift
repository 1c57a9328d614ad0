public import LossCore

extension Dialect {
  /// PyTorch: input first, classes along axis 1, the mean of everything.
  ///
  /// A loss is known as `torch.huber_loss`, `torch.nn.functional.huber_loss` and, as a class,
  /// `torch.nn.HuberLoss`.
  public static let torch = Dialect(
    "torch", title: "PyTorch",
    options: [
      .reduction(["mean": .mean, "sum": .sum, "none": .unreduced]), .torchReduce, .torchSizeAverage,
    ],
    defaults: { $0.reduction = .mean })

  /// torchvision: a number a box or an element unless `reduction` says `mean` or `sum`.
  public static let torchvision = Dialect(
    "torchvision", title: "torchvision",
    options: [.reduction(["none": .unreduced, "mean": .mean, "sum": .sum])],
    defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// A PyTorch function of input and target, element by element, and its class.
  ///
  /// - Parameters:
  ///   - function: the name in `torch.nn.functional`.
  ///   - type: the name of the class in `torch.nn`; nil where there is none.
  ///   - options: the options of its own, in its words.
  ///   - overrides: options of ours that it fixes otherwise than by our defaults.
  ///   - arguments: its arguments in order.
  ///   - resolve: what is left to do when its options are read.
  public static func torch(
    _ function: String, class type: String? = nil, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.torchInput, .torchTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    let names = [function, "nn.functional.\(function)"] + (type.map { ["nn.\($0)"] } ?? [])
    return DialectEntry(
      .torch, names, arguments: arguments, options: options, overrides: overrides, resolve: resolve)
  }

  /// A PyTorch function with a class axis, which is axis 1.
  public static func torchRows(
    _ function: String, class type: String? = nil, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.torchInput, .torchTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    torch(
      function, class: type, options: options, overrides: overrides, arguments: arguments
    ) { (selection) throws(LossError) in
      selection.classAxis = selection.classAxis ?? 1
      try resolve(&selection)
    }
  }

  /// A function of `torchvision.ops`.
  public static func torchvision(
    _ function: String, options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [
      DialectArgument(.prediction, "inputs"), DialectArgument(.target, "targets"),
    ],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .torchvision, [function, "ops.\(function)"], arguments: arguments, options: options,
      overrides: overrides, resolve: resolve)
  }
}

extension DialectResolution {
  /// A mean divides by the sum of the weights, as PyTorch's does where classes or elements weigh.
  public mutating func divideByWeights() {
    if reduction?.kind == .mean { reduction?.kind = .weightedMean }
  }
}

extension DialectArgument {
  /// `input`, what the model says.
  public static let torchInput = DialectArgument(.prediction, "input")
  /// `target`, what is true.
  public static let torchTarget = DialectArgument(.target, "target")
}

extension DialectOption {
  /// What each class weighs.
  public static let torchClassWeight = DialectOption.same("weight", as: "class_weights")

  /// The word that stood for `sum` or `mean` up to PyTorch 0.4.
  static let torchSizeAverage = DialectOption("size_average", summary: "old: mean, or sum") {
    (value, selection) throws(LossError) in
    guard value != .null else { return }
    guard let averages = Bool(optionValue: value) else {
      throw refusal("size_average", value, "true or false")
    }
    // Options come in alphabetical order: `reduce` has spoken already.
    if selection.given.contains("reduce"), selection.reduction?.kind == Reduction.Kind.unreduced {
      return
    }
    selection.reduction?.kind = averages ? .mean : .sum
  }

  /// The word that switched the reduction off up to PyTorch 0.4.
  static let torchReduce = DialectOption("reduce", summary: "old: whether there is a reduction") {
    (value, selection) throws(LossError) in
    guard value != .null else { return }
    guard let reduces = Bool(optionValue: value) else {
      throw refusal("reduce", value, "true or false")
    }
    selection.reduction?.kind = reduces ? .mean : .unreduced
  }
}
