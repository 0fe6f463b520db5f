/* ROOST_WEBHOOKS: what it means, what is refused with which words, and who is told of what. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "model/webhook/rules.h"

static void rules_are_read(void **state)
{
	static const struct {
		const char *text, *url, *name;
		unsigned events;
		size_t secret;
	} rows[] = {
		{ "https://a.example/x", "https://a.example/x", "a.example",
		  BIT(WEBHOOK_DELIVERED) | BIT(WEBHOOK_BOUNCED), 0 },
		{ "http://a:8080/?x name=shop events=delayed,cancelled secret=0123456789abcdef",
		  "http://a:8080/?x", "shop", BIT(WEBHOOK_DELAYED) | BIT(WEBHOOK_CANCELLED), 16 },
		{ "https://a/ secret=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM=", "https://a/", "a",
		  BIT(WEBHOOK_DELIVERED) | BIT(WEBHOOK_BOUNCED), 20 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct webhook_rules rules;
		struct arena a = { 0 };

		check_at(i, webhook_rules_parse(str_of(rows[i].text), &a, &rules, NULL) == OK);
		check_at(i, rules.count == 1);
		check_str_at(i, rules.items[0].url, str_of(rows[i].url));
		check_str_at(i, rules.items[0].name, str_of(rows[i].name));
		check_at(i, rules.items[0].events == rows[i].events);
		check_at(i, rules.items[0].secret.n == rows[i].secret);
		arena_deinit(&a);
	}
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "name=x", "the first word" },
		{ "ftp://a/", "the first word" },
		{ "https:///x", "the first word" },
		{ "https://user:geheim@a/", "the first word" },
		{ "https://a/ https://b/", "line 1" },
		{ "https://a/\nhttps://b/ events=sent", "line 2" },
		{ "https://a/ events=", "events" },
		{ "https://a/ secret=geheim", "16 to 256" },
		{ "https://a/ secret=whsec_geheim!", "16 to 256" },
		{ "https://a/ url=x", "line 1" },
		{ "https://a/ events=bounced\nhttps://b/\nhttps://a/ events=delayed", "line 3" },
	};
	struct buf many;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, webhooks_check(str_of(rows[i].text), &why) == ERR_SYNTAX);
		check_at(i, str_find(str_of(why.text), str_of(rows[i].why)) >= 0);
		check_at(i, str_starts(str_of(why.text), STR("ROOST_WEBHOOKS: ")));
		check_at(i, str_find(str_of(why.text), STR("geheim")) < 0);
	}
	buf_init(&many, 10000);
	for (int i = 0; i < LIMIT_webhooks; i++)
		buf_fmt(&many, "https://a/%d\n", i);
	assert_int_equal(webhooks_check(buf_str(&many), NULL), OK);
	buf_put(&many, STR("https://b/\n"));
	assert_int_equal(webhooks_check(buf_str(&many), NULL), ERR_SYNTAX);
	buf_deinit(&many);
}

static void who_is_told(void **state)
{
	static const struct {
		const char *rule, *from, *tag;
		bool wants; /* of a bounce */
	} rows[] = {
		{ "https://a/", "x@example.org", "", true },
		{ "https://a/ events=delivered", "x@example.org", "", false },
		{ "https://a/ from=*@example.org", "x@example.org", "", true },
		{ "https://a/ from=*@example.org", "x@example.net", "", false },
		{ "https://a/ tag=bill-*", "x@example.org", "bill-7", true },
		{ "https://a/ tag=bill-*", "x@example.org", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct webhook_rules rules;
		struct arena a = { 0 };

		check_at(i, webhook_rules_parse(str_of(rows[i].rule), &a, &rules, NULL) == OK);
		check_at(i,
		         webhook_rule_wants(&rules.items[0], WEBHOOK_BOUNCED, str_of(rows[i].from),
		                            str_of(rows[i].tag)) == rows[i].wants);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(who_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
