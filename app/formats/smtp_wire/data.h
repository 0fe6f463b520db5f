/* formats/smtp_wire/data.h: the bytes after DATA: dot-stuffing and the end of the message.
 *
 * The end is CR LF . CR LF and nothing else. A lone CR or LF never ends a line, let alone
 * the message: servers that disagree on this can be made to see two messages where there
 * is one (RFC 5321 4.1.1.4, "SMTP smuggling"). They are noted, and the session refuses the
 * message once its true end has come. */
#ifndef SMTP_WIRE_DATA_H
#define SMTP_WIRE_DATA_H
#include "foundation/base/str.h"

enum smtp_data_state {
	DATA_LINE_START, /* a line begins here                          */
	DATA_DOT,        /* after a dot at the start of a line          */
	DATA_DOT_CR,     /* after such a dot and CR: LF would end it    */
	DATA_TEXT,       /* within a line                               */
	DATA_CR,         /* after a CR within a line                    */
	DATA_END,        /* the final CRLF.CRLF is behind us            */
};

/* All zero is the start of a message. */
struct smtp_data {
	enum smtp_data_state state;
	bool lone; /* a CR or LF on its own, or a NUL, was seen */
};

/* Take bytes from *in, moving its start past them, up to a place where the next bytes of
 * the message cannot be given out as one slice of the input. *out is that slice: message
 * bytes with the stuffing removed, maybe empty, borrowed from *in. Call until *in is empty
 * (more is needed) or the state is DATA_END (what is left in *in is the next command).
 * Linear, never waits, any split of the input gives the same bytes. */
void smtp_data_next(struct smtp_data *d, struct str *in, struct str *out);

#endif
