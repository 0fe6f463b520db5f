/* flow/reports_out/dmarc.h: a DMARC aggregate report (RFC 7489 7.2): what the rows of a domain's
 * day come to. For this folder only. */
#ifndef REPORTS_OUT_DMARC_H
#define REPORTS_OUT_DMARC_H
#include "flow/reports_out/row.h"

struct arena;
struct store;

/* A domain of which something was counted. */
struct out_dmarc_at {
	uint32_t day;
	struct str domain;
};

/* A row as it was read: more may be counted in it before the report is sent. */
struct out_dmarc_read {
	struct str key;
	uint64_t count;
};

struct out_dmarc {
	struct report_dmarc about;
	struct dmarc_record record; /* borrows from head */
	struct out_head head;
	struct buf file;   /* XML, packed */
	uint64_t left_out; /* rows for which there was no room; they are among those read */
	struct out_dmarc_read *read;
	size_t read_count;
};

/* The next domain behind this one, in the order of days; the empty one is before all of its day.
 * ERR_MISSING: there is none. domain lives in a. */
enum err out_dmarc_next(struct txn *t, const struct out_dmarc_at *behind, struct arena *a,
                        struct out_dmarc_at *out) MUST_USE;
enum err out_dmarc_head(struct txn *t, const struct out_dmarc_at *at, struct arena *a,
                        struct out_head *out) MUST_USE;

/* Make the report up to end_s; out->about has organization and email. Strings live in a; file is to
 * be deinited, whatever is returned. ERR_MISSING: there is nothing to be told. */
enum err out_dmarc_make(struct store *store, const struct out_dmarc_at *at, int64_t end_s,
                        struct arena *a, struct out_dmarc *out) MUST_USE;

struct out_dmarc_done {
	const struct out_dmarc_at *at;
	const struct out_dmarc *report;
	int64_t again_s; /* when the next report begins                          */
	bool over;       /* the day is: without a row the domain is forgotten too */
};
/* Forget what was read for the report, nothing when out_dmarc_make found nothing: what was counted
 * since stays. ERR_MISSING: another report was made of it. */
enum err out_dmarc_forget(struct txn *t, const struct out_dmarc_done *d) MUST_USE;

#endif
