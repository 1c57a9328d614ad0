internal import CLossProcessor

/// The instruction sets that this build requires.
public enum CPUFeatures {
  /// The reason why this build cannot run on this processor, in one line; nil if it can.
  ///
  /// The trait AVX2, on by default on x86-64, compiles for processors with AVX2 and FMA. A program
  /// can check this before it evaluates a loss, instead of crashing at an illegal instruction.
  public static var missingRequirement: String? {
    #if LOSSES_AVX512
      if loss_processor_has_avx512() == 0 { return message("AVX-512", "without the trait AVX512") }
    #endif
    #if LOSSES_FMA
      if loss_processor_has_avx2() == 0 {
        return message("AVX2 and FMA", "with --disable-default-traits")
      }
    #endif
    return nil
  }

  private static func message(_ needed: String, _ remedy: String) -> String {
    "This build requires a processor with \(needed), which this one lacks; build \(remedy)."
  }
}
