/// Converts a formula of `LossMetadata` to MathML.
///
/// The notation is plain text: `prediction² / 2`, `Σ t log p`, `|r| <= delta`, `√( … )`,
/// `max(0, 1 - x)`, `(1 - p)^gamma`, `p[time, class]`, and prose in between. Unknown notation is copied:
/// every text gives well-formed MathML that contains all of its characters.
struct FormulaParser {
  private var tokens: ArraySlice<FormulaToken>
  /// The number of open bars of `|x|`.
  private var openBars = 0
  /// The number of open brackets.
  private var depth = 0
  /// The nesting depth of factors.
  private var nesting = 0

  /// The MathML of one line, without the element `math`.
  static func row(_ line: String) -> String {
    var parser = FormulaParser(tokens: FormulaToken.tokens(of: line)[...])
    var parts: [String] = []
    while !parser.tokens.isEmpty { parts.append(parser.list()) }
    return parts.joined()
  }

  private init(tokens: ArraySlice<FormulaToken>) { self.tokens = tokens }

  private func next(is texts: String...) -> Bool {
    guard let token = tokens.first, token.kind == .symbol else { return false }
    return texts.contains(token.text)
  }

  private mutating func take() -> String { tokens.popFirst()?.text ?? "" }

  // MARK: By increasing precedence

  /// A comma-separated list of relations; consumes at least one token.
  private mutating func list() -> String {
    var row = relation()
    while next(is: ",", ";") {
      row += MathML.operator(take()) + MathML.space("0.3em")
      row += relation()
    }
    // An unmatched closing bracket is an operator.
    if depth == 0, let token = tokens.first, Self.closing.contains(token.text) || isStray(token) {
      row += MathML.operator(take())
    }
    return row
  }

  private func isStray(_ token: FormulaToken) -> Bool {
    token.kind == .superscript || token.text == "^"
  }

  private mutating func relation() -> String {
    var row = sum()
    while next(is: "=", "≤", "≥", "<", ">", "≠", "→", "∈", ":", "≈", "∝") {
      row += MathML.operator(take())
      row += sum()
    }
    return row
  }

  private mutating func sum() -> String {
    var row = ""
    if next(is: "−", "+") { row += MathML.operator(take(), form: "prefix") }
    row += product()
    while next(is: "−", "+") {
      row += MathML.operator(take())
      row += product()
    }
    return row
  }

  /// A product of factors; a slash makes a fraction of the factors before it and the next factor.
  private mutating func product() -> String {
    var factors: [String] = []
    while let token = tokens.first, !endsProduct(token) {
      if next(is: "/") {
        _ = take()
        let denominator = factor() ?? ""
        let numerator = factors.joined(separator: MathML.space("0.18em"))
        factors = [
          MathML.element(
            "mfrac", MathML.row(Self.bare(numerator)) + MathML.row(Self.bare(denominator)))
        ]
      } else if next(is: "·", "×", "⊙") {
        let sign = MathML.operator(take())
        factors[max(0, factors.count - 1)...] = [(factors.last ?? "") + sign + (factor() ?? "")]
      } else if let factor = factor() {
        factors.append(factor)
      } else {
        break
      }
    }
    return factors.joined(separator: MathML.space("0.18em"))
  }

  private static let closing: Set = [")", "]", "}", "⌋", "⌉"]
  private static let ends: Set = [
    "+", "−", ",", ";", "=", "≤", "≥", "<", ">", "≠", "→", "∈", ":", "≈", "∝",
  ]

  private func endsProduct(_ token: FormulaToken) -> Bool {
    guard token.kind == .symbol else { return token.kind == .superscript }
    return Self.ends.contains(token.text) || Self.closing.contains(token.text)
      || token.text == "^" || token.text == "|" && openBars > 0
  }

  /// A factor with its powers and indices; nil at the end of a product.
  private mutating func factor() -> String? {
    guard let token = tokens.first, !endsProduct(token) else { return nil }
    nesting += 1
    defer { nesting -= 1 }
    // Limits the recursion, so that no text can overflow the stack.
    guard nesting < 60 else { return MathML.leaf(take()) }
    if next(is: "√") {
      _ = take()
      return MathML.element("msqrt", Self.bare(factor() ?? ""))
    }
    // A sum sign applies to the whole product that follows.
    if next(is: "Σ", "Π", "∫") {
      let sign = take() == "Π" ? "∏" : token.text == "Σ" ? "∑" : "∫"
      return MathML.row(MathML.operator(sign, form: "prefix") + product())
    }
    var expression = base()
    while let token = tokens.first {
      if token.kind == .superscript {
        let raised = String(take().map { FormulaToken.superscripts[$0] ?? $0 })
        expression = MathML.element(
          "msup", MathML.row(expression) + MathML.row(MathML.leaf(raised)))
      } else if next(is: "^") {
        _ = take()
        expression = MathML.element(
          "msup", MathML.row(expression) + MathML.row(Self.bare(factor() ?? "")))
      } else if next(is: "[") && token.isAttached {
        let index = inside().text
        expression = MathML.element("msub", MathML.row(expression) + MathML.row(index))
      } else {
        break
      }
    }
    return expression
  }

  private mutating func base() -> String {
    guard let token = tokens.first else { return "" }
    switch token.kind {
    case .number: return MathML.element("mn", MathML.escaped(take()))
    case .superscript: return MathML.leaf(take())
    case .word:
      let name = MathML.word(take())
      guard let bracket = tokens.first, bracket.text == "(", bracket.isAttached else { return name }
      return MathML.row(name + MathML.operator("\u{2061}") + brackets())
    case .symbol: break
    }
    switch token.text {
    case "(", "[", "{", "⌊", "⌈": return brackets()
    case "|": return bars()
    case "½":
      _ = take()
      return MathML.element("mfrac", "<mn>1</mn><mn>2</mn>")
    default: return MathML.leaf(take())
    }
  }

  private mutating func brackets() -> String {
    let (open, inner, close) = inside()
    return MathML.row(
      MathML.fence(open) + inner + (close.isEmpty ? "" : MathML.fence(close)))
  }

  /// A bracketed list with its brackets; an unclosed bracket extends to the end of the line.
  private mutating func inside() -> (open: String, text: String, close: String) {
    let open = take()
    depth += 1
    let text = list()
    depth -= 1
    let close = tokens.first.map { Self.closing.contains($0.text) } == true ? take() : ""
    return (open, text, close)
  }

  private mutating func bars() -> String {
    let bar = take()
    openBars += 1
    let inner = sum()
    openBars -= 1
    let close = next(is: "|") ? take() : ""
    return MathML.row(
      MathML.fence(bar) + inner + (close.isEmpty ? "" : MathML.fence(close)))
  }

  /// A row without enclosing brackets, which are redundant in a fraction or a root.
  private static func bare(_ row: String) -> String {
    let open = "<mrow>" + MathML.fence("(")
    let close = MathML.fence(")") + "</mrow>"
    guard row.hasPrefix(open), row.hasSuffix(close) else { return row }
    let inner = String(row.dropFirst(open.count).dropLast(close.count))
    // The first and last bracket of `(a) (b)` do not match each other.
    var level = 0
    var remaining = inner[...]
    while !remaining.isEmpty {
      if remaining.hasPrefix(MathML.fence("(")) { level += 1 }
      if remaining.hasPrefix(MathML.fence(")")) { level -= 1 }
      if level < 0 { return row }
      remaining.removeFirst()
    }
    return inner
  }
}
