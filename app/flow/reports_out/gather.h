/* flow/reports_out/gather.h: messages on their way into rows (row.h).
 *
 * They gather in memory, those that agree in one place, and are written together each few seconds;
 * what lies in between is lost by a kill. Thread-safe. For this folder only. */
#ifndef REPORTS_OUT_GATHER_H
#define REPORTS_OUT_GATHER_H
#include "foundation/base/arena.h"
#include "foundation/base/map.h"

struct out_gather;

/* Messages of a day (UTC, since 1970) and a domain that agree in same. The rest is of the first. */
struct out_gathered {
	uint32_t day;
	int64_t begin_s;
	struct str domain, record, same, packed;
	uint64_t count;
};

/* max: so many that differ. */
struct out_gather *out_gather_new(size_t max) MUST_USE;
/* What was not taken is lost. NULL is a no-op; clears *g. */
void out_gather_free(struct out_gather **g);

/* Those that agree with the first message of now, but for same, packed and its count of one. False:
 * there is no report about such a domain, or by such a record. Borrows both. */
bool out_gathered_begin(struct str domain, struct str record, int64_t now_ms,
                        struct out_gathered *out);

/* Count it where some agree with it already. False: nothing does, and then *full tells whether
 * out_gather_add would find room. */
bool out_gather_again(struct out_gather *g, const struct out_gathered *one, bool *full);
/* Count it in any case. Copies. False: there is no room. */
bool out_gather_add(struct out_gather *g, const struct out_gathered *one);

/* What has gathered, by day, domain and same. */
struct out_gathering {
	struct out_gathered **items;
	size_t count;
	struct arena arena;
	struct map map;
};
/* All there is; NULL: nothing. */
struct out_gathering *out_gather_take(struct out_gather *g) MUST_USE;
/* NULL is a no-op; clears *g. */
void out_gathering_free(struct out_gathering **g);

#endif
