import LossFunctions

/// A benchmark case.
struct BenchCase: Sendable {
  let name: String
  /// The number of elements of the first input, by which times are divided.
  let elements: Int
  /// Creates the data.
  let prepare: @Sendable (_ threads: Int) throws(LossError) -> BenchWork

  /// All cases, with the names and shapes of the script that benchmarks other frameworks.
  static let all: [BenchCase] =
    [
      numbers("dispatch_mse_4", 4, MeanSquaredErrorLoss()),
      named("named_mse_4", 4, "mean_squared_error"),
      numbers("mse_1e3", 1000, MeanSquaredErrorLoss()),
      numbers("mse_1e6", 1_000_000, MeanSquaredErrorLoss()),
      numbers("mse_1.6e7", 16_000_000, MeanSquaredErrorLoss()),
      numbers("mae_1e6", 1_000_000, MeanAbsoluteErrorLoss()),
      numbers("mae_1.6e7", 16_000_000, MeanAbsoluteErrorLoss()),
      numbers("huber_1e6", 1_000_000, HuberLoss()),
      numbers("huber_1.6e7", 16_000_000, HuberLoss()),
      numbers("log_cosh_1e6", 1_000_000, LogCoshLoss()),
      numbers("poisson_1e6", 1_000_000, PoissonNLLLoss(options: .with { $0.logInput = true })) {
        $0.counts($1)
      },
      numbers("bce_logits_1e6", 1_000_000, BinaryCrossEntropyLoss(), scale: 3) { $0.binaries($1) },
      numbers("bce_logits_1.6e7", 16_000_000, BinaryCrossEntropyLoss(), scale: 3) {
        $0.binaries($1)
      },
      numbers("hinge_1e6", 1_000_000, HingeLoss()) { $0.signs($1) },
      numbers("hinge_1.6e7", 16_000_000, HingeLoss()) { $0.signs($1) },
      numbers(
        "sigmoid_focal_1e6", 1_000_000, BinaryFocalLoss(options: .with { $0.alpha = 0.25 }),
        scale: 3
      ) { $0.binaries($1) },
      classes("ce_sparse_256x1000", 256, 1000),
      classes("ce_sparse_4096x1000", 4096, 1000),
      classes("ce_sparse_1024x32000", 1024, 32000),
      classes("ce_sparse_64x128256", 64, 128_256),
      distributions("ce_dense_4096x1000", 4096, 1000),
      divergence("kl_div_4096x1000", 4096, 1000),
      layer("linear_ce_1024x256x32000", rows: 1024, features: 256, classes: 32000),
    ] + dice("dice_8x4x256x256", images: 8, classes: 4, side: 256) + [
      pixels(
        "lovasz_softmax_4x4x128x128", LovaszSoftmaxLoss(options: .with { $0.classes = .all }),
        images: 4, classes: 4, side: 128, scale: 2),
      triplets("triplet_4096x256", rows: 4096, features: 256),
      pairs("cosine_embedding_4096x256", rows: 4096, features: 256),
      ranking("margin_ranking_1e6", 1_000_000),
      batch("ntxent_512x128", items: 512, features: 128),
      batch("ntxent_optax_512x128", items: 512, features: 128),
      sequences("ctc_T200_N32_C64_S50", time: 200, count: 32, classes: 64, labels: 50),
      sequences("ctc_T1000_N8_C32_S200", time: 1000, count: 8, classes: 32, labels: 200),
      memory("memory_1.6e7", 16_000_000),
    ]

  /// More cases, timed only by name.
  static let others: [BenchCase] =
    [
      numbers("smooth_l1_1e6", 1_000_000, SmoothL1Loss()),
      numbers("expectile_1e6", 1_000_000, ExpectileLoss()),
      numbers("wing_1e6", 1_000_000, WingLoss()),
      numbers("soft_margin_1e6", 1_000_000, SoftMarginLoss()) { $0.signs($1) },
      numbers("squared_hinge_1e6", 1_000_000, SquaredHingeLoss()) { $0.signs($1) },
      pixels(
        "ce_images_4x21x256x256", CrossEntropyLoss(ignoreIndex: -100), images: 4, classes: 21,
        side: 256, scale: 3),
      pixels(
        "ce_images_smoothed_4x21x256x256", CrossEntropyLoss(labelSmoothing: 0.1), images: 4,
        classes: 21, side: 256, scale: 3),
      classes("ce_smoothed_4096x100", 4096, 100, CrossEntropyLoss(labelSmoothing: 0.1)),
      classes("ce_smoothed_4096x1000", 4096, 1000, CrossEntropyLoss(labelSmoothing: 0.1)),
      classes("focal_4096x100", 4096, 100, FocalLoss()),
      classes("focal_4096x1000", 4096, 1000, FocalLoss()),
      distributions("ce_dense_4096x100", 4096, 100),
      vectors("cosine_4096x256", CosineDistanceLoss(), 4096, 256),
      vectors("recorded_cosine_4096x256", RecordedCosineDistance(), 4096, 256),
      classes("recorded_ce_4096x1000", 4096, 1000, RecordedCrossEntropy()),
      classes("recorded_ce_1024x32000", 1024, 32000, RecordedCrossEntropy()),
    ] + sizes + halves("bf16") { BFloat16($0) } + standardHalves

