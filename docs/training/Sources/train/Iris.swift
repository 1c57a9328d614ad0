import Foundation

/// Fisher's Iris data set (1936): four lengths of 150 flowers, 50 of each of three species.
struct Iris {
  /// The training set; lengths are standardized with its mean and standard deviation.
  let training: [Flower]
  /// The test set.
  let test: [Flower]
  /// The species; a class is an index into this list.
  let species: [String]

  struct Flower {
    var lengths: [Double]
    let species: Int
  }

  /// Reads the file. Every fifth flower, ten of each species, is in the test set.
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
    let test = flowers.enumerated().filter { $0.offset % 5 == 4 }.map(\.element)
    let scale = Scale(of: training.map(\.lengths))
    self.training = training.map(scale.applied)
    self.test = test.map(scale.applied)
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
