/* flow/submission/submit_sent.h: the stored record of an API submission (model/history/sent.h), and
 * its idempotency key: a request with a key that was used before is not sent again, and gets the
 * same response. */
#ifndef SUBMISSION_SUBMIT_SENT_H
#define SUBMISSION_SUBMIT_SENT_H
#include "flow/submission/submit.h"
#include "model/history/sent.h"

/* The key, and a hash of all parts of the request that must be equal for it to be a repetition. */
void submit_key_make(struct str key, const struct str *parts, size_t count, struct sent_key *out);
/* The earlier request with this key: *response is its response, in a. ERR_MISSING: none.
 * ERR_CONFLICT: another request had the key. Else errors are the store's. */
enum err submit_key_find(struct store *s, uint32_t account, const struct sent_key *key,
                         struct arena *a, struct str *response, struct why *why) MUST_USE;

/* The record of s, whose recipients have their answers. rcpts has room for them and their addresses
 * as the client gave them. The caller sets message_id, tag, metadata and key. out borrows from s,
 * rcpts and a. */
void submit_sent_make(const struct submit *s, struct sent_rcpt *rcpts, struct arena *a,
                      struct sent_new *out);

/* "550 5.1.1 no such user"; empty for an accepted recipient. */
struct str submit_answer_text(struct arena *a, const struct submit_answer *answer);

#endif
