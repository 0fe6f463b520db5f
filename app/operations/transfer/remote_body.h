/* operations/transfer/remote_body.h: a connection to the IMAP server, for remote.c and
 * remote_open.c. */
#ifndef TRANSFER_REMOTE_BODY_H
#define TRANSFER_REMOTE_BODY_H
#include "operations/transfer/remote.h"

struct stream;

struct remote {
	const struct transfer_pull *from;
	struct stream *stream;
	unsigned bad;
	unsigned tag;
	struct buf response;
	struct buf command;
	size_t secret; /* offset of the password in a login command */
	struct arena arena; /* of one response */
	struct buf capable; /* its last capabilities */
};

/* Read the greeting. ERR_SYNTAX: it is invalid. */
enum err remote_greet(struct remote *r, struct why *why) MUST_USE;

#endif
