/// The partition of the terms into blocks and chunks, by index only, so that sums have the same
/// bits for any number of threads.
@usableFromInline package enum Blocks {
  /// The number of elements of a block that `withUnsafeTemporaryAllocation` still puts on the
  /// stack; a block of one large term may have more.
  @inlinable static func elementsInBlock<S>(_ type: S.Type) -> Int {
    1024 / MemoryLayout<S>.stride
  }
  /// The number of blocks whose domains are scanned together: they stay in the first cache.
  @inlinable static var blocksInScan: Int { 4 }
  /// The number of elements of a chunk, the unit of work of a thread.
  @inlinable package static var elementsInChunk: Int { 1 << 16 }

  /// The number of terms of a block.
  @inlinable static func termsInBlock<S>(
    of type: S.Type, elementsPerTerm: Int, inWholeChunks: Bool
  ) -> Int {
    let maximum = elementsInBlock(S.self)
    let count = (inWholeChunks ? elementsInChunk : maximum) / max(1, elementsPerTerm)
    return max(1, min(maximum, count))
  }

  /// The number of terms of a chunk: whole blocks.
  @inlinable static func termsInChunk<S>(
    of type: S.Type, elementsPerTerm: Int, inWholeChunks: Bool
  ) -> Int {
    let block = termsInBlock(
      of: S.self, elementsPerTerm: elementsPerTerm, inWholeChunks: inWholeChunks)
    return max(block, elementsInChunk / max(1, elementsPerTerm) / block * block)
  }
}

extension KernelContext {
  /// Calls a formula for every block of terms, and sums or stores the terms that it writes.
  ///
  /// Compiled once, in the core: the formula is called once per block.
  ///
  /// - Parameters:
  ///   - elementsPerTerm: the number of elements of a term, which sets the number of terms per
  ///     block.
  ///   - inWholeChunks: whether a block has as many terms as a chunk, for a body with some setup
  ///     cost; otherwise a block has about as many elements as fit on the stack.
  ///   - body: writes the unweighted terms of a range to the pointer (the first term of the range
  ///     to index 0), and the gradients of the range. It is called for disjoint ranges, from
  ///     several threads at once.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func forEachBlock(
    elementsPerTerm: Int, inWholeChunks: Bool = false,
    _ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) {
    evaluateBlocks(elementsPerTerm: elementsPerTerm, inWholeChunks: inWholeChunks, workers: threads)
    {
      range, terms, _ in body(range, terms)
    }
  }

  /// The same, passing the index of the worker, so that each worker can have its own memory.
  ///
  /// The result must not depend on the blocks that a worker has processed before.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func forEachBlock(
    elementsPerTerm: Int, inWholeChunks: Bool = false, workers: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    evaluateBlocks(
      elementsPerTerm: elementsPerTerm, inWholeChunks: inWholeChunks, workers: workers, body)
  }

  /// The loop behind both functions above and `forEachElementBlock`.
  @inlinable @inline(__always)
  func evaluateBlocks(
    elementsPerTerm: Int, inWholeChunks: Bool, workers: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<S>, Int) -> Void
  ) {
    let size = Blocks.termsInBlock(
      of: S.self, elementsPerTerm: elementsPerTerm, inWholeChunks: inWholeChunks)
    let chunk = Blocks.termsInChunk(
      of: S.self, elementsPerTerm: elementsPerTerm, inWholeChunks: inWholeChunks)
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

  /// Calls a function for each chunk, from several threads at once, and returns when all are done.
  ///
  /// To give the same bits for any number of threads, partition the work by index only, never by
  /// `threads`, and let the function write to disjoint memory for different chunks.
  @inlinable
  public func parallelForEach(_ count: Int, _ work: (Int) -> Void) {
    Workers.forEach(count, threads: threads, work)
  }

  /// The same, passing the index of the worker, below `workers(for: count)`, so that each worker
  /// can have its own memory.
  ///
  /// The result must not depend on the chunks that a worker has processed before.
  @inlinable
  public func parallelForEach(_ count: Int, _ work: (_ chunk: Int, _ worker: Int) -> Void) {
    Workers.forEach(count, workers: threads, work)
  }

  /// The same, with an uninitialized workspace of `size` numbers.
  @inlinable
  public func parallelForEach<Number: LossScalar>(
    _ count: Int, workspace size: Int,
    _ work: (_ chunk: Int, _ workspace: UnsafeMutablePointer<Number>) -> Void
  ) {
    let memory = UnsafeMutablePointer<Number>.allocate(capacity: max(1, size * workers(for: count)))
    defer { memory.deallocate() }
    parallelForEach(count) { chunk, worker in work(chunk, memory + worker * size) }
  }

  /// The number of workers for some chunks.
  @inlinable
  public func workers(for chunks: Int) -> Int { Workers.count(threads: threads, chunks: chunks) }

  /// Scans the shares of the inputs that belong to a range of terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func scanDomains(_ terms: Range<Int>) { domains?.pointee.scan(terms) }

  @inlinable @inline(__always)
  func blocks(
    in range: Range<Int>, of size: Int, _ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) -> CompensatedSum {
    var total = CompensatedSum()
    withUnsafeTemporaryAllocation(of: S.self, capacity: size) { memory in
      guard let block = memory.baseAddress else { return }
      // What a block has read is in the first cache when it is scanned.
      var scanned = range.lowerBound
      defer { if domains != nil { scanDomains(scanned..<range.upperBound) } }
      for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let end = min(range.upperBound, start + size)
        if domains != nil, start - scanned >= (size < 128 ? size : Blocks.blocksInScan * size) {
          scanDomains(scanned..<start)
          scanned = start
        }
        // One call of the body, whether terms are stored or added: it is inlined here.
        body(start..<end, terms.map { $0 + start } ?? block)
        guard terms == nil else { continue }
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
