/// A piece of a formula in plain text.
struct FormulaToken: Hashable {
  /// What a piece is.
  enum Kind: Hashable {
    case number
    case word
    case superscript
    case symbol
  }

  let kind: Kind
  let text: String
  /// Whether it follows the piece before without a space: `f(x)`, not `f (x)`.
  let isAttached: Bool

  /// The pieces of a line.
  static func tokens(of line: String) -> [FormulaToken] {
    var tokens: [FormulaToken] = []
    var rest = Array(line)[...]
    var isAttached = false
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
        isAttached = false
        continue
      }
      let (kind, length) = piece(at: rest)
      let text = String(rest.prefix(length))
      tokens.append(
        FormulaToken(kind: kind, text: replaced[text] ?? text, isAttached: isAttached))
      rest.removeFirst(length)
      isAttached = true
    }
    return tokens
  }

  private static func piece(at rest: ArraySlice<Character>) -> (Kind, Int) {
    func length(while holds: (Character) -> Bool) -> Int { rest.prefix(while: holds).count }
    guard let first = rest.first else { return (.symbol, 1) }
    if superscripts[first] != nil { return (.superscript, length { superscripts[$0] != nil }) }
    if first.isNumber, first.isASCII {
      var isExponent = false
      let count = length { character in
        defer { isExponent = character == "e" }
        return character.isASCII
          && (character.isNumber || character == "." || character == "e"
            || isExponent && character == "-")
      }
      // A number does not end in a point or a letter: `2e` is two times e.
      let end = rest.prefix(count).lastIndex { $0.isNumber } ?? rest.startIndex
      return (.number, end - rest.startIndex + 1)
    }
    if isLetter(first) { return (.word, length(while: continuesWord)) }
    for two in replaced.keys where two.count == 2 && rest.starts(with: two) { return (.symbol, 2) }
    return (.symbol, rest.starts(with: "...") ? 3 : 1)
  }

  private static func continuesWord(_ character: Character) -> Bool {
    isLetter(character) || "_'".contains(character)
      || character.isNumber && superscripts[character] == nil
  }

  private static func isLetter(_ character: Character) -> Bool {
    character.isLetter && !"ΣΠ".contains(character) && superscripts[character] == nil
  }

  /// The raised letters, and what they are below.
  static let superscripts: [Character: Character] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8",
    "⁹": "9", "⁻": "−", "⁺": "+", "ⁿ": "n", "ᵀ": "T",
  ]

  private static let replaced = [
    "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "-": "−", "*": "·", "...": "…",
  ]
}
