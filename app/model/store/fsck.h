/* model/store/fsck.h: checks of the invariants of a store's rows.
 *
 * Every folder with key spaces has a struct fsck_check; console/server collects them in a table.
 * All run in one read transaction, so a running server does not disturb them. */
#ifndef STORE_FSCK_H
#define STORE_FSCK_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/map.h"

struct blob_id;
struct store;
struct txn;

struct fsck_report {
	/* Called with each finding, a clause without a full stop; may be NULL. */
	void (*say)(void *arg, const char *check, struct str sentence);
	void *arg;
	uint64_t findings;
	/* private */
	const char *check;
	struct map blob_refs; /* hash -> references seen, as an integer */
};

struct fsck_check {
	const char *name; /* the folder's */
	/* Check the folder's rows; call fsck_found for each inconsistency. Returns an error only
	 * when it cannot read. */
	enum err (*run)(struct txn *t, struct fsck_report *r);
	/* Call fsck_blob_ref once for each blob reference in the folder's rows, also in
	 * inconsistent ones; NULL when it has none. */
	enum err (*blob_refs)(struct txn *t, struct fsck_report *r);
};

/* Report a finding: fsck_found(r, "mailbox %u of account %u counts %u messages, has %u"). */
void fsck_found(struct fsck_report *r, const char *fmt, ...) PRINTF(2, 3);
/* A row of the running check refers to this blob. */
void fsck_blob_ref(struct fsck_report *r, const struct blob_id *id);

/* Run the store's own checks and the given ones. The caller sets report's say and arg, the rest is
 * zeroed. Returns OK when everything could be read, independent of findings: see report->findings.
 * Memory: about 100 bytes for each blob. */
enum err fsck_run(struct store *s, const struct fsck_check *checks, size_t count,
                  struct fsck_report *report, struct why *why) MUST_USE;

#endif
