/* foundation/observe/stamp.h: UTC time in the form of RFC 3339 with milliseconds. */
#ifndef OBSERVE_STAMP_H
#define OBSERVE_STAMP_H
#include "foundation/base/util.h"

enum { STAMP_SIZE = 32 };

/* "2026-01-31T12:00:00.123Z", NUL-terminated. real_ms is since 1970; years 1970-9999. */
void stamp_utc(int64_t real_ms, char out[STAMP_SIZE]);

#endif
