/* queue/bounce_text.h: what a bounce says to people; for this folder only. */
#ifndef QUEUE_BOUNCE_TEXT_H
#define QUEUE_BOUNCE_TEXT_H
#include "queue/bounce.h"

/* Append the text of the first part, UTF-8 with CRLF. subject is the original's, decoded;
 * may be empty. */
void bounce_text_put(struct buf *out, const struct bounce *b, struct str subject);

/* The enhanced status code to report (RFC 3463): the reply's own, else made from its code;
 * "4.4.7" when only age ended it and nothing better is known. Static or borrowed. */
struct str bounce_status(const struct bounce *b, const struct bounce_rcpt *r);

#endif
