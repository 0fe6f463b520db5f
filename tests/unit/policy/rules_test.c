/* The settings of filters and hooks: what they mean, and what is refused with which words. */
#include "harness/check.h"

#include "flow/policy/hook/hook_rules.h"
#include "flow/policy/milter/milter_rules.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"

#include <string.h>

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		const char *path, *host;
		unsigned port;
	} rows[] = {
		{ "inet:rspamd:11332", true, "", "rspamd", 11332 },
		{ "inet:11332@rspamd", true, "", "rspamd", 11332 },
		{ "rspamd:11332", true, "", "rspamd", 11332 },
		{ "inet:[2001:db8::1]:11332", true, "", "2001:db8::1", 11332 },
		{ "inet6:7357@::1", true, "", "::1", 7357 },
		{ "unix:/run/a b", true, "/run/a b", "", 0 },
		{ "local:/run/x", true, "/run/x", "", 0 },
		{ "unix:run/x", false, "", "", 0 },
		{ "unix:", false, "", "", 0 },
		{ "inet:rspamd", false, "", "", 0 },
		{ "inet::11332", false, "", "", 0 },
		{ "inet:rspamd:0", false, "", "", 0 },
		{ "inet:rspamd:65536", false, "", "", 0 },
		{ "inet:rspamd:1x", false, "", "", 0 },
		{ "", false, "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct milter_address at;

		check_at(i, milter_address_parse(str_of(rows[i].text), &at) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_str_at(i, at.path, str_of(rows[i].path));
		check_str_at(i, at.host, str_of(rows[i].host));
		check_at(i, at.port == rows[i].port);
	}
}

static void filters_are_read(void **state)
{
	struct arena a = { 0 };
	struct milter_rules rules;
	struct why why = { "" };

	(void)state;
	assert_int_equal(
		milter_rules_parse(STR("# two\ninet:h:1\nunix:/s name=n for=mx stages=end "
	                               "fail=accept version=2 connect=1s command=2s message=3m"),
	                           &a, &rules, &why),
		OK);
	assert_int_equal(rules.count, 2);
	check_str(rules.items[0].name, STR("inet:h:1"));
	assert_int_equal(rules.items[0].roles, POLICY_MX | POLICY_SUBMISSION);
	assert_int_equal(rules.items[0].stages, BIT(POLICY_STAGES) - 1);
	assert_int_equal(rules.items[0].fail, POLICY_TEMPFAIL);
	assert_int_equal(rules.items[0].version, 6);
	check_str(rules.items[1].name, STR("n"));
	assert_int_equal(rules.items[1].roles, POLICY_MX);
	assert_int_equal(rules.items[1].stages, BIT(POLICY_END));
	assert_int_equal(rules.items[1].fail, POLICY_PASS);
	assert_int_equal(rules.items[1].version, 2);
	assert_int_equal(rules.items[1].connect_ms, 1000);
	assert_int_equal(rules.items[1].command_ms, 2000);
	assert_int_equal(rules.items[1].message_ms, 180000);
	arena_deinit(&a);
}

static void hooks_are_read(void **state)
{
	struct arena a = { 0 };
	struct hook_rules rules;
	struct why why = { "" };

	(void)state;
	assert_int_equal(
		hook_rules_parse(STR("https://h.example/x?y secret=whsec_MDEyMzQ1Njc4OWFiY2RlZg==\n"
	                             "http://[::1]:80 name=n stages=rcpt,end for=submission "
	                             "fail=quarantine body=full max=2M timeout=3s "
	                             "secret=0123456789abcdeF"),
	                         &a, &rules, &why),
		OK);
	assert_int_equal(rules.count, 2);
	check_str(rules.items[0].name, STR("h.example"));
	check_str(rules.items[0].secret, STR("0123456789abcdef"));
	assert_int_equal(rules.items[0].stages, BIT(POLICY_END));
	assert_int_equal(rules.items[0].fail, POLICY_TEMPFAIL);
	assert_false(rules.items[0].full);
	check_str(rules.items[1].name, STR("n"));
	check_str(rules.items[1].url, STR("http://[::1]:80"));
	check_str(rules.items[1].secret, STR("0123456789abcdeF"));
	assert_int_equal(rules.items[1].stages, BIT(POLICY_RCPT) | BIT(POLICY_END));
	assert_int_equal(rules.items[1].fail, POLICY_QUARANTINE);
	assert_true(rules.items[1].full);
	assert_int_equal(rules.items[1].max, MIB(2));
	assert_int_equal(rules.items[1].timeout_ms, 3000);
	arena_deinit(&a);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		bool hook;
		const char *text, *want;
	} rows[] = {
		{ false, "inet:h:1\nfor=mx", "line 2" },
		{ false, "inet:h", "inet:HOST:PORT" },
		{ false, "inet:h:1 for=imap", "mx and submission" },
		{ false, "inet:h:1 for=", "mx and submission" },
		{ false, "inet:h:1 for=mx,", "mx and submission" },
		{ false, "inet:h:1 stages=eoh", "connect, hello" },
		{ false, "inet:h:1 fail=maybe", "accept" },
		{ false, "inet:h:1 version=1", "2 to 6" },
		{ false, "inet:h:1 version=7", "2 to 6" },
		{ false, "inet:h:1 message=0", "message" },
		{ false, "inet:h:1 message=11m", "message" },
		{ false, "inet:h:1 unknown=1", "line 1" },
		{ false, "inet:h:1 inet:h:2", "line 1" },
		{ true, "ftp://h/", "https://HOST" },
		{ true, "https://", "https://HOST" },
		{ true, "https://user:word@h/", "https://HOST" },
		{ true, "https://h/ secret=short", "secret" },
		{ true, "https://h/ secret=whsec_!!!!", "secret" },
		{ true, "https://h/ body=some", "headers or full" },
		{ true, "https://h/ max=33M", "max" },
		{ true, "https://h/ timeout=x", "timeout" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct milter_rules milters;
		struct hook_rules hooks;
		struct why why = { "" };
		enum err e = rows[i].hook
		                     ? hook_rules_parse(str_of(rows[i].text), &a, &hooks, &why)
		                     : milter_rules_parse(str_of(rows[i].text), &a, &milters, &why);

		check_at(i, e == ERR_SYNTAX);
		if (strstr(why.text, rows[i].want) == NULL)
			fail_msg("row %zu: %s", i, why.text);
		check_at(i, strstr(why.text, "short") == NULL); /* no secret */
		arena_deinit(&a);
	}
}

static void one_more_than_may_be_is_refused(void **state)
{
	struct arena a = { 0 };
	struct milter_rules milters;
	struct hook_rules hooks;
	struct buf text;

	(void)state;
	buf_init(&text, 65536);
	for (int i = 0; i < LIMIT_milters; i++)
		buf_fmt(&text, "inet:h:%d\n", i + 1);
	assert_int_equal(milter_rules_parse(buf_str(&text), &a, &milters, NULL), OK);
	buf_fmt(&text, "inet:h:99\n");
	assert_int_equal(milter_rules_parse(buf_str(&text), &a, &milters, NULL), ERR_SYNTAX);
	buf_reset(&text);
	for (int i = 0; i < LIMIT_hooks; i++)
		buf_fmt(&text, "https://h/%d\n", i);
	assert_int_equal(hook_rules_parse(buf_str(&text), &a, &hooks, NULL), OK);
	buf_fmt(&text, "https://h/\n");
	assert_int_equal(hook_rules_parse(buf_str(&text), &a, &hooks, NULL), ERR_SYNTAX);
	buf_deinit(&text);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(filters_are_read),
		cmocka_unit_test(hooks_are_read),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(one_more_than_may_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
