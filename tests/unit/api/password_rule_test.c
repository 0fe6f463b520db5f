/* Which passwords are taken, and how strong they seem. */
#include "harness/check.h"

#include "console/api/access/account.h"

#include <string.h>

static const struct {
	const char *password, *address;
	const char *says; /* a part of the sentence; NULL: it is taken */
} rule_rows[] = {
	{ "meadow-lantern-cobalt-91", "ada@example.org", NULL },
	{ "correct horse battery", "ada@example.org", NULL },
	{ "gr\xc3\xbcne W\xc3\xa4lder", "ada@example.org", NULL },
	{ "xk7#Qv9!", "ada@example.org", NULL },
	{ "", "ada@example.org", "at least 8" },
	{ "xk7#Qv9", "ada@example.org", "at least 8" },
	/* what is tried first */
	{ "password", "ada@example.org", "first that are guessed" },
	{ "PassWord1", "ada@example.org", "first that are guessed" },
	{ "12345678", "ada@example.org", "first that are guessed" },
	{ "87654321", "ada@example.org", "first that are guessed" },
	{ "aaaaaaaaaaaaaaaaaaaa", "ada@example.org", "first that are guessed" },
	{ "qwertz12", "ada@example.org", "first that are guessed" },
	{ "iloveyou", "ada@example.org", "first that are guessed" },
	{ "changeme", "ada@example.org", "first that are guessed" },
	/* the account's own name, in any case and place; not one so short that it means nothing */
	{ "meadow-Ada-cobalt-91", "ada@example.org", "own name" },
	{ "Rosalind-Franklin-1920", "rosalind-franklin@example.org", "own name" },
	{ "meadow-lantern-cobalt-91", "la@example.org", NULL },
	/* and its domain as a whole, not a word that is in it */
	{ "Example.org-1920", "ada@example.org", "domain" },
	{ "meadow-example-cobalt-91", "ada@example.org", NULL },
	{ "meadow-lantern-cobalt-91", "", NULL },
	{ "meadow-lantern-\xff", "ada@example.org", "UTF-8" },
};

static void rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rule_rows); i++) {
		struct why why = { "" };
		enum err e = password_check(str_of(rule_rows[i].password),
		                            str_of(rule_rows[i].address), &why);

		check_at(i, e == (rule_rows[i].says == NULL ? OK : ERR_SYNTAX));
		check_at(i,
		         rule_rows[i].says == NULL || strstr(why.text, rule_rows[i].says) != NULL);
	}
	assert_int_equal(password_check(str_from("meadow\0lantern", 14), STR("a@b"), NULL),
	                 ERR_SYNTAX);
}

static void strength(void **state)
{
	static const struct {
		const char *password;
		int least, most;
	} rows[] = {
		{ "", 0, 0 },
		{ "password", 0, 0 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaa", 0, 0 },
		{ "margaret1", 0, 1 }, /* the name in the address */
		{ "xK7#pQ2$vM9!", 4, 4 },
		{ "correct horse battery staple", 3, 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str advice;
		int got = password_strength(str_of(rows[i].password), STR("margaret@example.org"),
		                            &advice);

		if (got < rows[i].least || got > rows[i].most)
			fail_msg("row %zu: %d", i, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rule), cmocka_unit_test(strength) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
