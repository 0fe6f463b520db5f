/* protocols/imap/search/context.h: results of searching commands that the client follows (RFC 5267
 * 4.3).
 *
 * SEARCH or SORT with RETURN (UPDATE) leaves its program and its results in the session, as a
 * context: until CANCELUPDATE, or until the mailbox is left. What sync.c finds out goes through
 * all of them:
 *
 *	news of the change log     context_take   sets of UIDs: gone, changed
 *	gone, changed              context_tell   ESEARCH with REMOVEFROM and ADDTO, in portions
 *
 * Only what came or changed is looked at, never the mailbox. Two answers can change although no
 * message does: that of a UID set with "*", when the last message is another one, so that one and
 * the one before it are looked at again; and that of OLDER and YOUNGER, as time goes by. With
 * these UPDATE is refused, and with a SORT by RELEVANCY (RFC 6203), for scores are not kept.
 *
 * Of what comes, messages may be fetched for the client (context_fetch.h).
 *
 * A result that is expunged is told by REMOVEFROM at once, its number stays until EXPUNGE may be
 * told (RFC 5267 A.3). */
#ifndef IMAP_CONTEXT_H
#define IMAP_CONTEXT_H
#include "formats/imap_wire/sort.h"
#include "foundation/base/arena.h"
#include "model/mailbox/uids.h"

struct fetching;
struct imap;
struct news;

struct imap_context {
	struct arena arena; /* all of it but found and order */
	struct str tag;     /* of its command                */
	bool uid;           /* told by UIDs, not by numbers  */
	/* No keys: in the order of the mailbox. Message numbers of the program have become UIDs
	 * (RFC 5267 4.3), flags are numbers, sets are resolved. */
	struct imap_sort how;
	bool star;         /* a set of it has a "*"; asked of its step is that set */
	struct uids found; /* the results, as the client has been told them        */
	uint32_t *order;   /* with keys: the same in their order                   */
	size_t cap;
	struct uids added, removed; /* of the portion that is being told */
};

/* Of the selected mailbox. */
struct imap_contexts {
	struct imap_context **items;
	size_t n;
	uint32_t last;             /* greatest UID of the view when "*" was resolved         */
	struct uids gone, changed; /* to be looked at: UIDs, some of no message any more     */
	struct uids fresh; /* those of changed that are to be fetched if they are results    */
	struct fetching *fetching; /* some of them (context_fetch.h); NULL: none             */
	struct arena atts;         /* what of them                                           */
};

/* A searching command begins. False: it is not to run, s->reply says why. When UPDATE is refused
 * it is taken out of what->returns, and the client is told (RFC 5267 4.3.1). Cheap without
 * UPDATE. */
bool imap_context_begin(struct imap *s, struct imap_search *what);
/* The command, whose returns have UPDATE, has found these. order: the same in the order of
 * how->keys; NULL when there are none. All are copied. */
void imap_context_keep(struct imap *s, const struct imap_sort *how, const struct uids *found,
                       const uint32_t *order);
/* False: there is none of that tag. */
bool imap_context_cancel(struct imap *s, struct str tag);
/* What is kept is more than LIMIT_imap_context_results: the last that began end, and the client is
 * told (RFC 5267 4.3.1). */
void imap_contexts_trim(struct imap *s);
/* The client has said that it wants no message numbers any more: those that are told by them end
 * (RFC 9586 3). */
void imap_contexts_uidonly(struct imap *s);
/* All, without a word. Again is a no-op. */
void imap_contexts_end(struct imap *s);

/* What the log says happened: before the view changes by it. */
void imap_contexts_take(struct imap *s, struct news *n);
/* Has something been taken that is not told? Of what has gone, or of all. */
bool imap_contexts_waiting(struct imap *s, bool gone);
/* Tell a portion of it, which fills the output at most once, what has gone first. The view still
 * has what has gone, and has what came. An error of the store leaves it waiting. */
enum err imap_contexts_tell(struct imap *s) MUST_USE;

#endif
