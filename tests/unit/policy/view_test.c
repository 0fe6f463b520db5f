/* Changes of a message's header and body: which field, where, and that a field stays one. */
#include "harness/check.h"

#include "flow/policy/view.h"
#include "foundation/base/arena.h"

#include <string.h>

enum { CHANGES_MAX = 4 };

#define OURS "Received: by us\r\nX-Ours: 1\r\n"
#define MESSAGE "A: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n\r\nbody\r\n"

static const struct row {
	struct policy_change changes[CHANGES_MAX];
	const char *top, *header, *rest;
} rows[] = {
	{ { { 0 } }, "Received: by us\r\n", "X-Ours: 1\r\n" "A: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n",
	  "\r\nbody\r\n" },
	/* at the end; folds get CRLF */
	{ { { .kind = CHANGE_ADD, .name = STR("N"), .value = STR("a\n b\r\n c") } },
	  "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\nN: a\r\n b\r\n c\r\n", "\r\nbody\r\n" },
	/* with its own space, or without one */
	{ { { .kind = CHANGE_ADD, .name = STR("N"), .value = STR("  a"), .spaced = true },
	    { .kind = CHANGE_ADD, .name = STR("O"), .value = STR("b"), .spaced = true } },
	  "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\nN:  a\r\nO:b\r\n", "\r\nbody\r\n" },
	/* above our Received, right below it, behind the next field, beyond all */
	{ { { .kind = CHANGE_INSERT, .index = 0, .name = STR("N"), .value = STR("0") } },
	  "N: 0\r\nReceived: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n", "\r\nbody\r\n" },
	{ { { .kind = CHANGE_INSERT, .index = 1, .name = STR("N"), .value = STR("1") } },
	  "Received: by us\r\n",
	  "N: 1\r\nX-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n", "\r\nbody\r\n" },
	{ { { .kind = CHANGE_INSERT, .index = 3, .name = STR("N"), .value = STR("3") } },
	  "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nN: 3\r\nB: 2\r\n\tfolded\r\nA: 3\r\n", "\r\nbody\r\n" },
	{ { { .kind = CHANGE_INSERT, .index = 100, .name = STR("N"), .value = STR("x") } },
	  "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\nN: x\r\n", "\r\nbody\r\n" },
	/* what was inserted above counts from then on, as in Sendmail */
	{ { { .kind = CHANGE_INSERT, .index = 0, .name = STR("N"), .value = STR("0") },
	    { .kind = CHANGE_INSERT, .index = 1, .name = STR("O"), .value = STR("1") } },
	  "N: 0\r\nO: 1\r\nReceived: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n", "\r\nbody\r\n" },
	/* the n-th of a name; 0 is the first; in its place, with the name as the change has it */
	{ { { .kind = CHANGE_FIELD, .index = 2, .name = STR("a"), .value = STR("x") } },
	  "Received: by us\r\n", "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\na: x\r\n",
	  "\r\nbody\r\n" },
	{ { { .kind = CHANGE_FIELD, .index = 0, .name = STR("A"), .value = STR("x") } },
	  "Received: by us\r\n", "X-Ours: 1\r\nA: x\r\nB: 2\r\n\tfolded\r\nA: 3\r\n",
	  "\r\nbody\r\n" },
	{ { { .kind = CHANGE_FIELD, .index = 3, .name = STR("A"), .value = STR("x") } },
	  "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\nA: x\r\n", "\r\nbody\r\n" },
	/* deleting: with its folds; the second is then the first; one that is not there stays so */
	{ { { .kind = CHANGE_FIELD, .index = 1, .name = STR("B") },
	    { .kind = CHANGE_FIELD, .index = 1, .name = STR("A") },
	    { .kind = CHANGE_FIELD, .index = 1, .name = STR("A") },
	    { .kind = CHANGE_FIELD, .index = 1, .name = STR("A") } },
	  "Received: by us\r\n", "X-Ours: 1\r\n", "\r\nbody\r\n" },
	/* our Received is nobody's to change, so this one is another */
	{ { { .kind = CHANGE_FIELD, .index = 1, .name = STR("Received") } }, "Received: by us\r\n",
	  "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n", "\r\nbody\r\n" },
	/* a new body, then another instead of it; the envelope changes nothing here */
	{ { { .kind = CHANGE_BODY, .value = STR("one\r\n") },
	    { .kind = CHANGE_SENDER, .value = STR("x@y.example") },
	    { .kind = CHANGE_BODY, .value = STR("two\r\n") } },
	  "Received: by us\r\n", "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\tfolded\r\nA: 3\r\n",
	  "\r\ntwo\r\n" },
};

