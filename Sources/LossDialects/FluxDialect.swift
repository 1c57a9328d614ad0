public import LossCore

extension Dialect {
  /// Flux.jl: prediction first, classes along the first axis, the mean of all terms.
  ///
  /// `agg` is a function in Flux and a name here: `mean`, `sum` or `identity`; `agg_dims` stands
  /// for `x -> sum(x, dims = 2)`. Axes are counted from 1, and a reduced axis keeps the extent 1.
  public static let flux = Dialect(
    "flux", title: "Flux.jl", aliases: ["Flux.Losses", "Flux"],
    options: [
      .reduction(["mean": .mean, "sum": .sum, "identity": .unreduced], named: "agg"),
      DialectOption("agg_dims", summary: "the axes of agg, counted from 1") {
        (value, resolution) throws(LossError) in
        let dims = [Int](optionValue: value) ?? Int(optionValue: value).map { [$0] } ?? []
        guard !dims.isEmpty, dims.allSatisfy({ $0 >= 1 }) else {
          throw DialectOption.refusal(
            "agg_dims", value, "an axis counted from 1, or a list of such axes")
        }
        resolution.reduction?.axes = dims.map { $0 - 1 }
        resolution.reduction?.keepsDimensions = true
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
    ) { (resolution) throws(LossError) in
      let classAxis = resolution.classAxis ?? 0
      resolution.classAxis = classAxis
      resolution.keepsDimensions = keepsClassAxis
      // The axes of `agg` include the class axis, which Flux keeps with extent 1; ours exclude it.
      let axes = resolution.reduction?.axes?.compactMap { axis in
        axis == classAxis ? nil : axis > classAxis ? axis - 1 : axis
      }
      resolution.reduction?.axes = axes
    }
  }

  /// A Flux function that transforms the classes along `dims` and does not aggregate.
  public static func fluxTransform(
    _ names: String..., options: [DialectOption], arguments: [DialectArgument]
  ) -> DialectEntry {
    DialectEntry(.flux, names, arguments: arguments, options: options) { (resolution) in
      resolution.classAxis = resolution.classAxis ?? 0
      if !resolution.given.contains("agg") { resolution.reduction = Reduction.unreduced }
    }
  }
}

extension DialectOption {
  /// The class axis of a Flux function, counted from 1.
  public static let fluxDims = DialectOption("dims", summary: "the class axis, counted from 1") {
    (value, resolution) throws(LossError) in
    guard let dims = Int(optionValue: value), dims >= 1 else {
      throw DialectOption.refusal("dims", value, "an axis counted from 1")
    }
    resolution.classAxis = dims - 1
  }

  /// The epsilon that Flux adds to probabilities, by default the machine epsilon.
  public static let fluxEpsilon = DialectOption.same("eps", "ϵ", as: "epsilon")
}

extension DialectArgument {
  /// The prediction, `ŷ`.
  public static let fluxPrediction = DialectArgument(.prediction, "ŷ", "yhat")
  /// The target, `y`.
  public static let fluxTarget = DialectArgument(.target, "y")
  /// The target `y` as class indices counted from 1.
  public static let fluxClasses = DialectArgument(
    .target, "y",
    adapt: { (tensor) in
      guard case .int64(let classes) = tensor.widened else { return tensor }
      // Wrapping subtraction does not trap for the smallest integer; the result is out of range
      // too.
      return .int64(classes.map { $0 &- 1 })
    }, firstClass: 1)
}
