/// How the terms are cut into blocks: by index alone, so that sums have the same bits for any
/// number of threads.
@usableFromInline package enum Blocks {
  /// How many numbers one block has at most, if its terms allow: as many as
  /// `withUnsafeTemporaryAllocation` puts on the stack.
  @inlinable static func elementsInBlock<S>(_ type: S.Type) -> Int {
    1024 / MemoryLayout<S>.stride
  }
  /// How many numbers are one thread's piece of work.
  @inlinable package static var elementsInChunk: Int { 1 << 16 }

  /// How many terms go together into one block.
  @inlinable static func termsInBlock<S>(
    of type: S.Type, elementsPerTerm: Int, areLong: Bool
  ) -> Int {
    let most = elementsInBlock(S.self)
    let inOne = (areLong ? elementsInChunk : most) / max(1, elementsPerTerm)
    return max(1, min(most, inOne))
  }

  /// How many terms are one thread's piece of work: whole blocks.
  @inlinable static func termsInChunk<S>(
    of type: S.Type, elementsPerTerm: Int, areLong: Bool
  ) -> Int {
    let block = termsInBlock(of: S.self, elementsPerTerm: elementsPerTerm, areLong: areLong)
    return max(block, elementsInChunk / max(1, elementsPerTerm) / block * block)
  }
}

extension KernelContext {
  /// Calls a formula for every block of terms, and sums or keeps what it writes.
  ///
  /// Compiled once, in the core: the formula is called a block at a time.
  ///
  /// - Parameters:
  ///   - elementsPerTerm: how many numbers a term is made of, which decides how many terms go
  ///     together.
  ///   - areLong: whether as many terms go together as one thread takes at a time, for a body that
  ///     has something to prepare; otherwise a block has about as many numbers as the stack holds.
  ///   - body: writes the terms of a range, unweighted, to the pointer (the first term of the range
  ///     at its first place), and the gradients of the range. Called for disjoint ranges, from
  ///     several threads at once.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func forEachBlock(
    elementsPerTerm: Int, areLong: Bool = false,
    _ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) {
    evaluateBlocks(elementsPerTerm: elementsPerTerm, areLong: areLong, workers: threads) {
      range, terms, _ in body(range, terms)
    }
  }

  /// The same, telling the formula which of some workers it is, so that each has memory of its own.
  ///
  /// What a worker has done before must not change what it does.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func forEachBlock(
    elementsPerTerm: Int, areLong: Bool = false, workers: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    evaluateBlocks(elementsPerTerm: elementsPerTerm, areLong: areLong, workers: workers, body)
  }

  /// The loop of both functions above and of `forEachElementBlock`.
  @inlinable @inline(__always)
  func evaluateBlocks(
    elementsPerTerm: Int, areLong: Bool, workers: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    let size = Blocks.termsInBlock(
      of: S.self, elementsPerTerm: elementsPerTerm, areLong: areLong)
    let chunk = Blocks.termsInChunk(
      of: S.self, elementsPerTerm: elementsPerTerm, areLong: areLong)
    let chunkCount = (termCount + chunk - 1) / chunk
    func sum(_ index: Int, _ worker: Int) -> CompensatedSum {
      let range = index * chunk..<min(termCount, (index + 1) * chunk)
      return blocks(in: range, of: size) { body($0, $1, worker) }
    }
    guard workers > 1, chunkCount > 1 else {
      for index in 0..<chunkCount { self.sum.pointee.add(sum(index, 0)) }
      return
    }
    let sums = UnsafeMutablePointer<CompensatedSum>.allocate(capacity: chunkCount)
    sums.initialize(repeating: CompensatedSum(), count: chunkCount)
    defer { sums.deallocate() }
    Workers.forEach(chunkCount, workers: workers) { index, worker in
      sums[index] = sum(index, worker)
    }
    for index in 0..<chunkCount { self.sum.pointee.add(sums[index]) }
  }

  /// Calls a function for each of some pieces of work, from several threads at once, and returns
  /// when all are done.
  ///
  /// For same bits with any number of threads the pieces are cut by index alone, never by `threads`,
  /// and the function writes different memory for different pieces.
  @inlinable
  public func parallelForEach(_ count: Int, _ work: (Int) -> Void) {
    Workers.forEach(count, threads: threads, work)
  }

  /// The same, telling the function which of `workers(for: count)` workers it is, so that each has
  /// memory of its own.
  ///
  /// What a worker has done before must not change what it does.
  @inlinable
  public func parallelForEach(_ count: Int, _ work: (_ chunk: Int, _ worker: Int) -> Void) {
    Workers.forEach(count, workers: threads, work)
  }

  /// The same, with room for some numbers, which hold anything at first.
  @inlinable
  public func parallelForEach<Number: LossScalar>(
    _ count: Int, workspace size: Int,
    _ work: (_ chunk: Int, _ workspace: UnsafeMutablePointer<Number>) -> Void
  ) {
    let memory = UnsafeMutablePointer<Number>.allocate(capacity: max(1, size * workers(for: count)))
    defer { memory.deallocate() }
    parallelForEach(count) { chunk, worker in work(chunk, memory + worker * size) }
  }

  /// How many workers share some pieces of work.
  @inlinable
  public func workers(for chunks: Int) -> Int { Workers.count(threads: threads, chunks: chunks) }

  @inlinable @inline(__always)
  func blocks(
    in range: Range<Int>, of size: Int, _ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) -> CompensatedSum {
    var total = CompensatedSum()
    if let terms {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let end = min(range.upperBound, start + size)
        body(start..<end, terms + start)
      }
      return total
    }
    withUnsafeTemporaryAllocation(of: S.self, capacity: size) { memory in
      guard let block = memory.baseAddress else { return }
      for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let end = min(range.upperBound, start + size)
        body(start..<end, block)
        if let weights {
          total.add(BlockedSum.sum(block, weights: weights + start, count: end - start))
        } else {
          total.add(BlockedSum.sum(block, count: end - start))
        }
      }
    }
    return total
  }
}
