/* tests/unit/mailbox/values_test.c: flags, sets of UIDs, names. */
#include "harness/check.h"
#include "model/mailbox/flags.h"
#include "model/mailbox/name.h"
#include "model/mailbox/uids.h"

static void flags_names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int id;
	} rows[] = {
		{ "\\Seen", FLAG_SEEN },
		{ "\\SEEN", FLAG_SEEN },
		{ "\\deleted", FLAG_DELETED },
		{ "$Forwarded", FLAG_FORWARDED },
		{ "$forwarded", FLAG_FORWARDED },
		{ "$MDNSent", FLAG_MDN_SENT },
		{ "$Junk", FLAG_JUNK },
		{ "\\Recent", -1 },
		{ "Seen", -1 },
		{ "", -1 },
		{ "$Label1", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, flag_find(str_of(rows[i].name)) == rows[i].id);
	for (unsigned id = 0; id < FLAG_CUSTOM; id++)
		check_at(id, flag_name(id).n == 0 || flag_find(flag_name(id)) == (int)id);
	assert_int_equal(flag_name(FLAG_CUSTOM).n, 0);
}

static void flags_sets(void **state)
{
	(void)state;
	struct flags none = { { 0 } };

	for (unsigned id = 0; id < FLAG_MAX; id++) {
		struct flags one = flags_with(none, id);

		check_at(id, flags_has(one, id) && !flags_has(none, id));
		check_at(id, !flags_empty(one) && flags_empty(flags_minus(one, one)));
		check_at(id, flags_eq(flags_or(one, none), one) && !flags_eq(one, none));
		check_at(id, !flags_has(one, (id + 64) % FLAG_MAX));
	}
	assert_false(flags_has(none, FLAG_MAX));
}

static void uids_grow(void **state)
{
	(void)state;
	struct uids u = { 0 };
	bool in[2000] = { false };
	uint32_t count = 0;

	/* Every third and every seventh: single ones and neighbours. */
	for (uint32_t uid = 1; uid < 2000; uid++)
		if (uid % 3 == 0 || uid % 7 == 0) {
			uids_add(&u, uid, uid);
			in[uid] = true;
			count++;
		}
	assert_int_equal(u.count, count);
	for (uint32_t uid = 0; uid < 2000; uid++)
		check_at(uid, uids_has(&u, uid) == in[uid]);
	for (size_t i = 1; i < u.n; i++)
		check_at(i, u.ranges[i].lo > u.ranges[i - 1].hi + 1);
	uids_reset(&u);
	assert_false(uids_has(&u, 3));
	uids_add(&u, 5, UINT32_MAX);
	assert_true(uids_has(&u, UINT32_MAX) && !uids_has(&u, 4));
	uids_deinit(&u);
	assert_true(uids_has(&uids_all, 1) && uids_has(&uids_all, UINT32_MAX));
	assert_false(uids_has(&uids_all, 0));
}

#define LONG_50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_255 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 "aaaaa"

static void names_checked(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum err want;
	} rows[] = {
		{ "a", OK },
		{ "a/b", OK },
		{ "INBOX", OK },
		{ "Entw\xc3\xbcrfe", OK },
		{ "a b*c%d\"e\\f", OK }, /* awkward, but the protocol can quote it */
		{ ".a", OK },
		{ LONG_255, OK },
		{ LONG_255 "/" LONG_255, OK },
		{ LONG_255 "a", ERR_LIMIT },
		{ LONG_255 "/" LONG_255 "/a", ERR_LIMIT }, /* past 512 in all */
		{ "", ERR_SYNTAX },
		{ "/", ERR_SYNTAX },
		{ "/a", ERR_SYNTAX },
		{ "a/", ERR_SYNTAX },
		{ "a//b", ERR_SYNTAX },
		{ "a/./b", ERR_SYNTAX },
		{ "..", ERR_SYNTAX },
		{ "a\nb", ERR_SYNTAX },
		{ "a\x7f", ERR_SYNTAX },
		{ "a\xc2\x85", ERR_SYNTAX },     /* C1 */
		{ "a\xe2\x80\xa8", ERR_SYNTAX }, /* U+2028 */
		{ "a\xff", ERR_SYNTAX },
		{ "a\xc3", ERR_SYNTAX },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, name_check(str_of(rows[i].name), 512, NULL) == rows[i].want);
}

