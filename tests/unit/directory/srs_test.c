/* Return paths of mail that is sent on: made, read back, and what is none of ours. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "model/directory/srs.h"

#include <string.h>

static const uint8_t key[SRS_KEY] = "0123456789abcdef0123456789abcde";
static const uint8_t other[SRS_KEY] = "x123456789abcdef0123456789abcde";
static const int64_t now = 1800000000000, day = 86400000;

static struct mailaddr address(struct arena *a, const char *text)
{
	struct mailaddr out;

	assert_true(mailaddr_of(str_of(text), a, MAILADDR_UTF8, &out));
	return out;
}

static void there_and_back(void **state)
{
	static const struct {
		const char *sender, *want, *back; /* NULL: the sender */
	} rows[] = {
		{ "ada@origin.example", "SRS0=******=lb=origin.example=ada@ours.example", NULL },
		{ "Ada.B=c+d@x.example", "SRS0=******=lb=x.example=Ada.B=c+d@ours.example", NULL },
		{ "SRS0=abcd=xy=o.example=ada@hop.example",
		  "SRS1=******=hop.example==abcd=xy=o.example=ada@ours.example", NULL },
		{ "srs0+abcd=xy=o.example=ada@hop.example",
		  "SRS1=******=hop.example=+abcd=xy=o.example=ada@ours.example",
		  "SRS0+abcd=xy=o.example=ada@hop.example" },
		{ "SRS1=abcd=first.example==ab=xy=o.example=a@hop.example",
		  "SRS1=******=first.example==ab=xy=o.example=a@ours.example",
		  "SRS0=ab=xy=o.example=a@first.example" },
		/* SRS1 without what it should have: senders like any other */
		{ "SRS1=abcd@hop.example", "SRS0=******=lb=hop.example=SRS1=abcd@ours.example",
		  NULL },
		{ "SRS1=abcd=@hop.example", "SRS0=******=lb=hop.example=SRS1=abcd=@ours.example",
		  NULL },
		{ "SRS1=abcd==x=y@hop.example",
		  "SRS0=******=lb=hop.example=SRS1=abcd==x=y@ours.example", NULL },
		{ "srs1+abcd=o.example=x@hop.example",
		  "SRS0=******=lb=hop.example=srs1+abcd=o.example=x@ours.example", NULL },
		{ "SRS1=abcd=o.example=@hop.example",
		  "SRS0=******=lb=hop.example=SRS1=abcd=o.example=@ours.example", NULL },
		{ "SRS1=abcd=o_!.example==x@hop.example",
		  "SRS0=******=lb=hop.example=SRS1=abcd=o_!.example==x@ours.example", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct mailaddr sender = address(&a, rows[i].sender), made, back;
		struct str text;
		char *p;

		check_at(i, srs_encode(key, now, &sender, STR("ours.example"), &a, &made));
		text = str_dup(&a, mailaddr_text(&a, &made));
		p = (char *)text.p + strlen("SRS0=");
		memset(p, '*', 6);
		check_str_at(i, text, str_of(rows[i].want));
		check_at(i, srs_is(made.local));
		check_at(i, srs_decode(key, now + 20 * day, made.local, &a, &back));
		check_str_at(i, mailaddr_text(&a, &back),
		             str_of(rows[i].back != NULL ? rows[i].back : rows[i].sender));
		/* Servers on the way may change the case. */
		check_at(i, srs_decode(key, now, str_lower(&a, made.local), &a, &back));
		check_at(i, !srs_decode(other, now, made.local, &a, &back));
		for (size_t j = 5; j < made.local.n; j++) {
			struct str bad = str_dup(&a, made.local);

			((char *)bad.p)[j] ^= 1;
			check_at(i, !srs_decode(key, now, bad, &a, &back));
			check_at(i, !srs_decode(key, now, str_sub(made.local, 0, j), &a, &back));
		}
		arena_deinit(&a);
	}
}

static void addresses_grow_old(void **state)
{
	struct arena a = { 0 };
	struct mailaddr sender = address(&a, "ada@origin.example"), made, back;

	(void)state;
	assert_true(srs_encode(key, now, &sender, STR("ours.example"), &a, &made));
	assert_true(srs_decode(key, now - day, made.local, &a, &back));
	assert_false(srs_decode(key, now - 2 * day, made.local, &a, &back));
	assert_true(srs_decode(key, now + SRS_DAYS * day, made.local, &a, &back));
	assert_false(srs_decode(key, now + (SRS_DAYS + 1) * day, made.local, &a, &back));
	arena_deinit(&a);
}

static void what_is_not_rewritten(void **state)
{
	struct arena a = { 0 };
	struct mailaddr null = { 0 }, out;
	struct mailaddr large = address(&a, "a-rather-long-name-of-somebody@with-a-domain.example");

	(void)state;
	assert_false(srs_encode(key, now, &null, STR("ours.example"), &a, &out));
	assert_true(mailaddr_is_null(&out));
	assert_false(srs_encode(key, now, &large, STR("ours.example"), &a, &out));
	assert_true(mailaddr_equal(&out, &large));
	assert_false(srs_is(STR("srs0")));
	assert_false(srs_is(STR("srs0x")));
	assert_false(srs_is(STR("srs2=a")));
	assert_false(srs_decode(key, now, STR("SRS1=aaaaaa===x"), &a, &out));
	assert_false(srs_decode(key, now, STR("ada"), &a, &out));
	arena_deinit(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(addresses_grow_old),
		cmocka_unit_test(what_is_not_rewritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
