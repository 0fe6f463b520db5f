/* flow/reports_out/dmarc.h: a DMARC aggregate report (RFC 7489 7.2) from the rows of a
 * domain's day. For this folder only. */
#ifndef REPORTS_OUT_DMARC_H
#define REPORTS_OUT_DMARC_H
#include "flow/reports_out/row.h"

struct arena;
struct store;

/* A domain with counted messages. */
struct out_dmarc_at {
	uint32_t day;
	struct str domain;
};

/* A row as it was read: more may be added to it before the report is sent. */
struct out_dmarc_read {
	struct str key;
	uint64_t count;
};

struct out_dmarc {
	struct report_dmarc about;
	struct dmarc_record record; /* borrows from head */
	struct out_head head;
	struct buf file;   /* XML, compressed */
	uint64_t left_out; /* rows omitted because room is missing; they are in read */
	struct out_dmarc_read *read;
	size_t read_count;
};

/* The next domain after behind, in the order of days; an empty one precedes all of its
 * day. ERR_MISSING: there is none. domain lives in a. */
enum err out_dmarc_next(struct txn *t, const struct out_dmarc_at *behind, struct arena *a,
                        struct out_dmarc_at *out) MUST_USE;
enum err out_dmarc_head(struct txn *t, const struct out_dmarc_at *at, struct arena *a,
                        struct out_head *out) MUST_USE;

/* Make the report up to end_s; out->about has organization and email. Strings live in a;
 * deinit file in any case. ERR_MISSING: nothing was counted. */
enum err out_dmarc_make(struct store *store, const struct out_dmarc_at *at, int64_t end_s,
                        struct arena *a, struct out_dmarc *out) MUST_USE;

struct out_dmarc_done {
	const struct out_dmarc_at *at;
	const struct out_dmarc *report;
	int64_t again_s; /* begin of the next report                                */
	bool over;       /* the day has ended: a domain without rows is removed too */
};
/* Subtract what the report has, nothing if out_dmarc_make found nothing; later counts
 * stay. ERR_MISSING: another report has subtracted it. */
enum err out_dmarc_forget(struct txn *t, const struct out_dmarc_done *d) MUST_USE;

#endif
