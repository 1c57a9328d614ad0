#ifndef C_LOSS_MEMORY_H
#define C_LOSS_MEMORY_H

// Prefetches the cache line of an address that will be read soon. This is only a hint: the address
// need not be valid. Swift has no equivalent.
static inline __attribute__((always_inline)) void loss_prefetch(const void *address) {
  __builtin_prefetch(address);
}

#endif
