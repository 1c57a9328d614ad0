import LossTensors
import Testing

@testable import LossFiles

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

  @Test("Columns are read by name, in the given order")
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
    "Errors state the line",
    arguments: [
      ("y", table, "t.csv has no column \"y\"; expected one of x, a \"b\", c, label."),
      ("x", "", "t.csv is empty; expected a header and rows of numbers."),
      ("x", "x,y\n1,2\n3\n", "t.csv has 1 fields in line 3; expected 2, as in the header."),
      ("x", "x,y\n1,2\n,4\n", "t.csv has \"\" in line 3 of column x; expected a number."),
      ("x", "x\n\"1", "t.csv has an unterminated quote in line 2."),
    ])
  func rejects(column: String, text: String, message: String) {
    #expect(errorMessage { () throws(LossError) in try read([column], text) } == message)
  }
}
