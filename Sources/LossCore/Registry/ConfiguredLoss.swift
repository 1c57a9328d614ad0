/// A loss with its reduction and class axis, made from a name and options.
///
/// It takes named tensors under our roles and, if it was selected by another framework's name,
/// under that framework's argument names too; it follows that framework's order of arguments,
/// class axis and shape of the result.
public struct ConfiguredLoss: CallableLoss {
  /// The loss.
  public let base: any LossProtocol
  /// The reduction of the terms; nil for the default of the loss.
  public let reduction: Reduction?
  /// The class axis; nil for the last axis.
  public let classAxis: Int?
  /// The factor of the value and the gradients; 1 unless the dialect entry sets another one.
  public let scale: Double
  /// The configuration from which the same loss can be made again.
  public let configuration: LossConfiguration
  /// The dialect entry by which the loss was made; nil for our own name.
  public let dialectEntry: DialectEntry?

  let keepsDimensions: Bool
  private let ignored: IgnoredTarget?
  private let joinedAxes: [Int]?
  /// The forms of tensors that the framework takes, with the options of this value.
  package let preparations: [DialectPreparation]
  /// The names of tensors that may follow the arguments of the framework, in its order.
  package let optionalArguments: [Role]
  private let givenInputs: [(role: Role, tensor: AnyTensor)]
  /// Makes the loss again with further options of the framework and another reduction, if given; nil
  /// for our own name.
  private var remake:
    (@Sendable ([String: OptionValue], Reduction?) throws(LossError) -> ConfiguredLoss)?
  /// Translates a hint into the names of the framework.
  private let translate: @Sendable (String) -> String

  /// A loss with a reduction and a class axis.
  public init(_ loss: any LossProtocol, reduction: Reduction? = nil, classAxis: Int? = nil) {
    self.base = loss
    self.reduction = reduction
    self.classAxis = classAxis
    scale = 1
    keepsDimensions = false
    ignored = nil
    joinedAxes = nil
    preparations = []
    optionalArguments = []
    givenInputs = []
    remake = nil
    translate = { $0 }
    dialectEntry = nil
    configuration = LossConfiguration(
      loss.name, options: loss.options.values, reduction: reduction, classAxis: classAxis)
  }

  init(
    _ loss: any LossProtocol, _ resolution: DialectResolution, _ dialectEntry: DialectEntry,
    _ configuration: LossConfiguration,
    translating translate: @escaping @Sendable (String) -> String,
    remake:
      @escaping @Sendable ([String: OptionValue], Reduction?) throws(LossError) -> ConfiguredLoss
  ) {
    self.base = loss
    self.remake = remake
    self.translate = translate
    reduction = resolution.reduction
    classAxis = resolution.classAxis
    scale = resolution.scale
    keepsDimensions = resolution.keepsDimensions
    ignored = resolution.ignored
    joinedAxes = resolution.joinedAxes
    preparations = dialectEntry.preparations + resolution.preparations
    optionalArguments = dialectEntry.optionalArguments + resolution.optionalArguments
    givenInputs = resolution.inputs.sorted { $0.key < $1.key }.compactMap { role, value in
      AnyTensor(optionValue: value).map { (Role(role), $0) }
    }
    self.dialectEntry = dialectEntry
    self.configuration = configuration
  }

  /// The name by which the loss was made.
  public var name: String { configuration.loss }

  /// The class axis for the base loss: a framework may have an axis of channels where the loss has no
  /// class axis.
  package var baseClassAxis: Int? {
    base.signature.classAxis == nil && configuration.classAxis == nil ? nil : classAxis
  }

  /// Whether a call may name the class axis; a loss of others gives it to those that have one.
  package var takesClassAxis: Bool {
    base.signature.classAxis != nil || !(base is any FormLoss)
  }

  /// The inputs of the loss under our roles.
  public var signature: LossSignature { base.signature }

  /// The reduction where a call names none: that of this value, or the loss's own.
  public var defaultReduction: Reduction { reduction ?? base.defaultReduction }

