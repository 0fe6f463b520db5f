/* model/mailbox/uids.h: a set of UIDs as sorted ranges, appended at its end. */
#ifndef MAILBOX_UIDS_H
#define MAILBOX_UIDS_H
#include "foundation/base/util.h"

struct uid_range {
	uint32_t lo, hi; /* inclusive; 1 <= lo <= hi */
};

struct uids {
	struct uid_range *ranges; /* ascending, with a gap between them */
	size_t n;
	size_t cap;
	uint32_t count; /* UIDs in all ranges */
};

/* An all-zero struct uids is a valid empty one. */
void uids_deinit(struct uids *u);
/* Empty, keeping the memory. */
void uids_reset(struct uids *u);
/* Move from's UIDs to out, which is empty. */
void uids_take(struct uids *from, struct uids *out);

/* Add lo to hi; lo must be greater than every UID added before. */
void uids_add(struct uids *u, uint32_t lo, uint32_t hi);
/* Append to out, whose UIDs are smaller, n UIDs of u after the first skip; fewer at its end. */
void uids_slice(const struct uids *u, uint32_t skip, uint32_t n, struct uids *out);
/* Add the UIDs of more, remove those of less, or keep only those that are also in other. Costs the
 * ranges of both. */
void uids_unite(struct uids *u, const struct uids *more);
void uids_subtract(struct uids *u, const struct uids *less);
void uids_intersect(struct uids *u, const struct uids *other);
bool uids_has(const struct uids *u, uint32_t uid);

/* All UIDs: for operations on a whole mailbox. Static storage; read only. */
extern const struct uids uids_all;

#endif