static void changes_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_view v;
		struct arena a = { 0 };

		policy_view_init(&v, STR(OURS), STR_EMPTY, STR(MESSAGE), &a);
		for (size_t k = 0; k < CHANGES_MAX; k++)
			if (rows[i].changes[k].name.n + rows[i].changes[k].value.n != 0)
				policy_view_change(&v, &rows[i].changes[k]);
		check_str_at(i, policy_view_top(&v), str_of(rows[i].top));
		check_str_at(i, policy_view_header(&v), str_of(rows[i].header));
		check_str_at(i, policy_view_rest(&v), str_of(rows[i].rest));
		arena_deinit(&a);
	}
}

#define FOUND "Authentication-Results: us; none\r\n"

/* What we have found has its place and its number, and stays as it is. */
static void what_we_have_found_stays(void **state)
{
	static const struct {
		struct policy_change change;
		const char *header;
	} tries[] = {
		{ { .kind = CHANGE_INSERT, .index = 1, .name = STR("N"), .value = STR("x") },
		  "N: x\r\n" FOUND "Authentication-Results: a\r\nB: 2\r\n" },
		{ { .kind = CHANGE_INSERT, .index = 2, .name = STR("N"), .value = STR("x") },
		  FOUND "N: x\r\nAuthentication-Results: a\r\nB: 2\r\n" },
		{ { .kind = CHANGE_FIELD, .index = 1, .name = STR("Authentication-Results") },
		  FOUND "Authentication-Results: a\r\nB: 2\r\n" },
		{ { .kind = CHANGE_FIELD, .index = 1, .name = STR("Authentication-Results"),
		    .value = STR("us; spf=pass") },
		  FOUND "Authentication-Results: a\r\nB: 2\r\n" },
		{ { .kind = CHANGE_FIELD, .index = 2, .name = STR("authentication-results") },
		  FOUND "B: 2\r\n" },
		{ { .kind = CHANGE_FIELD, .index = 1, .came = true,
		    .name = STR("Authentication-Results") },
		  FOUND "B: 2\r\n" },
		{ { .kind = CHANGE_FIELD, .index = 2, .came = true,
		    .name = STR("Authentication-Results") },
		  FOUND "Authentication-Results: a\r\nB: 2\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(tries); i++) {
		struct policy_view v;
		struct arena a = { 0 };

		policy_view_init(&v, STR("Received: us\r\n"), STR(FOUND),
		                 STR("Authentication-Results: a\r\nB: 2\r\n\r\nbody\r\n"), &a);
		policy_view_change(&v, &tries[i].change);
		check_str_at(i, policy_view_top(&v), STR("Received: us\r\n"));
		check_str_at(i, policy_view_header(&v), str_of(tries[i].header));
		arena_deinit(&a);
	}
}

static void odd_messages_keep_their_lines(void **state)
{
	static const struct {
		struct str message;
		const char *header, *rest;
	} odd[] = {
		{ STR(""), "N: x\r\n", "" },
		{ STR("\r\n"), "N: x\r\n", "\r\n" },
		{ STR("\r\nbody\r\n"), "N: x\r\n", "\r\nbody\r\n" },
		{ STR("A: 1\r\n"), "A: 1\r\nN: x\r\n", "" },
		{ STR("A: 1"), "A: 1\r\nN: x\r\n", "" },
		{ STR("From x\r\nA: 1\r\n\r\nb"), "From x\r\nA: 1\r\nN: x\r\n", "\r\nb" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		const struct policy_change c = {
			.kind = CHANGE_ADD, .name = STR("N"), .value = STR("x")
		};
		struct policy_view v;
		struct arena a = { 0 };

		policy_view_init(&v, STR(""), STR_EMPTY, odd[i].message, &a);
		policy_view_change(&v, &c);
		check_str_at(i, policy_view_top(&v), STR(""));
		check_str_at(i, policy_view_header(&v), str_of(odd[i].header));
		check_str_at(i, policy_view_rest(&v), str_of(odd[i].rest));
		arena_deinit(&a);
	}
}

/* A first line with a blank in front is more of our last field: what is put behind that does not
 * get it, and what takes that away takes it too. Without one of ours nothing comes in front. */
static void a_line_that_goes_on_stays_where_it_was(void **state)
{
	static const struct {
		const char *ours;
		struct str message;
		struct policy_change change;
		const char *top, *header;
	} odd[] = {
		{ "Received: us\r\n", STR(" x\r\nA: 1\r\n\r\nb"),
		  { .kind = CHANGE_INSERT, .index = 1, .name = STR("N"), .value = STR("x") },
		  "Received: us\r\n x\r\n", "N: x\r\nA: 1\r\n" },
		{ "Received: us\r\n", STR("\tx"),
		  { .kind = CHANGE_ADD, .name = STR("N"), .value = STR("x") },
		  "Received: us\r\n\tx\r\n", "N: x\r\n" },
		{ OURS, STR(" x\r\nA: 1\r\n\r\nb"),
		  { .kind = CHANGE_FIELD, .index = 1, .name = STR("X-Ours") },
		  "Received: by us\r\n", "A: 1\r\n" },
		{ OURS, STR(" x\r\nA: 1\r\n\r\nb"),
		  { .kind = CHANGE_INSERT, .index = 2, .name = STR("N"), .value = STR("x") },
		  "Received: by us\r\n", "X-Ours: 1\r\n x\r\nN: x\r\nA: 1\r\n" },
		{ "", STR(" x\r\nA: 1\r\n\r\nb"),
		  { .kind = CHANGE_INSERT, .index = 0, .name = STR("N"), .value = STR("x") },
		  "", " x\r\nN: x\r\nA: 1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct policy_view v;
		struct arena a = { 0 };

		policy_view_init(&v, str_of(odd[i].ours), STR_EMPTY, odd[i].message, &a);
		policy_view_change(&v, &odd[i].change);
		check_str_at(i, policy_view_top(&v), str_of(odd[i].top));
		check_str_at(i, policy_view_header(&v), str_of(odd[i].header));
		arena_deinit(&a);
	}
}

static void changes_that_would_break_the_header_are_refused(void **state)
{
	static const struct {
		struct policy_change change;
		bool ok;
	} tries[] = {
		{ { .kind = CHANGE_ADD, .name = STR("X"), .value = STR("one\n two") }, true },
		{ { .kind = CHANGE_ADD, .name = STR("X"), .value = STR("one\ntwo") }, false },
		{ { .kind = CHANGE_ADD, .name = STR("X"), .value = STR("one\n") }, false },
		{ { .kind = CHANGE_ADD, .name = STR("X"), .value = STR("one\rtwo") }, false },
		{ { .kind = CHANGE_ADD, .name = STR("X"), .value = STR("a\0b") }, false },
		{ { .kind = CHANGE_ADD, .name = STR("X:"), .value = STR("a") }, false },
		{ { .kind = CHANGE_ADD, .name = STR("X Y"), .value = STR("a") }, false },
		{ { .kind = CHANGE_ADD, .name = STR(""), .value = STR("a") }, false },
		{ { .kind = CHANGE_SENDER, .value = STR("") }, true },
		{ { .kind = CHANGE_SENDER, .value = STR("a@b.example") }, true },
		{ { .kind = CHANGE_SENDER, .value = STR("a b@c") }, false },
		{ { .kind = CHANGE_RCPT_ADD, .value = STR("a@b.example") }, true },
		{ { .kind = CHANGE_RCPT_ADD, .value = STR("") }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(tries); i++) {
		struct policy_changes c;
		struct arena a = { 0 };

		policy_changes_init(&c);
		check_at(i, (policy_changes_add(&c, &a, &tries[i].change, NULL) == OK) ==
		                    tries[i].ok);
		check_at(i, c.count == tries[i].ok);
		arena_deinit(&a);
	}
}

/* The shortest fields need the most memory for each byte. */
static void many_fields(void **state)
{
	enum { FIELDS = 300000 };
	struct policy_view v;
	struct arena a = { 0 };
	struct buf message;

	(void)state;
	buf_init(&message, 4 * FIELDS);
	for (size_t i = 0; i < FIELDS; i++)
		buf_put(&message, STR("a:\n"));
	policy_view_init(&v, STR("Received: x\r\n"), STR_EMPTY, buf_str(&message), &a);
	assert_int_equal(v.count, FIELDS + 1);
	assert_true(a.used_bytes < 16 * message.n);
	arena_deinit(&a);
	buf_deinit(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_made),
		cmocka_unit_test(what_we_have_found_stays),
		cmocka_unit_test(odd_messages_keep_their_lines),
		cmocka_unit_test(many_fields),
		cmocka_unit_test(a_line_that_goes_on_stays_where_it_was),
		cmocka_unit_test(changes_that_would_break_the_header_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
