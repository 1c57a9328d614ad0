import Foundation
import Testing

@testable import LossTool

/// Invalid inputs and options: the error of the library, and status 1.
@Suite struct InputErrorTests {
  static let invalid: [(words: String, message: String)] = [
    (
      "eval huber [1.1,1.9,3.1] [[1],[2],[5]]",
      "huber: target has shape [3, 1]; expected [3], the shape of prediction."
    ),
    ("eval huber [1,2] 1", "huber: target has shape []; expected [2], the shape of prediction."),
    ("eval cross_entropy 1 0", "cross_entropy: prediction has shape []; expected the axes"),
    ("eval huber [] []", "huber: prediction has shape [0]"),
    ("eval cross_entropy [[],[]] [0,0]", "cross_entropy: prediction has shape [2, 0]"),
    (
      "eval cross_entropy [[1,2],[3,4]] [0,7]",
      "cross_entropy: target is 7 at [1]; expected a class in 0 ..< 2, the class axis of "
        + "prediction (shape [2, 2])."
    ),
    ("eval cross_entropy [[1,2]] [-1]", "cross_entropy: target is -1 at [0]; expected a class"),
    (
      "eval linear_cross_entropy [[1,2]] [3] --input kernel=[[1,0],[0,1],[1,1]]",
      "linear_cross_entropy: target is 3 at [0]; expected a class in 0 ..< 3, the class axis of "
        + "kernel (shape [3, 2])."
    ),
    ("eval flux.sparsecrossentropy [[1],[0]] [0]", "flux.sparsecrossentropy: target is"),
    ("eval cross_entropy [[1,2]] [nan]", "cross_entropy: target has type f64 and shape [1]"),
    (
      "eval cross_entropy [[1,2]] [0] --class-axis 2",
      "cross_entropy: option \"class_axis\" is 2; expected an axis of prediction"
    ),
    (
      "eval flux.logitsparsecrossentropy [[0.2],[0.8]] [0]",
      "flux counts classes from 1; this message counts from 0."
    ),
    (
      "eval optax.softmax_cross_entropy_with_integer_labels [[1,2]] [-1]",
      "Labels that do not count are removed by the input mask."
    ),
    (
      "eval torch.ctc_loss [[[1,2]]] [[1]] [1] [1]",
      "For logits use ctc, which has other axes and defaults."
    ),
    (
      "eval cross_entropy [[1,2]] [0,1]",
      "to match prediction. Add an axis of extent 1: [1, 2]."
    ),
    (
      "eval nll [[-1,-2],[-1,-2]] [[0,1],[1,0]] --option ignore_index=0",
      "nll: target has shape [2, 2]; expected class indices"
    ),
    (
      "eval cross_entropy [[1,2],[3,4]] [[0,1],[1,0]] --option ignore_index=0 --option targets=dense",
      "With ignore_index 0 the target is class indices; remove rows of a dense target with the input "
        + "mask."
    ),
    (
      "eval huber 1 2 --option delta=1e39",
      "expected a number above zero, within the range of f32."
    ),
    (
      "eval periodic 1 2 --option period=1e-60",
      "expected a number above zero, within the range of f32."
    ),
    (
      "eval torch.cross_entropy [[2,0.5,1]] [1] --option weight=[]",
      "option \"weight\" is []; expected numbers; null, or leave it out, for none."
    ),
    (
      "eval torch.nn.BCEWithLogitsLoss [[2,1]] [[1,0]] --option pos_weight=[]",
      "option \"pos_weight\" is []; expected numbers"
    ),
    ("eval hubr 1 2", "hubr: no loss has this name; expected one of "),
    ("eval hubr 1 2", "Did you mean \"huber\"?"),
    ("show hubr", "Did you mean \"huber\"?"),
    ("show flux.huber", "Did you mean \"flux.huber_loss\"?"),
    ("eval huber 1 2 --option delta=-1", "huber: option \"delta\" is -1.0; expected a number"),
    ("eval huber 1 2 --option delta=wide", "huber: option \"delta\" is \"wide\"; expected"),
    ("eval huber 1 2 --option delta=1e999", "huber: option \"delta\" is \"1e999\"; expected"),
    ("eval huber 1 2 --option dleta=1", "Did you mean \"delta\"?"),
    ("eval flux.mse 1 2 --option ag=sum", "Did you mean \"agg\"?"),
    ("eval huber 1 2 --reduction men", "huber: option \"reduction\" is men; expected one of"),
    (
      "eval huber 1 2 --reduction {\"kind\":\"sum\",\"kind\":\"mean\"}",
      "huber: option \"reduction\" has the key \"kind\" twice; expected keys that differ."
    ),
    (
      "eval sum 1 2 --option parts=[{\"loss\":\"huber\",\"loss\":\"poisson\"}]",
      "sum: option \"parts\" has the key \"loss\" twice; expected keys that differ."
    ),
    (
      "eval huber 1 2 --option delta={1}",
      "option \"delta\" has \"1\" at byte 1; expected a string."
    ),
    ("eval huber 1 2 --reduction {\"kind\":\"mode\"}", "huber: option \"reduction\" is {"),
    ("eval huber [1] [2] --reduction {\"kind\":\"sum\",\"axes\":[3]}", "names the axes [3]"),
    ("eval huber 1 2 --input wieght=1", "Did you mean \"weight\"?"),
    ("eval huber [1] [2] --input weight=[-1]", "huber: weight is -1.0 at [0]; expected"),
    ("eval huber [1] [2] --input mask=[2]", "huber: mask has type i64 and is 2 at [0]; expected"),
    ("eval huber [1] [2] --input mask=[false]", "huber: "),
    ("eval huber 1 2 --gradient weight=-", "huber: weight has no gradient; expected"),
    ("eval hinge 1 2 --gradient target=-", "hinge: target has no gradient; expected prediction."),
    ("eval huber none.npy 2", "none.npy does not exist."),
    ("eval huber none.txt 2", "none.txt is neither a supported file nor a number; expected"),
    ("eval huber [1,[2]] 2", "[1,[2]] has a list"),
    ("eval huber [1 2", "[1 ends early"),
    ("eval huber 1 2 --gradient prediction=x.txt", "x.txt has an unsupported file extension"),
    ("eval huber 1 2 --gradient prediction=no/x.npy", "no/x.npy is in a folder that does not"),
  ]

