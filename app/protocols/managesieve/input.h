/* protocols/managesieve/input.h: gathers a command from its pieces: a line, or several with
 * literals between them (RFC 5804 1.2). No worker waits for the rest of a command. */
#ifndef MANAGESIEVE_INPUT_H
#define MANAGESIEVE_INPUT_H
#include "foundation/base/buf.h"

struct conn;

struct managesieve_input {
	struct buf text;       /* the command so far, without its last CRLF */
	uint64_t literal_left; /* bytes of a literal that are still to come */
	bool drop;             /* a literal was too large: the whole command is dropped */
};

enum managesieve_input_result {
	MANAGESIEVE_MORE,    /* incomplete: park                                     */
	MANAGESIEVE_COMMAND, /* text is a command                                    */
	MANAGESIEVE_DROPPED, /* a literal was too large; the command is read to its end */
	MANAGESIEVE_TOO_LONG, /* a line or a literal is so large that the session must end */
	MANAGESIEVE_NOT_STRICT, /* a line has a lone CR or LF, or a NUL: the session must end */
};

/* Take the bytes that have arrived. Before a login a command is small, and all of it is wiped in
 * the connection, since it may be a password. */
enum managesieve_input_result managesieve_input_take(struct managesieve_input *in, struct conn *c,
                                                     bool logged_in);
/* Forget the command, wipe it, and free its memory. All zero is an empty one. */
void managesieve_input_reset(struct managesieve_input *in);

#endif
