import LossFunctions
import Testing

/// The registry: names, dialect names and suggestions.
@Suite struct LossRegistryTests {
  @Test("the linked plug-ins are the built-in ones")
  func linked() throws {
    let registry = try LossRegistry.linked.checked()
    #expect(
      registry.plugins.map(\.name)
        == [
          "classification", "composition", "compound", "embedding", "ranking", "regression",
          "segmentation", "sequence",
        ])
    #expect(registry.names == LossRegistry.linked.names)
    let explicit = try LossRegistry([
      composedLosses, regressionLosses, classificationLosses, embeddingLosses, rankingLosses,
      segmentationLosses, sequenceLosses, compoundLosses,
    ])
    #expect(explicit.names == registry.names)
    #expect(explicit.dialectNames == registry.dialectNames)
    #expect(
      registry.dialects.map(\.name) == [
        "axon", "flux", "keras", "mlx", "monai", "optax", "smp", "torch", "torchaudio",
        "torchvision",
        "warprnnt_pytorch",
      ])
    for plugin in registry.plugins {
      for entry in plugin.losses {
        #expect(registry.plugin(named: entry.metadata.name) == plugin.name)
        #expect(
          registry.entry(named: entry.metadata.name)?.metadata.summary == entry.metadata.summary)
      }
    }
  }

  @Test(
    "every name comes to a loss with its defaults",
    arguments: try LossRegistry.linked.checked().names)
  func names(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    #expect(loss.name == name)
    #expect(loss.base.name == name)
    #expect(loss.reduction == nil)
    #expect(loss.dialectEntry == nil)
  }

  @Test(
    "every spelled name comes to a loss",
    arguments: try LossRegistry.linked.checked().dialectNames)
  func dialectNames(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    #expect(loss.name == name)
    #expect(loss.reduction != nil)
    let dialectEntry = try #require(LossRegistry.linked.dialectEntry(named: name))
    #expect(dialectEntry.qualifiedNames.contains(name))
    #expect(loss.base.name == LossRegistry.linked.entry(named: name)?.metadata.name)
    // Every argument has a role of the loss; every loss has a mask.
    let roles = loss.base.signature.inputs.map(\.role) + [.mask]
    for argument in dialectEntry.arguments {
      #expect(roles.contains(argument.role), "\(argument.role)")
    }
    let names = dialectEntry.arguments.flatMap { Set($0.names + [$0.role.name]) }
    #expect(Set(names).count == names.count, "one name for two arguments")
  }

  @Test("the alternative prefixes of a dialect are accepted")
  func aliases() throws {
    let registry = LossRegistry.linked
    for name in ["Flux.huber_loss", "Flux.Losses.huber_loss", "Axon.Losses.huber"] {
      let loss = try registry.loss(named: name)
      #expect(loss.name == name)
      #expect(loss.base.name == "huber")
      #expect(registry.plugin(named: name) == "regression")
      #expect(registry.dialectEntry(named: name) != nil)
      #expect(registry.entry(named: name)?.metadata.name == "huber")
    }
    let error = refusal { () throws(LossError) in try registry.loss(named: "Flux.hubr_loss") }
    #expect(error?.hint.contains("flux.huber_loss") == true)
  }

  @Test("a registry has exactly the losses of its plug-ins")
  func explicit() throws {
    let registry = try LossRegistry([LossPlugin("mine", [LossEntry(CappedLoss.self)])])
    #expect(registry.names == ["capped"])
    #expect(registry.plugin(named: "capped") == "mine")
    #expect(registry.plugin(named: "huber") == nil)
    #expect(
      refusal { () throws(LossError) in try registry.loss(named: "huber") }?.code == .unknownLoss)
    #expect(LossRegistry.empty.names.isEmpty)
    #expect(
      refusal { () throws(LossError) in try LossRegistry.empty.loss(named: "huber") }?.description
        == "huber: no loss has this name; expected one of 0 names.")
  }

  @Test("two plug-ins with the same name throw, and the error names both")
  func duplicates() {
    let error = refusal { () throws(LossError) in
      try LossRegistry([
        LossPlugin("mine", [LossEntry(CappedLoss.self)]),
        LossPlugin("yours", [LossEntry(HuberLoss.self), LossEntry(CappedLoss.self)]),
      ])
    }
    #expect(error?.code == .invalidValue)
    #expect(error?.subject == "capped")
    #expect(error?.description.contains("\"mine\"") == true)
    #expect(error?.description.contains("\"yours\"") == true)
  }

  @Test("a duplicate dialect name throws, and the error names both plug-ins")
  func dialectClash() {
    let error = refusal { () throws(LossError) in
      try LossRegistry([regressionLosses, LossPlugin("yours", [LossEntry(ClashingLoss.self)])])
    }
    #expect(error?.code == .invalidValue)
    #expect(error?.subject == "flux.huber_loss")
    #expect(error?.description.contains("\"regression\"") == true)
    #expect(error?.description.contains("\"yours\"") == true)
  }

  @Test("a plug-in that lists a loss twice throws")
  func listedTwice() {
    let plugin = LossPlugin("mine", [LossEntry(CappedLoss.self), LossEntry(CappedLoss.self)])
    let error = refusal { () throws(LossError) in try LossRegistry([plugin]) }
    #expect(error?.subject == "capped")
  }

  @Test(
    "the nearest name is suggested",
    arguments: [
      ("hubr", "huber"), ("Huber", "huber"), ("hinge_", "hinge"), ("crossentropy", "cross_entropy"),
      ("flux.hubber_loss", "flux.huber_loss"), ("axon.hubr", "axon.huber"), ("dcie", "dice"),
    ])
  func suggestions(_ slip: String, _ meant: String) {
    let error = refusal { () throws(LossError) in try LossRegistry.linked.loss(named: slip) }
    let count = LossRegistry.linked.names.count + LossRegistry.linked.dialectNames.count
    #expect(
      error?.description
        == "\(slip): no loss has this name; expected one of \(count) names."
        + " Did you mean \"\(meant)\"?")
  }

  @Test(
    "nothing is suggested for a name that resembles none",
    arguments: [
      "", "zzzzzzzzzzzz", String(repeating: "huber", count: 1000),
    ])
  func noSuggestion(_ name: String) {
    let error = refusal { () throws(LossError) in try LossRegistry.linked.loss(named: name) }
    #expect(error?.code == .unknownLoss)
    #expect(error?.hint == "")
  }

  @Test("of two plug-ins with one name the first keeps it, and every lookup names both")
  func keepsFirst() throws {
    let first = LossPlugin("a", [LossEntry(CappedLoss.self)])
    let second = LossPlugin("b", [LossEntry(CappedLoss.self)])
    let registry = LossRegistry(keepingFirst: [first, second])
    #expect(registry.names == ["capped"])
    #expect(registry.plugin(named: "capped") == "a")
    #expect(registry.clashes.count == 1)
    let error = refusal { () throws(LossError) in try registry.loss(named: "capped") }
    #expect(error?.found.contains("\"a\" and by plug-in \"b\"") == true)
    #expect(throws: LossError.self) { try registry.checked() }
    #expect(throws: LossError.self) { try LossRegistry.empty.checked() }
  }

  @Test("a plug-in adds names of frameworks to a loss of another plug-in")
  func addedNames() throws {
    let framework = Dialect("jaxlike", title: "A framework")
    let entry = DialectEntry(
      framework, ["robust_loss"],
      arguments: [DialectArgument(.prediction, "x"), DialectArgument(.target, "y")],
      options: [.same("width", as: "delta")])
    let names = LossPlugin("names", [], dialectEntries: ["huber": [entry]])
    let registry = try LossRegistry(LossRegistry.linked.plugins + [names])
    let loss = try registry.loss(named: "jaxlike.robust_loss", options: ["width": 0.5])
    let value = try loss([2.0], [0.0])
    #expect(try value == HuberLoss(delta: 0.5)([2.0], [0.0]))
    #expect(registry.entry(named: "huber")?.metadata.dialectEntries.last?.dialect.name == "jaxlike")
    let stray = LossPlugin("stray", [], dialectEntries: ["no_such_loss": [entry]])
    let error = refusal { () throws(LossError) in try LossRegistry([stray]) }
    #expect(error?.code == .unknownLoss)
  }

  @Test(
    "the field's words and short names find their loss first",
    arguments: [
      ("mse", "mean_squared_error"), ("MSELoss", "mean_squared_error"),
      ("rmse", "root_mean_squared_error"), ("mae", "mean_absolute_error"),
      ("l1", "mean_absolute_error"), ("bce", "binary_cross_entropy"),
      ("BCEWithLogitsLoss", "binary_cross_entropy"), ("CrossEntropyLoss", "cross_entropy"),
      ("categorical_crossentropy", "cross_entropy"), ("softmax cross entropy", "cross_entropy"),
      ("negative log-likelihood", "nll"), ("iou", "jaccard"), ("pinball", "quantile"),
      ("info_nce", "ntxent"), ("InfoNCE", "ntxent"), ("kld", "kl_divergence"),
      ("triplet", "triplet_margin"), ("dice coefficient", "dice"), ("RNN-transducer", "rnnt"),
      ("supervised contrastive", "supcon"), ("msle", "mean_squared_logarithmic_error"),
      ("mape", "mean_absolute_percentage_error"), ("focal", "focal"), ("hinge", "hinge"),
      ("Matthews", "mcc"), ("aspect-ratio", "ciou"),
    ])
  func searched(_ word: String, _ name: String) {
    #expect(LossRegistry.linked.search(word).first?.metadata.name == name)
  }

  @Test("A search finds words, not letters within a word", arguments: ["mse", "ce", "gan"])
  func searchesWords(_ word: String) {
    let found = LossRegistry.linked.search(word).map(\.metadata.name)
    for name in ["softmax", "hinge", "kl_divergence", "perceptron", "lambda"] {
      #expect(!found.contains(name), "\(word) finds \(name)")
    }
  }
}

/// A loss with a dialect name of another loss.
struct ClashingLoss: ElementwiseLoss {
  static let metadata = LossMetadata(
    "clashing", "A loss with a duplicate dialect name.", formula: "0",
    dialectEntries: [.flux("huber_loss")])
  let options: NoOptions
  func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N { 0 }
}
