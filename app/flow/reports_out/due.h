/* flow/reports_out/due.h: the rows of the space report_due: the state of each outgoing
 * report, and the next attempt of pending ones. A row is written in the transaction that
 * queues the report, so no report is lost or sent twice. */
#ifndef REPORTS_OUT_DUE_H
#define REPORTS_OUT_DUE_H
#include "flow/reports_in/kind.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct fsck_report;
struct txn;

/* Stored: the numbers do not change. */
enum out_state {
	OUT_WAITING, /* not sent yet                           */
	OUT_SENT,    /* queued for at least one recipient      */
	OUT_UNSENT,  /* no recipient accepts it, or all failed */
	OUT_STATES
};
/* "waiting", "sent", "unsent"; static. */
const char *out_state_name(enum out_state state);

struct out_to {
	struct str to; /* an address, or other text from the record */
	bool sent;
	struct str why; /* reason if not sent */
};

enum { OUT_TO_MAX = 8, OUT_DOMAIN_MAX = 255 };
struct out_due {
	int64_t begin_s, end_s; /* period of the report */
	enum report_kind kind;
	struct str domain;
	enum out_state state;
	int64_t when_ms; /* when it was sent or given up; OUT_WAITING: the next attempt */
	uint64_t attempts;
	uint64_t messages; /* counted in it; or sessions   */
	uint64_t bytes;    /* compressed                   */
	struct str id;     /* of the report                */
	struct str why;    /* for administrators; or empty */
	struct out_to to[OUT_TO_MAX];
	size_t to_count;
};

/* ERR_MISSING. Strings live in a. */
enum err out_due_get(struct txn *t, int64_t begin_s, enum report_kind kind, struct str domain,
                     struct arena *a, struct out_due *out) MUST_USE;
enum err out_due_put(struct txn *t, const struct out_due *d) MUST_USE;
/* Remove those that ended earlier; at most max at a time. */
enum err out_due_expire(struct txn *t, int64_t before_s, size_t max) MUST_USE;

/* The latest first, until fn returns false; below: only those whose key is lower, as of
 * out_due_key_text; empty: all. Strings are borrowed during fn. */
enum err out_due_each(struct txn *t, struct str below,
                      bool (*fn)(const struct out_due *d, void *arg), void *arg) MUST_USE;
/* "1793836800/dmarc/example.org"; in a. */
struct str out_due_key_text(struct arena *a, const struct out_due *d);

/* For fsck. */
enum err out_due_check(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
