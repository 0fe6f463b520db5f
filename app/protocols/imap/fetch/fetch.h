/* protocols/imap/fetch/fetch.h: writing FETCH responses (RFC 9051 7.5.2). */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H
#include "protocols/imap/session.h"
#include "protocols/imap/sync.h"

struct fetching;

/* What to write. */
struct imap_fetching_of {
	const struct imap_fetch *what; /* lives in the command's arena */
	struct uids uids;              /* of these; taken over         */
	struct uids flagged;           /* FLAGS also of these, asked for or not, for they have
	                                * changed; taken over                              */
	struct uids vanished;          /* VANISHED (EARLIER) before all else; taken over   */
	bool numbers;                  /* asked for by number: the reply says when one is gone */
	bool uid;                      /* UID in every response: RFC 9051 6.4.9 */
	bool done;                     /* the command's work is: not to be able to tell of it is
	                                * no failure */
};

/* Begin an answer: the session's mode is MODE_ANSWER afterwards, and s->reply is what will
 * be said at the end, unless something goes wrong. The view must be known. */
enum done imap_fetch_begin(struct imap *s, const struct imap_fetching_of *of);

/* An answer that belongs to no command: NOTIFY's (RFC 5465 5.2). of->what outlives it. */
struct fetching *imap_fetch_new(struct imap *s, const struct imap_fetching_of *of);
/* TOLD_SOME: it may have stopped in the middle of a response. */
enum told imap_fetch_some(struct fetching *f);
/* NULL is a no-op; clears *f. */
void imap_fetch_free(struct fetching **f);

/* For sync: write the flags of these as they are now, until the output is full, and take
 * those that are done out of *uids. Those that are gone are passed over. The view must be
 * known. */
void imap_fetch_flags(struct imap *s, struct uids *uids);

#endif
