import LossTensors
import Testing

@testable import LossFiles

/// Tables of numbers as text.
@Suite struct CSVFileTests {
  static let table = """
    \u{feff}x,"a ""b"", c",label\r
    1,0.5,0\r

    2, -1e3 ,"1"
    nan,inf,2
    """

  private func read(_ columns: [String], _ text: String = table) throws(LossError) -> AnyTensor {
    try CSVFile.read(Array(text.utf8), columns: columns, name: "t.csv")
  }

  @Test("Columns by name, in the order asked for")
  func columns() throws {
    #expect(try read(["label"]) == .int64(Tensor([0, 1, 2])))
    #expect(try read(["a \"b\", c"]) == .float64(Tensor([0.5, -1000, .infinity])))
    let both = try read(["label", "x"])
    #expect(both.shape == Shape(trusted: [3, 2]))
    #expect(Array(both.doubles.prefix(5)) == [0, 1, 1, 2, 2])
    #expect(both.doubles[5].isNaN)
    #expect(try read(["x"], "x\n") == .float64(Tensor([])))
  }

  @Test(
    "What is wrong is said with its line",
    arguments: [
      ("y", table, "t.csv has no column \"y\"; expected one of x, a \"b\", c, label."),
      ("x", "", "t.csv is empty; expected a header, and numbers below it."),
      ("x", "x,y\n1,2\n3\n", "t.csv has 1 fields in line 3; expected 2, as in its header."),
      ("x", "x,y\n1,2\n,4\n", "t.csv holds \"\" in line 3 of column x; expected a number."),
      ("x", "x\n\"1", "t.csv has a quote in line 2 that nothing closes."),
    ])
  func refuses(column: String, text: String, message: String) {
    #expect(refusal { () throws(LossError) in try read([column], text) } == message)
  }
}
