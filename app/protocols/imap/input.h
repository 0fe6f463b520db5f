/* protocols/imap/input.h: taking in a command piece by piece.
 *
 * A command is a line, or several with literals between them, and the client may send each
 * byte when it likes. What has come is gathered here, so that the worker can go; the
 * grammar gets the command whole. The literal that is the message of an APPEND is not
 * gathered: the command is run without it, and streams it to a spool. */
#ifndef IMAP_INPUT_H
#define IMAP_INPUT_H
#include "foundation/base/buf.h"

struct imap;

struct imap_input {
	struct buf text;       /* the command so far, as it came, without its last CRLF */
	uint64_t literal_left; /* bytes of a literal that are still to come             */
	/* A message of an APPEND, announced at the end of text and cut off it. */
	uint64_t message;
	bool message_sync;   /* its client waits for "+"                            */
	bool message_binary; /* it is a literal8 (RFC 3516)                         */
	bool message_follows;
};

enum input {
	INPUT_MORE,    /* not whole yet: park                                    */
	INPUT_COMMAND, /* text is a command; or one before its message           */
	INPUT_LINE,    /* a line is longer than allowed: the session must end    */
	INPUT_BIG,     /* a literal is too big, and the client waits: refuse it  */
	INPUT_DRAIN,   /* a literal is too big, and comes anyway: drain it       */
};

void imap_input_init(struct imap_input *in);
/* Forget the command and give its memory back; secret: it may hold a password. */
void imap_input_reset(struct imap_input *in, bool secret);

/* Take what has come on s's connection. */
enum input imap_input_take(struct imap *s);
/* Take a part of a literal of which *left bytes are still to come. Empty: park. Borrowed
 * until the next call. */
struct str imap_input_literal(struct imap *s, uint64_t *left);
/* After INPUT_DRAIN: INPUT_MORE until the whole command has gone by, then INPUT_COMMAND;
 * INPUT_BIG when a later literal of it waits for "+". Also INPUT_LINE. */
enum input imap_input_drain(struct imap *s);
/* Drop the literal of an APPEND that is not wanted: imap_input_drain follows. False when it
 * is so big that ending the session is better. */
bool imap_input_drop_message(struct imap *s);

#endif
