import LossFunctions
import Testing

@testable import LossTool

@Suite struct ObjectiveTests {
  @Test("A table has a row for each score, after the link, the policy and the initial score")
  func prints() {
    let run = Run("eval", "poisson_nll", "[0, 0]", "[1, 2]", "--objective", "floored=1e-6")
    #expect(
      run.output == """
        link log, curvature exact,floored=1e-06, initial score 0.4054651081081644
        row  gradient  curvature
        0    0.0       1.0
        1    -1.0      1.0

        """)
    #expect(run.status == 0)
    let classes = Run(
      "eval", "cross_entropy", "[[0, 0], [0, 0]]", "[0, 1]", "--objective", "constant=1")
    #expect(
      classes.output.hasSuffix("0    -0.5, 0.5  1.0, 1.0\n1    0.5, -0.5  1.0, 1.0\n"),
      "\(classes.output)")
  }

  @Test("The policy may be missing, before arguments too")
  func policies() {
    let alone = Run("eval", "huber", "[1, 5]", "[0, 0]", "--objective")
    #expect(alone.output == Run("eval", "huber", "--objective", "[1, 5]", "[0, 0]").output)
    #expect(alone.output == Run("eval", "huber", "--objective=exact", "[1, 5]", "[0, 0]").output)
    #expect(alone.output == Run("eval", "huber", "--objective", "exact", "[1, 5]", "[0, 0]").output)
    #expect(alone.output.contains("1    1.0       0.0"))
    let linked = Run(
      "eval", "mean_squared_error", "[0]", "[1]", "--objective", "--link", "logistic")
    #expect(linked.output.contains("0    -0.25     0.125"))
  }

  @Test("JSON has the tensors, and null for an infinite initial score")
  func printsJSON() throws {
    let run = Run(
      "eval", "soft_margin", "[0, 1]", "[1, 1]", "--objective", "--json", "--input",
      "weight=[2, 0]")
    let result = try json(run.output)
    #expect(result["loss"] as? String == "soft_margin")
    #expect(result["link"] as? String == "identity")
    #expect(result["curvature_policy"] as? String == "exact")
    #expect(result["initial_score"] is [Double] == false)
    #expect(result["gradient"] as? [Double] == [-1, 0])
    #expect(result["curvature"] as? [Double] == [0.5, 0])
  }

  @Test("Names of frameworks have their order of arguments")
  func followsFrameworks() {
    let ours = Run("eval", "poisson_nll", "[0, 1]", "[1, 2]", "--objective")
    let torch = Run("eval", "torch.poisson_nll_loss", "[0, 1]", "[1, 2]", "--objective")
    #expect(ours.output == torch.output)
    let keras = Run("eval", "keras.losses.MeanSquaredError", "[1, 2]", "[3, 5]", "--objective")
    #expect(keras.output.contains("0    4.0       2.0"), "\(keras.output)")
  }

  @Test(
    "What does not go together is refused",
    arguments: [
      (["huber", "[1]", "[2]", "--link", "log"], 2, "--link is given without --objective"),
      (["huber", "[1]", "--objective"], 2, "target is missing"),
      (
        ["huber", "[1]", "[2]", "--objective", "--reduction", "sum"], 2,
        "--reduction is given with --objective"
      ),
      (
        ["huber", "[1]", "[2]", "--objective", "--input", "mask=[true]"], 2,
        "--input mask is given with --objective"
      ),
      (["huber", "[1]", "[2]", "--objective", "--link", "logit"], 2, "--link is \"logit\""),
      (["huber", "[1]", "[2]", "--objective=exat"], 1, "Did you mean \"exact\"?"),
      (["ntxent", "[[1]]", "[2]", "--objective"], 1, "is not evaluated row by row"),
      (["gamma_deviance", "[1]", "[0]", "--objective"], 1, "a label of finite loss"),
      (["cross_entropy", "[[1, 2]]", "[2]", "--objective"], 1, "expected a class in 0 ..< 2"),
    ] as [([String], Int32, String)])
  func refuses(words: [String], status: Int32, message: String) {
    let run = Run(["eval"] + words)
    #expect(run.status == status)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
