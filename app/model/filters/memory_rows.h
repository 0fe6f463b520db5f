/* model/filters/memory_rows.h: rows of FILTER_MEMORY (rows.h). Private to this folder. */
#ifndef FILTERS_MEMORY_ROWS_H
#define FILTERS_MEMORY_ROWS_H
#include "foundation/base/str.h"

struct filter_memory_row {
	uint32_t account;
	char kind; /* 'k', 'u', or 0: the number of keys of the account */
	uint64_t until; /* of 'u' */
	struct str hash; /* borrowed from the key */
};
/* False: it cannot be read. */
bool filter_memory_row_read(struct str key, struct filter_memory_row *out);

#endif
