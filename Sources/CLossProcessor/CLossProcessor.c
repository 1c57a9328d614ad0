// A target needs a source file; the header has all definitions.
#include "CLossProcessor.h"
