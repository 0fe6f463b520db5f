/* protocols/imap/input.h: gathers a command from its pieces.
 *
 * A command is a line, or several with literals between them. The client may send it byte
 * by byte. The bytes are gathered here, so no worker waits; the grammar receives the
 * whole command. The message literal of an APPEND is not gathered: the command starts
 * without it and streams it to a spool. */
#ifndef IMAP_INPUT_H
#define IMAP_INPUT_H
#include "foundation/base/buf.h"

struct imap;

struct imap_input {
	struct buf text;       /* the command so far, as received, without its last CRLF */
	uint64_t literal_left; /* bytes of a literal not received yet                    */
	/* A message of an APPEND: its literal was announced at the end of text and
	 * removed there. */
	uint64_t message;
	bool message_sync;   /* its client waits for "+"    */
	bool message_binary; /* it is a literal8 (RFC 3516) */
	bool message_follows;
};

enum input {
	INPUT_MORE,    /* incomplete: park                                               */
	INPUT_COMMAND, /* text is a command; or one before its message                   */
	INPUT_LINE,    /* a line is too long: the session must end                       */
	INPUT_BIG,     /* a literal is too big, and the client waits: refuse it          */
	INPUT_DRAIN,   /* a literal is too big, and the client sends it anyway: drain it */
};

void imap_input_init(struct imap_input *in);
/* Forget the command and free its memory. secret: wipe it, it may hold a password. */
void imap_input_reset(struct imap_input *in, bool secret);

/* Consume the bytes that have arrived on s's connection. */
enum input imap_input_take(struct imap *s);
/* Consume a part of a literal of which *left bytes remain. Empty: park. Borrowed until
 * the next call. */
struct str imap_input_literal(struct imap *s, uint64_t *left);
/* After INPUT_DRAIN: INPUT_MORE until the whole command is drained, then INPUT_COMMAND;
 * INPUT_BIG if a later literal of it waits for "+". Also INPUT_LINE. */
enum input imap_input_drain(struct imap *s);
/* Drop the literal of a refused APPEND: imap_input_drain follows. False: the literal is
 * so big that the session should end. */
bool imap_input_drop_message(struct imap *s);

#endif
