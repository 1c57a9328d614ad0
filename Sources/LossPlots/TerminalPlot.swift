/// A small text plot of one curve.
public enum TerminalPlot {
  /// The character set of a plot.
  public enum GlyphSet: Sendable {
    /// Braille patterns: eight dots per character.
    case braille
    /// ASCII characters.
    case ascii
  }

  /// The plot as at most 12 lines of at most 60 characters.
  public static func lines(of curve: Curve, glyphs: GlyphSet) -> [String] {
    let vertical = PlotScale(fitting: [curve.points.map(\.value)], marks: 2)
    let horizontal = PlotScale(curve.range, marks: 4)
    let labels = Dictionary(
      vertical.ticks.map { tick in
        (row(of: tick, vertical), plain(vertical.label(tick), glyphs))
      }, uniquingKeysWith: { first, _ in first })
    let margin = labels.values.map(\.count).max() ?? 0
    let width = 56 - margin
    var canvas = DotCanvas(columns: width, rows: rows, glyphs: glyphs)
    draw(curve, vertical, on: &canvas)
    var lines = canvas.lines.enumerated().map { index, line in
      let label = labels[index] ?? ""
      let mark = label.isEmpty ? verticalBar(glyphs) : verticalTick(glyphs)
      return String(repeating: " ", count: margin - label.count) + label + " " + mark + line
    }
    lines.append(axis(horizontal, margin: margin + 2, width: width, glyphs))
    return lines.map(trimmed)
  }

  private static let rows = 10

  private static func row(of number: Double, _ scale: PlotScale) -> Int {
    min(rows - 1, max(0, Int((1 - scale.fraction(number)) * Double(rows))))
  }

  private static func draw(_ curve: Curve, _ vertical: PlotScale, on canvas: inout DotCanvas) {
    var last: (x: Int, y: Int)?
    let horizontal = PlotScale(curve.range)
    for point in curve.points {
      let height = vertical.fraction(point.value)
      guard !point.value.isNaN, height > -0.5, height < 1.5 else {
        last = nil
        continue
      }
      let x = Int((horizontal.fraction(point.x) * Double(canvas.width - 1)).rounded())
      let y = Int(((1 - height) * Double(canvas.height - 1)).rounded())
      // Fills the gap between two points of a steep curve.
      let from = last?.y ?? y
      for step in min(from, y)...max(from, y) { canvas.set(x, step) }
      last = (x, y)
    }
  }

  private static func axis(
    _ scale: PlotScale, margin: Int, width: Int, _ glyphs: GlyphSet
  ) -> String {
    var line = Array(repeating: Character(" "), count: margin + width + 2)
    var nextFree = 0
    for tick in scale.ticks {
      let label = Array(plain(scale.label(tick), glyphs))
      let middle = margin + Int((scale.fraction(tick) * Double(width - 1)).rounded())
      let start = min(max(middle - label.count / 2, 0), line.count - label.count)
      guard start >= nextFree else { continue }
      line.replaceSubrange(start..<start + label.count, with: label)
      nextFree = start + label.count + 1
    }
    return String(line)
  }

  private static func plain(_ label: String, _ glyphs: GlyphSet) -> String {
    glyphs == .braille ? label : String(label.map { $0 == "−" ? "-" : $0 })
  }

  private static func verticalBar(_ glyphs: GlyphSet) -> String { glyphs == .braille ? "│" : "|" }
  private static func verticalTick(_ glyphs: GlyphSet) -> String { glyphs == .braille ? "┤" : "+" }

  private static func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " || line.last == "\u{2800}" { line.removeLast() }
    return String(line)
  }
}

/// A bitmap that is rendered as characters.
private struct DotCanvas {
  let columns: Int
  let rows: Int
  let glyphs: TerminalPlot.GlyphSet
  private var dots: [Bool]

  init(columns: Int, rows: Int, glyphs: TerminalPlot.GlyphSet) {
    self.columns = columns
    self.rows = rows
    self.glyphs = glyphs
    dots = Array(repeating: false, count: columns * rows * 8)
  }

  /// The number of dots per character, horizontally and vertically.
  private var cell: (width: Int, height: Int) { glyphs == .braille ? (2, 4) : (1, 1) }
  var width: Int { columns * cell.width }
  var height: Int { rows * cell.height }

  mutating func set(_ x: Int, _ y: Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    dots[y * width + x] = true
  }

  var lines: [String] {
    (0..<rows).map { row in
      String((0..<columns).map { glyph(column: $0, row: row) })
    }
  }

  private func glyph(column: Int, row: Int) -> Character {
    guard glyphs == .braille else { return dots[row * width + column] ? "*" : " " }
    // The bits of Unicode's Braille patterns, by row and column.
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    var pattern: UInt32 = 0x2800
    for (y, pair) in bits.enumerated() {
      for (x, bit) in pair.enumerated() where dots[(row * 4 + y) * width + column * 2 + x] {
        pattern |= bit
      }
    }
    return Unicode.Scalar(pattern).map(Character.init) ?? " "
  }
}
