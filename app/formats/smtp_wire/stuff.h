/* formats/smtp_wire/stuff.h: dot-stuffing of an outgoing message (RFC 5321 4.5.2). */
#ifndef SMTP_WIRE_STUFF_H
#define SMTP_WIRE_STUFF_H
#include "foundation/base/str.h"

enum smtp_stuff_state { STUFF_LINE_START, STUFF_TEXT, STUFF_CR };

/* All-zero is the start of a message. */
struct smtp_stuff {
	enum smtp_stuff_state state;
};

/* Take the next slice that can be sent unchanged off the start of *in (which is not empty). If *dot
 * is true afterwards, send "." before it. Linear; any split of the message into pieces gives the
 * same bytes. */
void smtp_stuff_next(struct smtp_stuff *s, struct str *in, struct str *out, bool *dot);

/* The bytes that end the message. */
struct str smtp_stuff_end(const struct smtp_stuff *s);

#endif
