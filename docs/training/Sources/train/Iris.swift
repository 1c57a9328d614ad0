import Foundation

/// R. A. Fisher's irises of 1936: four lengths of 150 flowers of three species, 50 each.
struct Iris {
  /// Lengths in standard deviations from the mean of the flowers that are trained with.
  let training: [Flower]
  let held: [Flower]
  /// The species; a class is a place in this list.
  let species: [String]

  struct Flower {
    var lengths: [Double]
    let species: Int
  }

  /// Reads the file. Every fifth flower is held out, which is ten of each species.
  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../data/iris.csv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    var species: [String] = []
    var flowers: [Flower] = []
    for line in lines {
      let fields = line.split(separator: ",")
      let name = String(fields.last ?? "")
      if !species.contains(name) { species.append(name) }
      flowers.append(
        Flower(
          lengths: fields.dropLast().compactMap { Double($0) },
          species: species.firstIndex(of: name) ?? 0))
    }
    let training = flowers.enumerated().filter { $0.offset % 5 != 4 }.map(\.element)
    let held = flowers.enumerated().filter { $0.offset % 5 == 4 }.map(\.element)
    let scale = Scale(of: training.map(\.lengths))
    self.training = training.map(scale.applied)
    self.held = held.map(scale.applied)
    self.species = species
  }

  /// The mean and the standard deviation of each feature.
  private struct Scale {
    let means: [Double]
    let deviations: [Double]

    init(of rows: [[Double]]) {
      let count = Double(rows.count)
      let means = (0..<4).map { feature in rows.map { $0[feature] }.reduce(0, +) / count }
      self.means = means
      deviations = (0..<4).map { feature in
        (rows.map { ($0[feature] - means[feature]) * ($0[feature] - means[feature]) }
          .reduce(0, +) / count).squareRoot()
      }
    }

    func applied(to flower: Flower) -> Flower {
      var flower = flower
      flower.lengths = flower.lengths.indices.map { feature in
        (flower.lengths[feature] - means[feature]) / deviations[feature]
      }
      return flower
    }
  }
}
