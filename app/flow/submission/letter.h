/* flow/submission/letter.h: a message made of its parts: addresses, subject, texts, attachments.
 *
 * Chapter. API submissions (letter_json.h) and contact forms (form_letter.h) become a struct
 * letter, and letter_put writes it as a message that needs no further conversion: CRLF, lines
 * within 998 bytes, 7 bit unless an address or a message inside has more (RFC 5322, 2045 to 2047,
 * 2231, 6532). The tree is as deep as it must be:
 *
 *	multipart/mixed                     with attachments
 *	    multipart/alternative           with text and html
 *	        text/plain
 *	        multipart/related           with parts that html refers to by "cid:"
 *	            text/html
 *	            image/png ...
 *	    application/pdf ...
 *
 * All of this folder but form_rules.c is pure: bytes in, bytes out. */
#ifndef SUBMISSION_LETTER_H
#define SUBMISSION_LETTER_H
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct letter_address {
	struct str name; /* UTF-8, or empty */
	struct mailaddr address;
};

struct letter_addresses {
	struct letter_address *items;
	size_t count;
};

struct letter_field {
	struct str name, value; /* passed letter_field_check */
};

struct letter_part {
	struct str name;       /* of the file, UTF-8; may be empty                        */
	struct str type;       /* "image/png"; passed letter_type_check                   */
	struct str content_id; /* without brackets; not empty: html refers to it (RFC 2392) */
	struct str content;    /* bytes                                                   */
};

struct letter {
	struct letter_address from;
	struct letter_addresses to, cc, reply_to;
	struct str subject;    /* UTF-8, one line                                  */
	struct str text, html; /* UTF-8; both empty: only the attachments          */
	const struct letter_field *fields;
	size_t field_count;
	const struct letter_part *parts;
	size_t part_count;
	int64_t date_ms;
	struct str message_id; /* "<...>"                                          */
};

enum {
	LETTER_FIELD_NAME_MAX = 76,
	LETTER_FIELD_VALUE_MAX = 8192,
	LETTER_TYPE_MAX = 127, /* RFC 6838 4.2, both halves */
};

/* May it be a further field: a name of printable ASCII (RFC 5322 3.6.8) that is not one of those
 * that the letter, the queue or a server on the way writes; a value without line ends and other
 * control characters? ERR_SYNTAX, ERR_LIMIT. */
enum err letter_field_check(struct str name, struct str value, struct why *why) MUST_USE;

/* "type/subtype" (RFC 6838 4.2), no multipart, and no message but message/rfc822. */
bool letter_type_check(struct str type);
/* May it stand in "<...>" of Content-ID, and in a cid: URL? */
bool letter_content_id_check(struct str id);

/* Are all addresses and fields ASCII? Else the message needs SMTPUTF8 (RFC 6532 3). */
bool letter_is_utf8(const struct letter *l);

/* Append the message; a is for passing needs. ERR_SYNTAX: a message/rfc822 part is no message of
 * lines, which may not be encoded (RFC 2046 5.2.1). buf_ok tells whether it had room. Cost: linear.
 */
enum err letter_put(struct buf *out, const struct letter *l, struct arena *a,
                    struct why *why) MUST_USE;

#endif
