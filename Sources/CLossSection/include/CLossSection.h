#ifndef C_LOSS_SECTION_H
#define C_LOSS_SECTION_H

// The bounds of the linker section that holds one record per linked plug-in.
//
// The linker defines these symbols if the section exists. They are weak, so that a program without
// plug-ins links and finds an empty range, and hidden, so that a program and a shared library that
// it loads each see their own section.

#if defined(__ELF__)
extern const void *const __start_loss_plugins[] __attribute__((weak, visibility("hidden")));
extern const void *const __stop_loss_plugins[] __attribute__((weak, visibility("hidden")));

static inline const void *const *loss_plugins_start(void) { return __start_loss_plugins; }
static inline const void *const *loss_plugins_stop(void) { return __stop_loss_plugins; }
#elif defined(__APPLE__)
extern const void *const loss_plugins_first[] __asm("section$start$__DATA$__loss_plugins");
extern const void *const loss_plugins_end[] __asm("section$end$__DATA$__loss_plugins");

static inline const void *const *loss_plugins_start(void) { return loss_plugins_first; }
static inline const void *const *loss_plugins_stop(void) { return loss_plugins_end; }
#else
static inline const void *const *loss_plugins_start(void) { return 0; }
static inline const void *const *loss_plugins_stop(void) { return 0; }
#endif

#endif
