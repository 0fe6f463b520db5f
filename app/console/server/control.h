/* console/server/control.h: how a command notifies the running server of a change.
 *
 * A datagram socket "control.sock" in the data folder; its mode admits the users who may write
 * there. A datagram is one byte, or five. It names data to read again and carries no instructions,
 * so it need not be trusted. It may pass one end of a socket pair for the answer: so the command
 * needs no address, and does not block when the server ends. */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

enum control_what {
	CONTROL_SETTINGS = 's', /* a setting in the store was changed */
	CONTROL_MAIL = 'm',     /* the mail of an account was changed: control_poke_mail */
};

/* The mail of an account was changed: 'm' and the account's number. Its sessions read the changes
 * themselves. Waits up to 50 ms for a busy server. False: the notification was not delivered. */
bool control_poke_mail(struct str folder, uint32_t account);

enum control_answer {
	CONTROL_DONE,    /* the change is in force */
	CONTROL_REFUSED, /* the change was refused; nothing has changed */
	CONTROL_SILENT,  /* no answer: the server is busy, or older */
	CONTROL_NOBODY,  /* no server runs */
};

/* Notify the server of this data folder and wait for the answer, for 2 s at most. why has the
 * reason of CONTROL_REFUSED. */
enum control_answer control_ask(struct str folder, enum control_what what, struct why *why);

struct control;

/* Open the socket, replacing one that a killed server left, and call fn for each datagram, on its
 * own thread; account is 0 unless it is CONTROL_MAIL. False is CONTROL_REFUSED to the command, with
 * why. arg outlives it. */
typedef bool control_fn(void *arg, enum control_what what, uint32_t account, struct why *why);
enum err control_open(struct control **out, struct str folder, control_fn *fn, void *arg,
                      struct why *why) MUST_USE;
/* NULL is a no-op; clears *c. */
void control_close(struct control **c);

#endif
