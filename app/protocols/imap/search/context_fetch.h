/* protocols/imap/search/context_fetch.h: fetches new search results for clients that
 * request it: RETURN (UPDATE (fetch-att ...)), RFC 5465 7.
 *
 * Messages added by other sessions are fresh until the contexts have evaluated them.
 * Those that become results are fetched before the contexts report them. If NOTIFY has
 * attributes for new messages, NOTIFY fetches all in one response for each message, and
 * that response comes last (5465 5.2). */
#ifndef IMAP_CONTEXT_FETCH_H
#define IMAP_CONTEXT_FETCH_H
#include "formats/imap_wire/fetch.h"
#include "protocols/imap/sync.h"

struct arena;
struct imap;
struct news;

/* Take over the new messages from the log, before the view applies them. */
void context_fetch_take(struct imap *s, struct news *n);
/* The contexts have evaluated all messages up to end; added has the new results. True:
 * some are to be fetched first; evaluate again afterwards. */
bool context_fetch_begin(struct imap *s, uint32_t end);
/* Is a fetch unfinished? It may have stopped in the middle of a response. */
bool imap_contexts_fetching(const struct imap *s);
/* Continue it. WRITTEN_ALL also if there is none. */
enum written imap_contexts_fetch(struct imap *s);

/* For NOTIFY. Puts into some the messages of came, which is not empty, for which the
 * contexts request the same attributes as for the first one. These are added to *atts. */
void imap_contexts_want(struct imap *s, const struct uids *came, struct uids *some,
                        struct arena *a, struct imap_fetch *atts);

#endif
