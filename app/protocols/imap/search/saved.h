/* protocols/imap/search/saved.h: the search result that the client refers to as "$" (RFC
 * 5182). It belongs to the selected mailbox. Expunged messages stay in it and match
 * nothing. */
#ifndef IMAP_SAVED_H
#define IMAP_SAVED_H
#include "formats/imap_wire/seq.h"
#include "foundation/base/err.h"
#include "model/mailbox/uids.h"

struct imap;

/* The result of a searching command; UIDs. Its answer covers all of it, unless only MIN,
 * MAX or a part was requested (RFC 4731 3.2, RFC 5182 2.1, RFC 9394 3.2). */
struct imap_saving {
	unsigned returns; /* enum imap_search_return */
	const struct uids *found;
	struct imap_seq part; /* the answer of PARTIAL; in the command's arena, in any order */
	uint32_t min, max;    /* answers of MIN and MAX, requested or not; 0: nothing was
	                       * found */
};

/* Set "$" to the messages that the answer covers. */
void imap_saved_take(struct imap *s, struct imap_saving *save);
/* The greatest modseq of the messages that the answer covers (RFC 7162 3.1.5, 3.1.10); 0:
 * none. */
enum err imap_saved_modseq(struct imap *s, struct imap_saving *save, uint64_t *modseq) MUST_USE;
/* Replace "$" by a copy of uids; NULL: by the empty set (RFC 5182 2.1). */
void imap_saved_set(struct imap *s, const struct uids *uids);
/* A searching command with these options has failed with s->reply. NO empties "$", BAD
 * leaves it unchanged (RFC 5182 2.1). */
void imap_saved_failed(struct imap *s, unsigned returns);
/* Replace a set "$" by a resolved set of UIDs in the command's arena. True: it was
 * "$". */
bool imap_saved_resolve(struct imap *s, struct imap_seq *set);

#endif
