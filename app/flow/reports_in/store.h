/* flow/reports_in/store.h: reports of others in the store. Errors are the store's unless said. */
#ifndef REPORTS_IN_STORE_H
#define REPORTS_IN_STORE_H
#include "flow/reports_in/sums.h"

struct report_draft;

enum report_put {
	REPORT_PUT_TAKEN,
	REPORT_PUT_KNOWN,   /* it has come before, or one that is as good */
	REPORT_PUT_FOREIGN, /* it is about no domain of ours              */
	REPORT_PUT_FULL,    /* too many have come today                   */
	REPORT_PUT_FLOOD,   /* too many of its author's organization have */
};

/* Keep it; sums are added when it is proven. d's head gets its domain and id. */
enum err report_in_put(struct txn *t, struct report_draft *d, enum report_put *how) MUST_USE;

/* The head; texts live in a. ERR_MISSING. */
enum err report_in_get(struct txn *t, uint64_t id, struct arena *a, struct report_in *out) MUST_USE;

/* Its rows in order; fn says false to end. ERR_CORRUPT: one cannot be read. */
typedef bool report_in_row_fn(void *arg, struct str record);
enum err report_in_rows_each(struct txn *t, uint64_t id, report_in_row_fn *fn, void *arg) MUST_USE;

/* Forget it, and take it off the sums. ERR_MISSING. */
enum err report_in_rm(struct txn *t, uint64_t id) MUST_USE;
/* Forget up to max of those that came before; the sums stay. *more: there are others. */
enum err report_in_expire(struct txn *t, int64_t before_ms, size_t max, bool *more) MUST_USE;

struct report_in_query {
	int kind;           /* enum report_kind, or -1 for any         */
	struct str domain;  /* this one; empty: all that keep says     */
	int64_t since_ms;   /* received then or later                  */
	int64_t begun_ms;   /* it tells of nothing before              */
	uint64_t before;    /* 0, or the last of the page before       */
	size_t max;
	bool (*keep)(void *arg, struct str domain); /* NULL: all */
	void *arg;
};
struct report_in_list {
	struct report_in *items; /* newest first; in a */
	size_t count;
	uint64_t next; /* 0: there is none more */
};
/* Looks at LIMIT_report_in_look rows at most: then there is more, whatever count is. */
enum err report_in_find(struct txn *t, const struct report_in_query *q, struct arena *a,
                        struct report_in_list *out) MUST_USE;

/* For fsck: each row of the space, taken apart. */
bool report_in_head_parse(struct str val, struct report_in *out);
enum { REPORT_IN_HASH = 16 };
/* By which one is known again. */
void report_in_hash(const struct report_in *r, bool proven, uint8_t out[REPORT_IN_HASH]);

#endif
