/// MathML formulas.
public enum MathML {
  /// The MathML of a formula with one or more lines, as a `math` element.
  ///
  /// Two or more spaces separate columns.
  public static func block(_ formula: String) -> String {
    let rows = formula.split(separator: "\n").map { line in
      cells(of: String(line)).map { element("mtd", FormulaParser.row($0)) }.joined()
    }
    let table = "<mtable displaystyle=\"true\">\(rows.map { element("mtr", $0) }.joined())</mtable>"
    return "<math display=\"block\" xmlns=\"http://www.w3.org/1998/Math/MathML\">\(table)</math>"
  }

  private static func cells(of line: String) -> [String] {
    var cells: [String] = [""]
    var spaces = 0
    for character in line {
      if character == " " {
        spaces += 1
        continue
      }
      // A cell does not end in a binary operator.
      let needsOperand = cells.last?.last.map { "<>=≤≥+-−·/".contains($0) } ?? true
      if spaces > 1, !needsOperand {
        cells.append("")
      } else if spaces > 0 {
        cells[cells.count - 1] += " "
      }
      spaces = 0
      cells[cells.count - 1].append(character)
    }
    return cells
  }

  // MARK: Elements

  static func element(_ name: String, _ content: String) -> String {
    "<\(name)>\(content)</\(name)>"
  }

  static func row(_ content: String) -> String {
    content.hasPrefix("<mrow>") && content.hasSuffix("</mrow>")
      && content.dropFirst(6).dropLast(7).firstRange(of: "mrow>") == nil
      ? content : element("mrow", content)
  }

  static func `operator`(_ text: String, form: String? = nil) -> String {
    "<mo\(form.map { " form=\"\($0)\"" } ?? "")>\(escaped(text))</mo>"
  }

  static func fence(_ text: String) -> String { "<mo fence=\"true\">\(escaped(text))</mo>" }

  static func space(_ width: String) -> String { "<mspace width=\"\(width)\"></mspace>" }

  /// An element for a number, a word or an operator.
  static func leaf(_ text: String) -> String {
    if text.allSatisfy({ $0.isNumber }) { return element("mn", text) }
    if text.allSatisfy({ $0.isLetter }) { return word(text) }
    return element("mo", escaped(text))
  }

  /// A word: a Greek letter, a name with an index, prose, or an identifier.
  static func word(_ text: String) -> String {
    if let letter = greek[text] { return element("mi", letter) }
    if prose.contains(text) { return element("mtext", "\u{A0}\(escaped(text))\u{A0}") }
    let parts = text.split(separator: "_", maxSplits: 1)
    if parts.count == 2, parts[0].count == 1 || greek[String(parts[0])] != nil {
      return element("msub", word(String(parts[0])) + word(String(parts[1])))
    }
    return element("mi", escaped(text))
  }

  static func escaped(_ text: String) -> String { HTML.escaped(text) }

  private static let greek = [
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "omega": "ω", "kappa": "κ",
  ]

  /// Words that are prose between formulas.
  private static let prose: Set = [
    "with", "where", "from", "over", "of", "for", "if", "otherwise", "and", "or", "in", "is",
    "the", "as", "at", "else", "when", "to", "by", "than", "not",
    "on", "along", "between", "per", "that",
  ]
}
