/// A source of expected values: an entry of `sources.json`.
public struct FixtureSource: Codable, Hashable, Sendable {
  /// The name of the project or publication.
  public let project: String
  /// The version of the project.
  public let version: String?
  /// The commit of the project.
  public let commit: String?
  /// The file or page with the values.
  public let file: String?
  /// How the values were obtained: printed, executed, derived or computed.
  public let obtained: String
  /// The licence of the source.
  public let licence: String?
  /// The date when the values were obtained.
  public let date: String?
  /// Further notes.
  public let about: String?

  /// The project with its version: `Flux.jl 0.16.11`.
  var title: String { version.map { "\(project) \($0)" } ?? project }
}

/// A bug that cases target: an entry of `flags.json`.
public struct FixtureFlag: Codable, Hashable, Sendable {
  /// A description of the bug.
  public let hunts: String
  /// The effect of the bug on training.
  public let effect: String
  /// Links to reports of the bug.
  public let links: [String]?
}