static void names_compared(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "INBOX", "inbox", true },      { "inbox/a", "INBOX/a", true },
		{ "inbox/a", "INBOX/A", false }, { "a", "A", false },
		{ "a/inbox", "a/INBOX", false }, { "inboxes", "INBOXES", false },
		{ "a", "a/b", false },           { "a/b", "a/b", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, name_eq(str_of(rows[i].a), str_of(rows[i].b)) == rows[i].equal);
}

static void names_walked(void **state)
{
	(void)state;
	struct cur rest = cur_of(STR("inbox/inbox/c"));
	static const char *const want[] = { "INBOX", "inbox", "c" };
	struct str level;

	for (size_t i = 0; i < COUNT(want); i++) {
		check_at(i, name_level(&rest, i == 0, &level));
		check_str_at(i, level, str_of(want[i]));
	}
	assert_false(name_level(&rest, false, &level));
}

/* Of a pattern of bits, one for each UID from 1 on. */
static void uids_of(unsigned bits, struct uids *out)
{
	for (uint32_t uid = 1; uid <= 8; uid++)
		if (bits & BIT(uid))
			uids_add(out, uid, uid);
}

static unsigned bits_of(const struct uids *u)
{
	unsigned bits = 0;

	for (uint32_t uid = 1; uid <= 8; uid++)
		bits |= uids_has(u, uid) ? BIT(uid) : 0;
	return bits;
}

/* Any two sets of eight; the ends of all numbers. */
static void uids_united(void **state)
{
	struct uid_range ends = { 9, UINT32_MAX };
	struct uids top = { .ranges = &ends, .n = 1 };

	(void)state;
	for (unsigned a = 0; a < 512; a += 2)
		for (unsigned b = 0; b < 512; b += 2) {
			struct uids x = { 0 }, y = { 0 };

			uids_of(a, &x);
			uids_of(b, &y);
			uids_unite(&x, &y);
			check_at(a << 9 | b, bits_of(&x) == (a | b));
			check_at(a << 9 | b, x.count == (uint32_t)__builtin_popcount(a | b));
			uids_subtract(&x, &y);
			check_at(a << 9 | b, bits_of(&x) == (a & ~b));
			check_at(a << 9 | b, x.count == (uint32_t)__builtin_popcount(a & ~b));
			uids_deinit(&x);
			uids_of(a, &x);
			uids_intersect(&x, &y);
			check_at(a << 9 | b, bits_of(&x) == (a & b));
			check_at(a << 9 | b, x.count == (uint32_t)__builtin_popcount(a & b));
			uids_deinit(&x);
			uids_deinit(&y);
		}
	struct uids x = { 0 };
	uids_unite(&x, &uids_all);
	uids_unite(&x, &top);
	assert_int_equal(x.n, 1);
	uids_intersect(&x, &top);
	assert_true(x.n == 1 && x.ranges[0].lo == 9 && x.ranges[0].hi == UINT32_MAX);
	uids_unite(&x, &uids_all);
	uids_subtract(&x, &top);
	assert_true(x.n == 1 && x.ranges[0].hi == 8 && x.count == 8);
	uids_subtract(&x, &uids_all);
	assert_int_equal(x.count, 0);
	uids_deinit(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_names),   cmocka_unit_test(flags_sets),
		cmocka_unit_test(uids_grow),     cmocka_unit_test(uids_united),
		cmocka_unit_test(names_checked), cmocka_unit_test(names_compared),
		cmocka_unit_test(names_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
