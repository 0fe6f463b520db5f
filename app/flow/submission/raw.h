/* flow/submission/raw.h: a message that a program brings whole, as sendmail -t takes it. */
#ifndef SUBMISSION_RAW_H
#define SUBMISSION_RAW_H
#include "flow/submission/letter.h"

struct raw_letter {
	struct mailaddr from; /* of the first From field; null: there is none that can be used */
	struct letter_addresses rcpts; /* of To, Cc and Bcc; names empty, none twice        */
	bool utf8;                     /* the header has more than ASCII (RFC 6532)          */
};

/* Append the message with CRLF at the end of each line (programs write LF) and without its Bcc
 * fields (RFC 5322 3.6.3), and tell whom its header names; at most max recipients, ERR_LIMIT
 * beyond. With max 0, recipients are not read. ERR_SYNTAX: no header, a lone CR or NUL (which
 * smuggle), a header that is no UTF-8, a recipient that is no address. Everything lives in a. out
 * needs room for twice raw. Linear. */
enum err raw_letter_read(struct str raw, size_t max, struct arena *a, struct buf *out,
                         struct raw_letter *letter, struct why *why) MUST_USE;

#endif
