#ifndef C_LOSS_PROCESSOR_H
#define C_LOSS_PROCESSOR_H

#include <stdlib.h>

// Prefetches the cache line of an address that will be read soon. This is only a hint: the address
// need not be valid. Swift has no equivalent.
static inline __attribute__((always_inline)) void loss_prefetch(const void *address) {
  __builtin_prefetch(address);
}

// Whether the processor, and the system, have the instruction sets that functions are compiled for.
#if defined(__x86_64__)
static inline int loss_processor_has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static inline int loss_processor_has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#else
static inline int loss_processor_has_avx2(void) { return 0; }
static inline int loss_processor_has_avx512(void) { return 0; }
#endif

// The largest vectors that the environment allows, in bits; 512 unless LOSSES_VECTOR_BITS says less.
static inline int loss_allowed_vector_bits(void) {
  const char *bits = getenv("LOSSES_VECTOR_BITS");
  return bits != NULL && *bits != 0 ? atoi(bits) : 512;
}

#endif
