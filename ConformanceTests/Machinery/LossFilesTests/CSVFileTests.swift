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
      (
        "x", "x,y\n1,2\n,4\n",
        "t.csv has \"\" in line 3 of column x; expected a number. A missing "
          + "number is written as nan."
      ),
      ("x", "x\n\"1", "t.csv has an unterminated quote in line 2."),
      ("x", "x\n\"1\"2\n", "t.csv has \"2\" after a quote in line 2; expected a separator."),
      ("x", "x,x\n1,2\n", "t.csv has 2 columns \"x\"; expected one column of that name."),
      (
        "x", "1,2\n",
        "t.csv has no header, so no column \"x\"; expected * for all columns, or a number from 0 to 1."
      ),
      (
        "x", "x;y\n1,5;2\n",
        "t.csv has \"1,5\" in line 2 of column x; expected a number. Decimals are written with a "
          + "point."
      ),
      (
        "x", "x\nNA\n",
        "t.csv has \"NA\" in line 2 of column x; expected a number. A missing number is written as "
          + "nan."
      ),
      (
        "*", ",x\n0,1\n",
        "t.csv has a column without a name; expected a name for each column of *. pandas writes no "
          + "row names with index=False, R with row.names=FALSE."
      ),
      (
        "a", "\"a, b\",c\n1,2\n",
        "t.csv has no column \"a\"; expected one of a, b, c. A column name that contains a comma is "
          + "written in double quotes."
      ),
    ])
  func rejects(column: String, text: String, message: String) {
    #expect(errorMessage { () throws(LossError) in try read([column], text) } == message)
  }

  @Test(
    "Booleans are those of JSON, Python and R",
    arguments: ["true\nfalse\n", "True\nFalse\n", "TRUE\nFALSE\n", "\"TRUE\"\n\"FALSE\"\n"])
  func booleans(rows: String) throws {
    #expect(try read(["keep"], "keep\n" + rows) == .bool(Tensor([true, false])))
    #expect(try read(["0"], rows) == .bool(Tensor([true, false])))
  }

  @Test(
    "The separator is a comma, a semicolon or a tab",
    arguments: [
      "x,y\n1,2.5\n", "x;y\n1;2.5\n", "x\ty\n1\t2.5\n", "\"x\";\"y\"\r\n1;2.5\r\n",
      "x;y\n1;2.5\n3;4",
    ])
  func separators(text: String) throws {
    #expect(try read(["x", "y"], text).doubles.prefix(2) == [1, 2.5])
  }

  @Test("A separator inside a name or a quoted field does not count")
  func otherSeparators() throws {
    #expect(try read(["x, mean"], "x, mean;y\n1;2\n") == .int64(Tensor([1])))
    #expect(try read(["y"], "\"a;b;c\",y\n\"1;2;3\",4\n") == .int64(Tensor([4])))
    #expect(try read(["y"], "x\tz;y\n1;2\n") == .int64(Tensor([2])))
  }

  @Test("Without a header, columns have numbers")
  func numbered() throws {
    let text = "0.5,1\n2,3\n"
    #expect(try read(["0"], text) == .float64(Tensor([0.5, 2])))
    #expect(try read(["1", "0"], text) == .float64(Tensor(rows: [[1, 0.5], [3, 2]])))
    #expect(try read(["*"], text) == .float64(Tensor(rows: [[0.5, 1], [2, 3]])))
    #expect(try read(["0"], "0\n1\n") == .int64(Tensor([0, 1])))
    #expect(try read(["*"], "0\n1\n") == .int64(Tensor(rows: [[0], [1]])))
    #expect(try read(["*"], "x,y\n1,2\n") == .int64(Tensor(rows: [[1, 2]])))
    #expect(try read(["*"], "x,y\n").shape == Shape(trusted: [0, 2]))
    #expect(
      errorMessage { () throws(LossError) in try read(["*"], "0,1\n0.5,1\n") } == """
        t.csv begins with 0 to 1, which are column numbers or a row of numbers; expected a header \
        with names, or none. pandas writes no header with header=False.
        """)
    // The header of pandas with its row names.
    #expect(try read(["0", "1"], ",0,1\n0,2,3\n") == .int64(Tensor(rows: [[2, 3]])))
  }

  @Test(
    "Files that are no UTF-8 text are named as such",
    arguments: [
      ([0xff, 0xfe, 0x78, 0, 0x0a, 0], "is UTF-16 text; expected UTF-8."),
      ([0xfe, 0xff, 0, 0x78, 0, 0x0a], "is UTF-16 text; expected UTF-8."),
      ([0x78, 0, 0x0a, 0, 0x31, 0], "is UTF-16 text; expected UTF-8."),
      ([0x50, 0x4b, 3, 4, 0x0a], "is a workbook or zip archive; expected text."),
    ] as [([UInt8], String)])
  func encodings(bytes: [UInt8], message: String) {
    let found = errorMessage { () throws(LossError) in
      try CSVFile.read(bytes, columns: ["x"], name: "t.csv")
    }
    #expect(found.hasPrefix("t.csv " + message))
  }

  @Test("A selection splits at commas outside quotes")
  func selections() throws {
    #expect(try CSVFile.columns(of: "x,\"a, b\"", name: "") == ["x", "a, b"])
    #expect(try CSVFile.columns(of: "x,,y", name: "") == ["x", "", "y"])
    #expect(try CSVFile.columns(of: "", name: "") == [""])
    #expect(try CSVFile.columns(of: "*", name: "") == ["*"])
  }
}
