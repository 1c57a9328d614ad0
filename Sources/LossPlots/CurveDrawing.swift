/// A curve in the coordinates of a panel: its path, and the dots at its kinks.
package struct CurveDrawing: Hashable, Sendable {
  /// The data of an SVG path.
  package let path: String
  /// The dots at the one-sided limits: x and y of each in turn, with at most one decimal.
  package let open: [String]
  /// The dots at what the loss returns, likewise.
  package let closed: [String]

  init(_ curve: Curve, _ panel: LossChart.Panel, _ frame: PanelFrame) {
    path = frame.shortPath(of: curve, panel.quantity, tolerance: 0.15)
    let dots = frame.dots(of: curve, panel)
    func coordinates(_ isOpen: Bool) -> [String] {
      dots.filter { $0.isOpen == isOpen }
        .flatMap { [Polyline.number($0.x), Polyline.number($0.y)] }
    }
    open = coordinates(true)
    closed = coordinates(false)
  }
}
