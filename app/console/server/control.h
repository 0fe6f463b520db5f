/* console/server/control.h: how a command tells the running server that it changed something.
 *
 * A datagram socket "control.sock" in the data folder, whose mode lets in who may write
 * there. A datagram is one byte, or five; it says where to look, never what to do, so there
 * is nothing in it to trust. With it may come one end of a pair of sockets for the answer: so
 * who asks needs no address of his own, and is not kept waiting by a server that ends. */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

enum control_what {
	CONTROL_QUEUE = 'q',        /* something in the queue may be due             */
	CONTROL_SETTINGS = 's',     /* a setting in the store was changed            */
	CONTROL_CERTIFICATES = 'c', /* certificates are due                      */
	CONTROL_LOGINS = 'l',       /* a password was set at the machine: end all locks */
	CONTROL_PEOPLE = 'p',       /* a group or account was changed: who may read what */
	CONTROL_MAIL = 'm',         /* the mail of an account was changed: control_poke_mail */
};

/* Tell the server of this data folder; nothing happens when none runs. */
void control_poke(struct str folder, enum control_what what);

/* An account's mail was changed: 'm' and the account's number, whose sessions look for
 * themselves. It waits up to 50 ms for a server with much to do. False: it was not told. */
bool control_poke_mail(struct str folder, uint32_t account);

enum control_answer {
	CONTROL_DONE,    /* what follows from it is in force                     */
	CONTROL_REFUSED, /* it could not be, and nothing has changed             */
	CONTROL_SILENT,  /* a server that has too much to do, or is older        */
	CONTROL_NOBODY,  /* no server runs                                       */
};

/* As control_poke, but wait for the answer, for 2 s at most. why has the reason of
 * CONTROL_REFUSED. */
enum control_answer control_ask(struct str folder, enum control_what what, struct why *why);

struct control;

/* Open the socket, replacing one a killed server left, and call fn for each datagram, on a
 * thread of its own; account is 0 unless it is CONTROL_MAIL. False is CONTROL_REFUSED to
 * the command, with why. arg outlives it. */
typedef bool control_fn(void *arg, enum control_what what, uint32_t account, struct why *why);
enum err control_open(struct control **out, struct str folder, control_fn *fn, void *arg,
                      struct why *why) MUST_USE;
/* NULL is a no-op; clears *c. */
void control_close(struct control **c);

#endif
