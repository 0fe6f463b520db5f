/* flow/reports_in/waiting.h: mail whose reports wait to be read. A row of the space REPORT for
 * each, put in the transaction that delivers the mail, with a reference of its own to the bytes
 * that are stored then:
 *
 *	'w', number -> what is known of it
 *
 * So nothing waits in memory, and none is lost when the process is killed. Numbers ascend; the
 * first is read and goes, then the next (desk.c). */
#ifndef REPORTS_IN_WAITING_H
#define REPORTS_IN_WAITING_H
#include "foundation/base/err.h"
#include "model/store/blob.h"

struct arena;
struct fsck_report;
struct txn;

struct report_waiting {
	uint64_t number;
	uint64_t begun;      /* how often it was begun to be read            */
	struct blob_id blob; /* the message as it was stored                 */
	bool ours;           /* as of desk.h's report_offer, as the next  */
	struct str id, results;
};

/* It waits behind the others; its number and begun are not looked at. *room: false when there are
 * too many, and it is not there. The blob is there. Errors are the store's. */
enum err report_waiting_put(struct txn *t, const struct report_waiting *w, bool *room) MUST_USE;

/* Begin the first; its texts live in a. ERR_MISSING: none waits. It is not to be read, and is gone,
 * when its number is 0, since it cannot be, and when it was begun more than REPORT_BEGUN_MAX times:
 * then reading it may be what has ended the process each time. */
enum { REPORT_BEGUN_MAX = 3 };
enum err report_waiting_begin(struct txn *t, struct arena *a, struct report_waiting *out) MUST_USE;
/* It was read. */
enum err report_waiting_rm(struct txn *t, const struct report_waiting *w) MUST_USE;

/* For fsck: may such a row be, and to which blobs do they refer? */
bool report_waiting_ok(struct str key, struct str val);
enum err report_waiting_refs(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