  /// The roles in the order of the arguments: the framework's if it was selected by its name.
  public var arguments: [Role] {
    guard let dialectEntry else { return base.signature.inputs.map(\.role) }
    return dialectEntry.arguments.map(\.role) + optionalArguments
  }

  /// The name of the weight of terms: `sample_weight` where `weight` is an option of the framework
  /// that may be given as a tensor, such as its class weights.
  public var weightRole: Role {
    dialectEntry?.tensorOption(.weight) == nil ? .weight : .sampleWeight
  }

  /// Evaluates the loss on tensors by role.
  ///
  /// - Parameters:
  ///   - inputs: the tensors by role, or by the framework's name for the argument.
  ///   - roles: the roles whose gradients are wanted, by either name.
  ///   - secondDerivativeRoles: the roles whose second derivatives are wanted, by either name.
  ///   - reduction: how the terms become the result; nil for that of this value.
  ///   - classAxis: position of the class axis; nil for that of this value.
  ///   - upstream: what the gradients are multiplied by: one number, or one for each of the result.
  ///   - element: the element to compute in; nil for the widest of the real inputs.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  ///   - domainChecks: the inputs in which numbers outside their domain are refused; nil for those
  ///     that the framework of the name checks, all under our names.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    secondDerivativesOf secondDerivativeRoles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try evaluate(
      inputs, gradientsOf: roles, secondDerivativesOf: secondDerivativeRoles, reduction: reduction,
      classAxis: classAxis, upstream: upstream, in: element, threads: threads,
      domainChecks: domainChecks, partial: nil)
  }

  /// The same, with what collects or gives the sums of data that are evaluated in shards.
  func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role],
    secondDerivativesOf secondDerivativeRoles: [Role],
    reduction: Reduction?, classAxis: Int?, upstream: AnyTensor?, in element: ElementType?,
    threads: Int, domainChecks: DomainChecks?, partial: PartialCollector?
  ) throws(LossError) -> LossResult {
    let givenAxis = classAxis
    var leading: Shape?
    do throws(LossError) {
      let given = inputs
      let (loss, inputs) = try taking(inputs, reduction: reduction)
      let reduction = remake == nil ? reduction : nil
      let call = try loss.call(inputs, reduction: reduction, classAxis: classAxis)
      leading = call.leading
      partial?.resolved = (element ?? call.element, call.reduction, loss)
      let result = try loss.base.evaluate(
        call.inputs, gradientsOf: roles.map(translated(_:)),
        secondDerivativesOf: secondDerivativeRoles.map(translated(_:)), reduction: call.reduction,
        classAxis: call.baseClassAxis, upstream: try translated(upstream: upstream, call),
        in: element ?? call.element, threads: threads,
        domainChecks: domainChecks ?? dialectEntry?.domainChecks, usesAutomaticDerivatives: false,
        partial: partial)
      let restored = try loss.restored(
        result, of: call, gradientsOf: roles, secondDerivativesOf: secondDerivativeRoles)
      return element == nil ? restored.rounded(like: given) : restored
    } catch {
      throw renamed(explained(error, classAxis: givenAxis, leading))
    }
  }

  /// Multiplies the Hessian of the loss by a vector, on tensors by role.
  ///
  /// - Parameters:
  ///   - inputs: the tensors by role, or by the framework's name for the argument.
  ///   - vectors: the parts of the vector by either name, each in the layout of its input.
  ///   - roles: the roles whose part of the product is wanted, by either name.
  ///   - reduction: how the terms become the result; nil for that of this value.
  ///   - classAxis: position of the class axis; nil for that of this value.
  ///   - upstream: what the products are multiplied by: one number, or one for each of the result.
  ///   - element: the element to compute in; nil for the widest of the real inputs.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  ///   - domainChecks: the inputs in which numbers outside their domain are refused; nil for those
  ///     that the framework of the name checks.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func evaluate(
    _ inputs: LossInputs, vectors: LossInputs, hessianVectorProductsOf roles: [Role],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    let givenAxis = classAxis
    var leading: Shape?
    do throws(LossError) {
      let (loss, inputs) = try taking(inputs, reduction: reduction)
      let reduction = remake == nil ? reduction : nil
      let call = try loss.call(inputs, reduction: reduction, classAxis: classAxis)
      leading = call.leading
      let vectors = try loss.translated(vectors: vectors, of: inputs) {
        (inputs) throws(LossError) in
        try loss.call(inputs, reduction: reduction, classAxis: classAxis).inputs
      }
      let result = try loss.base.evaluate(
        call.inputs, vectors: vectors, hessianVectorProductsOf: roles.map(translated(_:)),
        reduction: call.reduction, classAxis: call.baseClassAxis,
        upstream: try translated(upstream: upstream, call), in: element ?? call.element,
        threads: threads, domainChecks: domainChecks ?? dialectEntry?.domainChecks)
      var restored = try loss.restored(result, of: call, gradientsOf: [])
      restored.hessianVectorProducts = try loss.restored(
        (scale == 1 ? result : scaled(result)).hessianVectorProducts, roles, call)
      return restored
    } catch {
      throw renamed(explained(error, classAxis: givenAxis, leading))
    }
  }

  /// The vector under our roles and in our layout: the derivative, along it, of the tensors that the
  /// base loss gets.
  private func translated(
    vectors: LossInputs, of inputs: LossInputs,
    _ prepared: (LossInputs) throws(LossError) -> LossInputs
  ) throws(LossError) -> LossInputs {
    var parts = LossInputs()
    for (role, vector) in vectors.tensors {
      let ours = translated(role)
      guard parts[ours] == nil else {
        throw LossError(
          .unknownInput, subject: role.name, found: "has two vectors, once as \(ours)",
          expected: "one of the two names")
      }
      guard let given = inputs.tensors.first(where: { translated($0.role) == ours }),
        changesInputs || !preparations.isEmpty
      else {
        parts[ours] = vector
        continue
      }
      guard vector.shape == given.tensor.shape else {
        throw LossError(
          .shapeMismatch, subject: role.name, found: "has a vector of shape \(vector.shape)",
          expected: "\(given.tensor.shape), the shape of the input")
      }
      // The layout may add a constant, such as the minus infinity of a class that a mask removes.
      func prepare(_ numbers: [Double]) throws(LossError) -> AnyTensor? {
        var changed = inputs
        changed[given.role] = .float64(Tensor(trusted: vector.shape, numbers))
        return try prepared(changed)[ours]
      }
      let numbers = vector.doubles
      guard let moved = try prepare(numbers),
        let origin = try prepare(Array(repeating: 0, count: numbers.count))
      else { continue }
      parts[ours] = .float64(
        Tensor(
          trusted: moved.shape,
          zip(moved.doubles, origin.doubles).map { $0 == $1 ? 0 : $0 - $1 }))
    }
    return parts
  }

  /// The value of a call of the first two inputs whose result is one number.
  public func value(of request: TypedRequest<Float>) throws(LossError) -> Float {
    try configuredValue(of: request)
  }
  /// The value of a call of the first two inputs whose result is one number.
  public func value(of request: TypedRequest<Double>) throws(LossError) -> Double {
    try configuredValue(of: request)
  }

  @inline(__always)
  private func configuredValue<S: ComputeScalar>(
    of request: TypedRequest<S>
  ) throws(LossError) -> S {
    let givenAxis = request.settings.classAxis
    var request = request
    request.settings.domainChecks = request.settings.domainChecks ?? dialectEntry?.domainChecks
    do throws(LossError) {
      if let loss = try reducing(by: request.settings.reduction) {
        request.settings.reduction = loss.defaultReduction
        return try loss.configuredValue(of: request)
      }
      if isPlain(request) {
        request.settings.classAxis = givenAxis ?? baseClassAxis
        return try S.value(of: base, request)
      }
      let (first, second) = try pairOfRoles()
      return try request.value(of: self, first, second)
    } catch {
      throw renamed(explained(error, classAxis: givenAxis, request.inputs.0.shape))
    }
  }

  /// Whether the base loss gets other tensors than this one, such as class indices from 0 instead of
  /// from 1.
  public var changesInputs: Bool {
    ignored != nil || joinedAxes != nil || !givenInputs.isEmpty
      || dialectEntry?.arguments.contains(where: \.isAdapted) ?? false
  }

  private func isPlain<S: ComputeScalar>(_ request: TypedRequest<S>) -> Bool {
    let (first, second) = request.inputs
    return isPlain(
      DialectShapes(
        first: (first.shape, first.element), second: (second.shape, second.element),
        weight: request.weight?.shape))
  }

  /// Whether the base loss takes inputs of these shapes as they are; nil where there are not two of them.
  func isPlain(_ shapes: @autoclosure () -> DialectShapes?) -> Bool {
    guard scale == 1, !changesInputs else { return false }
    guard !preparations.isEmpty else { return true }
    guard let shapes = shapes() else { return false }
    return !preparations.contains { $0.isNeeded(shapes, signature) }
  }

  /// The same loss, whose calls take our reductions: the sum is that of all terms, also where the
  /// framework averages over an axis before.
  package var withOwnReductions: ConfiguredLoss {
    var loss = self
    loss.remake = nil
    return loss
  }

  /// The loss with another reduction under the name of a framework, in the sense of that framework:
  /// PyTorch's mean divides by the class weights. Nil if this value has that reduction, and under our
  /// own names, where calls take any.
  func reducing(by reduction: Reduction?) throws(LossError) -> ConfiguredLoss? {
    guard let reduction, reduction != defaultReduction, let remake else { return nil }
    return try remake([:], reduction)
  }

  /// The loss with those inputs as options that its framework takes as tensors, such as class
  /// weights, and the other inputs; under the name of a framework with the reduction of the call.
  ///
  /// - Throws: `LossError` for a tensor that is no value of its option, or is given as both.
  public func taking(
    _ inputs: LossInputs, reduction: Reduction? = nil
  ) throws(LossError) -> (loss: ConfiguredLoss, inputs: LossInputs) {
    guard let dialectEntry, let remake else { return (self, inputs) }
    var options: [String: OptionValue] = [:]
    var others = LossInputs()
    for (role, tensor) in inputs.tensors {
      guard argument(role) == nil, let option = dialectEntry.tensorOption(role) else {
        others[role] = tensor
        continue
      }
      guard !option.names.contains(where: { configuration.options[$0] != nil }) else {
        throw LossError(
          .invalidOption, subject: role.name, found: "is given twice, as option and as input",
          expected: "one of the two")
      }
      guard tensor.shape.rank < 2 || option.isRefused else {
        throw LossError(
          .shapeMismatch, subject: role.name, found: "has shape \(tensor.shape)",
          expected: "a number, or one axis: it is the option \(role.name) here",
          hint: option.hintForAxes ?? "The weight of each term is the input \(weightRole).")
      }
      let numbers = tensor.doubles.map { OptionValue.number($0) }
      options[role.name] = tensor.shape.rank == 0 ? numbers.first ?? .null : .list(numbers)
    }
    guard options.isEmpty else { return (try remake(options, reduction), others) }
    return (try reducing(by: reduction) ?? self, inputs)
  }

  /// The call as the base loss expects it: its tensors under our roles and in our form.
  ///
  /// - Throws: `LossError` as `translated` does, and for tensors that the framework does not take.
  public func call(
    _ inputs: LossInputs, reduction: Reduction? = nil, classAxis: Int? = nil
  ) throws(LossError) -> DialectCall {
    let renamed = try translated(inputs)
    var call = DialectCall(
      renamed, signature, reduction ?? defaultReduction,
      classAxis ?? self.classAxis,
      choseClassAxis: classAxis != nil || configuration.classAxis != nil)
    for (role, tensor) in givenInputs where call.inputs[role] == nil { call.inputs[role] = tensor }
    for preparation in preparations where !preparation.followsJoin { try preparation.apply(&call) }
    if let ignored { try call.leaveOut(ignored) }
    if let joinedAxes { try call.join(joinedAxes) }
    for preparation in preparations where preparation.followsJoin { try preparation.apply(&call) }
    // A weight that stands for ignored targets does not widen the computation.
    call.element = renamed.computedElement
    return call
  }

  /// The inputs as the base loss expects them: under our roles and in our layout.
  ///
  /// - Throws: `LossError` for an input that is given under two names, and for a tensor that cannot
  ///   be converted to our layout.
  public func translated(_ inputs: LossInputs) throws(LossError) -> LossInputs {
    var renamed = LossInputs()
    for (role, tensor) in inputs.tensors {
      let argument = argument(role)
      let ours = translated(role)
      guard renamed[ours] == nil else {
        throw LossError(
          .unknownInput, subject: role.name, found: "is given twice, once as \(ours)",
          expected: "one of the two names")
      }
      renamed[ours] = try argument?.adapt(tensor) ?? tensor
    }
    return renamed
  }

  /// The role for an argument name, ours or that of the framework.
  public func translated(_ name: Role) -> Role {
    if let argument = argument(name) { return argument.role }
    return name == .sampleWeight && signature.input(name) == nil ? .weight : name
  }

  /// The result of the base loss, converted to the names and the layout of the request: the inverse
  /// of `call`.
  ///
  /// - Parameters:
  ///   - result: the result of the base loss, with gradients by our roles.
  ///   - call: the call that the base loss was evaluated on.
  ///   - roles: the roles whose gradients are requested, by either name.
  ///   - secondDerivativeRoles: the roles whose second derivatives are requested, by either name.
  /// - Throws: `LossError` for a result that cannot be converted to the layout of the framework.
  public func restored(
    _ result: LossResult, of call: DialectCall, gradientsOf roles: [Role],
    secondDerivativesOf secondDerivativeRoles: [Role] = []
  ) throws(LossError) -> LossResult {
    var result = scale == 1 ? result : scaled(result)
    result.value = try call.restored(value: result.value)
    return LossResult(
      value: keepsDimensions ? try keepingAxes(result.value, call) : result.value,
      gradients: try restored(result.gradients, roles, call),
      secondDerivatives: try restored(result.secondDerivatives, secondDerivativeRoles, call))
  }

  /// Evaluates the loss on positional arguments, in the order of `arguments`.
  ///
  /// - Throws: `LossError` for too many arguments, and as `evaluate` does.
  public func evaluate(
    arguments tensors: [any TensorConvertible], gradientsOf roles: [Role] = []
  ) throws(LossError) -> LossResult {
    var inputs = LossInputs()
    for (index, tensor) in tensors.enumerated() {
      guard index < arguments.count else {
        throw LossError(
          .unknownInput, loss: name, subject: "argument \(index + 1)", found: "is one too many",
          expected: arguments.map(\.name).joined(separator: ", "))
      }
      inputs[arguments[index]] = tensor.anyTensor
    }
    return try evaluate(inputs, gradientsOf: roles)
  }

  /// Derivatives under the names, and in the layout, of the request.
  private func restored(
    _ derivatives: [Role: AnyTensor], _ roles: [Role], _ call: DialectCall
  ) throws(LossError) -> [Role: AnyTensor] {
    var result: [Role: AnyTensor] = [:]
    for role in roles {
      let argument = argument(role)
      let ours = argument?.role ?? role
      guard var derivative = derivatives[ours] else { continue }
      derivative = try call.restored(derivative, of: ours)
      result[role] = try argument?.restore(derivative) ?? derivative
    }
    return result
  }

  private func scaled(_ result: LossResult) -> LossResult {
    func scaled(_ tensor: AnyTensor) -> AnyTensor {
      switch tensor {
      case .float32(let numbers): .float32(numbers.map { $0 * Float(scale) })
      case .float64(let numbers): .float64(numbers.map { $0 * scale })
      case .int64, .bool, .narrow: tensor
      }
    }
    return LossResult(
      value: scaled(result.value), gradients: result.gradients.mapValues(scaled),
      secondDerivatives: result.secondDerivatives.mapValues(scaled),
      hessianVectorProducts: result.hessianVectorProducts.mapValues(scaled))
  }

  func argument(_ role: Role) -> DialectArgument? {
    guard let dialectEntry else { return nil }
    return dialectEntry.arguments.first { $0.role == role || $0.names.contains(role.name) }
      ?? dialectEntry.inputNames.first { $0.names.contains(role.name) }
  }

  /// A hint about the base loss in the names of the framework.
  func translated(hint: String) -> String { translate(hint) }

  /// The error with the name by which the loss was made.
  func renamed(_ error: LossError) -> LossError {
    let subject = error.subject
    var error = dialectEntry?.renamed(error) ?? error
    if error.subject != subject, error.found.hasPrefix("is "),
      let given = configuration.options[error.subject]
    {
      error.found = "is \(given.text)"
    }
    error.hint = translated(hint: error.hint)
    if error.code == .invalidClass, let dialectEntry,
      let first = argument(Role(subject))?.firstClass,
      first != 0
    {
      error.hint =
        "\(dialectEntry.dialect.name) counts classes from \(first); this message counts from 0."
    }
    if error.loss.isEmpty || error.loss == base.name { error.loss = name }
    return error
  }

  /// An error about options that the framework chose, in words about what the caller gave.
  func explained(
    _ error: LossError, classAxis givenAxis: Int?, _ leading: Shape?
  ) -> LossError {
    guard let dialectEntry else { return error }
    var error = error
    if error.hint == LossError.classWeightsHint {
      let option = dialectEntry.knownOptions.first { $0.summary.contains("our class_weights") }
      let name = option?.names.first
      error.hint = name.map { "Class weights are the option \($0)." } ?? ""
    }
    let choseAxis = dialectEntry.knownOptions.contains { option in
      option.targets == ["class_axis"]
        && option.names.contains { configuration.options[$0] != nil }
    }
    guard error.code == .invalidOption, error.subject == "class_axis", givenAxis == nil,
      configuration.classAxis == nil, !choseAxis, let axis = self.classAxis, axis > 0, let leading,
      leading.rank <= axis, let role = base.signature.inputs.first?.role
    else { return error }
    let isBatch = leading.rank == 1 && axis == 1
    return LossError(
      .invalidRank, loss: error.loss, subject: role.name, found: "has shape \(leading)",
      expected: isBatch
        ? "a batch axis before the class axis" : "at least \(axis + 1) axes, class axis \(axis)",
      hint: isBatch
        ? "Add an axis of extent 1: \(Shape(trusted: [1] + leading.extents))." : "")
  }

  /// A non-scalar result with the class axis inserted, for frameworks that keep it.
  private func keepingAxes(
    _ value: AnyTensor, _ call: DialectCall
  ) throws(LossError) -> AnyTensor {
    guard call.reduction.kind == .unreduced || call.reduction.axes != nil,
      base.signature.classAxis != nil, let leading = call.leading,
      value.shape.rank == leading.rank - 1,
      let position = leading.position(ofAxis: call.classAxis ?? -1)
    else { return value }
    var extents = value.shape.extents
    extents.insert(1, at: position)
    return try value.reshaped(Shape(extents))
  }

  /// The upstream gradient in the shape of the base loss's result: the inverse of `keepingAxes` and of
  /// `DialectCall.restored(value:)`.
  private func translated(
    upstream: AnyTensor?, _ call: DialectCall
  ) throws(LossError) -> AnyTensor? {
    guard let upstream, upstream.shape.rank > 0 else { return upstream }
    let unjoined = try call.joined(upstream: upstream)
    guard keepsDimensions, call.reduction.kind == .unreduced || call.reduction.axes != nil,
      base.signature.classAxis != nil, let leading = call.leading,
      unjoined.shape.rank == leading.rank,
      let position = leading.position(ofAxis: call.classAxis ?? -1),
      unjoined.shape.extents[position] == 1
    else { return unjoined }
    return try unjoined.reshaped(unjoined.shape.removing(axis: position))
  }
}
