#include "losses.h"

#include "CLossPlugin.h"

// The numbers that the interface for callers and that for plug-ins have in common.
_Static_assert(LOSSES_FLOAT32 == LOSS_FLOAT32, "element types differ");
_Static_assert(LOSSES_FLOAT64 == LOSS_FLOAT64, "element types differ");
_Static_assert(LOSSES_INT64 == LOSS_INT64, "element types differ");
_Static_assert(LOSSES_BOOL == LOSS_BOOL, "element types differ");
_Static_assert(LOSSES_FLOAT16 == LOSS_FLOAT16, "element types differ");
_Static_assert(LOSSES_BFLOAT16 == LOSS_BFLOAT16, "element types differ");
_Static_assert(LOSSES_UINT8 == LOSS_UINT8, "element types differ");
_Static_assert(LOSSES_INT8 == LOSS_INT8, "element types differ");
_Static_assert(LOSSES_INT16 == LOSS_INT16, "element types differ");
_Static_assert(LOSSES_UINT16 == LOSS_UINT16, "element types differ");
_Static_assert(LOSSES_INT32 == LOSS_INT32, "element types differ");
_Static_assert(LOSSES_UINT32 == LOSS_UINT32, "element types differ");
