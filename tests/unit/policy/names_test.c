/* What names say of a peer: FCrDNS, HELO, the sender's domain. */
#include "unit/policy/fixture.h"
#include "unit/policy/slow_dns.h"

#include "flow/policy/policy_private.h"
#include "foundation/config/limits.h"

#include <string.h>

static const struct dns_fake_row zone[] = {
	{ "1.2.0.192.in-addr.arpa", "PTR", "good.example" },
	{ "good.example", "A", "192.0.2.1" },
	{ "2.2.0.192.in-addr.arpa", "PTR", "good.example" }, /* a lie */
	{ "4.2.0.192.in-addr.arpa", "*", "SERVFAIL" },
	{ "5.2.0.192.in-addr.arpa", "PTR", "lost.example" },
	{ "lost.example", "*", "SERVFAIL" },
	{ "mail.example", "MX", "10 mx.mail.example" },
	{ "null.example", "MX", "0 ." },
	{ "3.2.0.192.list.example", "A", "127.0.0.2" },
	{ "text.example", "TXT", "hello" },
	{ NULL, NULL, NULL },
};

static void test_fcrdns(void **state)
{
	static const struct {
		const char *setting, *peer;
		enum policy_kind kind;
		const char *note;
	} rows[] = {
		{ "on", "192.0.2.1", POLICY_PASS, NULL },
		{ "on", "192.0.2.2", POLICY_REJECT, "leads back" },
		{ "on", "192.0.2.3", POLICY_REJECT, "has no name" },
		{ "on verdict=tag", "192.0.2.3", POLICY_TAG, "has no name" },
		{ "on", "192.0.2.4", POLICY_PASS, "could not be looked up" },
		{ "on", "192.0.2.5", POLICY_PASS, "could not be looked up" },
		{ "on", "10.0.0.9", POLICY_PASS, NULL },
		{ "record", "192.0.2.2", POLICY_PASS, "leads back" },
		{ "record", "192.0.2.3", POLICY_PASS, "has no name" },
		{ "record verdict=reject", "192.0.2.3", POLICY_PASS, "has no name" },
		{ "off", "192.0.2.3", POLICY_PASS, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.fcrdns = str_of(rows[i].setting) };
		bool decides = rows[i].kind >= POLICY_ACCEPT;

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, rows[i].peer);
		check_at(i, fixture_ask(&f, POLICY_CONNECT) ==
		                    (decides ? rows[i].kind : POLICY_PASS));
		check_at(i, rows[i].note == NULL || fixture_noted(&f, rows[i].kind, rows[i].note));
		check_at(i, str_eq(f.session->peer_name, STR("good.example")) == (i == 0));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* RFC 8601 2.7.3: names that are dead do not take the time of one that leads back. */
static void test_dead_names(void **state)
{
	static const struct dns_fake_row names[] = {
		{ "1.2.0.192.in-addr.arpa", "PTR", "dead1.example" },
		{ "1.2.0.192.in-addr.arpa", "PTR", "dead2.example" },
		{ "1.2.0.192.in-addr.arpa", "PTR", "dead3.example" },
		{ "1.2.0.192.in-addr.arpa", "PTR", "good.example" },
		{ "good.example", "A", "192.0.2.1" },
		{ "2.2.0.192.in-addr.arpa", "PTR", "dead1.example" },
		{ "2.2.0.192.in-addr.arpa", "PTR", "other.example" },
		{ NULL, NULL, NULL },
	};
	struct fixture f = { .settings.fcrdns = STR("on") };
	struct slow_dns slow;

	(void)state;
	slow_dns_init(&slow, names);
	fixture_open(&f, NULL, &(struct policy_config){ .dns = &slow.dns });
	fixture_connect(&f, "192.0.2.1");
	assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_PASS);
	check_str(f.session->peer_name, STR("good.example"));
	check_str(str_of(f.session->iprev), STR("pass"));
	assert_true(slow.waited_ms < LIMIT_policy_dns_ms);
	fixture_leave(&f);

	/* One that is dead may have been the one. */
	fixture_connect(&f, "192.0.2.2");
	assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_PASS);
	assert_true(fixture_noted(&f, POLICY_PASS, "could not be looked up"));
	check_str(str_of(f.session->iprev), STR("temperror"));
	fixture_leave(&f);
	fixture_close(&f);
	slow_dns_deinit(&slow);
}

