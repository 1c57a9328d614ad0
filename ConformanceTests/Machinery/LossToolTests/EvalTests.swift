import Foundation
import LossFiles
import LossFunctions
import Testing

@testable import LossTool

@Suite struct EvalTests {
  static let valid: [(words: [String], output: String)] = [
    (["huber", "[1.1, 1.9, 3.1]", "[1, 2, 5]", "--option", "delta=0.5"], "0.2783333333333333"),
    (["huber", "1.5", "1"], "0.125"),
    (["huber", "-.5", "-1"], "0.125"),
    (["huber", "--", "-1", "-2"], "0.5"),
    (["huber", "-inf", "0"], "inf"),
    (["huber", "nan", "0"], "nan"),
    (["huber", "[nan, 1]", "[0, 0]", "--reduction", "none"], "[nan, 0.5]"),
    (["huber", "[[1], [0]]", "[[0], [0]]", "--reduction=none"], "[[0.5], [0.0]]"),
    (["huber", "[]", "[]", "--reduction", "sum"], "0.0"),
    (["huber", "[]", "[]", "--reduction", #"{"kind": "mean", "when_empty": "nan"}"#], "nan"),
    (["mean_squared_error", "[0.1]", "[0]", "--element", "f32"], "0.010000001"),
    (["mean_squared_error", "[0.1]", "[0]"], "0.010000000000000002"),
    (["mean_squared_error", "[1, 2]", "[0, 0]", "--input", "weight=[0, 1]"], "2.0"),
    (["mean_squared_error", "[1, 2]", "[0, 0]", "--input", "mask=[false, true]"], "4.0"),
    (["mean_squared_error", "[1, 2]", "[0, 0]", "--input", "mask=[0, 1]"], "4.0"),
    (
      [
        "mean_squared_error", "[1, 2]", "[0, 0]", "--input", "mask=[0.0, 1.0]", "--cast",
        "mask=bool",
      ], "4.0"
    ),
    (["mean_squared_error", "[0.1]", "[0]", "--cast", "prediction=f32"], "0.010000001"),
    (["cross_entropy", "[[0, 0]]", "[1.0]", "--cast", "target=i64"], "0.6931471805599453"),
    (["torch.cross_entropy", "[[0, 0]]", "[1.0]", "--cast", "target=i64"], "0.6931471805599453"),
    (
      ["binary_cross_entropy", "2", "1", "--option", "from_logits=false", "--unchecked"],
      "-0.6931471805599453"
    ),
    (["torch.binary_cross_entropy", "2", "1", "--unchecked"], "-0.6931471805599453"),
    (["flux.siamese_contrastive_loss", "1", "0.5"], "0.5"),
    (["mean_squared_error", "--input", "target=[1]", "--input", "prediction=[3]"], "4.0"),
    (["cross_entropy", "[20, 0]", "0"], "2.061153620314381e-09"),
    (["cross_entropy", "[[0, 1], [0, 1]]", "[0, 0]", "--class-axis", "0"], "0.6931471805599453"),
    (
      ["cross_entropy", "[[0, 0]]", "[0]", "--option", "class_weights=[2, 1]"], "1.3862943611198906"
    ),
    (["cross_entropy", "[[0, 0]]", "[1]", "--option", "ignore_index=null"], "0.6931471805599453"),
    (["binary_cross_entropy", "0.5", "1", "--option", "from_logits=false"], "0.6931471805599453"),
    (["ctc", "[[0, 0]]", "[1]", "--option", "blank=-2"], "0.6931471805599453"),
    (
      ["l1_penalty", "--option", "of=weights", "--input", "weights=[1, -2]", "--reduction", "sum"],
      "3.0"
    ),
    (["flux.mse", "[1, 2]", "[0, 0]", "--option", "agg=sum"], "5.0"),
    (["flux.mse", "[[1, 2]]", "[[0, 0]]", "--option", "agg_dims=[2]"], "[[2.5]]"),
    (["axon.hinge", "[[1, -1]]", "[[0.5, 0.5]]"], "[1.0]"),
    (
      [
        "optax.softmax_cross_entropy", "[-1, -1, -1]", "[\"nan\", 0.5, 0.5]", "--input",
        "where=[true, true, false]", "--gradient", "prediction=-", "--unchecked",
      ], "nan\n[nan, nan, 0.0]"
    ),
    (
      ["sum", "[1, 2]", "[0, 0]", "--option", #"parts=[{"scale": 0.5, "loss": "huber"}]"#], "0.5"
    ),
  ]

  @Test("Only the value is printed, with round-trip precision", arguments: valid.indices)
  func value(index: Int) {
    let run = Run(["eval"] + Self.valid[index].words)
    #expect(run.output == Self.valid[index].output + "\n", "\(Self.valid[index].words)")
    #expect(run.errors.isEmpty)
    #expect(run.status == 0)
  }

  @Test(
    "Tables of pandas, R, Excel and NumPy are read, and their masks",
    arguments: [
      ("pred,target,keep\n1,0,True\n2,0,False\n", "pred", "target", "keep"),
      ("\"pred\",\"target\",\"keep\"\n1,0,TRUE\n2,0,FALSE\n", "pred", "target", "keep"),
      ("pred,target,keep\n1,0,1\n2,0,0\n", "pred", "target", "keep"),
      ("pred;target;keep\r\n1;0;1\r\n2;0;0\r\n", "pred", "target", "keep"),
      ("\u{feff}pred\ttarget\tkeep\n1\t0\ttrue\n2\t0\tfalse\n", "pred", "target", "keep"),
      ("1,0,1\n2,0,0\n", "0", "1", "2"),
      ("\"pred, mean\",target,keep\n1,0,1\n2,0,0\n", "\"pred, mean\"", "target", "keep"),
    ])
  func tables(text: String, prediction: String, target: String, mask: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/t.csv"
      try Data(text.utf8).write(to: URL(filePath: path))
      let run = Run(
        "eval", "mean_squared_error", "\(path):\(prediction)", "\(path):\(target)", "--input",
        "mask=\(path):\(mask)")
      #expect(run.output == "1.0\n", "\(run.errors)")
    }
  }

  @Test("All columns of a table are a matrix")
  func matrix() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/logits.csv"
      try Data("0.5,0,0\n1,1,1\n".utf8).write(to: URL(filePath: path))
      let run = Run("eval", "cross_entropy", "\(path):*", "[1, 2]", "--reduction", "none")
      let inline = Run(
        "eval", "cross_entropy", "[[0.5,0,0],[1,1,1]]", "[1, 2]", "--reduction", "none")
      #expect(run.output == inline.output, "\(run.errors)")
    }
  }