  @Test("An error states the subject, the finding and the expectation", arguments: invalid)
  func rejects(words: String, message: String) {
    let run = Run(words.split(separator: " ").map(String.init))
    #expect(run.status == 1)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  /// The bytes of a `.npy` file whose size may not match its header.
  private static func npy(_ header: String, data: Int, headerLength length: Int? = nil) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let length = length ?? text.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + text
      + Array(repeating: 0, count: data)
  }

  private static func header(_ shape: String, _ type: String = "<f8") -> String {
    "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
  }

  static let broken: [(bytes: [UInt8], message: String)] = [
    ([], "is not a NumPy file"),
    (Array("NUMPY".utf8), "is not a NumPy file"),
    (Array(npy(header("(2,)"), data: 16).prefix(8)), "ends inside its header"),
    (Array(npy(header("(2,)"), data: 16).prefix(30)), "bytes of header; expected"),
    (npy(header("(2,)"), data: 16, headerLength: 60000), "bytes of header; expected 60000"),
    (npy(header("(2,)"), data: 8), "has 8 bytes of data; expected 16, for shape [2] of <f8"),
    (npy(header("(1,)"), data: 16), "has 16 bytes of data; expected 8"),
    (npy(header("(4611686018427387904, 4)"), data: 8), "expected nonnegative extents"),
    (npy(header("(1152921504606846976,)"), data: 8), "expected more than fit into memory"),
    (npy(header("(-2,)"), data: 16), "-2"),
    (npy(header("(1,)", "|O"), data: 8), "|O"),
    (npy("nonsense", data: 8), "has an invalid header"),
  ]

  @Test("A truncated or inconsistent file is rejected", arguments: broken.indices)
  func rejectsFile(index: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/broken.npy"
      try Data(Self.broken[index].bytes).write(to: URL(filePath: path))
      let run = Run("eval", "huber", path, "[1, 2]")
      #expect(run.status == 1)
      #expect(run.output.isEmpty)
      #expect(run.errors.hasPrefix(path), "\(run.errors)")
      #expect(run.errors.contains(Self.broken[index].message), "\(run.errors)")
    }
  }

  @Test("A folder is rejected")
  func folder() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/a.npy", withIntermediateDirectories: false)
      let run = Run("eval", "huber", folder + "/a.npy", "1")
      #expect(run.status == 1)
      #expect(run.errors == "\(folder)/a.npy is a folder; expected a file.\n")
    }
  }
}