static void test_helo(void **state)
{
	static const struct {
		const char *setting, *helo;
		enum policy_kind kind;
	} rows[] = {
		{ "basic", "client.example", POLICY_PASS },
		{ "basic", "client", POLICY_PASS },
		{ "basic", "MAIL.example.org", POLICY_REJECT },
		{ "basic", "localhost", POLICY_REJECT },
		{ "basic", "localhost.localdomain", POLICY_REJECT },
		{ "basic", "[192.0.2.1]", POLICY_PASS },
		{ "basic", "mail.example.org.", POLICY_REJECT },
		{ "basic", "localhost.", POLICY_REJECT },
		{ "basic", "client.", POLICY_PASS },
		/* RFC 5321 4.1.4 */
		{ "basic", "[192.0.2.2]", POLICY_TAG },
		{ "basic", "[10.0.0.5]", POLICY_TAG },
		{ "basic", "[IPv6:2001:db8::1]", POLICY_TAG },
		{ "basic verdict=reject", "[192.0.2.2]", POLICY_TAG },
		{ "name", "[192.0.2.2]", POLICY_REJECT },
		{ "name verdict=quarantine", "[192.0.2.2]", POLICY_QUARANTINE },
		{ "resolves", "[192.0.2.2]", POLICY_REJECT },
		{ "name", "client", POLICY_REJECT },
		{ "name", "client.", POLICY_REJECT },
		{ "name", "client.example.", POLICY_PASS },
		{ "name", "nowhere.example", POLICY_PASS },
		{ "resolves", "nowhere.example", POLICY_REJECT },
		{ "resolves", "good.example", POLICY_PASS },
		{ "resolves", "mail.example", POLICY_PASS }, /* RFC 5321 2.3.5: by MX */
		{ "resolves", "lost.example", POLICY_PASS },
		{ "resolves", "[192.0.2.1]", POLICY_PASS },
		{ "resolves verdict=tempfail", "nowhere.example", POLICY_TEMPFAIL },
		{ "off", "localhost", POLICY_PASS },
		{ "", "localhost", POLICY_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.helo_check = str_of(rows[i].setting) };
		bool decides = rows[i].kind >= POLICY_ACCEPT;

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, "192.0.2.1");
		f.session->helo = str_of(rows[i].helo);
		check_at(i, fixture_ask(&f, POLICY_HELLO) ==
		                    (decides ? rows[i].kind : POLICY_PASS));
		check_at(i, rows[i].kind == POLICY_PASS ||
		                    fixture_noted(&f, rows[i].kind, "HELO "));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

static void test_sender(void **state)
{
	static const struct {
		const char *setting, *domain;
		enum policy_kind kind;
		const char *enhanced;
	} rows[] = {
		{ "on", "mail.example", POLICY_PASS, "" },
		{ "on", "good.example", POLICY_PASS, "" },
		{ "on", "null.example", POLICY_REJECT, "5.7.27" }, /* RFC 7505 4.2 */
		{ "on", "text.example", POLICY_REJECT, "5.1.8" },
		{ "on", "nowhere.example", POLICY_REJECT, "5.1.8" },
		{ "on verdict=tempfail", "nowhere.example", POLICY_TEMPFAIL, "4.7.1" },
		{ "on", "lost.example", POLICY_PASS, "" },
		{ "on", "", POLICY_PASS, "" },
		{ "on", "[192.0.2.7]", POLICY_PASS, "" },
		{ "off", "nowhere.example", POLICY_PASS, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.sender_domain = str_of(rows[i].setting) };

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, "192.0.2.1");
		f.session->envelope.sender = (struct mailaddr){ STR("x"), str_of(rows[i].domain) };
		check_at(i, fixture_ask(&f, POLICY_MAIL) == rows[i].kind);
		check_at(i, str_eq(f.verdict.enhanced, str_of(rows[i].enhanced)));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* A delay waits, wherever a setting may ask for one. */
static void test_delay(void **state)
{
	static const struct {
		const char *fcrdns, *helo, *sender, *dnsbl;
		enum policy_stage stage;
		int64_t delay_ms;
	} rows[] = {
		{ "on verdict=delay:10s", "", "", "", POLICY_CONNECT, 10000 },
		{ "on verdict=delay", "", "", "", POLICY_CONNECT, 5000 },
		{ "on verdict=delay:10m", "", "", "", POLICY_CONNECT, LIMIT_policy_delay_ms },
		{ "", "name verdict=delay:7s", "", "", POLICY_HELLO, 7000 },
		{ "", "", "on verdict=delay:8s", "", POLICY_MAIL, 8000 },
		{ "", "", "", "list.example;at=1 verdict=delay:9s", POLICY_MAIL, 9000 },
		{ "", "", "", "list.example;at=1 verdict=delay", POLICY_MAIL, 5000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings = { .fcrdns = str_of(rows[i].fcrdns),
			                           .helo_check = str_of(rows[i].helo),
			                           .sender_domain = str_of(rows[i].sender),
			                           .dnsbl = str_of(rows[i].dnsbl) } };

		assert_int_equal(policy_settings_check(&f.settings, NULL), OK);
		fixture_open(&f, zone, NULL);
		fixture_connect(&f, "192.0.2.3");
		f.session->helo = STR("client");
		f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("nowhere.example") };
		check_at(i, fixture_ask(&f, rows[i].stage) == POLICY_PASS);
		check_at(i, f.verdict.delay_ms == rows[i].delay_ms);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

static void test_settings(void **state)
{
	static const char *const bad[] = { "maybe", "on verdict=x", "on off", "on\non",
		                           "on verdict=tag:5s", "on verdict=delay:0s",
		                           "on verdict=delay:x",
		                           "verdict=tag" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct settings s = { .fcrdns = str_of(bad[i]) };
		struct why why = { "" };

		check_at(i, policy_settings_check(&s, &why) == ERR_SYNTAX);
		check_at(i, strncmp(why.text, "ROOST_FCRDNS: line ", 19) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fcrdns),
		cmocka_unit_test(test_dead_names),
		cmocka_unit_test(test_helo),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
