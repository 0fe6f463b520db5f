/* formats/imap_wire/append.h: the texts around the messages of an APPEND (RFC 9051 6.3.12, with
 * MULTIAPPEND of RFC 3502, CATENATE of RFC 4469 and UTF8 of RFC 6855 4) or a REPLACE (RFC 8508).
 *
 *	A APPEND box (\Seen) {9+}      head: a message begins, bytes
 *	123456789 CATENATE (URL "/x;UID=1" TEXT {3+}
 *	                               text: a message begins, the data of a URL, bytes
 *	abc URL "/x;UID=2")            text: the data of a URL, the message ends
 *
 * A text ends before the literal with bytes of a message. Other literals (a mailbox, a URL) are
 * part of the text. Which kind the literal at the end of a line is depends on the parse of all text
 * before. */
#ifndef IMAP_WIRE_APPEND_H
#define IMAP_WIRE_APPEND_H
#include "formats/imap_wire/token.h"

struct arena;

/* The position where a text begins. */
enum imap_append_at {
	APPEND_AT_MESSAGE, /* before a message, or after the last one */
	APPEND_AT_PART,    /* in the parentheses of CATENATE, after bytes */
	APPEND_AT_UTF8,    /* in those of UTF8, after its bytes */
};

enum imap_append_op {
	APPEND_BEGIN, /* begin a message: its flags and date */
	APPEND_URL,   /* append the data of the URL */
	APPEND_BYTES, /* append the literal; always the last step of a text */
	APPEND_END,   /* the message is complete */
};

struct imap_append_step {
	enum imap_append_op op;
	struct imap_strs flags; /* APPEND_BEGIN */
	bool dated;
	int64_t date_ms;
	struct str url; /* APPEND_URL */
};

struct imap_append_text {
	struct imap_append_step *steps;
	size_t n;
	enum imap_append_at at; /* position after its bytes */
};

/* Parse a complete text that begins at `at`. literal: bytes follow, and the text ends in
 * APPEND_BYTES; otherwise the command ends with it. */
bool imap_append_text_parse(struct cur *c, struct arena *a, enum imap_append_at at, bool literal,
                            struct imap_append_text *out);

/* append = "APPEND" SP mailbox 1*append-message
 * replace = "REPLACE" SP seq-number SP mailbox append-message */
struct imap_append {
	uint32_t replaced; /* number or UID, 0 for APPEND */
	struct str mailbox;
	struct imap_append_text text;
};
bool imap_append_parse(struct cur *c, struct arena *a, bool utf8, bool literal,
                       struct imap_append *out);
bool imap_replace_parse(struct cur *c, struct arena *a, bool utf8, bool literal,
                        struct imap_append *out);

#endif
