/* transfer/remote.h: an IMAP server that mail is pulled from, one command at a time. Private to
 * the folder. */
#ifndef TRANSFER_REMOTE_H
#define TRANSFER_REMOTE_H
#include "transfer/transfer.h"
#include "transfer/wire_imap.h"

struct remote;

/* Connect, TLS with the certificate verified, log in. *out is NULL unless OK. */
enum err remote_open(const struct transfer_pull *from, struct remote **out,
                     struct why *why) MUST_USE;
/* NULL is a no-op; clears *r. */
void remote_free(struct remote **r);

/* Is told of every untagged response to a command; said lives until it returns. Any error ends
 * the command and closes the connection. */
typedef enum err remote_fn(void *arg, const struct said *said, struct why *why);

/* Run a command, whose text is given without tag and CRLF. ERR_MISSING: the server said NO, why
 * is what it said; ERR_SYNTAX: BAD, or what it said cannot be read; ERR_RETRY, ERR_IO: the
 * connection is over. fn may be NULL. */
enum err remote_ask(struct remote *r, struct str command, remote_fn *fn, void *arg,
                    struct why *why) MUST_USE;
/* Did it say that it can? */
bool remote_can(const struct remote *r, const char *word);

#endif
