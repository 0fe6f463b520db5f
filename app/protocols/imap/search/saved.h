/* protocols/imap/search/saved.h: the result of a SEARCH that the client refers to as "$" (RFC
 * 5182). It belongs to the selected mailbox. Messages of it that are gone stay in it and match
 * nothing. */
#ifndef IMAP_SAVED_H
#define IMAP_SAVED_H
#include "formats/imap_wire/seq.h"
#include "foundation/base/err.h"
#include "model/mailbox/uids.h"

struct imap;

/* What a searching command found; UIDs. Its answer names all of it, unless only the ends or a part
 * were asked for (RFC 4731 3.2, RFC 5182 2.1, RFC 9394 3.2). */
struct imap_saving {
	unsigned returns; /* enum imap_search_return */
	const struct uids *found;
	struct imap_seq part; /* what PARTIAL answered; in the command's arena, in any order */
	uint32_t min, max;    /* what MIN and MAX answered, or would; 0: nothing was found   */
};

/* What the answer names is "$" from now on. */
void imap_saved_take(struct imap *s, struct imap_saving *save);
/* The greatest modseq of what the answer names (RFC 7162 3.1.5, 3.1.10); 0: it names nothing. */
enum err imap_saved_modseq(struct imap *s, struct imap_saving *save, uint64_t *modseq) MUST_USE;
/* Replace it by a copy of uids, or by the empty set when uids is NULL (RFC 5182 2.1). */
void imap_saved_set(struct imap *s, const struct uids *uids);
/* A searching command with these options has failed, s->reply says how: after NO it is empty, after
 * BAD what it was (RFC 5182 2.1). */
void imap_saved_failed(struct imap *s, unsigned returns);
/* A set "$" becomes a resolved set of UIDs, in the command's arena; true when it was one. */
bool imap_saved_resolve(struct imap *s, struct imap_seq *set);

#endif
