/* flow/submission/letter_body.h: the MIME tree of a letter; for letter.c only. */
#ifndef SUBMISSION_LETTER_BODY_H
#define SUBMISSION_LETTER_BODY_H
#include "flow/submission/letter.h"

/* Append Content-Type and so on, the empty line, and the body. Errors as letter_put. */
enum err letter_body_put(struct buf *out, const struct letter *l, struct arena *a,
                         struct why *why) MUST_USE;

#endif
