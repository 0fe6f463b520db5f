/* flow/imapsieve/imapsieve.h: Sieve scripts that run when messages are appended or copied to a
 * mailbox, or when their flags change (RFC 6785).
 *
 * The annotation /shared/imapsieve/script of the mailbox, or else of the server, names a script of
 * the mailbox's owner. It runs for each message, after the change is durable and before the client
 * gets its reply. The changes of a message are one transaction; mail that the
 * script sends is queued after that. Changes that a script makes run no script (2.2.3). After
 * LIMIT_imapsieve_ms the other messages of a command are left out, which is logged.
 *
 * keep leaves the message where it is, fileinto adds a copy of it to another mailbox, and without a
 * keep the message gets \Deleted (2.2.4). */
#ifndef IMAPSIEVE_H
#define IMAPSIEVE_H
#include "foundation/base/str.h"
#include "model/mailbox/flags.h"

struct delivery;
struct uids;

enum imapsieve_cause { IMAPSIEVE_APPEND, IMAPSIEVE_COPY, IMAPSIEVE_FLAG };

/* Borrowed. */
struct imapsieve_event {
	enum imapsieve_cause cause;
	uint32_t account;        /* owner of the mailbox             */
	uint32_t mailbox;
	const struct uids *uids; /* the messages                     */
	struct flags changed;    /* FLAG: flags that have changed    */
	struct str user;         /* address of the login             */
	struct str session;      /* its id, for logs                 */
};

/* Run the script, if there is one. Not inside a transaction. Errors are logged: the command has
 * succeeded. Costs two look-ups without a script, and a run for each message with one. */
void imapsieve_run(const struct delivery *d, const struct imapsieve_event *event);

#endif
