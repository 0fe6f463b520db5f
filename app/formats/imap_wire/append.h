/* formats/imap_wire/append.h: what stands between the messages of an APPEND (RFC 9051 6.3.12, with
 * MULTIAPPEND of RFC 3502, CATENATE of RFC 4469 and UTF8 of RFC 6855 4) or a REPLACE (RFC
 * 8508).
 *
 *	A APPEND box (\Seen) {9+}      head: a message begins, bytes
 *	123456789 CATENATE (URL "/x;UID=1" TEXT {3+}
 *	                               text: a message begins, what a URL names, bytes
 *	abc URL "/x;UID=2")            text: what a URL names, the message ends
 *
 * Bytes of messages are in neither: a text ends where the literal is announced that brings
 * them. The other literals (a mailbox, a URL) may be in it, so whether the literal at the
 * end of a line is one or the other is known by parsing all that came before. */
#ifndef IMAP_WIRE_APPEND_H
#define IMAP_WIRE_APPEND_H
#include "formats/imap_wire/token.h"

struct arena;

/* Where the next text begins. */
enum imap_append_at {
	APPEND_AT_MESSAGE, /* before a message, or behind the last one    */
	APPEND_AT_PART,    /* in the parentheses of CATENATE, behind bytes */
	APPEND_AT_UTF8,    /* in those of UTF8, behind its bytes           */
};

enum imap_append_op {
	APPEND_BEGIN, /* a message: its flags and date                   */
	APPEND_URL,   /* more of it: what the URL names                  */
	APPEND_BYTES, /* more of it: the literal; always the last of a text */
	APPEND_END,   /* that was all of it                              */
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
	enum imap_append_at at; /* behind its bytes */
};

/* A text that begins at `at`, all of it. literal: bytes follow, and it ends in APPEND_BYTES;
 * else the command ends with it. */
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
