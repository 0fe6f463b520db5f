/* protocols/pop3/maildrop.h: the messages of one session, under the exclusive lock of their
 * account (RFC 1939 4).
 *
 * The lock is between POP3 sessions only: IMAP and delivery go on, and what they change is for the
 * next session. It is in memory, because at most one server has a store open (model/store/store.h).
 *
 * The list has 16 bytes for each message: 3.2 MB for 200,000 of them. It is read once, in a scan
 * of the rows of INBOX, without records or blobs.
 *
 * The unique id of a message (UIDL) is made of the ids of its account and its email
 * (model/mailbox/email.h). Both are stored, never used twice, and stay when a message is moved by
 * IMAP and moved back, and after a restore. A second copy in INBOX is the same email (placement.h),
 * so its UID follows. */
#ifndef POP3_MAILDROP_H
#define POP3_MAILDROP_H
#include "foundation/base/err.h"
#include "foundation/base/list.h"
#include "protocols/pop3/pop3.h"

struct buf;

struct maildrop_message {
	uint64_t email : 62;
	uint64_t copy : 1; /* INBOX has the email with a lower UID, too */
	uint64_t deleted : 1; /* by DELE */
	uint32_t uid;
	uint32_t size_bytes;
};

/* All zero is a closed one. */
struct maildrop {
	struct list link; /* under the lock of its list in maildrop.c */
	const struct pop3_server *server;
	uint32_t account; /* 0: closed                      */
	uint32_t mailbox; /* its INBOX; 0: there is none    */
	struct maildrop_message *messages; /* by UID      */
	uint32_t n;
	uint32_t deleted;    /* of them                     */
	uint64_t size_bytes; /* of those that are not       */
};

/* Lock the maildrop of an account and read its list: the newest messages_max messages, without
 * those that are damaged or, if the account shows only new mail, older. ERR_DENIED: POP3 is off for
 * the account. ERR_CONFLICT: another session has it. Else errors of the store. After
 * an error it is closed. Not inside a transaction. */
enum err maildrop_open(struct maildrop *d, const struct pop3_server *server,
                       uint32_t account) MUST_USE;
/* Unlock; nothing is removed. Again is a no-op. */
void maildrop_close(struct maildrop *d);

/* Write. Remove the deleted messages, all or none, and return when that is on the disk. Messages
 * that other clients moved or expunged are skipped. OK and no transaction when there are none. */
enum err maildrop_update(struct maildrop *d, struct why *why) MUST_USE;

/* The message of a number from 1; NULL: there is none, or it is deleted. */
struct maildrop_message *maildrop_find(const struct maildrop *d, uint32_t number);
void maildrop_delete(struct maildrop *d, struct maildrop_message *m);
/* No message is deleted any more (RSET). */
void maildrop_reset(struct maildrop *d);

/* The unique id: "1f.2a", the numbers in hexadecimal; of a copy "1f.2a.7". */
void maildrop_uid_put(const struct maildrop *d, const struct maildrop_message *m, struct buf *out);

#endif
