import Foundation
import LossFunctions
import Testing

@testable import LossCatalog

@Suite struct FormulaTests {
  /// The MathML without spacing and attributes.
  private func plain(_ formula: String) -> String {
    FormulaParser.row(formula)
      .replacing(/<mspace[^>]*><\/mspace>/, with: " ")
      .replacing(" fence=\"true\"", with: "").replacing(" form=\"prefix\"", with: "")
  }

  @Test("Every element of the formula notation")
  func notation() {
    #expect(plain("x") == "<mi>x</mi>")
    #expect(plain("delta") == "<mi>δ</mi>")
    #expect(plain("label_smoothing") == "<mi>label_smoothing</mi>")
    #expect(plain("p_i") == "<msub><mi>p</mi><mi>i</mi></msub>")
    #expect(plain("1e-7") == "<mn>1e-7</mn>")
    #expect(plain("2 x") == "<mn>2</mn> <mi>x</mi>")
    #expect(plain("a · b") == "<mi>a</mi><mo>·</mo><mi>b</mi>")
    #expect(plain("a <= b") == "<mi>a</mi><mo>≤</mo><mi>b</mi>")
    #expect(plain("- x") == "<mo>−</mo><mi>x</mi>")
    #expect(plain("½ x") == "<mfrac><mn>1</mn><mn>2</mn></mfrac> <mi>x</mi>")
    #expect(
      plain("r² / 2")
        == "<mfrac><mrow><msup><mrow><mi>r</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow>"
        + "<mrow><mn>2</mn></mrow></mfrac>")
    #expect(
      plain("(a + b) / (c)")
        == "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mrow><mi>c</mi></mrow></mfrac>")
    #expect(
      plain("x^gamma")
        == "<msup><mrow><mi>x</mi></mrow><mrow><mi>γ</mi></mrow></msup>")
    #expect(plain("|x|") == "<mrow><mo>|</mo><mi>x</mi><mo>|</mo></mrow>")
    #expect(plain("√(x)") == "<msqrt><mi>x</mi></msqrt>")
    #expect(
      plain("exp(x)") == "<mrow><mi>exp</mi><mo>\u{2061}</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo>"
        + "</mrow></mrow>")
    #expect(
      plain("p[t, c]") == "<msub><mrow><mi>p</mi></mrow><mrow><mi>t</mi><mo>,</mo> <mi>c</mi>"
        + "</mrow></msub>")
    #expect(plain("Σ t p") == "<mrow><mo>∑</mo><mi>t</mi> <mi>p</mi></mrow>")
    #expect(plain("a, with b").contains("<mtext>\u{A0}with\u{A0}</mtext>"))
  }

  @Test("Brackets that do not match each other are kept")
  func bare() {
    #expect(plain("(a) (b) / c").components(separatedBy: "<mo>(</mo>").count == 3)
  }

  @Test("Two spaces begin a column, except after a binary operator")
  func columns() {
    #expect(MathML.block("a <=  b :  c").components(separatedBy: "<mtd>").count == 3)
    #expect(MathML.block("a\nb").components(separatedBy: "<mtr>").count == 3)
  }

  @Test(
    "Any text gives well-formed MathML that contains its words",
    arguments: try LossRegistry.linked.checked().names.compactMap {
      LossRegistry.linked.entry(named: $0)?.metadata.formula
    } + [
      "", ")", "((((", "a)b(c|d|", "^2", "/", "1 / / 2", "²", "· x", "<script>&\"'", "x [", "| | |",
      "a ≈≈ b,,", "√", "Σ", "f(", "x^", "x^^2", String(repeating: "(", count: 10_000),
      String(repeating: "√", count: 300),
    ])
  func wellFormed(formula: String) {
    let xml = MathML.block(formula)
    let outline = Outline(xml)
    #expect(outline.error == nil, "\(xml.prefix(300))")
    for word in formula.split(whereSeparator: { !$0.isLetter || "ΣΠⁿᵀ".contains($0) })
    where word.count > 7 {
      #expect(outline.text.contains(word))
    }
  }
}
