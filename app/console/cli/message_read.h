/* console/cli/message_read.h: a message for commands, from a file or standard input: first its
 * header, then the body in pieces, however long it is. Lines that end in LF alone, as files have
 * them, are taken as those of a message. */
#ifndef CLI_MESSAGE_READ_H
#define CLI_MESSAGE_READ_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct message_read;

/* path NULL: standard input. header is borrowed, with the empty line that ends it if there is one;
 * ERR_LIMIT when it is too long. NULL is a no-op for the end. */
enum err message_read_open(const char *path, struct message_read **out, struct str *header,
                           struct why *why) MUST_USE;
/* The next of the body, borrowed until the next call; empty at its end. */
enum err message_read_next(struct message_read *r, struct str *piece, struct why *why) MUST_USE;
void message_read_close(struct message_read **r);

#endif
