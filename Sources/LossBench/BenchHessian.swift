import LossConformance
import LossFunctions

/// Measures products of the Hessian with a vector beside gradients, for every loss that has them.
struct BenchHessian {
  let threads: Int
  let seconds: Double
  let show: (String) -> Void

  /// Prints the table.
  func run() throws(LossError) {
    show("us per call                 gradient   product  ratio   (Float, \(threads) threads)")
    var ratios: [Double] = []
    for name in LossRegistry.linked.names {
      let loss = try LossRegistry.linked.loss(named: name)
      let roles = loss.base.rolesWithHessianVectorProduct
      guard let role = loss.signature.inputs.first?.role, roles.contains(role) else { continue }
      var sampler = InputSampler(seed: 1)
      let axes = loss.signature.inputs.flatMap { $0.encodings.flatMap { $0.axes.axes } }
      var extents: [String: Int] = [:]
      for axis in axes {
        if case .named(let name) = axis { extents[name] = name == "label" ? 10 : 64 }
      }
      var inputs = sampler.inputs(
        for: loss.signature, rest: extents.isEmpty ? [65_536] : [64], extents: extents)
      for (role, tensor) in inputs.tensors where tensor.element == .float64 {
        inputs[role] = .float32(tensor.converted())
      }
      guard let shape = inputs[role]?.shape else { continue }
      let ones = [Float](repeating: 1, count: shape.count)
      let vector: LossInputs = [role: try Tensor(shape: shape.extents, scalars: ones)]
      do throws(LossError) {
        let gradient = try Timing(for: seconds) { (count: Int) throws(LossError) in
          var sum = 0
          for _ in 0..<count {
            sum += try loss.evaluate(inputs, gradientsOf: [role], in: .float32, threads: threads)
              .gradients.count
          }
          return Double(sum)
        }
        let product = try Timing(for: seconds) { (count: Int) throws(LossError) in
          var sum = 0
          for _ in 0..<count {
            sum += try loss.evaluate(
              inputs, vectors: vector, hessianVectorProductsOf: [role], in: .float32,
              threads: threads
            ).hessianVectorProducts.count
          }
          return Double(sum)
        }
        let ratio = product.median / gradient.median
        ratios.append(ratio)
        show(
          BenchPartials.padded(name, 28)
            + BenchPartials.padded(BenchPartials.rounded(gradient.median / 1000), 11)
            + BenchPartials.padded(BenchPartials.rounded(product.median / 1000), 10)
            + BenchPartials.rounded(ratio))
      } catch {
        show("\(name)  \(error)")
      }
    }
    let sorted = ratios.sorted()
    show(
      "\(ratios.count) losses: median \(BenchPartials.rounded(sorted[sorted.count / 2])), above 3: "
        + "\(ratios.count { $0 > 3 })")
  }
}
