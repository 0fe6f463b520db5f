/* formats/smtp_wire/stuff.h: dot-stuffing of a message that is sent (RFC 5321 4.5.2). */
#ifndef SMTP_WIRE_STUFF_H
#define SMTP_WIRE_STUFF_H
#include "foundation/base/str.h"

enum smtp_stuff_state { STUFF_LINE_START, STUFF_TEXT, STUFF_CR };

/* All zero is the start of a message. */
struct smtp_stuff {
	enum smtp_stuff_state state;
};

/* Take the next slice that can be sent as it is off the start of *in (which is not empty);
 * when dot is true afterwards, "." has to be sent before it. Linear; any split of the
 * message into pieces gives the same bytes. */
void smtp_stuff_next(struct smtp_stuff *s, struct str *in, struct str *out, bool *dot);

/* What ends the message after its last byte. */
struct str smtp_stuff_end(const struct smtp_stuff *s);

#endif
