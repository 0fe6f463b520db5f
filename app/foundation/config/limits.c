/* foundation/config/limits.c: see limits.h. */
#include "foundation/config/limits.h"

const struct limit_row limit_rows[] = {
#define LIMIT(name, value, unit, protects, reply) { #name, value, #unit, protects, reply },
#include "foundation/config/limits.def"
#undef LIMIT
};

const size_t limit_row_count = COUNT(limit_rows);
