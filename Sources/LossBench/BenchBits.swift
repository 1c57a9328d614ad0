import LossConformance
import LossFunctions

/// The bits of value and gradients of every loss on drawn inputs, as a hash: what two builds, or two
/// sets of instructions, are compared by.
struct BenchBits {
  let seed: UInt64

  /// Prints a line for each loss and element type, with the number of results in the hash.
  func run(show: (String) -> Void) throws(LossError) {
    for name in LossRegistry.linked.names {
      let loss = try LossRegistry.linked.loss(named: name)
      let roles = loss.signature.inputs.filter(\.isDifferentiable).map(\.role)
      for element in [ElementType.float32, .float64] {
        var hash = XXHash64()
        var count = 0
        for isDense in [false, true] {
          // Rows of more and of fewer classes than a vector has lanes, and a batch of several blocks.
          for (rest, extent) in [([700], 5), ([9], 133), ([2, 3], 1030)] {
            var sampler = InputSampler(seed: seed)
            let inputs = sampler.inputs(
              for: loss.signature, rest: rest,
              extents: ["class": extent, "feature": extent, "item": min(extent, 133)],
              dense: isDense)
            do throws(LossError) {
              for reduction in [Reduction.unreduced, .mean] {
                let result = try loss.evaluate(
                  inputs, gradientsOf: roles.filter { inputs[$0] != nil }, reduction: reduction,
                  in: element)
                count += 1
                add(result.value, to: &hash)
                for role in roles { result.gradients[role].map { add($0, to: &hash) } }
              }
            } catch {
              // A loss may lack a form of target or a reduction.
              Array("\(error)".utf8).withUnsafeBytes { hash.add($0) }
            }
          }
        }
        show("\(name) \(element.rawValue) \(hash.text) of \(count)")
      }
    }
  }

  private func add(_ tensor: AnyTensor, to hash: inout XXHash64) {
    tensor.withBytes { hash.add($0) }
  }
}
