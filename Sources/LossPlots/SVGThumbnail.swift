/// A small plot of one curve, without labels.
package enum SVGThumbnail {
  /// The plot as SVG text, for a page that includes `SVGStyle.css`; a decoration, without a title.
  package static func text(of curve: Curve) -> String {
    let size = (width: 160.0, height: 80.0)
    let frame = PanelFrame(
      origin: (0, 0), size: size, horizontal: PlotScale(curve.range),
      vertical: PlotScale(fitting: [curve.points.map(\.value)]))
    let path = frame.shortPath(of: curve, \.value, tolerance: 0.08)
    return "<svg class=\"loss-plot\" viewBox=\"0 0 160 80\" aria-hidden=\"true\">"
      + "\(frame.zeros)<path class=\"curve c0\" d=\"\(path)\"/></svg>"
  }
}
