public import LossCore

/// A static site for a registry: an index, a page for each loss, and a migration table with the names of
/// other frameworks. It needs neither a server nor external resources.
public struct Catalog: Sendable {
  /// A file of the site.
  public struct Page: Hashable, Sendable {
    /// The path relative to the folder of the site.
    public let path: String
    /// The content.
    public let text: String
  }

  /// The losses of the site.
  public let registry: LossRegistry

  /// A catalog of a registry.
  public init(of registry: LossRegistry) { self.registry = registry }

  /// All files of the site.
  public func pages() -> [Page] {
    var plots: [String: LossPlot] = [:]
    let losses = registry.plugins.flatMap { plugin in
      plugin.losses.map { entry in
        let plot = Result { () throws(LossError) in try LossPlot(of: entry, in: registry) }
        plots[entry.metadata.name] = try? plot.get()
        return Page(
          path: Catalog.path(of: entry.metadata.name),
          text: LossHTMLPage(entry: entry, family: plugin.name, registry: registry, plot: plot)
            .html)
      }
    }
    return [
      Page(path: "index.html", text: IndexPage(registry: registry, plots: plots).html),
      Page(path: "migration.html", text: MigrationPage(registry: registry).html),
      Page(path: "style.css", text: SiteFiles.styleSheet),
      Page(path: "search.js", text: SiteFiles.searchScript),
      Page(path: "plot.js", text: SiteFiles.plotScript),
    ] + losses
  }

  /// The path of the page of a loss.
  static func path(of name: String) -> String {
    // Characters that are not portable in file names are replaced by their code points.
    let slug = name.unicodeScalars.map { scalar in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "_" ? String(scalar) : "-\(scalar.value)"
    }
    return "losses/\(slug.joined()).html"
  }
}
