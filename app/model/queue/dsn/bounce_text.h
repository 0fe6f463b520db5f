/* model/queue/dsn/bounce_text.h: the parts of a bounce; for this folder only. */
#ifndef QUEUE_BOUNCE_TEXT_H
#define QUEUE_BOUNCE_TEXT_H
#include "model/queue/dsn/bounce.h"

/* --- text for people: bounce_text.c --- */

/* The subject of a report with this action. */
struct str bounce_subject(enum bounce_action action);

/* Append the text of the first part, UTF-8 with CRLF. subject is the original's, decoded;
 * may be empty. */
void bounce_text_put(struct buf *out, const struct bounce *b, struct str subject);

/* --- explanations of codes: bounce_words.c --- */

/* The meaning of an enhanced status code (RFC 3463) as a sentence; empty: the remote's
 * words suffice. */
struct str bounce_words(struct str status);

/* --- machine-readable: bounce_status.c --- */

/* The enhanced status code to report (RFC 3463): the reply's own if it matches the
 * action, else derived from its code and the facts. Static or borrowed. */
struct str bounce_status(const struct bounce_rcpt *r);

/* Append the text of the second part (RFC 3464 2). utf8: as message/global-delivery-status,
 * else in 7 bits. */
void bounce_status_put(struct buf *out, const struct bounce *b, bool utf8);

#endif
