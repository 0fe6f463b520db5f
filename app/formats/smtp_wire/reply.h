/* formats/smtp_wire/reply.h: the grammar of SMTP replies (RFC 5321 4.2), for the client. */
#ifndef SMTP_WIRE_REPLY_H
#define SMTP_WIRE_REPLY_H
#include "foundation/base/cur.h"

/* A reply of one line, to be sent. */
struct smtp_answer {
	unsigned code;
	const char *enhanced; /* "5.1.1" (RFC 3463) */
	const char *text;
};

/* One line: "250-8BITMIME". */
struct smtp_reply_line {
	unsigned code;   /* 200 to 599                         */
	bool last;       /* no "-" after the code              */
	struct str text; /* without code and separator         */
};

/* line is without its end; false when malformed. A code alone ("250") counts as the last line, as
 * RFC 5321 4.2.1 requires of clients. */
bool smtp_reply_line_parse(struct str line, struct smtp_reply_line *out);

/* Take an enhanced status code (RFC 2034 3, RFC 3463 2) and the blank after it off the start of
 * text, if its class is that of code; otherwise status is empty. */
void smtp_reply_status_take(unsigned code, struct str *text, struct str *status);

#endif
