/* main/control.h: how a command tells the running server that it changed something.
 *
 * A datagram socket "control.sock" in the data folder, whose mode lets in who may write
 * there. A datagram is one byte; it says where to look, never what to do, so there is
 * nothing in it to trust. */
#ifndef MAIN_CONTROL_H
#define MAIN_CONTROL_H
#include "base/err.h"
#include "base/str.h"

enum control_what {
	CONTROL_QUEUE = 'q',    /* something in the queue may be due             */
	CONTROL_SETTINGS = 's', /* a setting in the store was changed            */
	CONTROL_CERTIFICATES = 'c', /* certificates are due                      */
	CONTROL_LOGINS = 'l',   /* a password was set at the machine: end all locks */
};

/* Tell the server of this data folder; nothing happens when none runs. */
void control_poke(struct str folder, enum control_what what);

struct control;

/* Open the socket, replacing one a killed server left, and call fn for each datagram, on a
 * thread of its own. arg outlives it. */
enum err control_open(struct control **out, struct str folder,
                      void (*fn)(void *arg, enum control_what what), void *arg,
                      struct why *why) MUST_USE;
/* NULL is a no-op; clears *c. */
void control_close(struct control **c);

#endif
