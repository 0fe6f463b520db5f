/* imap/url.h: what IMAP URLs name (wire_url.h), in the store. */
#ifndef IMAP_URL_H
#define IMAP_URL_H
#include "imap/section.h"
#include "imap/session.h"
#include "imap/wire_url.h"

struct spool;

/* Where the bytes of the message or part are. Looks in the mailboxes of m; selected is the
 * mailbox that a URL without one is about, 0: there is none. ERR_MISSING: it names nothing. */
enum err imap_url_find(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                       struct arena *a, struct email *email, struct section_source *out) MUST_USE;

/* Append what url names to the spool, which may hold max bytes then (RFC 4469 3). It must be
 * relative: of this server and user. ERR_SYNTAX: it is not, or not a URL of a message;
 * ERR_MISSING: there is no such message or part; ERR_LIMIT: it is too big. */
enum err imap_url_copy(struct imap *s, struct str url, uint64_t max, struct spool *to) MUST_USE;
/* NO [BADURL url] (RFC 4469 4.1) */
void imap_bad_url(struct imap *s, struct str url);

#endif
