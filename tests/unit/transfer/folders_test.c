/* tests/unit/transfer/folders_test.c: where the mailboxes of another server go. */
#include "foundation/base/arena.h"
#include "harness/check.h"
#include "operations/transfer/transfer_private.h"

#include <string.h>

struct row {
	const char *name, *role, *to; /* to NULL: left out */
	bool view;
};

static void plan_check(const struct row *rows, size_t n, char separator,
                       const struct transfer_rule *rules, size_t rule_count)
{
	static const struct str spaces[] = { { "user/", 5 } };
	struct listed list[16] = { { 0 } };
	struct listing l = { list, n, spaces, COUNT(spaces) };
	struct arena a = { 0 };
	struct transfer_folder *out;
	bool viewing = false;

	for (size_t i = 0; i < n; i++)
		list[i] = (struct listed){ .next = i + 1 < n ? &list[i + 1] : NULL,
			                   .name = str_of(rows[i].name),
			                   .separator = separator,
			                   .role = str_of(rows[i].role) };
	out = folders_plan(&l, rules, rule_count, &a);
	for (size_t i = 0; i < n; i++) {
		size_t r = 0;

		while (!str_eq(out[i].name, str_of(rows[r].name)))
			r++;
		check_str_at(r, out[i].to, str_of(rows[r].to != NULL ? rows[r].to : ""));
		check_at(r, out[i].view == rows[r].view);
		check_at(r, !viewing || out[i].view); /* they come last */
		viewing = out[i].view;
	}
	arena_deinit(&a);
}

static void roles(void **state)
{
	static const struct row rows[] = {
		{ "[Gmail]/All Mail", "\\All", "Archive", true },
		{ "[Gmail]/Sent Mail", "\\Sent", "Sent", false },
		{ "inbox", "", "INBOX", false },
		{ "[Gmail]/Starred", "\\Flagged", "Archive", true },
		{ "Sent Items", "", "Sent Items", false }, /* it means nothing: there are roles */
		{ "user/bob", "", NULL, false },
	};

	(void)state;
	plan_check(rows, COUNT(rows), '/', NULL, 0);
}

static void names_below_inbox(void **state)
{
	static const struct row rows[] = {
		{ "INBOX", "", "INBOX", false },
		{ "INBOX.Sent Items", "", "Sent", false },
		{ "INBOX.A.B", "", "A/B", false },
		{ "INBOX.\xff", "", NULL, false },
	};
	static const struct row mixed[] = { { "INBOX.A", "", "INBOX/A", false },
		                            { "B", "", "B", false } };

	(void)state;
	plan_check(rows, COUNT(rows), '.', NULL, 0);
	plan_check(mixed, COUNT(mixed), '.', NULL, 0);
}

static void rules(void **state)
{
	static const struct transfer_rule some[] = {
		{ { "A", 1 }, { "X/Y", 3 } },
		{ { "A/B", 3 }, { "", 0 } },
		{ { "A/B/C", 5 }, { "C", 1 } },
		{ { "user/bob", 8 }, { "Bob", 3 } },
		{ { "S", 1 }, { "T", 1 } },
	};
	static const struct row rows[] = {
		{ "A", "", "X/Y", false },         { "A/D", "", "X/Y/D", false },
		{ "A/B", "", NULL, false },        { "A/B/D", "", NULL, false },
		{ "A/B/C", "", "C", false },       { "A/B/C/D", "", "C/D", false },
		{ "AB", "", "AB", false },         { "S", "\\Sent", "T", false },
		{ "user/bob/x", "", "Bob/x", false },
	};

	(void)state;
	plan_check(rows, COUNT(rows), '/', some, COUNT(some));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles),
		cmocka_unit_test(names_below_inbox),
		cmocka_unit_test(rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
