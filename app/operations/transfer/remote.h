/* operations/transfer/remote.h: an IMAP server that mail is pulled from, one command at a time.
 * Private to the folder. */
#ifndef TRANSFER_REMOTE_H
#define TRANSFER_REMOTE_H
#include "operations/transfer/transfer.h"
#include "operations/transfer/wire_imap.h"

struct remote;

/* Connect, TLS with the certificate verified, log in. go_on(arg), which may be NULL, is asked while
 * the server is waited for, now and later. *out is NULL unless OK. ERR_DENIED: the login was
 * refused, or no address of the host is allowed. What why says never has the password in it, even
 * if the server sends it back. */
enum err remote_open(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                     struct remote **out, struct why *why) MUST_USE;
/* NULL is a no-op; clears *r. */
void remote_free(struct remote **r);

/* Is told of every untagged response to a command; said lives until it returns. Any error ends
 * the command and closes the connection. */
typedef enum err remote_fn(void *arg, const struct said *said, struct why *why);

/* Run a command, whose text is given without tag and CRLF; it may have literals in it. Responses
 * that cannot be read are passed over, up to a number. ERR_MISSING: the server said NO, why
 * is what it said; ERR_SYNTAX: BAD, or what it said cannot be read; ERR_RETRY, ERR_IO: the
 * connection is over. fn may be NULL. */
enum err remote_ask(struct remote *r, struct str command, remote_fn *fn, void *arg,
                    struct why *why) MUST_USE;
/* Did it say that it can? */
bool remote_can(const struct remote *r, const char *word);
/* Is the connection still there? */
bool remote_is_open(const struct remote *r);

#endif
