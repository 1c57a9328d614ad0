public import CLosses
internal import LossBoosting
internal import LossCore
internal import LossFunctions
internal import LossPluginABI

// The functions of losses.h, which describes them.

@c @implementation
public func losses_version_v1(_ text: UnsafeMutablePointer<losses_text_v1>!) {
  text?.pointee.write(libraryVersion)
}

@c @implementation
public func losses_registry_make_v1(
  _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int64,
  _ result: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    guard let result else { throw .argument("registry", "is null") }
    guard count >= 0, count < 1 << 16, count == 0 || paths != nil else {
      throw .argument("paths", "have the count \(count)")
    }
    var plugins = LossRegistry.linked.plugins
    for path in UnsafeBufferPointer(start: paths, count: Int(count)) {
      plugins.append(try LossPlugin(contentsOf: required(path, "path")))
    }
    result.pointee = try RegistryHandle(LossRegistry(plugins)).retained()
  }
}

@c @implementation
public func losses_registry_release_v1(_ pointer: OpaquePointer!) {
  RegistryHandle.release(pointer)
}

@c @implementation
public func losses_list_v1(
  _ pointer: OpaquePointer!, _ text: UnsafeMutablePointer<losses_text_v1>!,
  _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    try write(registry(pointer).listing, to: text)
  }
}

@c @implementation
public func losses_search_v1(
  _ pointer: OpaquePointer!, _ word: UnsafePointer<CChar>!,
  _ text: UnsafeMutablePointer<losses_text_v1>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    let entries = try registry(pointer).search(required(word, "word"))
    try write(entries.map(\.metadata.name).optionValue, to: text)
  }
}

@c @implementation
public func losses_describe_v1(
  _ pointer: OpaquePointer!, _ name: UnsafePointer<CChar>!,
  _ text: UnsafeMutablePointer<losses_text_v1>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    try write(registry(pointer).description(of: required(name, "name")), to: text)
  }
}

@c @implementation
public func losses_make_v1(
  _ pointer: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ options: UnsafePointer<CChar>!,
  _ reduction: UnsafePointer<CChar>!, _ classAxis: UnsafePointer<Int64>!,
  _ result: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    guard let result else { throw .argument("loss", "is null") }
    let name = try required(name, "name")
    let value = try options.map { (text) throws(LossError) in
      try OptionValue(json: String(cString: text).utf8)
    }
    guard case .object(let values) = value ?? [:] else {
      throw .argument("options", "are \((value ?? .null).text)")
    }
    let reduction = try reduction.map { (text) throws(LossError) in
      try Reduction(text: String(cString: text))
    }
    let loss = try registry(pointer).loss(
      named: name, options: values, reduction: reduction,
      classAxis: classAxis.map { Int($0.pointee) })
    result.pointee = LossHandle(MadeLoss(loss)).retained()
  }
}

@c @implementation
public func losses_release_v1(_ pointer: OpaquePointer!) { LossHandle.release(pointer) }

@c @implementation
public func losses_loss_describe_v1(
  _ pointer: OpaquePointer!, _ text: UnsafeMutablePointer<losses_text_v1>!,
  _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    try write(LossHandle.value(pointer, "loss").loss.manifestOfConfiguration, to: text)
  }
}

@c @implementation
public func losses_evaluate_v1(
  _ pointer: OpaquePointer!, _ call: UnsafePointer<losses_call_v1>!,
  _ value: UnsafeMutablePointer<losses_value_v1>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    let made = try LossHandle.value(pointer, "loss")
    do throws(LossError) {
      try LibraryCall.run(made, call, into: value)
    } catch {
      throw error.named(made.loss.name)
    }
  }
}

@c @implementation
public func losses_objective_make_v1(
  _ pointer: OpaquePointer!, _ settings: UnsafePointer<CChar>!,
  _ result: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    guard let result else { throw .argument("objective", "is null") }
    let loss = try LossHandle.value(pointer, "loss").loss
    let objective = try BoostingObjective(loss, settings: settings.map { String(cString: $0) })
    result.pointee = ObjectiveHandle(objective).retained()
  }
}

@c @implementation
public func losses_objective_release_v1(_ pointer: OpaquePointer!) {
  ObjectiveHandle.release(pointer)
}

@c @implementation
public func losses_objective_derivatives_v1(
  _ pointer: OpaquePointer!, _ scores: UnsafePointer<losses_tensor_v1>!,
  _ target: UnsafePointer<losses_tensor_v1>!, _ weight: UnsafePointer<losses_tensor_v1>!,
  _ gradient: UnsafePointer<losses_tensor_v1>!, _ curvature: UnsafePointer<losses_tensor_v1>!,
  _ threads: Int32, _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    try ObjectiveHandle.value(pointer, "objective").derivatives(
      tensor(scores, "scores"), tensor(target, "target"),
      weight == nil ? nil : tensor(weight, "weight"), into: tensor(gradient, "gradient"),
      tensor(curvature, "curvature"), threads: Int(threads))
  }
}

@c @implementation
public func losses_objective_initial_score_v1(
  _ pointer: OpaquePointer!, _ target: UnsafePointer<losses_tensor_v1>!,
  _ weight: UnsafePointer<losses_tensor_v1>!, _ scores: UnsafeMutablePointer<losses_value_v1>!,
  _ error: UnsafeMutablePointer<losses_error_v1>!
) -> Int32 {
  perform(error) { () throws(LossError) in
    guard let scores else { throw .argument("scores", "is null") }
    try ObjectiveHandle.value(pointer, "objective").initialScore(
      tensor(target, "target"), weight == nil ? nil : tensor(weight, "weight"),
      into: &scores.pointee)
  }
}

private func write(
  _ value: OptionValue, to text: UnsafeMutablePointer<losses_text_v1>?
) throws(LossError) {
  guard let text else { throw .argument("text", "is null") }
  text.pointee.write(value.json)
}

private func tensor(
  _ tensor: UnsafePointer<losses_tensor_v1>?, _ subject: String
) throws(LossError) -> TensorMemory {
  guard let tensor else { throw .argument(subject, "is null") }
  return try TensorMemory(tensor.pointee, subject: subject)
}
