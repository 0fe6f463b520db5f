/* protocols/imap/message_limit.h: the most messages that one command may process (RFC
 * 9738).
 *
 * Off by default: mail clients without the extension see only the last part of a larger
 * mailbox, and no reason (RFC 9738 4). A cut keeps the greatest UIDs. The tagged response
 * names the lowest UID processed: "MESSAGELIMIT 1000 23221". EXPUNGE, CLOSE, STATUS and
 * SORT have no limit (3.1, 3.3). */
#ifndef IMAP_MESSAGE_LIMIT_H
#define IMAP_MESSAGE_LIMIT_H
#include "foundation/base/str.h"

struct imap;
struct uids;

/* 0: no limit. */
uint32_t imap_message_limit(const struct imap *s);
/* The limit of COPY and of the messages of an APPEND. It may be set without the other
 * one. */
uint32_t imap_save_limit(const struct imap *s);

/* Remove the messages over the limit of the running command. True: some were removed; if
 * the command succeeds, its response says so. */
bool imap_limit_cut(struct imap *s, struct uids *uids);
/* For a command that must not be cut. True: there are more than limit (0: none), and the
 * reply is NO. */
bool imap_limit_refuses(struct imap *s, uint32_t limit, const struct uids *uids);
/* The same for an unknown set of UIDs. */
bool imap_limit_exceeded(struct imap *s, uint32_t limit, uint64_t count);

/* Before the tagged response is sent: add the code to it, or send the code first if the
 * response has another one. */
void imap_limit_finish(struct imap *s);

#endif
