/* report/in_kept.h: mail that still waits to be read when the server stops; it is read when it
 * starts again. Rows of the space REPORT:
 *
 *	'w', number, 0     -> what is known of it, and how many bytes it has
 *	'w', number, 1...  -> its bytes, in pieces */
#ifndef REPORT_IN_KEPT_H
#define REPORT_IN_KEPT_H
#include "base/buf.h"
#include "report/in_desk.h"

struct txn;

struct report_kept {
	uint64_t number;
	struct buf head, raw;
	struct report_offer offer; /* borrows from them */
};
void report_kept_init(struct report_kept *k);
void report_kept_deinit(struct report_kept *k);

/* Keep one, behind those that are kept. Errors are the store's. */
enum err report_kept_put(struct txn *t, const struct report_offer *o) MUST_USE;
/* The first of them. ERR_MISSING: there is none; ERR_CORRUPT: number is known, the rest is not. */
enum err report_kept_get(struct txn *t, struct report_kept *k) MUST_USE;
enum err report_kept_rm(struct txn *t, uint64_t number) MUST_USE;

/* For fsck: may such a row be, by its key? */
bool report_kept_key_ok(struct str key);

#endif
