/* protocols/imap/message_limit.h: the most messages that one command may work on (RFC 9738).
 *
 * Off unless an administrator wants it: of a mailbox that is larger, mail programs that do not
 * know the extension see only the last part, and not why (RFC 9738 4). What is cut off is always
 * the messages with the least UIDs, and the tagged reply names the least one that was worked on:
 * "MESSAGELIMIT 1000 23221". EXPUNGE, CLOSE, STATUS and SORT have no limit (3.1, 3.3). */
#ifndef IMAP_MESSAGE_LIMIT_H
#define IMAP_MESSAGE_LIMIT_H
#include "foundation/base/str.h"

struct imap;
struct uids;

/* 0: there is none. */
uint32_t imap_message_limit(const struct imap *s);
/* That of COPY and of the messages of an APPEND, which may be the only ones that have one. */
uint32_t imap_save_limit(const struct imap *s);

/* Cut off what the running command may not work on. True: something was, and the reply to a
 * command that does not fail will say so. */
bool imap_limit_cut(struct imap *s, struct uids *uids);
/* A command that must not be cut: true when there are more than limit, which may be 0, and the
 * reply is NO. */
bool imap_limit_refuses(struct imap *s, uint32_t limit, const struct uids *uids);
/* The same where UIDs are not known. */
bool imap_limit_exceeded(struct imap *s, uint32_t limit, uint64_t count);

/* The tagged reply is about to be sent: give it the code, or say it before when it has another. */
void imap_limit_finish(struct imap *s);

#endif
