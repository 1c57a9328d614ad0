import LossCore

/// The classes of one process, as a loss of its rows that is evaluated twice: for what the processes send
/// each other in one message, and for the result.
protocol ClassShard: FormLoss {
  /// The inputs of this process.
  var inputs: LossInputs { get }
  /// Checks what the form does not know.
  func check(classAxis: Int?) throws(LossError)
  /// The description of the shard, and what the first evaluation has found of each row.
  func message(_ terms: AnyTensor, _ reduction: Reduction) -> [UInt8]
  /// Checks that the shards of the processes fit, and adds what they have found; from now on, this is
  /// the loss of all classes.
  mutating func read(_ messages: [[UInt8]], _ terms: AnyTensor) throws(LossError)
}

extension ClassShard {
  /// The value of all classes, and gradients with respect to the inputs of this process.
  func evaluate(
    gradientsOf roles: [Role], reduction: Reduction, classAxis: Int?, upstream: AnyTensor?,
    in element: ElementType?, threads: Int, domainChecks: DomainChecks?,
    over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    var shard = self
    do throws(LossError) {
      let pass = Result { () throws(LossError) in
        try shard.check(classAxis: classAxis)
        return try shard.evaluate(
          inputs, reduction: .unreduced, classAxis: classAxis, in: element, threads: threads,
          domainChecks: domainChecks
        ).value
      }
      let messages = try group.exchange { () throws(LossError) in
        try shard.message(pass.get(), reduction)
      }
      try shard.read(messages, pass.get())
      let whole = shard
      let result = try group.agree { () throws(LossError) in
        try whole.evaluate(
          inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
          upstream: upstream, in: element, threads: threads, domainChecks: domainChecks)
      }
      return element == nil ? result.rounded(like: inputs) : result
    } catch {
      throw error.named(name)
    }
  }
}
