/* flow/delivery/copies.h: a message as it is sent: fitted, signed and sealed, outside of
 * transactions. */
#ifndef DELIVERY_COPIES_H
#define DELIVERY_COPIES_H
#include "flow/delivery/delivery.h"
#include "foundation/base/buf.h"
#include "model/store/spool.h"

struct plan;
struct plan_remote;

/* Preparation of a message in one or more copies that differ in their seal:
 *
 *	copy_begin   fit.h, sign.h
 *	copy_make    one copy
 *	copy_end     always */
struct copy_source {
	const struct delivery *d;
	struct delivery_message m;
	struct spool fitting;
	struct buf signatures;
	unsigned flags; /* enum envelope_flags of the copies */
};
/* m is borrowed. Errors are the store's. */
enum err copy_begin(struct copy_source *s, const struct delivery *d,
                    const struct delivery_message *m, struct why *why) MUST_USE;
/* seal: the local domain that seals it (seal.h), or empty. */
enum err copy_make(const struct copy_source *s, struct str seal, struct blob_draft **out,
                   struct why *why) MUST_USE;
void copy_end(struct copy_source *s);

/* The copies that the remotes of a plan need. Idempotent. */
enum err copies_make(struct plan *p, struct why *why) MUST_USE;
const struct blob_draft *copies_draft(const struct plan *p, const struct plan_remote *r);
void copies_free(struct delivery_copies *copies);

#endif
