/* Return paths of mail that is sent on: a sender up to the first line end, then a local part of
 * ours that somebody wrote. Laws: what is made can be read back within its days, in any case of
 * letters, and not after them, nor with another key; it is a sender's again when it is sent on
 * once more; and a local part that is read has an address in it. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "model/directory/srs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t key[SRS_KEY] = "0123456789abcdef0123456789abcde";
static const int64_t now = 1800000000000, day = 86400000;

static struct str upper(struct arena *a, struct str s)
{
	struct str out = str_dup(a, s);

	for (size_t i = 0; i < out.n; i++)
		if (out.p[i] >= 'a' && out.p[i] <= 'z')
			((char *)(uintptr_t)out.p)[i] = (char)(out.p[i] - 'a' + 'A');
	return out;
}

static void there_and_back(struct arena *a, struct str text)
{
	struct mailaddr sender, made, back, again, rest;

	if (!mailaddr_of(text, a, MAILADDR_UTF8, &sender) ||
	    !srs_encode(key, now, &sender, STR("ours.example"), a, &made))
		return;
	assert(srs_is(made.local) && made.local.n <= MAILADDR_LOCAL_MAX);
	assert(str_eq(made.domain, STR("ours.example")));
	assert(srs_decode(key, now + SRS_DAYS * day - day, made.local, a, &back));
	assert(srs_is(sender.local) || mailaddr_equal(&back, &sender));
	assert(srs_decode(key, now, upper(a, made.local), a, &again));
	assert(str_eqi(again.domain, back.domain));
	if (str_startsi(made.local, STR("SRS0")))
		assert(!srs_decode(key, now + (SRS_DAYS + 2) * day, made.local, a, &again));
	if (srs_encode(key, now, &made, STR("next.example"), a, &rest))
		assert(str_startsi(rest.local, STR("SRS1")));
}

/* Fuzzing does not guess the hash of 30 bits: so hardly any of these can be read. */
static void written_by_others(struct arena *a, struct str local)
{
	struct mailaddr back;

	if (srs_decode(key, now, local, a, &back)) {
		assert(srs_is(local));
		assert(back.local.n != 0 && back.domain.n != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct arena a = { 0 };
	struct str sender;

	if (!cur_until(&c, '\n', &sender))
		return 0;
	cur_skip(&c, 1);
	there_and_back(&a, sender);
	written_by_others(&a, cur_rest(&c));
	arena_deinit(&a);
	return 0;
}
