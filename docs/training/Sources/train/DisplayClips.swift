/// Synthetic clips of a seven-segment display that shows digits. A frame is the brightness of the seven
/// segments with noise; a digit lasts one to three frames, and the dark pauses between digits vary.
struct DisplayClips {
  /// A clip: its frames, and the digits that it shows.
  struct Clip {
    let frames: [[Double]]
    let digits: [Int]
  }

  static let segmentCount = 7
  /// The segments of each digit, clockwise from the top, with the middle one last.
  private static let patterns = [
    "1111110", "0110000", "1101101", "1111001", "0110011",
    "1011011", "1011111", "1110000", "1111111", "1111011",
  ].map { segments in segments.map { $0 == "1" ? 1.0 : 0.0 } }
  private static let dark = Array(repeating: 0.0, count: segmentCount)

  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Random clips of three to five digits.
  mutating func make(_ count: Int) -> [Clip] { (0..<count).map { _ in make() } }

  private mutating func make() -> Clip {
    let digits = (0..<Int.random(in: 3...5, using: &generator)).map { _ in
      Int.random(in: 0...9, using: &generator)
    }
    var frames: [[Double]] = []
    for (index, digit) in digits.enumerated() {
      // A pause must separate repeated digits.
      let isRepeated = index > 0 && digits[index - 1] == digit
      let pause = Int.random(in: (isRepeated ? 1 : 0)...2, using: &generator)
      frames += Array(repeating: Self.dark, count: pause)
      let length = Int.random(in: 1...3, using: &generator)
      frames += Array(repeating: Self.patterns[digit], count: length)
    }
    frames = frames.map { frame in frame.map { $0 + 0.15 * generator.normal() } }
    return Clip(frames: frames, digits: digits)
  }
}
