/* flow/reports_out/gather.h: gathers messages before they are written into rows (row.h).
 * Equal ones are summed in memory, and all are written together every few seconds; a kill
 * loses those seconds. Thread-safe. For this folder only. */
#ifndef REPORTS_OUT_GATHER_H
#define REPORTS_OUT_GATHER_H
#include "foundation/base/arena.h"
#include "foundation/base/map.h"

struct out_gather;

/* Messages of a day (UTC, since 1970) and a domain with the same same. The rest is of the
 * first. */
struct out_gathered {
	uint32_t day;
	int64_t begin_s;
	struct str domain, record, same, packed;
	uint64_t count;
};

/* max: most distinct ones. */
struct out_gather *out_gather_new(size_t max) MUST_USE;
/* Ungathered counts are lost. NULL is a no-op; clears *g. */
void out_gather_free(struct out_gather **g);

/* Set all members of out for a message of now_ms but same and packed; count is 1. False:
 * no reports about such a domain, or by such a record. Borrows both. */
bool out_gathered_begin(struct str domain, struct str record, int64_t now_ms,
                        struct out_gathered *out);

/* Add to an equal entry. False: there is none, and *full says whether out_gather_add
 * would fail. */
bool out_gather_again(struct out_gather *g, const struct out_gathered *one, bool *full);
/* Add to an equal entry or a new one. Copies. False: there is no room. */
bool out_gather_add(struct out_gather *g, const struct out_gathered *one);

/* The gathered entries, by day, domain and same. */
struct out_gathering {
	struct out_gathered **items;
	size_t count;
	struct arena arena;
	struct map map;
};
/* Take all entries; NULL: none. */
struct out_gathering *out_gather_take(struct out_gather *g) MUST_USE;
/* NULL is a no-op; clears *g. */
void out_gathering_free(struct out_gathering **g);

#endif
