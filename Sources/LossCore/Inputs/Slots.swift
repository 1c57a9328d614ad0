/// Room for a few values inside a struct, so that a call needs no array for its inputs.
public struct Slots<Value> {
  /// How many values there is room for: more than any loss has inputs.
  public static var capacity: Int { 8 }

  @usableFromInline var values: (Value?, Value?, Value?, Value?, Value?, Value?, Value?, Value?) = (
    nil, nil, nil, nil, nil, nil, nil, nil
  )

  /// Empty slots.
  @inlinable public init() {}

  /// The value in a slot; nil if the slot is empty or does not exist.
  @inlinable @inline(__always)
  public subscript(index: Int) -> Value? {
    get {
      switch index {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      case 3: values.3
      case 4: values.4
      case 5: values.5
      case 6: values.6
      case 7: values.7
      default: nil
      }
    }
    set {
      switch index {
      case 0: values.0 = newValue
      case 1: values.1 = newValue
      case 2: values.2 = newValue
      case 3: values.3 = newValue
      case 4: values.4 = newValue
      case 5: values.5 = newValue
      case 6: values.6 = newValue
      case 7: values.7 = newValue
      default: break
      }
    }
  }
}
