/* flow/submission/submit_sent.c: see submit_sent.h. */
#include "flow/submission/submit_sent.h"

#include "foundation/base/clock.h"
#include "foundation/crypto/hash.h"
#include "model/store/store.h"

#include <string.h>

void submit_key_make(struct str key, const struct str *parts, size_t count, struct sent_key *out)
{
	struct hash_blake2b h;

	hash_blake2b_256(key, out->hash);
	hash_blake2b_init(&h);
	for (size_t i = 0; i < count; i++) {
		if (i != 0)
			hash_blake2b_update(&h, STR("\0"));
		hash_blake2b_update(&h, parts[i]);
	}
	hash_blake2b_final(&h, out->request);
}

struct key_find {
	uint32_t account;
	const struct sent_key *key;
	struct arena *a;
	struct sent_key found;
};

static enum err key_read(struct txn *t, void *arg)
{
	struct key_find *f = arg;

	return sent_key_get(t, f->account, f->key->hash, clock_real_ms(), f->a, &f->found);
}

enum err submit_key_find(struct store *s, uint32_t account, const struct sent_key *key,
                         struct arena *a, struct str *response, struct why *why)
{
	struct key_find f = { .account = account, .key = key, .a = a };
	enum err e = store_read(s, key_read, &f);

	if (e)
		return e;
	if (memcmp(f.found.request, key->request, HASH_BYTES) != 0)
		return fail(why, ERR_CONFLICT,
		            "this Idempotency-Key was used for another message");
	*response = f.found.answer;
	return OK;
}

struct str submit_answer_text(struct arena *a, const struct submit_answer *answer)
{
	return answer->code == 0 ? STR_EMPTY
	                         : str_fmt(a, "%u %.*s %.*s", answer->code,
	                                   STR_ARG(answer->enhanced), STR_ARG(answer->text));
}

static void rcpt_result(const struct submit_rcpt *r, struct arena *a, struct sent_rcpt *out)
{
	struct str discarded = actions_discarded(r->rcpt.actions);
	bool accepted = r->answer.code == 0, dropped = accepted && discarded.n != 0;

	out->state = dropped ? SENT_DROPPED : accepted ? SENT_QUEUED : SENT_REFUSED;
	out->reply = dropped ? discarded : submit_answer_text(a, &r->answer);
}

void submit_sent_make(const struct submit *s, struct sent_rcpt *rcpts, struct arena *a,
                      struct sent_new *out)
{
	int64_t now_ms = clock_real_ms();

	for (size_t i = 0; i < s->rcpt_count; i++) {
		rcpts[i].time_ms = now_ms;
		rcpt_result(&s->rcpts[i], a, &rcpts[i]);
	}
	*out = (struct sent_new){
		.sent = { .account = s->envelope.submitter,
		          .id = sent_id_new(now_ms),
		          .created_ms = now_ms,
		          .send_at_ms = s->envelope.not_before_ms,
		          .from = mailaddr_text(a, &s->envelope.sender) },
		.rcpts = rcpts,
		.rcpt_count = s->rcpt_count,
	};
}
