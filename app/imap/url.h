/* imap/url.h: what IMAP URLs name (wire_url.h), in the store. */
#ifndef IMAP_URL_H
#define IMAP_URL_H
#include "imap/section.h"
#include "imap/session.h"
#include "imap/wire_url.h"

struct spool;

/* Append at most max bytes to the spool, those of the message or part. Looks in the mailboxes
 * of m, which who may read; selected is the mailbox that a URL without one is about, 0: there
 * is none. ERR_MISSING: it names nothing; ERR_LIMIT: they are more than max. */
enum err imap_url_bytes(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                        uint64_t max, struct spool *to) MUST_USE;

/* Append what url names to the spool, which may hold max bytes then (RFC 4469 3). It must be
 * relative: of this server and user. ERR_SYNTAX: it is not, or not a URL of a message;
 * ERR_MISSING: there is no such message or part; ERR_LIMIT: it is too big. */
enum err imap_url_copy(struct imap *s, struct str url, uint64_t max, struct spool *to) MUST_USE;
/* NO [BADURL url] (RFC 4469 4.1) */
void imap_bad_url(struct imap *s, struct str url);

#endif
