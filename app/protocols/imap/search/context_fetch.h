/* protocols/imap/search/context_fetch.h: messages that come into results are fetched for a client
 * that has asked for that: RETURN (UPDATE (fetch-att ...)), RFC 5465 7. What came from others is
 * fresh until the contexts have looked at it; what of it they want goes out before they tell that
 * they do.
 *
 * With NOTIFY's own attributes for new messages it is NOTIFY that fetches, all in one response
 * for each message, which then is the last to be told of it (5465 5.2). */
#ifndef IMAP_CONTEXT_FETCH_H
#define IMAP_CONTEXT_FETCH_H
#include "formats/imap_wire/fetch.h"
#include "protocols/imap/sync.h"

struct arena;
struct imap;
struct news;

/* What the log says came: before the view changes by it. */
void context_fetch_take(struct imap *s, struct news *n);
/* The contexts have looked at all messages up to end, and it stands in added which of them they
 * want. True: some are to be fetched first; then look again. */
bool context_fetch_begin(struct imap *s, uint32_t end);
/* Has a fetch begun that is not done? It may have stopped in the middle of a response. */
bool imap_contexts_fetching(const struct imap *s);
/* Go on with it. TOLD_ALL also when there is none. */
enum told imap_contexts_fetch(struct imap *s);

/* For NOTIFY: of came, which is not empty, to some those for which the contexts want the same as
 * for its first, and what that is, added to *atts. */
void imap_contexts_want(struct imap *s, const struct uids *came, struct uids *some,
                        struct arena *a, struct imap_fetch *atts);

#endif
