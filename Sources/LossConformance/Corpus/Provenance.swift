/// Where expected values come from: an entry of `sources.json`.
public struct FixtureSource: Codable, Hashable, Sendable {
  /// The project, in prose.
  public let project: String
  /// Its version.
  public let version: String?
  /// Its commit.
  public let commit: String?
  /// The file, or the page.
  public let file: String?
  /// How the values were obtained: printed, executed, derived or computed.
  public let obtained: String
  /// The licence of the source.
  public let licence: String?
  /// When the values were obtained.
  public let date: String?
  /// What else there is to know.
  public let about: String?

  /// The project with its version: `Flux.jl 0.16.11`.
  var title: String { version.map { "\(project) \($0)" } ?? project }
}

/// A bug that cases hunt: an entry of `flags.json`.
public struct FixtureFlag: Codable, Hashable, Sendable {
  /// The bug.
  public let hunts: String
  /// What the bug does to a training run.
  public let effect: String
  /// Where it was seen.
  public let links: [String]?
}
