/* model/queue/dsn/bounce_text.h: the parts of a bounce; for this folder only. */
#ifndef QUEUE_BOUNCE_TEXT_H
#define QUEUE_BOUNCE_TEXT_H
#include "model/queue/dsn/bounce.h"

/* --- for people: bounce_text.c --- */

/* The subject of a report with this action. */
struct str bounce_subject(enum bounce_action action);

/* Append the text of the first part, UTF-8 with CRLF. subject is the original's, decoded;
 * may be empty. */
void bounce_text_put(struct buf *out, const struct bounce *b, struct str subject);

/* --- plain words for codes: bounce_words.c --- */

/* What an enhanced status code (RFC 3463) means, as a sentence for people; empty: nothing that
 * the remote's own words do not say better. */
struct str bounce_words(struct str status);

/* --- for programs: bounce_status.c --- */

/* The enhanced status code to report (RFC 3463): the reply's own if it fits the action, else
 * made from its code and from what we know. Static or borrowed. */
struct str bounce_status(const struct bounce_rcpt *r);

/* Append the text of the second part (RFC 3464 2). utf8: as message/global-delivery-status,
 * else in 7 bits. */
void bounce_status_put(struct buf *out, const struct bounce *b, bool utf8);

#endif