  /// Four losses of ten to a hundred million elements.
  private static let sizes: [BenchCase] = (1...8).flatMap { exponent in
    let count = (0..<exponent).reduce(1) { count, _ in count * 10 }
    let cases = [
      numbers("mse_1e\(exponent)", count, MeanSquaredErrorLoss()),
      numbers("huber_1e\(exponent)", count, HuberLoss()),
      numbers("bce_logits_1e\(exponent)", count, BinaryCrossEntropyLoss(), scale: 3) {
        $0.binaries($1)
      },
      classes("ce_sparse_\(count / 10)x10", count / 10, 10),
      classes("ce_sparse_\(max(1, count / 100))x100", max(1, count / 100), 100),
    ]
    return cases.filter { one in !all.contains { $0.name == one.name } }
  }

  #if os(macOS) && arch(x86_64)
    private static let standardHalves: [BenchCase] = []
  #else
    private static let standardHalves = halves("f16") { Float16($0) }
  #endif

  /// Cases of above with inputs and gradients of half precision.
  private static func halves<P: PredictionScalar>(
    _ suffix: String, _ round: @escaping @Sendable (Float) -> P
  ) -> [BenchCase] {
    let count = 16_000_000
    return [
      numbers("mse_1.6e7_\(suffix)", count, MeanSquaredErrorLoss(), round: round),
      numbers("mae_1.6e7_\(suffix)", count, MeanAbsoluteErrorLoss(), round: round),
      numbers("huber_1.6e7_\(suffix)", count, HuberLoss(), round: round),
      numbers(
        "hinge_1.6e7_\(suffix)", count, HingeLoss(), target: { $0.signs($1) }, round: round),
      numbers(
        "bce_logits_1.6e7_\(suffix)", count, BinaryCrossEntropyLoss(), scale: 3,
        target: { $0.binaries($1) }, round: round),
      classes("ce_sparse_4096x1000_\(suffix)", 4096, 1000, round: round),
      classes("ce_sparse_1024x32000_\(suffix)", 1024, 32000, round: round),
    ]
  }
}

extension BenchCase {
  private typealias Targets = @Sendable (inout BenchData, Int) -> [Float]

