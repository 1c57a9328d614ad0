internal import CLossSection

/// The instruction set that this build needs, and whether the processor has it.
public enum CPUFeatures {
  /// Why this build cannot run here, in one line; nil if it can.
  ///
  /// The trait AVX2, on by default on x86-64, compiles for processors with AVX2 and FMA. A program
  /// can ask before its first loss is computed, instead of ending at an illegal instruction.
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
    "This build needs a processor with \(needed), which this one lacks; build \(remedy)."
  }
}
