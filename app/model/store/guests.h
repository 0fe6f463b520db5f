/* model/store/guests.h: commands next to a running server. Only store/ includes this.
 *
 * A command reads and writes the tree in the file. While the server has commits that are only in
 * its journal, the tree is behind, and no command may read it. Two bytes of the journal's file are
 * locks (fcntl(2), open file description locks: they end with their holder, however that ends):
 *
 *	COMING   shared by every command, from its start to its end
 *	BEHIND   exclusive: held by the server while the tree is behind
 *	         shared by every command while it works
 *
 * The server checks COMING regularly while it holds BEHIND, updates the tree and releases BEHIND;
 * it does not take BEHIND again before the last command has ended. */
#ifndef STORE_GUESTS_H
#define STORE_GUESTS_H
#include "foundation/base/err.h"

/* For a command: returns when the tree is up to date, and keeps it so until fd is closed. Waits for
 * a server that holds BEHIND. ERR_RETRY: not released within 30 seconds. */
enum err guest_enter(int fd, struct why *why) MUST_USE;

/* For the server: does a command wait or work? */
bool guests_here(int fd);
/* Take BEHIND: false while a command works. */
bool guests_shut_out(int fd);
void guests_let_in(int fd);

#endif
