internal import LossNumerics

/// A partition of independent terms into parts that are computed by themselves, so that inputs of
/// another element type, or with strides, are converted part by part while they are in the cache.
///
/// The parts depend on the shapes only, never on the threads.
struct TermParts {
  /// The number of terms.
  private let termCount: Int
  /// The number of terms that cannot be separated: the rows that share their memory.
  private let termsPerUnit: Int
  /// The number of elements of each input that belong to a unit.
  private let elementsPerUnit: [Int]
  /// The extents of a unit of each input.
  private let unitExtents: [[Int]]
  private let unitsPerPart: Int
  private let hasRows: Bool
  /// The number of parts.
  let count: Int

  /// The number of elements of a part: those of three arrays stay in the second cache.
  private static var elementsPerPart: Int { 1 << 14 }

  /// Nil if a term depends on more than its own part of each input.
  init?<S: LossScalar>(_ inputs: ValidatedInputs<S>, _ layout: TermLayout) {
    termCount = inputs.termCount
    guard termCount > 0 else { return nil }
    let rows = inputs.binding.rows(of: inputs.leading)
    hasRows = layout == .rows
    switch layout {
    case .elements, .groups: termsPerUnit = 1
    case .rows:
      guard rows.length > 0, rows.outer > 0 else { return nil }
      termsPerUnit = termCount / rows.outer
    case .samples: return nil
    }
    let unitCount = termCount / termsPerUnit
    var elements: [Int] = []
    var extents: [[Int]] = []
    for input in inputs.inputs {
      let count = input?.shape.count ?? 0
      guard count % unitCount == 0 else { return nil }
      let share = count / unitCount
      elements.append(share)
      guard let input else {
        extents.append([])
        continue
      }
      switch layout {
      case .elements:
        guard share == 1 else { return nil }
        extents.append([])
      case .groups: extents.append([share])
      case .rows:
        if input.shape == inputs.leading {
          extents.append([rows.length] + (rows.inner == 1 ? [] : [rows.inner]))
        } else if share == rows.inner {
          extents.append(rows.inner == 1 ? [] : [rows.inner])
        } else {
          return nil
        }
      case .samples: return nil
      }
    }
    elementsPerUnit = elements
    unitExtents = extents
    unitsPerPart = max(1, Self.elementsPerPart / max(1, elements.max() ?? 1))
    count = (unitCount + unitsPerPart - 1) / unitsPerPart
  }

  /// The terms of a part.
  func terms(_ part: Int) -> Range<Int> {
    let size = unitsPerPart * termsPerUnit
    return part * size..<min(termCount, (part + 1) * size)
  }

  /// The elements of an input that belong to a part.
  func elements(_ part: Int, of input: Int) -> Range<Int> {
    let units = units(part)
    let share = elementsPerUnit[input]
    return units.lowerBound * share..<units.upperBound * share
  }

  /// The shape of an input of a part.
  func shape(_ part: Int, of input: Int) -> Shape {
    Shape(trusted: [units(part).count] + unitExtents[input])
  }

  /// The largest number of elements of an input that belong to a part.
  func capacity(of input: Int) -> Int { unitsPerPart * elementsPerUnit[input] }

  /// The memory layout of the rows of a part.
  func rows(_ part: Int, _ whole: RowExtents) -> RowExtents {
    // Without a class axis all elements are one row.
    hasRows
      ? RowExtents(outer: units(part).count, length: whole.length, inner: whole.inner)
      : RowExtents(outer: 1, length: elements(part, of: 0).count, inner: 1)
  }

  private func units(_ part: Int) -> Range<Int> {
    let terms = terms(part)
    return terms.lowerBound / termsPerUnit..<terms.upperBound / termsPerUnit
  }
}

/// What belongs to one stored input or gradient while terms are computed in parts.
private struct StoredPart {
  let elements: StoredElements
  let memory: UnsafeRawPointer
  /// Where its numbers lie in the memory of a worker.
  let offset: Int
}

