import LossPlots

/// The training loss against the steps as SVG, for light and dark mode.
struct LossCurve {
  let title: String
  let axis: String
  let losses: [Double]

  private static let (left, top, width, height) = (64.0, 56.0, 520.0, 240.0)

  var svg: String {
    let vertical = PlotScale(0...max(losses.max() ?? 1, .leastNormalMagnitude))
    let horizontal = PlotScale(0...Double(max(1, losses.count - 1)))
    let (right, bottom) = (Self.left + Self.width, Self.top + Self.height)
    func x(_ step: Double) -> String {
      number(Self.left + Self.width * step / horizontal.range.upperBound)
    }
    func y(_ loss: Double) -> String {
      number(bottom - Self.height * loss / vertical.range.upperBound)
    }
    let rows = vertical.ticks.flatMap { tick in
      [
        #"<path class="grid" d="M\#(number(Self.left)) \#(y(tick))H\#(number(right))"/>"#,
        #"<text class="tick end" x="\#(number(Self.left - 7))" y="\#(y(tick))" dy="4">"#
          + "\(vertical.label(tick))</text>",
      ]
    }
    let columns = horizontal.ticks.map { tick in
      #"<text class="tick middle" x="\#(x(tick))" y="\#(number(bottom + 18))">"#
        + "\(horizontal.label(tick))</text>"
    }
    let points = losses.enumerated().map { "\(x(Double($0.offset))) \(y($0.element))" }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" class="loss-plot" role="img" viewBox="0 0 610 350" width="610" height="350">
      <title>\(title)</title>
      <style>
      \(SVGStyle.css)</style>
      <rect class="back" width="610" height="350"/>
      <text class="title" x="16" y="28">\(title)</text>
      \((rows + columns).joined(separator: "\n"))
      <text class="middle" x="\(number(Self.left + Self.width / 2))" y="\(number(bottom + 42))">\(axis)</text>
      <path class="curve c0" d="M\(points.joined(separator: "L"))"/>
      </svg>

      """
  }

  /// A number with one decimal.
  private func number(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
