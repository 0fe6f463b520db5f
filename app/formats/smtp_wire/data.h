/* formats/smtp_wire/data.h: the bytes after DATA: dot-stuffing and the end of the message.
 *
 * The end is CR LF . CR LF and nothing else. A lone CR or LF does not end a line or the message:
 * servers that differ in this can be made to see two messages in one (RFC 5321 4.1.1.4, "SMTP
 * smuggling"). They are recorded, and the session refuses the message after its real end. */
#ifndef SMTP_WIRE_DATA_H
#define SMTP_WIRE_DATA_H
#include "foundation/base/str.h"

enum smtp_data_state {
	DATA_LINE_START, /* at the start of a line */
	DATA_DOT,        /* after a dot at the start of a line          */
	DATA_DOT_CR,     /* after such a dot and CR: LF would end it    */
	DATA_TEXT,       /* within a line                               */
	DATA_CR,         /* after a CR within a line                    */
	DATA_END,        /* after the final CRLF.CRLF */
};

/* All-zero is the start of a message. */
struct smtp_data {
	enum smtp_data_state state;
	bool lone; /* a lone CR or LF, or a NUL, was seen */
};

/* Take bytes from *in, moving its start past them, as far as they form one slice of the message.
 * *out is that slice: message bytes with the stuffing removed, maybe empty, borrowed from *in. Call
 * until *in is empty (more input is needed) or the state is DATA_END (the rest of *in is the next
 * command). Linear, never blocks, any split of the input gives the same bytes. */
void smtp_data_next(struct smtp_data *d, struct str *in, struct str *out);

#endif