extension KernelContext {
  /// Runs a kernel part by part, converting stored inputs before and stored gradients after each.
  ///
  /// - Returns: whether a stored input has numbers outside its domain.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(
    in parts: TermParts, _ stored: StoredMemory<S>,
    _ kernel: (borrowing KernelContext<S>) throws(LossError) -> Void
  ) throws(LossError) -> Bool {
    let context = copy self
    let inputCount = context.inputs.count
    var inputs: [StoredPart?] = Array(repeating: nil, count: inputCount)
    var gradients = inputs
    var size = 0
    // Whole cache lines, so that the memory of two workers never shares one.
    func place(_ elements: StoredElements, _ memory: UnsafeRawPointer, _ index: Int) -> StoredPart {
      defer { size += (parts.capacity(of: index) + 31) / 32 * 32 }
      return StoredPart(elements: elements, memory: memory, offset: size)
    }
    for index in 0..<inputCount {
      if let (elements, memory) = stored.inputs[index] {
        inputs[index] = place(elements, memory, index)
      }
      if let (elements, memory) = stored.gradients[index] {
        gradients[index] = place(elements, UnsafeRawPointer(memory), index)
      }
    }
    // Few large parts have threads of their own.
    let workers = parts.count < 2 * context.threads ? 1 : context.threads
    let threads = workers == 1 ? context.threads : 1
    let memory = UnsafeMutablePointer<S>.allocate(capacity: max(1, size * workers))
    let results = UnsafeMutablePointer<PartResult>.allocate(capacity: parts.count)
    results.initialize(repeating: PartResult(), count: parts.count)
    defer {
      memory.deallocate()
      results.deinitialize(count: parts.count)
      results.deallocate()
    }
    Workers.forEach(parts.count, workers: workers) { part, worker in
      let memory = memory + worker * size
      withUnsafeTemporaryAllocation(of: KernelInput<S>?.self, capacity: inputCount) { partInputs in
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<S>?.self, capacity: inputCount) {
          partGradients in
          for index in 0..<inputCount {
            let range = parts.elements(part, of: index)
            var numbers = context.inputs[index]?.real.map { $0 + range.lowerBound }
            if let input = inputs[index] {
              let out = memory + input.offset
              input.elements.read(range, from: input.memory, into: out)
              if let item = stored.domainItem(index, out, range.count),
                !item.containsAll(0..<range.count)
              {
                results[part].isSuspect = true
              }
              numbers = UnsafePointer(out)
            }
            partInputs.initializeElement(
              at: index,
              to: context.inputs[index].map { input in
                KernelInput(
                  real: numbers, integers: input.integers.map { $0 + range.lowerBound },
                  shape: parts.shape(part, of: index))
              })
            partGradients.initializeElement(
              at: index,
              to: gradients[index].map { memory + $0.offset }
                ?? context.gradients[index].map { $0 + range.lowerBound })
          }
          defer { partInputs.deinitialize() }
          do throws(LossError) {
            try kernel(
              KernelContext(
                context, terms: parts.terms(part), rows: parts.rows(part, context.rows),
                threads: threads, inputs: partInputs, gradients: partGradients,
                sum: &results[part].sum))
          } catch {
            results[part].error = error
          }
          context.scanDomains(parts.terms(part))
          for index in 0..<inputCount {
            guard let gradient = gradients[index] else { continue }
            gradient.elements.write(
              UnsafePointer(memory + gradient.offset),
              to: UnsafeMutableRawPointer(mutating: gradient.memory),
              parts.elements(part, of: index))
          }
        }
      }
    }
    var isSuspect = false
    for part in 0..<parts.count {
      if let error = results[part].error { throw error }
      context.sum.pointee.add(results[part].sum)
      isSuspect = isSuspect || results[part].isSuspect
    }
    return isSuspect
  }
}

private struct PartResult {
  var sum = CompensatedSum()
  var error: LossError?
  var isSuspect = false
}

/// The inputs and gradients that are stored in another element type than that of a computation, or
/// with strides; nil for the others.
struct StoredMemory<S: LossScalar> {
  var inputs: [(StoredElements, UnsafeRawPointer)?]
  var gradients: [(StoredElements, UnsafeMutableRawPointer)?]
  /// The specification of each stored input whose domain is checked.
  var domains: [InputSpecification?]

  var isEmpty: Bool { !inputs.contains { $0 != nil } && !gradients.contains { $0 != nil } }

  /// The domain of converted numbers of an input.
  func domainItem(_ index: Int, _ numbers: UnsafePointer<S>, _ count: Int) -> DomainItem<S>? {
    guard let specification = domains[index] else { return nil }
    return DomainItem(index, specification, numbers, count, termCount: 1)
  }
}
