#include "losses.h"

#include "CLossPlugin.h"

// The numbers that the interface for callers and that for plug-ins have in common.
_Static_assert(LOSSES_FLOAT32 == LOSS_FLOAT32, "element types differ");
_Static_assert(LOSSES_FLOAT64 == LOSS_FLOAT64, "element types differ");
_Static_assert(LOSSES_INT64 == LOSS_INT64, "element types differ");
_Static_assert(LOSSES_BOOL == LOSS_BOOL, "element types differ");
