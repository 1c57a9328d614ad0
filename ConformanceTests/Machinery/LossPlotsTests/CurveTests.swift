import LossFunctions
import Testing

@testable import LossPlots

@Suite struct CurveTests {
  private func curve(
    _ name: String, _ options: [String: OptionValue] = [:], target: Double? = nil,
    over range: ClosedRange<Double>? = nil
  ) throws -> Curve {
    let loss = try LossRegistry.linked.loss(named: name, options: options).base
    return try Curve(name, LossSlice(of: loss, target: target), over: range)
  }

  @Test("Every loss can be plotted with its derivative, or throws an error with a reason")
  func everyLoss() throws {
    var drawn = 0
    for name in LossRegistry.linked.names {
      do {
        let curve = try curve(name)
        drawn += 1
        #expect(curve.points.count { $0.value.isFinite } > curve.points.count / 2, "\(name)")
        guard curve.slice.hasDerivative else { continue }
        expectDerivatives(of: curve)
      } catch let error as LossError {
        #expect(error.loss == name)
        #expect(!error.found.isEmpty, "\(error)")
        #expect(!error.expected.isEmpty, "\(error)")
      }
    }
    #expect(drawn >= 24)
  }

  /// Compares the derivatives with difference quotients, away from kinks and poles, where the loss has
  /// a value.
  private func expectDerivatives(of curve: Curve) {
    let width = curve.range.upperBound - curve.range.lowerBound
    let h = width * 1e-6
    for point in curve.points.dropFirst(48).dropLast(48)
    where !curve.kinks.contains(where: { ($0.point.x - point.x).magnitude < 2 * h }) {
      let before = curve.slice.point(at: point.x - h).value
      let quotient = (curve.slice.point(at: point.x + h).value - before) / (2 * h)
      guard quotient.isFinite || point.value.isFinite else { continue }
      let slack = 1e-5 * max(1, point.derivative.magnitude)
      #expect((quotient - point.derivative).magnitude < slack, "\(curve.name) at \(point.x)")
    }
  }

  @Test("Kinks are found exactly, with both one-sided derivatives and the returned one")
  func kinks() throws {
    let cases: [(Curve, x: Double, derivatives: [Double])] = [
      (try curve("mean_absolute_error"), 0, [-1, 0, 1]),
      (try curve("mean_absolute_error", target: 0.3), 0.3, [-1, 0, 1]),
      (try curve("l1_penalty"), 0, [-1, 0, 1]),
      (try curve("root_mean_squared_error"), 0, [-1, 0, 1]),
      (try curve("hinge"), 1, [-1, 0, 0]),
      (try curve("hinge", target: -1), -1, [0, 0, 1]),
      (try curve("categorical_hinge"), 1, [-1, 0, 0]),
      (try curve("margin_ranking", ["margin": 0.7]), 0.7, [-1, 0, 0]),
    ]
    for (curve, x, derivatives) in cases {
      #expect(curve.kinks.map(\.point.x) == [x], "\(curve.name)")
      guard let kink = curve.kinks.first else { continue }
      #expect(
        [kink.left, kink.point, kink.right].map(\.derivative) == derivatives, "\(curve.name)")
      #expect(!kink.isJump)
    }
  }

  @Test(
    "A smooth loss has no kink, however steep",
    arguments: [
      "mean_squared_error", "huber", "log_cosh", "squared_hinge", "kl_divergence", "poisson_nll",
      "cross_entropy", "siamese_contrastive", "softmax",
    ])
  func smooth(name: String) throws { #expect(try curve(name).kinks.isEmpty) }

  @Test("A discontinuity of the loss is a jump")
  func step() throws {
    let loss = ClosureLoss("step") { prediction, _ in
      prediction > 0.5 ? 1 : 0
    }
    let curve = try Curve("step", LossSlice(of: loss))
    #expect(curve.kinks.map(\.isJump) == [true])
    #expect(curve.kinks.first?.point.x == 0.5)
  }

  @Test("The axis and the fixed inputs follow from the signature")
  func labels() throws {
    func labels(_ name: String, target: Double? = nil) throws -> [String] {
      let slice = try curve(name, target: target).slice
      return [slice.axis, slice.held]
    }
    #expect(try labels("huber") == ["prediction", "target = 0"])
    #expect(try labels("huber", target: 2) == ["prediction", "target = 2"])
    #expect(try labels("hinge") == ["prediction", "target = 1"])
    #expect(try labels("margin_ranking") == ["first", "second = 0, target = 1"])
    #expect(try labels("l2_penalty") == ["parameters", ""])
    #expect(
      try labels("cross_entropy") == ["score of the true class of two (the other: 0)", ""])
    #expect(try labels("kl_divergence") == ["probability of the true class of two", ""])
    #expect(
      try labels("cross_entropy", target: 0) == [
        "score of the first of two classes (the other: 0)", "target = 0 for this class",
      ])
    #expect(try labels("dice") == ["prediction of a region of one element", "target = 1"])
  }

  @Test("Values and derivatives are those of the loss")
  func values() throws {
    #expect(try curve("mean_squared_error").slice.point(at: 2).value == 4)
    #expect(try curve("mean_squared_error", target: 1).slice.point(at: 3).derivative == 4)
    // log(1 + e⁻²), 40 digits: 0.1269280110429724964437268074631
    let cross = try curve("cross_entropy").slice.point(at: 2)
    #expect((cross.value - 0.12692801104297250).magnitude < 1e-15)
    let divergence = try curve("kl_divergence").slice.point(at: 0.25)
    #expect((divergence.value - 1.3862943611198906).magnitude < 1e-15)
    #expect(divergence.derivative == -4)
    #expect(try curve("kl_divergence").slice.point(at: 1.5).value.isNaN)
  }

  @Test("A name of another framework is plotted with its scale and options")
  func dialectNames() throws {
    let registry = LossRegistry.linked
    var scaled = 0
    for name in registry.dialectNames {
      let configured = try registry.loss(named: name)
      guard configured.scale != 1, let slice = try? LossSlice(of: configured) else { continue }
      scaled += 1
      let plain = try LossSlice(of: configured.base).point(at: 0.75)
      #expect(slice.point(at: 0.75).value == configured.scale * plain.value, "\(name)")
      #expect(slice.point(at: 0.75).derivative == configured.scale * plain.derivative, "\(name)")
    }
    #expect(scaled > 0)
    #expect(throws: LossError.self) { try LossSlice(of: registry.loss(named: "flux.ctc_loss")) }
  }

  @Test("A range is clamped to the domain; a range outside of it is rejected")
  func ranges() throws {
    #expect(try curve("kl_divergence", over: -3...3).range == 0...1)
    #expect(try curve("poisson_nll", over: -3...2).range == 0...2)
    #expect(throws: LossError.self) { try curve("kl_divergence", over: 2...3) }
  }

  @Test("Losses that cannot be plotted are rejected with code and subject")
  func errors() {
    func error(_ name: String, target: Double? = nil) -> LossError? {
      #expect(throws: LossError.self) { try curve(name, target: target) }
    }
    #expect(error("ctc")?.code == .invalidRank)
    #expect(error("ctc")?.subject == "prediction")
    #expect(error("sum")?.code == .missingInput)
    #expect(error("deep_supervision")?.code == .missingInput)
    #expect(error("l1_penalty", target: 1)?.code == .unknownInput)
  }
}
