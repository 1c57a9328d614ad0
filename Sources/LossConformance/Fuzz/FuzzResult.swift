package import LossCore

/// The result of a random call.
package enum FuzzResult: Equatable, Sendable {
  /// It returned numbers.
  case value
  /// It threw an error of this code.
  case refusal(LossError.Code)
  /// It returned or threw what no call should.
  case failure(String)
}

extension Fuzzer {
  /// Evaluates the call that was drawn.
  ///
  /// - Parameter isThorough: whether typed calls, calls on borrowed memory and calls with an
  ///   upstream gradient follow.
  package mutating func run(isThorough: Bool) -> FuzzResult {
    do throws(LossError) {
      let loss = try Self.registry.loss(
        named: name, options: options, reduction: reduction, classAxis: classAxis)
      let result = try loss.evaluate(
        inputs, gradientsOf: roles, upstream: upstream, in: element, threads: threads)
      if let failure = failure(result) ?? silentNaN(result, of: loss) { return .failure(failure) }
      guard isThorough else { return .value }
      let upstream = AnyTensor(Tensor(repeating: 0.5, shape: result.value.shape))
      let again = try loss.evaluate(inputs, gradientsOf: roles, upstream: upstream, in: element)
      let values = zip(again.value.doubles, result.value.doubles)
      if !values.allSatisfy({ $0 == $1 || ($0.isNaN && $1.isNaN) }) {
        return .failure("an upstream changes the value")
      }
      typed(loss.base)
      return .value
    } catch {
      return failure(error).map(FuzzResult.failure) ?? .refusal(error.code)
    }
  }

  // MARK: Results

  private func failure(_ result: LossResult) -> String? {
    func isComplete(_ tensor: AnyTensor) -> Bool { tensor.doubles.count == tensor.shape.count }
    if !isComplete(result.value) {
      return "a value of shape \(result.value.shape) has another number of elements"
    }
    for role in roles {
      guard let gradient = result.gradients[role] else { return "no gradient of \(role)" }
      guard isComplete(gradient) else {
        return "the gradient of \(role) has another number of elements"
      }
      let input = inputs[role]?.shape
      if let input, input != gradient.shape { return "a gradient of another shape than \(role)" }
    }
    return nil
  }

  /// The limit of the numbers that are looked at for NaN: the law `never-nan` has those beyond it.
  private static let ordinary = 1e4

  /// Where a call of ordinary numbers, all within their domain, gives NaN without an error.
  private func silentNaN(_ result: LossResult, of loss: ConfiguredLoss) -> String? {
    guard upstream == nil, reduction?.whenEmpty != .nan,
      inputs.tensors.allSatisfy({ Self.isOrdinary($0.tensor.doubles) }),
      options.values.allSatisfy(Self.isOrdinary)
    else { return nil }
    let place =
      result.value.doubles.contains { $0.isNaN }
      ? "the value"
      : roles.first { result.gradients[$0]?.doubles.contains { $0.isNaN } ?? false }
        .map { "the gradient of \($0)" }
    guard let place, loss.defaultReduction.whenEmpty != .nan else { return nil }
    // A framework that does not check a domain gives NaN beyond it, as its name does here.
    guard
      (try? loss.evaluate(inputs, reduction: reduction, domainChecks: .all)) != nil
    else { return nil }
    return "\(place) is NaN"
  }

  private static func isOrdinary(_ numbers: [Double]) -> Bool {
    numbers.allSatisfy { $0.magnitude <= ordinary && ($0 == 0 || $0.magnitude >= 1 / ordinary) }
  }

  private static func isOrdinary(_ value: OptionValue) -> Bool {
    switch value {
    case .number(let number): isOrdinary([number])
    case .text(let text): text != "inf" && text != "nan"
    case .list(let list): list.allSatisfy { isOrdinary($0) }
    case .object(let object): object.values.allSatisfy { isOrdinary($0) }
    case .null, .flag: true
    }
  }

  // MARK: Errors

  private func failure(_ error: LossError) -> String? {
    let isNamed = !error.loss.isEmpty || error.code == .unknownLoss
    if !isNamed || error.found.isEmpty || !error.description.hasSuffix(end(error)) {
      return "an error without a loss or a description: \(error)"
    }
    if let option = optionOfAnotherName(in: error.hint) {
      return "the hint names \(option), which is no option of \(name): \(error)"
    }
    return nil
  }

  private func end(_ error: LossError) -> String { error.hint.isEmpty ? "." : error.hint }

  /// An option of ours in a hint under the name of a framework that has it not.
  private func optionOfAnotherName(in hint: String) -> String? {
    guard let dialectEntry = Self.registry.dialectEntry(named: name),
      let entry = Self.registry.entry(named: name)
    else { return nil }
    let known = dialectEntry.knownOptions.flatMap(\.names)
    let ours = entry.options.map(\.name).filter { $0.contains("_") || $0 == "activation" }
    let words = hint.split { !($0.isLetter || $0 == "_") }.map(String.init)
    // "use dice with activation softmax" names an option of our loss.
    return words.indices.first { index in
      ours.contains(words[index]) && !known.contains(words[index])
        && (index == 0 || words[index - 1] != "with")
    }.map { words[$0] }
  }

  // MARK: Other calls

  /// Runs the typed calls and those on borrowed memory, on the first two inputs.
  private func typed(_ loss: some LossProtocol) {
    guard inputs.tensors.count > 1 else { return }
    let prediction: Tensor<Float> = inputs.tensors[0].tensor.converted()
    func call<T: TensorScalar>(_ target: Tensor<T>) {
      var gradient = prediction.scalars
      var span = gradient.mutableSpan
      _ = try? loss.valueAndGradient(
        prediction.scalars.span, target.scalars.span, shape: prediction.shape, into: &span,
        reduction: reduction, classAxis: classAxis, threads: threads)
      _ = try? loss.value(
        prediction.scalars.span, target.scalars.span, shape: target.shape, classAxis: classAxis)
      _ = try? loss.valueAndGradient(
        prediction, target, reduction: reduction, classAxis: classAxis)
      _ = try? loss(prediction, target, reduction: reduction, classAxis: classAxis)
      _ = try? loss(prediction.scalars, target.scalars)
    }
    switch inputs.tensors[1].tensor.widened {
    case .float32(let tensor): call(tensor)
    case .float64(let tensor): call(tensor)
    case .int64(let tensor): call(tensor)
    case .bool(let tensor): call(tensor)
    case .narrow: break
    }
  }
}

extension SeededGenerator {
  /// True this often.
  package mutating func probability(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }
  /// One element of a list that is not empty.
  package mutating func pick<T>(_ list: [T]) -> T {
    list[Int.random(in: 0..<list.count, using: &self)]
  }
}
