/* operations/transfer/remote.h: a client of the IMAP server to import from, one command
 * at a time. Private to the folder. */
#ifndef TRANSFER_REMOTE_H
#define TRANSFER_REMOTE_H
#include "operations/transfer/transfer.h"
#include "operations/transfer/wire_imap.h"

struct remote;

/* Connect, TLS with a verified certificate, log in. go_on(arg), which may be NULL, is
 * called during all waits, now and later. *out is NULL unless OK. ERR_DENIED: the login
 * was refused, or no address of the host is allowed. why never contains the password,
 * even if the server sends it back. */
enum err remote_open(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                     struct remote **out, struct why *why) MUST_USE;
/* NULL is a no-op; clears *r. */
void remote_free(struct remote **r);

/* Called for every untagged response to a command; said lives until it returns. Any error
 * ends the command and closes the connection. */
typedef enum err remote_fn(void *arg, const struct said *said, struct why *why);

/* Run a command, given without tag and CRLF; it may have literals. Malformed responses
 * are skipped, up to a number. ERR_MISSING: the server returned NO, with its text in why;
 * ERR_SYNTAX: BAD, or an unreadable response; ERR_RETRY, ERR_IO: the connection is lost.
 * fn may be NULL. */
enum err remote_ask(struct remote *r, struct str command, remote_fn *fn, void *arg,
                    struct why *why) MUST_USE;
/* Has the server announced this capability? */
bool remote_can(const struct remote *r, const char *word);
/* Is the connection open? */
bool remote_is_open(const struct remote *r);

#endif