  @inline(__always)
  private static func numbers<P: PredictionScalar>(
    _ name: String, _ count: Int, _ loss: some LossProtocol, scale: Float = 1,
    target: @escaping Targets = { $0.normals($1) },
    round: @escaping @Sendable (Float) -> P = { (number: Float) in number }
  ) -> BenchCase {
    BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(count, scale: scale).map(round)
      return .pair(
        loss, prediction, target(&data, count).map(round), Shape(count: count), threads: threads)
    }
  }

  private static func named(_ name: String, _ count: Int, _ loss: String) -> BenchCase {
    BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let inputs: LossInputs = [
        .prediction: AnyTensor(Tensor(data.normals(count))),
        .target: AnyTensor(Tensor(data.normals(count))),
      ]
      return .named(
        try LossRegistry.linked.loss(named: loss), inputs, gradientsOf: [.prediction],
        threads: threads)
    }
  }

  private static func classes<P: PredictionScalar>(
    _ name: String, _ rows: Int, _ width: Int, _ loss: some LossProtocol = CrossEntropyLoss(),
    round: @escaping @Sendable (Float) -> P = { (number: Float) in number }
  ) -> BenchCase {
    BenchCase(name: name, elements: rows * width) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(rows * width, scale: 3).map(round)
      return .pair(
        loss, prediction, data.classes(rows, in: 0..<width),
        try Shape([rows, width]), threads: threads)
    }
  }

  /// The pixels of some images with class indices, and the class axis of PyTorch.
  private static func pixels(
    _ name: String, _ loss: some LossProtocol, images: Int, classes: Int, side: Int, scale: Float
  ) -> BenchCase {
    let count = images * classes * side * side
    return BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(count, scale: scale)
      return .pair(
        loss, prediction, data.classes(count / classes, in: 0..<classes),
        try Shape([images, classes, side, side]), classAxis: 1, threads: threads)
    }
  }

  private static func vectors(
    _ name: String, _ loss: some LossProtocol, _ rows: Int, _ width: Int
  ) -> BenchCase {
    BenchCase(name: name, elements: rows * width) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(rows * width)
      return .pair(
        loss, prediction, data.normals(rows * width), try Shape([rows, width]), threads: threads)
    }
  }

  /// A linear layer with cross entropy, with the gradients of both factors.
  private static func layer(
    _ name: String, rows: Int, features: Int, classes: Int
  ) -> BenchCase {
    BenchCase(name: name, elements: rows * classes) { threads throws(LossError) in
      var data = BenchData()
      let inputs = [
        BenchInput("hidden", try Shape([rows, features]), data.normals(rows * features)),
        BenchInput(.target, Shape(count: rows), data.classes(rows, in: 0..<classes)),
        BenchInput(
          "kernel", try Shape([classes, features]),
          data.normals(classes * features, scale: 0.0625)),
      ]
      return .views(
        LinearCrossEntropyLoss(), inputs, gradientsOf: ["hidden", "kernel"], threads: threads)
    }
  }

  private static func distributions(_ name: String, _ rows: Int, _ width: Int) -> BenchCase {
    BenchCase(name: name, elements: rows * width) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(rows * width, scale: 2)
      return .pair(
        CrossEntropyLoss(), prediction, data.distributions(rows, width),
        try Shape([rows, width]), threads: threads)
    }
  }

  private static func divergence(_ name: String, _ rows: Int, _ width: Int) -> BenchCase {
    let loss = KLDivergenceLoss(options: .with { $0.logPrediction = true })
    return BenchCase(name: name, elements: rows * width) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.logDistributions(rows, width)
      return .pair(
        loss, prediction, data.distributions(rows, width), try Shape([rows, width]),
        reduction: .batchMean, threads: threads)
    }
  }

  /// Empty if the loss does not include the softmax, which the other frameworks' times include.
  private static func dice(
    _ name: String, images: Int, classes: Int, side: Int
  ) -> [BenchCase] {
    let options: [String: OptionValue] = [
      "smooth": 1e-5, "squared": false, "per": "sample_and_class", "activation": "softmax",
    ]
    guard let dice = try? LossRegistry.linked.loss(named: "dice", options: options) else {
      return []
    }
    let count = images * classes * side * side
    let benchCase = BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(count, scale: 2)
      let target = data.images(images, classes: classes, pixels: side * side)
      return .pair(
        dice.base, prediction, target, try Shape([images, classes, side, side]), classAxis: 1,
        threads: threads)
    }
    return [benchCase]
  }

  private static func triplets(_ name: String, rows: Int, features: Int) -> BenchCase {
    let loss = TripletMarginLoss(options: .with { $0.epsilon = 1e-6 })
    return BenchCase(name: name, elements: rows * features) { threads throws(LossError) in
      var data = BenchData()
      let shape = try Shape([rows, features])
      let roles: [Role] = ["anchor", "positive", "negative"]
      let inputs = roles.map { BenchInput($0, shape, data.normals(rows * features)) }
      return .views(loss, inputs, gradientsOf: roles, threads: threads)
    }
  }

  private static func pairs(_ name: String, rows: Int, features: Int) -> BenchCase {
    BenchCase(name: name, elements: rows * features) { threads throws(LossError) in
      var data = BenchData()
      let shape = try Shape([rows, features])
      let inputs = [
        BenchInput(.first, shape, data.normals(rows * features)),
        BenchInput(.second, shape, data.normals(rows * features)),
        BenchInput(.target, Shape(count: rows), data.signs(rows)),
      ]
      return .views(
        CosineEmbeddingLoss(), inputs, gradientsOf: [.first, .second], threads: threads)
    }
  }

  /// Two views of each item; all first views precede all second views.
  private static func batch(_ name: String, items: Int, features: Int) -> BenchCase {
    BenchCase(name: name, elements: items * features) { threads throws(LossError) in
      var data = BenchData()
      let prediction = data.normals(items * features)
      return .pair(
        NTXentLoss(temperature: 0.1), prediction, (0..<items).map { $0 % (items / 2) },
        try Shape([items, features]), threads: threads)
    }
  }

  private static func ranking(_ name: String, _ count: Int) -> BenchCase {
    BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let shape = Shape(count: count)
      let inputs = [
        BenchInput(.first, shape, data.normals(count)),
        BenchInput(.second, shape, data.normals(count)),
        BenchInput(.target, shape, data.signs(count)),
      ]
      return .views(
        MarginRankingLoss(), inputs, gradientsOf: [.first, .second], threads: threads)
    }
  }

  private static func sequences(
    _ name: String, time: Int, count: Int, classes: Int, labels: Int
  ) -> BenchCase {
    let loss = CTCLoss(options: .with { $0.perLabel = true })
    let elements = time * count * classes
    return BenchCase(name: name, elements: elements) { threads throws(LossError) in
      var data = BenchData()
      let inputs = [
        BenchInput(
          .prediction, try Shape([count, time, classes]), data.normals(elements, scale: 2)),
        BenchInput(
          .target, try Shape([count, labels]), data.classes(count * labels, in: 1..<classes)),
      ]
      return .views(loss, inputs, gradientsOf: [.prediction], threads: threads)
    }
  }

  private static func memory(_ name: String, _ count: Int) -> BenchCase {
    BenchCase(name: name, elements: count) { threads throws(LossError) in
      var data = BenchData()
      let first = data.normals(count)
      return .memory(first, data.normals(count), threads: threads)
    }
  }
}

extension LossOptions {
  /// The default options with changes.
  fileprivate static func with(_ set: (inout Self) -> Void) -> Self {
    var options = Self()
    set(&options)
    return options
  }
}
