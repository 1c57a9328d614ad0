/// A token of a plain-text formula.
struct FormulaToken: Hashable {
  /// The kind of a token.
  enum Kind: Hashable {
    case number
    case word
    case superscript
    case symbol
  }

  let kind: Kind
  let text: String
  /// Whether it follows the previous token without a space: `f(x)`, not `f (x)`.
  let isAttached: Bool

  /// The tokens of a line.
  static func tokens(of line: String) -> [FormulaToken] {
    var tokens: [FormulaToken] = []
    var remaining = Array(line)[...]
    var isAttached = false
    while let first = remaining.first {
      if first.isWhitespace {
        remaining.removeFirst()
        isAttached = false
        continue
      }
      let (kind, length) = token(at: remaining)
      let text = String(remaining.prefix(length))
      tokens.append(
        FormulaToken(kind: kind, text: replaced[text] ?? text, isAttached: isAttached))
      remaining.removeFirst(length)
      isAttached = true
    }
    return tokens
  }

  private static func token(at remaining: ArraySlice<Character>) -> (Kind, Int) {
    func length(while holds: (Character) -> Bool) -> Int { remaining.prefix(while: holds).count }
    guard let first = remaining.first else { return (.symbol, 1) }
    if superscripts[first] != nil { return (.superscript, length { superscripts[$0] != nil }) }
    if first.isNumber, first.isASCII {
      var isExponent = false
      let count = length { character in
        defer { isExponent = character == "e" }
        return character.isASCII
          && (character.isNumber || character == "." || character == "e"
            || isExponent && character == "-")
      }
      // A number ends in a digit: `2e` is two times e.
      let end = remaining.prefix(count).lastIndex { $0.isNumber } ?? remaining.startIndex
      return (.number, end - remaining.startIndex + 1)
    }
    if isLetter(first) { return (.word, length(while: continuesWord)) }
    for two in replaced.keys where two.count == 2 && remaining.starts(with: two) {
      return (.symbol, 2)
    }
    return (.symbol, remaining.starts(with: "...") ? 3 : 1)
  }

  private static func continuesWord(_ character: Character) -> Bool {
    isLetter(character) || "_'".contains(character)
      || character.isNumber && superscripts[character] == nil
  }

  private static func isLetter(_ character: Character) -> Bool {
    character.isLetter && !"ΣΠ".contains(character) && superscripts[character] == nil
  }

  /// The superscript characters and their base characters.
  static let superscripts: [Character: Character] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8",
    "⁹": "9", "⁻": "−", "⁺": "+", "ⁿ": "n", "ᵀ": "T",
  ]

  private static let replaced = [
    "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "-": "−", "*": "·", "...": "…",
  ]
}