  @Test("Domains are checked under every name, except where the framework checks none")
  func domains() {
    for name in ["torch.binary_cross_entropy", "binary_cross_entropy"] {
      #expect(Run("eval", name, "[0.5]", "[3]").status == 1)
    }
    #expect(Run("eval", "torch.nn.BCEWithLogitsLoss", "[0.5]", "[3]").status == 1)
    #expect(Run("eval", "torch.nn.BCEWithLogitsLoss", "[0.5]", "[3]", "--unchecked").status == 0)
    #expect(Run("eval", "optax.kl_divergence", "[0.5]", "[1.0]").status == 1)
    #expect(Run("eval", "optax.kl_divergence", "[0.5]", "[1.0]", "--unchecked").status == 0)
  }

  @Test("A name of another framework takes its arguments in the order of that framework")
  func order() {
    let ours = Run("eval", "kl_divergence", "[0.25, 0.75]", "[0.5, 0.5]")
    let axon = Run("eval", "axon.kl_divergence", "[0.5, 0.5]", "[0.25, 0.75]")
    let other = Run("eval", "axon.kl_divergence", "[0.25, 0.75]", "[0.5, 0.5]")
    #expect(ours.output.prefix(6) == axon.output.prefix(6))
    #expect(ours.output.prefix(6) != other.output.prefix(6))
  }

  @Test("Gradients are printed after the value, in the order of the options")
  func gradients() {
    let run = Run(
      "eval", "mean_squared_error", "[1, 2]", "[0, 0]", "--gradient", "target=-", "--gradient",
      "prediction=-")
    #expect(run.output == "2.5\n[-1.0, -2.0]\n[1.0, 2.0]\n")
  }

  @Test("JSON has the value, its shape and element type, and the gradients or their files")
  func printsJSON() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/g.npy"
      let run = Run(
        "eval", "flux.mse", "[[1], [nan]]", "[[0], [0]]", "--element", "f32", "--json",
        "--gradient", "ŷ=-", "--gradient", "y=\(path)", "--option", "agg=identity")
      let result = try json(run.output)
      #expect(result["loss"] as? String == "flux.mse")
      #expect(result["shape"] as? [Int] == [2, 1])
      #expect(result["element"] as? String == "f32")
      #expect(run.output.contains(#""value": [[1.0], ["nan"]]"#))
      #expect(run.output.contains(#""ŷ": [[2.0], ["nan"]], "y": ""#))
      let gradient = try NumPyFile.read(path: path)
      #expect(gradient.element == .float32)
      #expect(gradient.shape.extents == [2, 1])
    }
  }

  @Test("Files are read and written, and determine the element type")
  func files() throws {
    try withTemporaryFolder { folder in
      let prediction: AnyTensor = .float32(try Tensor(rows: [[1, 2], [3, 4]]))
      try TensorFile.write(prediction, to: folder + "/p.npy")
      try TensorFile.write(.int64(Tensor([0, 1])), to: folder + "/t.json")
      let run = Run(
        "eval", "cross_entropy", folder + "/p.npy", folder + "/t.json", "--gradient",
        "prediction=\(folder)/g.json", "--threads", "2")
      let loss = try CrossEntropyLoss().valueAndGradient(
        Tensor<Float>(rows: [[1, 2], [3, 4]]), Tensor([0, 1]))
      #expect(run.output == "\(loss.value)\n", "\(run.errors)")
      #expect(try TensorFile.read(folder + "/g.json") == .float32(loss.gradient))
    }
  }

  @Test("The value of an option is JSON, a number or a word")
  func optionValues() throws {
    let values: [(String, OptionValue)] = [
      ("1", 1), ("-1e-3", -0.001), (".5", 0.5), ("5.", 5), ("+2", 2), ("true", true),
      ("null", nil), ("mean", "mean"), ("\"mean\"", "mean"), ("[1, [2]]", [1, [2]]),
      ("{\"a\": 1}", ["a": 1]), ("", ""), ("[1", "[1"), ("1e999", "1e999"), ("0x10", "0x10"),
      ("nan", "nan"), ("e", "e"), ("machine", "machine"),
      (String(repeating: "[", count: 9999), .text(String(repeating: "[", count: 9999))),
    ]
    for (text, value) in values {
      #expect(try OptionValue(argument: text, option: "delta") == value, "\(text)")
    }
  }
}
