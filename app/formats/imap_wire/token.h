/* formats/imap_wire/token.h: the tokens of IMAP commands (RFC 9051 section 9).
 *
 * The grammar gets a command as a whole: its lines and literals in one piece, unchanged, without
 * the last CRLF. So a literal is in the text as "{5}CRLFhello". Results borrow from the text or,
 * where quoting had to be removed, live in the arena. A parser that returns false leaves the cursor
 * anywhere: the command is BAD, unless its comment says otherwise. */
#ifndef IMAP_WIRE_TOKEN_H
#define IMAP_WIRE_TOKEN_H
#include "foundation/base/cur.h"

struct arena;

/* ATOM-CHAR and ASTRING-CHAR; 8-bit bytes are neither. */
bool imap_is_atom_char(unsigned char c);
bool imap_is_astring_char(unsigned char c);

/* These two leave the cursor unmoved on false. */
bool imap_space(struct cur *c);
/* Take this word as a whole atom, in any case. */
bool imap_word(struct cur *c, struct str word);

/* atom = 1*ATOM-CHAR. c is unmoved on false. */
bool imap_atom_parse(struct cur *c, struct str *out);
/* tag = 1*<any ASTRING-CHAR except "+">. c is unmoved on false. */
bool imap_tag_parse(struct cur *c, struct str *out);
/* string = quoted / literal; 8-bit bytes are allowed in both, NUL in neither. */
bool imap_string_parse(struct cur *c, struct arena *a, struct str *out);
/* astring = 1*ASTRING-CHAR / string */
bool imap_astring_parse(struct cur *c, struct arena *a, struct str *out);
/* nstring = string / nil; *nil: it is nil. */
bool imap_nstring_parse(struct cur *c, struct arena *a, struct str *out, bool *nil);
/* objectid = 1*255(ALPHA / DIGIT / "_" / "-") (RFC 8474 7). c is unmoved on false. */
bool imap_objectid_parse(struct cur *c, struct str *out);
/* nz-number. c is unmoved on false. */
bool imap_nz_parse(struct cur *c, uint32_t *out);
/* The end of the command. One space before it is allowed, because clients send it. c is unmoved on
 * false. */
bool imap_end(struct cur *c);

/* mailbox = "INBOX" / astring, as UTF-8. utf8: the client has enabled UTF-8 names (RFC 9051 5.1),
 * otherwise they are modified UTF-7 (RFC 3501 5.1.3). "INBOX" in any case becomes "INBOX". A name
 * with a wrong encoding is a valid astring and therefore no syntax error: *out is then a name that
 * no mailbox can have, and the command's response is NO. */
bool imap_mailbox_parse(struct cur *c, struct arena *a, bool utf8, struct str *out);
/* Only the decoding, for names within another grammar. */
struct str imap_mailbox_decode(struct arena *a, bool utf8, struct str raw);
/* The same; false for a name with a wrong encoding. */
bool imap_mailbox_decode_strict(struct arena *a, bool utf8, struct str raw, struct str *out);

struct imap_strs {
	struct str *items;
	size_t n;
};

/* flag = "\" atom / atom. c is unmoved on false. */
bool imap_flag_parse(struct cur *c, struct str *out);
/* flag-list = "(" [flag *(SP flag)] ")" */
bool imap_flag_list_parse(struct cur *c, struct arena *a, struct imap_strs *out);

/* The announcement of a literal at the end of a line (without its CRLF): "{5}", "{5+}" (RFC 7888),
 * "~{5}" (RFC 3516). False when there is none. */
struct imap_literal {
	uint64_t size;
	bool sync;   /* the client waits for "+"               */
	bool binary; /* "~"                                    */
	size_t at;   /* its offset in the line */
};
bool imap_literal_at_end(struct str line, struct imap_literal *out);

/* Returns the address of a new zeroed element after the n at *items. The array lives in a and moves
 * when n passes a power of two. items is the address of the array's pointer. */
void *imap_push(struct arena *a, void *items, size_t *n, size_t size);

#endif
