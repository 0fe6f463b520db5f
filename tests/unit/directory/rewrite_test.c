/* Addresses of the envelope that become others: rules, what they make, what is refused. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/config/parsed.h"
#include "model/directory/rewrite.h"

#include <string.h>

#define RULES                                                     \
	"sender=*@host.lan to=*@example.org by=users\n"           \
	"rcpt=info@old.example to=office@example.org\n"           \
	"rcpt=*@old.example to={1}@example.org by=servers\n"      \
	"rcpt=\"/^([a-z]+)\\\\.([a-z]+)@b\\\\.example$/\" to={2}@example.org\n" \
	"rcpt=*@stra\u00dfe.example to={1}@b\u00fccher.example\n"     \
	"rcpt=bad*@c.example to=\"{1} @example.org\"\n"

static void what_becomes_what(void **state)
{
	static const struct {
		enum rewrite_what what;
		bool user;
		const char *from, *to; /* NULL: as it was */
	} rows[] = {
		{ REWRITE_SENDER, true, "ada@host.lan", "ada@example.org" },
		{ REWRITE_SENDER, true, "Ada@HOST.lan", "Ada@example.org" },
		{ REWRITE_SENDER, false, "ada@host.lan", NULL },
		{ REWRITE_RCPT, true, "ada@host.lan", NULL },
		{ REWRITE_RCPT, false, "info@old.example", "office@example.org" },
		{ REWRITE_RCPT, true, "info@old.example", "office@example.org" },
		{ REWRITE_RCPT, false, "x+y@old.example", "x+y@example.org" },
		{ REWRITE_RCPT, true, "x@old.example", NULL },
		{ REWRITE_RCPT, false, "ada.lovelace@b.example", "lovelace@example.org" },
		{ REWRITE_RCPT, false, "ada@b.example", NULL },
		{ REWRITE_RCPT, false, "ada@stra\u00dfe.example", "ada@xn--bcher-kva.example" },
		{ REWRITE_RCPT, false, "ada@xn--strae-oqa.example", "ada@xn--bcher-kva.example" },
		{ REWRITE_RCPT, false, "bad.x@c.example", NULL }, /* makes no address */
		{ REWRITE_SENDER, false, "", NULL },
	};
	struct settings s = { .rewrite = STR(RULES) };

	(void)state;
	assert_int_equal(rewrite_check(s.rewrite, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct mailaddr address = { 0 };

		if (rows[i].from[0] != '\0')
			assert_true(mailaddr_of(str_of(rows[i].from), &a, MAILADDR_UTF8, &address));
		check_at(i, rewrite_address(&s, rows[i].what, rows[i].user, &a, &address) ==
		                    (rows[i].to != NULL));
		check_at(i, str_eqi(mailaddr_text(&a, &address),
		                    str_of(rows[i].to != NULL ? rows[i].to : rows[i].from)));
		arena_deinit(&a);
	}
	settings_parsed_free(&s);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *rules, *want;
	} rows[] = {
		{ "to=a@b", "line 1: give one of sender= and rcpt=" },
		{ "sender=a@b rcpt=a@b to=c@d", "line 1: give one of" },
		{ "\nsender=a@b", "line 2: to= is missing" },
		{ "sender=a@b to=c", "line 1: to= is missing" },
		{ "sender=a to=c@d", "line 1: a pattern is of whole addresses" },
		{ "sender=a@b to=c@d by=nobody", "line 1: by= is" },
		{ "sender=/(@/ to=c@d", "line 1: that is no regular expression" },
		{ "sender=a@b to=c@d x=y", "line 1: word 3 is not known" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, rewrite_check(str_of(rows[i].rules), &why) == ERR_SYNTAX);
		check_at(i, strstr(why.text, rows[i].want) == why.text);
	}
	assert_int_equal(rewrite_check(STR(""), NULL), OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_becomes_what),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
