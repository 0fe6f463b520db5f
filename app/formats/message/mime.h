/* formats/message/mime.h: a message as a tree of MIME parts, stored as offsets.
 *
 *   0 multipart/mixed          parent first_child next
 *   |- 1 text/plain               -        1       -
 *   `- 2 message/rfc822           0        -       2      parts[] is in the order of the
 *      `- 3 multipart/alternative 0        3       -      message: a parent comes before
 *         |- 4 text/plain         2        4       -      its children, and a child lies
 *         `- 5 text/html          ...                     within its parent's body
 *
 * Every input parses, so Roost can show every message. Violations of RFC 2046 are handled as in
 * other mail clients: a multipart without its boundary is one opaque body, one that is not closed
 * ends where its parent ends, a header without an end has no body. Line ends may be CRLF or bare
 * LF, also mixed. */
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H
#include "foundation/base/str.h"

struct arena;

/* Bytes [off, off + len) of the message. len 0: nothing. */
struct span {
	uint32_t off;
	uint32_t len;
};

struct message_limits {
	uint32_t depth;         /* nesting; deeper parts belong to an opaque body */
	uint32_t parts;         /* in total; further ones belong to the body around them */
	uint32_t header_bytes;  /* of one part; the rest of it is body                   */
	uint32_t params;        /* of one field                                          */
	uint32_t addresses;     /* of all fields of one name in one header               */
	uint32_t all_params;    /* of all parts                                          */
	uint32_t all_addresses; /* of all headers of messages                           */
	uint32_t memory_bytes;  /* of the arena; see message_parse                       */
};
/* The defaults of console/server; tests use them too. */
#define MESSAGE_LIMITS_DEFAULT                                                      \
	{                                                                           \
		.depth = 40, .parts = 2000, .header_bytes = 1u << 20, .params = 64, \
		.addresses = 1000, .all_params = 10000, .all_addresses = 10000,     \
		.memory_bytes = 4u << 20                                            \
	}

enum {
	MESSAGE_SIZE_MAX = UINT32_MAX / 2,
	PART_NONE = UINT32_MAX,
	/* Maximum memory of parsed parts, structure and envelopes: this factor for each byte of a
	 * message, plus the base; never more than memory_bytes. The worst case is an empty part of
	 * a multipart/digest: two parts and an envelope for 6 bytes. */
	MESSAGE_MEMORY_FACTOR = 512,
	MESSAGE_MEMORY_BASE = 16 << 10,
};

enum part_kind {
	PART_LEAF,
	PART_MULTIPART, /* has children, the parts between its boundaries; at least one */
	PART_MESSAGE,   /* message/rfc822 or /global: one child, the message in it */
};

enum part_encoding { /* of the body; unknown ones are read as 8bit */
	             ENCODING_7BIT,
	             ENCODING_8BIT,
	             ENCODING_BINARY,
	             ENCODING_QP,
	             ENCODING_BASE64,
	             ENCODING_UUENCODE,
};

struct part {
	uint32_t parent, first_child, next; /* indexes or PART_NONE                     */
	uint32_t depth;                     /* 0 for the message itself                 */
	enum part_kind kind;
	enum part_encoding encoding_kind;
	bool limited;        /* a limit prevented parsing of its body */
	bool digest_child;   /* default type is message/rfc822 (RFC 2046 5.1.5)          */
	struct span header;  /* with the empty line that ends it                         */
	struct span body;    /* a line end before a boundary belongs to the boundary     */
	uint32_t body_lines; /* an unfinished last line counts                          */

	/* Values as in the header, trimmed, still folded; len 0 when absent or malformed: then type
	 * and subtype are text/plain (RFC 2045 5.2). */
	struct span type, subtype;
	struct span params; /* of Content-Type, from the first ";"          */
	struct span encoding, id, description, language, location, md5;
	struct span disposition;        /* its first word                               */
	struct span disposition_params; /* from the first ";"                           */
};

struct message {
	struct str raw;
	struct part *parts; /* parts[0] is the message itself; n >= 1 */
	uint32_t n;
	bool limited; /* a limit was reached: see the parts */
};

/* Parse raw (at most MESSAGE_SIZE_MAX bytes) into out; the parts live in a and borrow nothing:
 * spans stay valid for any copy of the same bytes. Always succeeds. One pass, linear, no recursion.
 * The maximum of a is set to limits->memory_bytes more than it holds, unless it has one: later
 * results of the message in a, such as envelopes, share it. Past it, further parts belong to the
 * body around them, and a->full is set. */
void message_parse(struct arena *a, struct str raw, const struct message_limits *limits,
                   struct message *out);

/* The bytes of a span. */
struct str message_str(const struct message *m, struct span s);
/* The effective type and subtype, with defaults: a multipart without parts (no boundary, or a
 * limit) is text/plain, and a message/rfc822 that was not parsed (encoded, or a limit) is
 * application/octet-stream. */
struct str message_type(const struct message *m, const struct part *p);
struct str message_subtype(const struct message *m, const struct part *p);
/* Are type and subtype these (ASCII case ignored)? An empty subtype matches any. */
bool message_is(const struct message *m, const struct part *p, struct str type, struct str subtype);

#endif
