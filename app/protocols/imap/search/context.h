/* protocols/imap/search/context.h: search results that the client follows (RFC 5267
 * 4.3).
 *
 * SEARCH or SORT with RETURN (UPDATE) leaves its program and its results in the session
 * as a context, until CANCELUPDATE or until the mailbox is left. Changes read by sync.c
 * update all contexts:
 *
 *	news of the change log     context_take   sets of UIDs: gone, changed
 *	gone, changed              context_tell   ESEARCH with REMOVEFROM and ADDTO, in portions
 *
 * Only new or changed messages are evaluated, never the mailbox. Two results can change
 * without a change of a message. A UID set with "*" changes with the last message: it and
 * the one before it are evaluated again. OLDER and YOUNGER change with time: they refuse
 * UPDATE, as does SORT by RELEVANCY (RFC 6203), since scores are not kept. New results
 * may be fetched for the client (context_fetch.h).
 *
 * An expunged result is reported by REMOVEFROM at once. Its number stays until EXPUNGE
 * may be sent (RFC 5267 A.3). */
#ifndef IMAP_CONTEXT_H
#define IMAP_CONTEXT_H
#include "formats/imap_wire/sort.h"
#include "foundation/base/arena.h"
#include "model/mailbox/uids.h"
#include "model/query/program.h"

struct fetching;
struct imap;
struct news;

struct imap_context {
	struct arena arena; /* all of it but found and order */
	struct str tag;     /* of its command                */
	bool uid;           /* reports UIDs, not numbers     */
	/* No keys: in mailbox order. Message numbers of the program have become UIDs (RFC
	 * 5267 4.3), flags are numbers, sets are resolved. */
	struct imap_sort how;
	struct query_program program; /* of its search */
	bool star;         /* a set of it has a "*"; the "asked" of its step is that set */
	struct uids found; /* the results as last reported                               */
	uint32_t *order;   /* with keys: the same in their order                         */
	size_t cap;
	struct uids added, removed; /* of the current portion */
};

/* The contexts of the selected mailbox. */
struct imap_contexts {
	struct imap_context **items;
	size_t n;
	uint32_t last;             /* greatest UID of the view when "*" was resolved   */
	struct uids gone, changed; /* to be evaluated: UIDs, some of expunged messages */
	struct uids fresh; /* those of changed to fetch if they are results                  */
	struct fetching *fetching; /* running fetch (context_fetch.h); NULL: none */
	struct arena atts;         /* the attributes it fetches                   */
};

/* A searching command begins. False: it must not run, s->reply is the error. A refused
 * UPDATE is removed from what->returns, and the client is notified (RFC 5267 4.3.1).
 * Cheap without UPDATE. */
bool imap_context_begin(struct imap *s, struct imap_search *what);
/* Keep the results of a command whose returns have UPDATE. order: the same in the order
 * of how->keys; NULL without keys. All are copied. */
void imap_context_keep(struct imap *s, const struct imap_sort *how, const struct uids *found,
                       const uint32_t *order);
/* False: no context has that tag. */
bool imap_context_cancel(struct imap *s, struct str tag);
/* Enforce LIMIT_imap_context_results: end the newest contexts and notify the client (RFC
 * 5267 4.3.1). */
void imap_contexts_trim(struct imap *s);
/* The client has enabled UIDONLY: end contexts that report numbers (RFC 9586 3). */
void imap_contexts_uidonly(struct imap *s);
/* End all without a response. Idempotent. */
void imap_contexts_end(struct imap *s);

/* Take over the changes read from the log, before the view applies them. */
void imap_contexts_take(struct imap *s, struct news *n);
/* Are changes pending? gone: only expunges. */
bool imap_contexts_waiting(struct imap *s, bool gone);
/* Report a portion, which fills the output at most once, expunges first. The view still
 * has expunged messages and already has new ones. After an error of the store the portion
 * stays pending. */
enum err imap_contexts_tell(struct imap *s) MUST_USE;

#endif
