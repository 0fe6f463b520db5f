/* Whatever a certification authority says: tokens and URLs that are believed are harmless. */
#include "operations/acme/wire_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_order(struct json v, struct arena *a)
{
	struct answer_order o;

	if (!answer_order(v, a, &o))
		return;
	assert(answer_url(o.finalize) && o.count > 0 && o.count <= ANSWER_NAMES_MAX);
	for (size_t i = 0; i < o.count; i++)
		assert(answer_url(o.authorizations[i]));
	assert(o.status != ANSWER_VALID || answer_url(o.certificate));
}

static void check_authorization(struct json v, struct arena *a)
{
	struct answer_authorization z;

	if (!answer_authorization(v, a, &z))
		return;
	assert(z.name.n > 0 && z.count <= ANSWER_CHALLENGES_MAX);
	for (size_t i = 0; i < z.count; i++) {
		struct str token = z.challenges[i].token;

		assert(token.n > 0 && token.n <= ANSWER_TOKEN_MAX &&
		       answer_url(z.challenges[i].url));
		assert(str_find_byte(token, '/') < 0 && str_find_byte(token, '.') < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct answer_directory d;
	struct answer_problem p;
	struct answer_window w;
	struct arena a = { 0 };
	struct json v;

	if (json_parse(&a, str_from((const char *)data, n), &v)) {
		if (answer_directory(v, &a, &d))
			assert(answer_url(d.new_order) && answer_url(d.new_nonce) &&
			       (d.revoke.n == 0 || answer_url(d.revoke)) &&
			       (d.key_change.n == 0 || answer_url(d.key_change)) &&
			       (d.renewal_info.n == 0 || answer_url(d.renewal_info)));
		if (answer_window(v, &w))
			assert(w.from_ms < w.to_ms);
		check_order(v, &a);
		check_authorization(v, &a);
		answer_problem(v, &a, &p);
		for (size_t i = 0; i < p.sentence.n; i++)
			assert((unsigned char)p.sentence.p[i] >= ' ');
	}
	assert(answer_retry_after_ms(str_from((const char *)data, n), 1000) <= 1000);
	arena_deinit(&a);
	return 0;
}
