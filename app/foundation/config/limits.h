/* foundation/config/limits.h: LIMIT_name constants from limits.def. */
#ifndef CONFIG_LIMITS_H
#define CONFIG_LIMITS_H
#include "foundation/base/util.h"

enum {
#define LIMIT(name, value, unit, protects, reply) LIMIT_##name = (value),
#include "foundation/config/limits.def"
#undef LIMIT
};

struct limit_row {
	const char *name;
	int64_t value;
	const char *unit;
	const char *protects;
	const char *reply;
};

/* The table itself, for docs and the web interface. Static storage. */
extern const struct limit_row limit_rows[];
extern const size_t limit_row_count;

#endif
