/* imap/status.h: the STATUS response, shared by STATUS and LIST-STATUS (RFC 5819). */
#ifndef IMAP_STATUS_H
#define IMAP_STATUS_H
#include "base/err.h"

struct imap;
struct mail_txn;
struct mailbox;
struct str;

/* How many messages are \Recent to the next session. */
enum err imap_status_recent(const struct mail_txn *m, const struct mailbox *box, uint32_t first,
                            uint32_t *out) MUST_USE;

/* Append "* STATUS name (...)"; items is of enum imap_status. */
void imap_status_put(struct imap *s, struct str name, unsigned items, const struct mailbox *box,
                     uint32_t recent);

#endif
