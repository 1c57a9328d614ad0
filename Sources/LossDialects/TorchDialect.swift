public import LossCore

extension Dialect {
  /// PyTorch: input first, classes along axis 1, the mean of all terms.
  ///
  /// A loss has the names `torch.huber_loss`, `torch.nn.functional.huber_loss` and, as a class,
  /// `torch.nn.HuberLoss`.
  public static let torch = Dialect(
    "torch", title: "PyTorch",
    options: [
      .torchReduction(["mean": .mean, "sum": .sum, "none": .unreduced]), .torchReduce,
      .torchSizeAverage,
    ],
    defaults: { $0.reduction = .mean })

  /// torchvision: one value per box or element unless `reduction` is `mean` or `sum`.
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
  ///   - type: the name of the class in `torch.nn`; nil if there is none.
  ///   - options: the options of this function, by their PyTorch names.
  ///   - overrides: our options for which PyTorch has other defaults.
  ///   - arguments: the arguments in order.
  ///   - resolve: the last step, after the options have been read.
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

  /// A PyTorch function whose class axis is axis 1.
  public static func torchRows(
    _ function: String, class type: String? = nil, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.torchInput, .torchTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    torch(
      function, class: type, options: options, overrides: overrides, arguments: arguments
    ) { (resolution) throws(LossError) in
      resolution.classAxis = resolution.classAxis ?? 1
      try resolve(&resolution)
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

extension DialectEntry {
  /// The same function with PyTorch's weight of elements, its third argument, which is broadcast.
  public var withElementWeight: DialectEntry {
    naming(DialectArgument(.weight, "weight")).followed(by: .weight).preparing(.trailingWeight)
  }
}

extension DialectResolution {
  /// Makes a mean divide by the sum of the weights, as PyTorch does with class or element weights.
  public mutating func divideByWeights() {
    if reduction?.kind == .mean { reduction?.kind = .weightedMean }
  }
}

extension DialectArgument {
  /// The prediction, `input`.
  public static let torchInput = DialectArgument(.prediction, "input")
  /// The target, `target`.
  public static let torchTarget = DialectArgument(.target, "target")
}

extension DialectOption {
  /// The class weights.
  public static let torchClassWeight = DialectOption.same("weight", as: "class_weights").tensor

  /// The reduction option of PyTorch.
  ///
  /// Its forerunners take precedence: `reduce` and `size_average`, whichever is given. Options are
  /// read in alphabetical order, so that `reduce` has been applied already and `size_average`
  /// follows.
  ///
  /// - Parameter values: the values of the option, each with the reduction that it stands for.
  public static func torchReduction(
    _ values: KeyValuePairs<String, Reduction.Kind>
  ) -> DialectOption {
    let current = reduction(values)
    return DialectOption("reduction", summary: current.summary) {
      (value, resolution) throws(LossError) in
      guard !resolution.given.contains("reduce") else { return }
      try current.apply(value, &resolution)
    }.setting("reduction")
  }

  /// The option that chose between `mean` and `sum` up to PyTorch 0.4.
  static let torchSizeAverage = DialectOption(
    "size_average", summary: "deprecated: true for mean, false for sum"
  ) {
    (value, resolution) throws(LossError) in
    guard let averages = Bool(optionValue: value) else {
      throw refusal("size_average", value, "true or false")
    }
    if resolution.given.contains("reduce"), resolution.reduction?.kind == Reduction.Kind.unreduced {
      return
    }
    resolution.reduction?.kind = averages ? .mean : .sum
  }.orNull

  /// The option that disabled the reduction up to PyTorch 0.4.
  static let torchReduce = DialectOption("reduce", summary: "deprecated: whether to reduce") {
    (value, resolution) throws(LossError) in
    guard let reduces = Bool(optionValue: value) else {
      throw refusal("reduce", value, "true or false")
    }
    resolution.reduction?.kind = reduces ? .mean : .unreduced
  }.orNull
}

extension DialectPreparation {
  /// One row of classes without a batch axis, whose class axis is its only axis.
  public static let torchUnbatched = DialectPreparation { shapes, _ in
    shapes.first.shape.rank == 1
  } apply: { call in
    if call.leading?.rank == 1, !call.choseClassAxis { call.classAxis = 0 }
  }
}
