/* imap/saved.h: the result of a SEARCH that the client refers to as "$" (RFC 5182). It belongs to
 * the selected mailbox. Messages of it that are gone stay in it and match nothing. */
#ifndef IMAP_SAVED_H
#define IMAP_SAVED_H
#include "mailbox/uids.h"

struct imap;
struct imap_seq;

/* Replace it by a copy of uids, or by the empty set when uids is NULL (RFC 5182 2.1). */
void imap_saved_set(struct imap *s, const struct uids *uids);
/* A set "$" becomes a resolved set of UIDs, in the command's arena; true when it was one. */
bool imap_saved_resolve(struct imap *s, struct imap_seq *set);

#endif
