public import LossCore

/// A site that shows every loss of a registry: an index, a page for each loss and a table of other
/// frameworks' names, as files that need neither a server nor anything from elsewhere.
public struct Catalog: Sendable {
  /// A file of the site.
  public struct Page: Hashable, Sendable {
    /// Where it lies in the folder of the site.
    public let path: String
    /// What is in it.
    public let text: String
  }

  /// The losses that are shown.
  public let registry: LossRegistry

  /// The catalogue of a registry.
  public init(of registry: LossRegistry) { self.registry = registry }

  /// Every file of the site.
  public func pages() -> [Page] {
    let losses = registry.plugins.flatMap { plugin in
      plugin.losses.map { entry in
        Page(
          path: Catalog.path(of: entry.metadata.name),
          text: LossHTMLPage(entry: entry, family: plugin.name, registry: registry).html)
      }
    }
    return [
      Page(path: "index.html", text: IndexPage(registry: registry).html),
      Page(path: "migration.html", text: MigrationPage(registry: registry).html),
      Page(path: "style.css", text: SiteFiles.styleSheet),
      Page(path: "search.js", text: SiteFiles.searchScript),
    ] + losses
  }

  /// The file of a loss.
  static func path(of name: String) -> String {
    // What a file name cannot hold everywhere is spelled as a number.
    let slug = name.unicodeScalars.map { scalar in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "_" ? String(scalar) : "-\(scalar.value)"
    }
    return "losses/\(slug.joined()).html"
  }
}
