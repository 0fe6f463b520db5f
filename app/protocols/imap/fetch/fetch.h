/* protocols/imap/fetch/fetch.h: writes FETCH responses (RFC 9051 7.5.2). */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H
#include "protocols/imap/session.h"
#include "protocols/imap/sync.h"

struct fetching;

/* The content of an answer. */
struct imap_fetching_of {
	const struct imap_fetch *what; /* lives in the command's arena */
	struct uids uids;              /* the messages; taken over     */
	struct uids flagged;           /* also FLAGS of these, because they have changed;
	                                * taken over */
	struct uids vanished;          /* sent first as VANISHED (EARLIER); taken over     */
	bool numbers;                  /* requested by number: the reply reports expunged
	                                * messages */
	bool uid;                      /* UID in every response: RFC 9051 6.4.9 */
	bool done;                     /* the command has already succeeded: an unreadable
	                                * message is no failure */
};

/* Begin an answer: the session enters MODE_ANSWER, and s->reply becomes the tagged
 * response unless an error occurs. The view must be known. */
enum done imap_fetch_begin(struct imap *s, const struct imap_fetching_of *of);

/* An answer outside of a command, for NOTIFY (RFC 5465 5.2). of->what must outlive it. */
struct fetching *imap_fetch_new(struct imap *s, const struct imap_fetching_of *of);
/* Write more. WRITTEN_SOME: it may have stopped in the middle of a response. */
enum written imap_fetch_some(struct fetching *f);
/* NULL is a no-op; clears *f. */
void imap_fetch_free(struct fetching **f);

/* For sync: write the current flags of these messages until the output is full, and
 * remove the written ones from *uids. Expunged messages are skipped. The view must be
 * known. */
void imap_fetch_flags(struct imap *s, struct uids *uids);

#endif
