internal import CLosses
internal import LossBoosting
internal import LossCore

/// A value behind a pointer of losses.h, which the caller releases.
final class Handle<Value: Sendable>: Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }

  /// The pointer that the caller gets.
  func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// The value behind a pointer.
  static func value(_ pointer: OpaquePointer?, _ subject: String) throws(LossError) -> Value {
    guard let pointer else { throw .argument(subject, "is null") }
    return Unmanaged<Handle<Value>>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
      .value
  }

  static func release(_ pointer: OpaquePointer?) {
    guard let pointer else { return }
    Unmanaged<Handle<Value>>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}

/// A loss that was made for a caller.
struct MadeLoss: Sendable {
  let loss: ConfiguredLoss
  /// The roles by position, which a call would have to collect.
  let arguments: [Role]

  init(_ loss: ConfiguredLoss) {
    self.loss = loss
    arguments = loss.arguments
  }
}

typealias LossHandle = Handle<MadeLoss>
typealias RegistryHandle = Handle<LossRegistry>
typealias ObjectiveHandle = Handle<BoostingObjective>

/// The registry behind a pointer; that of the linked losses for null.
func registry(_ pointer: OpaquePointer?) throws(LossError) -> LossRegistry {
  try pointer == nil ? .linked : RegistryHandle.value(pointer, "registry")
}
