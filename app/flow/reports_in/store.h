/* flow/reports_in/store.h: stored incoming reports. Errors are the store's unless
 * stated. */
#ifndef REPORTS_IN_STORE_H
#define REPORTS_IN_STORE_H
#include "flow/reports_in/sums.h"

struct report_draft;

enum report_put {
	REPORT_PUT_TAKEN,
	REPORT_PUT_KNOWN,   /* a duplicate, or a better one exists   */
	REPORT_PUT_FOREIGN, /* about no local domain                 */
	REPORT_PUT_FULL,    /* too many today                        */
	REPORT_PUT_FLOOD,   /* too many of its author's organization */
};

/* Store it; a proven one is added to the sums. Sets domain and id of d's head. */
enum err report_in_put(struct txn *t, struct report_draft *d, enum report_put *how) MUST_USE;

/* The head; texts live in a. ERR_MISSING. */
enum err report_in_get(struct txn *t, uint64_t id, struct arena *a, struct report_in *out) MUST_USE;

/* Pass its rows in order to fn until it returns false. ERR_CORRUPT: a row is
 * unreadable. */
typedef bool report_in_row_fn(void *arg, struct str record);
enum err report_in_rows_each(struct txn *t, uint64_t id, report_in_row_fn *fn, void *arg) MUST_USE;

/* Remove it, and subtract it from the sums. ERR_MISSING. */
enum err report_in_rm(struct txn *t, uint64_t id) MUST_USE;
/* Remove up to max reports older than before_ms; the sums stay. *more: some are left. */
enum err report_in_expire(struct txn *t, int64_t before_ms, size_t max, bool *more) MUST_USE;

struct report_in_query {
	int kind;           /* enum report_kind, or -1 for any        */
	struct str domain;  /* this one; empty: all that keep allows  */
	int64_t since_ms;   /* received then or later                 */
	int64_t begun_ms;   /* period begins then or later            */
	uint64_t before;    /* 0, or the last id of the previous page */
	size_t max;
	bool (*keep)(void *arg, struct str domain); /* NULL: all */
	void *arg;
};
struct report_in_list {
	struct report_in *items; /* newest first; in a */
	size_t count;
	uint64_t next; /* 0: no further page */
};
/* Visits LIMIT_report_in_look rows at most: then next is set, whatever count is. */
enum err report_in_find(struct txn *t, const struct report_in_query *q, struct arena *a,
                        struct report_in_list *out) MUST_USE;

/* For fsck: parse a row of the space. */
bool report_in_head_parse(struct str val, struct report_in *out);
enum { REPORT_IN_HASH = 16 };
/* Identifies duplicates. */
void report_in_hash(const struct report_in *r, bool proven, uint8_t out[REPORT_IN_HASH]);

#endif
