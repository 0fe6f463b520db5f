/* protocols/imap/url.h: what IMAP URLs name (imap_wire/url.h), in the store. */
#ifndef IMAP_URL_H
#define IMAP_URL_H
#include "formats/imap_wire/url.h"
#include "protocols/imap/fetch/section.h"
#include "protocols/imap/session.h"

struct spool;

/* What a URL names; borrowed from the transaction, the rest lives in the arena it was found
 * with. */
struct imap_url_found {
	struct email email;
	struct structure st; /* where whole was asked for */
	struct section_source from;
};

/* Find the message or part. Looks in the mailboxes of m, which who may read; selected is the
 * mailbox that a URL without one is about, 0: there is none. whole: read the structure, also
 * where the section does not need it. ERR_MISSING: it names nothing. */
enum err imap_url_find(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                       bool whole, struct arena *a, struct imap_url_found *out) MUST_USE;
/* Append its bytes to the spool, as they are in the message. */
enum err imap_url_bytes(const struct mail_txn *m, const struct imap_url_found *found,
                        struct spool *to) MUST_USE;

/* Append what url names to the spool, which may hold max bytes then (RFC 4469 3). It must be
 * relative: of this server and user. ERR_SYNTAX: it is not, or not a URL of a message;
 * ERR_MISSING: there is no such message or part; ERR_LIMIT: it is too big. */
enum err imap_url_copy(struct imap *s, struct str url, uint64_t max, struct spool *to) MUST_USE;
/* NO [BADURL url] (RFC 4469 4.1) */
void imap_bad_url(struct imap *s, struct str url);

#endif
