/* model/store/guests.h: commands beside a running server. Only store/ includes this.
 *
 * A command reads and writes the tree in the file. While the server has commits that are
 * only in its journal, the tree is behind, and no command may look at it. Two bytes of the
 * journal's file are locks (fcntl(2), open file description locks: they end with their
 * holder, however that ends):
 *
 *	COMING   shared by every command, from its arrival to its end: "somebody is here"
 *	BEHIND   exclusive: held by the server while the tree is behind
 *	         shared by every command while it works
 *
 * The server looks at COMING every now and then while it holds BEHIND, brings the tree up
 * and lets go; it does not take BEHIND again before the last command has gone. */
#ifndef STORE_GUESTS_H
#define STORE_GUESTS_H
#include "foundation/base/err.h"

/* For a command: returns when the tree is up to date, and keeps it so until fd is closed.
 * Waits for a server that holds BEHIND. ERR_RETRY: it did not let go for 30 seconds. */
enum err guest_enter(int fd, struct why *why) MUST_USE;

/* For the server. */
bool guests_here(int fd);
/* Take BEHIND: false while somebody works. */
bool guests_shut_out(int fd);
void guests_let_in(int fd);

#endif
