/* protocols/imap/url.h: finds the message or part that an IMAP URL names
 * (imap_wire/url.h). */
#ifndef IMAP_URL_H
#define IMAP_URL_H
#include "formats/imap_wire/url.h"
#include "protocols/imap/fetch/section.h"
#include "protocols/imap/session.h"

struct spool;

/* Target of a URL; borrowed from the transaction, the rest lives in the arena of
 * imap_url_find. */
struct imap_url_found {
	struct email email;
	struct structure st; /* if whole was set */
	struct section_source from;
};

/* Find the message or part. Searches the mailboxes of m that its account may read.
 * selected: the mailbox of a URL without one, 0: none. whole: read the structure even if
 * the section does not need it. ERR_MISSING: not found. */
enum err imap_url_find(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                       bool whole, struct arena *a, struct imap_url_found *out) MUST_USE;
/* Append its bytes to the spool, as they are in the message. */
enum err imap_url_bytes(const struct mail_txn *m, const struct imap_url_found *found,
                        struct spool *to) MUST_USE;

/* Append the target of url to the spool, which may then hold max bytes (RFC 4469 3). The
 * URL must be relative: of this server and user. ERR_SYNTAX: it is not, or not a URL of a
 * message; ERR_MISSING: no such message or part; ERR_LIMIT: too big. */
enum err imap_url_copy(struct imap *s, struct str url, uint64_t max, struct spool *to) MUST_USE;
/* NO [BADURL url] (RFC 4469 4.1) */
void imap_bad_url(struct imap *s, struct str url);

#endif
