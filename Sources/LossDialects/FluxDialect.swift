public import LossCore

extension Dialect {
  /// Flux.jl: prediction first, classes along the first axis, the mean of everything.
  ///
  /// `agg` is a function there and a word here: `mean`, `sum` or `identity`; `agg_dims` stands for
  /// `x -> sum(x, dims = 2)`. Axes count from 1, and a reduced axis stays with extent 1.
  public static let flux = Dialect(
    "flux", title: "Flux.jl", aliases: ["Flux.Losses", "Flux"],
    options: [
      .reduction(["mean": .mean, "sum": .sum, "identity": .unreduced], named: "agg"),
      DialectOption("agg_dims", summary: "the axes of agg, the first is 1") {
        (value, selection) throws(LossError) in
        let dims = [Int](optionValue: value) ?? Int(optionValue: value).map { [$0] } ?? []
        guard !dims.isEmpty, dims.allSatisfy({ $0 >= 1 }) else {
          throw DialectOption.refusal("agg_dims", value, "an axis from 1 on, or a list of them")
        }
        selection.reduction?.axes = dims.map { $0 - 1 }
        selection.reduction?.keepsDimensions = true
      },
    ],
    defaults: { $0.reduction = .mean })
}

extension DialectEntry {
  /// A Flux function of prediction and target, element by element.
  public static func flux(
    _ names: String..., options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.fluxPrediction, .fluxTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .flux, names, arguments: arguments, options: options, overrides: overrides, resolve: resolve)
  }

  /// A Flux function that sums over the classes, which lie along `dims`.
  public static func fluxRows(
    _ names: String..., options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.fluxPrediction, .fluxTarget], keepsClassAxis: Bool = true
  ) -> DialectEntry {
    DialectEntry(
      .flux, names, arguments: arguments, options: options + [.fluxDims], overrides: overrides
    ) { (selection) throws(LossError) in
      let classAxis = selection.classAxis ?? 0
      selection.classAxis = classAxis
      selection.keepsDimensions = keepsClassAxis
      // The axes of `agg` count the class axis, which Flux keeps with extent 1; ours do not.
      let axes = selection.reduction?.axes?.compactMap { axis in
        axis == classAxis ? nil : axis > classAxis ? axis - 1 : axis
      }
      selection.reduction?.axes = axes
    }
  }

  /// A Flux function that changes the classes along `dims` and aggregates nothing by itself.
  public static func fluxTransform(
    _ names: String..., options: [DialectOption], arguments: [DialectArgument]
  ) -> DialectEntry {
    DialectEntry(.flux, names, arguments: arguments, options: options) { (selection) in
      selection.classAxis = selection.classAxis ?? 0
      if !selection.given.contains("agg") { selection.reduction = Reduction.unreduced }
    }
  }
}

extension DialectOption {
  /// The class axis of a Flux function, the first is 1.
  public static let fluxDims = DialectOption("dims", summary: "the class axis, the first is 1") {
    (value, selection) throws(LossError) in
    guard let dims = Int(optionValue: value), dims >= 1 else {
      throw DialectOption.refusal("dims", value, "an axis from 1 on")
    }
    selection.classAxis = dims - 1
  }

  /// The number that Flux adds to probabilities, by default the machine's epsilon.
  public static let fluxEpsilon = DialectOption.same("eps", "ϵ", as: "epsilon")
}

extension DialectArgument {
  /// `ŷ`, what the model says.
  public static let fluxPrediction = DialectArgument(.prediction, "ŷ", "yhat")
  /// `y`, what is true.
  public static let fluxTarget = DialectArgument(.target, "y")
  /// `y` as class indices that count from 1.
  public static let fluxClasses = DialectArgument(
    .target, "y",
    adapt: { (tensor) in
      guard case .int64(let classes) = tensor else { return tensor }
      // Wrapping keeps the smallest integer from trapping; it stays outside the classes.
      return .int64(classes.map { $0 &- 1 })
    })
}
