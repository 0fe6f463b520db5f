/* Where mail for a destination goes (RFC 5321 5, RFC 7505), and the smarthost setting. */
#include "harness/check.h"
#include "harness/openssl.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "network/dns/dns.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/smtp_out.h"
#include "protocols/smtp_out/route_resolve.h"

#include <string.h>

static const struct dns_fake_row zone[] = {
	{ "mx.example", "MX", "20 b.mx.example" },
	{ "mx.example", "MX", "10 a.mx.example" },
	{ "a.mx.example", "A", "192.0.2.1" },
	{ "a.mx.example", "AAAA", "2001:db8::1" },
	{ "b.mx.example", "A", "192.0.2.2" },
	{ "implicit.example", "A", "192.0.2.3" },
	{ "null.example", "MX", "0 ." },
	{ "null.example", "A", "192.0.2.4" },
	{ "text.example", "TXT", "no host" },
	{ "broken.example", "*", "SERVFAIL" },
	{ "brokenmx.example", "MX", "10 broken.example" },
	{ "bogus.example", "*", "BOGUS the signature of bogus.example MX has expired" },
	{ "bogusmx.example", "MX", "10 bogus.example" },
	{ "bogusa.example", "A", "BOGUS it is not signed" },
	{ "halfbroken.example", "MX", "10 broken.example" },
	{ "halfbroken.example", "MX", "20 b.mx.example" },
	{ "hostless.example", "MX", "10 nowhere.example" },
	{ "hostless.example", "MX", "20 norhere.example" },
	{ "textmx.example", "MX", "10 text.example" },
	{ "halfless.example", "MX", "10 nowhere.example" },
	{ "halfless.example", "MX", "20 broken.example" },
	{ "fourmx.example", "MX", "10 b.mx.example" },
	{ "brokena.example", "A", "SERVFAIL" },
	{ "ours.example", "MX", "10 MAIL.example.org" },
	{ "behind.example", "MX", "10 a.mx.example" },
	{ "behind.example", "MX", "20 mail.example.org" },
	{ "behind.example", "MX", "20 b.mx.example" },
	{ "behind.example", "MX", "30 b.mx.example" },
	{ "literal.example", "MX", "10 192.0.2.9" },
	{ "equal.example", "MX", "10 a.mx.example" },
	{ "equal.example", "MX", "10 b.mx.example" },
	{ "equal.example", "MX", "20 implicit.example" },
	{ "many.example", "A", "192.0.2.1" },
	{ "many.example", "A", "192.0.2.2" },
	{ "many.example", "A", "192.0.2.3" },
	{ "many.example", "AAAA", "2001:db8::1" },
	{ "many.example", "AAAA", "2001:db8::2" },
#define WIDE(n)                                                                             \
	{ "wide.example", "A", "198.51.100." #n }, { "wide.example", "A", "198.51.100.1" #n }, \
		{ "wide.example", "A", "198.51.100.2" #n }
	WIDE(0),
	WIDE(1),
	WIDE(2),
	WIDE(3),
	WIDE(4),
	WIDE(5),
	WIDE(6),
	WIDE(7),
	{ "behindwide.example", "MX", "10 wide.example" },
	{ "behindwide.example", "MX", "20 b.mx.example" },
	{ "six.example", "AAAA", "2001:db8::6" },
	{ "sixmx.example", "MX", "10 six.example" },
	{ "here.example", "A", "127.0.0.1" },
	{ "loop.example", "MX", "10 here.example" },
	{ "looplater.example", "MX", "10 a.mx.example" },
	{ "looplater.example", "MX", "20 here.example" },
	{ "looplater.example", "MX", "20 b.mx.example" },
	{ NULL, NULL, NULL },
};

static struct dns *dns;
static struct out_way the_way; /* what is special about it */

static enum err find(const char *destination, const struct out_smarthost *smarthost,
                     struct arena *a, struct out_route *out, struct envelope_reply *reply)
{
	static const uint16_t listens[] = { 2525 };
	struct out_way *way = arena_new(a, struct out_way);
	struct out_route_request r = { .dns = dns,
		                       .hostname = STR("mail.example.org"),
		                       .port = 25,
		                       .listens = listens,
		                       .listen_count = COUNT(listens),
		                       .way = way };

	*way = the_way;
	way->domain = str_of(destination);
	if (smarthost != NULL) {
		way->kind = ROUTE_RELAY;
		way->hosts[way->host_count++] = *smarthost;
	}
	*reply = (struct envelope_reply){ 0 };
	return out_route_find(&r, a, out, reply);
}

/* "host=address host=address" */
static struct str hops_text(struct arena *a, const struct out_route *route)
{
	char text[ADDR_TEXT_MAX];
	struct str all;
	struct buf b;

	buf_init(&b, 10000);
	for (size_t i = 0; i < route->count; i++)
		buf_fmt(&b, "%s%.*s=%.*s", i != 0 ? " " : "", STR_ARG(route->hops[i].host),
		        STR_ARG(addr_ip_text(&route->hops[i].addr, text)));
	all = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return all;
}

static void test_routes(void **state)
{
	static const struct {
		const char *destination;
		enum err e;
		const char *hops;
		unsigned code;
	} rows[] = {
		{ "mx.example", OK,
		  "a.mx.example=2001:db8::1 a.mx.example=192.0.2.1 b.mx.example=192.0.2.2", 0 },
		{ "implicit.example", OK, "implicit.example=192.0.2.3", 0 },
		{ "null.example", ERR_DENIED, "", 556 },
		{ "text.example", ERR_DENIED, "", 550 },
		{ "nowhere.example", ERR_DENIED, "", 550 },
		{ "not a domain", ERR_DENIED, "", 550 },
		{ "broken.example", ERR_RETRY, "", 451 },
		{ "brokena.example", ERR_RETRY, "", 451 },
		{ "brokenmx.example", ERR_RETRY, "", 451 },
		{ "halfbroken.example", OK, "b.mx.example=192.0.2.2", 0 },
		{ "hostless.example", ERR_DENIED, "", 550 },
		{ "textmx.example", ERR_DENIED, "", 550 },
		{ "halfless.example", ERR_RETRY, "", 451 },
		{ "ours.example", ERR_DENIED, "", 554 },
		{ "behind.example", OK, "a.mx.example=2001:db8::1 a.mx.example=192.0.2.1", 0 },
		{ "literal.example", OK, "192.0.2.9=192.0.2.9", 0 },
		{ "[192.0.2.7]", OK, "[192.0.2.7]=192.0.2.7", 0 },
		{ "[IPv6:2001:db8::7]", OK, "[IPv6:2001:db8::7]=2001:db8::7", 0 },
		{ "[192.0.2.7", ERR_DENIED, "", 550 },
		{ "[x]", ERR_DENIED, "", 550 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;
		enum err e = find(rows[i].destination, NULL, &a, &route, &reply);

		check_at(i, e == rows[i].e);
		check_at(i, reply.code == rows[i].code);
		check_str_at(i, hops_text(&a, &route), str_of(rows[i].hops));
		arena_deinit(&a);
	}
}

/* Why DNS tells nothing, to those who wait for it (RFC 8914's reasons, in words). */
static void test_trouble(void **state)
{
	static const struct {
		const char *destination, *text;
	} rows[] = {
		{ "broken.example", "DNS did not answer" },
		{ "brokenmx.example", "DNS did not answer" },
		{ "bogus.example", "the signatures in DNS are wrong: the signature of "
		                   "bogus.example MX has expired" },
		{ "bogusmx.example", "the signatures in DNS are wrong: the signature of "
		                     "bogus.example MX has expired" },
		{ "bogusa.example", "the signatures in DNS are wrong: it is not signed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;

		check_at(i, find(rows[i].destination, NULL, &a, &route, &reply) == ERR_RETRY);
		check_str_at(i, reply.status, STR("4.4.3"));
		check_str_at(i, reply.text, str_of(rows[i].text));
		arena_deinit(&a);
	}
}

/* Families take turns (RFC 8305 4), as the route wants them; a source address of one family is for
 * that family. */
static void test_families(void **state)
{
	static const struct {
		enum route_ip ip;
		const char *source4, *source6, *hops;
	} rows[] = {
		{ ROUTE_IP_ANY, NULL, NULL, ":1 .1 :2 .2 .3" },
		{ ROUTE_IP_PREFER6, NULL, NULL, ":1 .1 :2 .2 .3" },
		{ ROUTE_IP_PREFER4, NULL, NULL, ".1 :1 .2 :2 .3" },
		{ ROUTE_IP_ONLY4, NULL, NULL, ".1 .2 .3" },
		{ ROUTE_IP_ONLY6, NULL, NULL, ":1 :2" },
		{ ROUTE_IP_ANY, "192.0.2.9", NULL, ".1 .2 .3" },
		{ ROUTE_IP_ANY, NULL, "2001:db8::9", ":1 :2" },
		{ ROUTE_IP_PREFER4, "192.0.2.9", "2001:db8::9", ".1 :1 .2 :2 .3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;
		struct buf b;

		the_way = (struct out_way){ .manner.ip = rows[i].ip };
		if (rows[i].source4 != NULL)
			addr_parse_ip(str_of(rows[i].source4), &the_way.manner.source4);
		if (rows[i].source6 != NULL)
			addr_parse_ip(str_of(rows[i].source6), &the_way.manner.source6);
		check_at(i, find("many.example", NULL, &a, &route, &reply) == OK);
		buf_init(&b, 1000);
		for (size_t k = 0; k < route.count; k++) {
			char text[ADDR_TEXT_MAX];
			struct str ip = addr_ip_text(&route.hops[k].addr, text);

			buf_put(&b, STR(" "));
			buf_put(&b, str_sub(ip, ip.n - 2, ip.n)); /* the end tells */
		}
		check_str_at(i, str_trim(buf_str(&b)), str_of(rows[i].hops));
		buf_deinit(&b);
		arena_deinit(&a);
	}
	the_way = (struct out_way){ 0 };
}

/* Addresses of the other family were not asked for: that there is none of this one says nothing
 * for good. */
static void test_one_family_alone(void **state)
{
	static const struct {
		const char *destination;
		enum route_ip ip;
		enum err e;
		const char *status;
	} rows[] = {
		{ "six.example", ROUTE_IP_ONLY4, ERR_RETRY, "4.4.4" },
		{ "six.example", ROUTE_IP_ONLY6, OK, "" },
		{ "implicit.example", ROUTE_IP_ONLY6, ERR_RETRY, "4.4.4" },
		{ "sixmx.example", ROUTE_IP_ONLY4, ERR_RETRY, "4.4.4" },
		{ "fourmx.example", ROUTE_IP_ONLY6, ERR_RETRY, "4.4.4" },
		{ "fourmx.example", ROUTE_IP_ANY, OK, "" },
		{ "brokena.example", ROUTE_IP_ONLY4, ERR_RETRY, "4.4.3" },
		{ "text.example", ROUTE_IP_ANY, ERR_DENIED, "5.1.2" },
		{ "nowhere.example", ROUTE_IP_ONLY4, ERR_DENIED, "5.1.2" },
		{ "hostless.example", ROUTE_IP_ONLY4, ERR_DENIED, "5.4.4" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;

		the_way = (struct out_way){ .manner.ip = rows[i].ip };
		check_at(i, find(rows[i].destination, NULL, &a, &route, &reply) == rows[i].e);
		check_str_at(i, reply.status, str_of(rows[i].status));
		arena_deinit(&a);
	}
	the_way = (struct out_way){ 0 };
}

/* RFC 5321 5.1: a host with our address and port is ourselves, whatever its name. */
static void test_our_own_address(void **state)
{
	static const struct {
		const char *domain;
		uint16_t port;
		enum err e;
		const char *hops;
	} rows[] = {
		{ "loop.example", 25, OK, "here.example=127.0.0.1" }, /* somebody else's port */
		{ "loop.example", 2525, ERR_DENIED, "" },
		{ "looplater.example", 2525, OK,
		  "a.mx.example=2001:db8::1 a.mx.example=192.0.2.1" },
		{ "here.example", 2525, ERR_DENIED, "here.example=127.0.0.1" },
		{ "[127.0.0.1]", 2525, ERR_DENIED, "[127.0.0.1]=127.0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;

		the_way = (struct out_way){ .manner.port = rows[i].port };
		check_at(i, find(rows[i].domain, NULL, &a, &route, &reply) == rows[i].e);
		check_at(i, rows[i].e == OK || reply.code == 554);
		check_str_at(i, hops_text(&a, &route), str_of(rows[i].hops));
		arena_deinit(&a);
	}
	the_way = (struct out_way){ 0 };
}

/* RFC 5321 5.1: equals in random order, the rest behind them. */
static void test_equals_take_turns(void **state)
{
	unsigned first[2] = { 0 };

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct arena a = { 0 };
		struct envelope_reply reply;
		struct out_route route;

		assert_int_equal(find("equal.example", NULL, &a, &route, &reply), OK);
		assert_int_equal(route.count, 4);
		first[route.hops[0].host.p[0] == 'a']++;
		check_str(route.hops[3].host, STR("implicit.example"));
		arena_deinit(&a);
	}
	assert_true(first[0] > 50 && first[1] > 50);
}

static void test_smarthost_takes_all(void **state)
{
	struct out_smarthost there = { .host = STR("a.mx.example"), .port = 587 };
	struct out_smarthost gone = { .host = STR("nowhere.example"), .port = 587 };
	struct arena a = { 0 };
	struct envelope_reply reply;
	struct out_route route;

	(void)state;
	assert_int_equal(find("null.example", &there, &a, &route, &reply), OK);
	assert_int_equal(route.count, 2);
	assert_int_equal(route.hops[0].addr.port, 587);
	/* a mistake in the settings bounces nobody's mail */
	assert_int_equal(find("mx.example", &gone, &a, &route, &reply), ERR_RETRY);
	arena_deinit(&a);
}

static void test_smarthost_parse(void **state)
{
	static const struct {
		const char *text, *host, *user, *password;
		unsigned port;
		bool tls;
	} rows[] = {
		{ "smtp://relay.example", "relay.example", "", "", 587, false },
		{ "SMTPS://relay.example", "relay.example", "", "", 465, true },
		{ "smtp://relay.example:25", "relay.example", "", "", 25, false },
		{ "smtp://relay.example:25/", "relay.example", "", "", 25, false },
		{ "smtps://u:p@relay.example", "relay.example", "u", "p", 465, true },
		{ "smtp://u@h:p@s%3a@relay.example", "relay.example", "u@h", "p@s:", 587, false },
		{ "smtp://u%40h:p%40s%3A%25@relay.example:2525", "relay.example", "u@h", "p@s:%",
		  2525, false },
		{ "smtp://u:p:q@h", "h", "u", "p:q", 587, false },
		{ "smtp://u:@h", "h", "u", "", 587, false },
		{ "smtp://[2001:db8::1]:26", "2001:db8::1", "", "", 26, false },
		{ "smtp://[2001:db8::1]", "2001:db8::1", "", "", 587, false },
		{ "smtp://192.0.2.1:25", "192.0.2.1", "", "", 25, false },
		{ "", NULL, "", "", 0, false },
		{ "relay.example", NULL, "", "", 0, false },
		{ "http://relay.example", NULL, "", "", 0, false },
		{ "smtp://", NULL, "", "", 0, false },
		{ "smtp://:25", NULL, "", "", 0, false },
		{ "smtp://h:", NULL, "", "", 0, false },
		{ "smtp://h:0", NULL, "", "", 0, false },
		{ "smtp://h:65536", NULL, "", "", 0, false },
		{ "smtp://h:25x", NULL, "", "", 0, false },
		{ "smtp://h/path", NULL, "", "", 0, false },
		{ "smtp://[2001:db8::1", NULL, "", "", 0, false },
		{ "smtp://[2001:db8::1]x", NULL, "", "", 0, false },
		{ "smtp://u@h", NULL, "", "", 0, false },
		{ "smtp://:p@h", NULL, "", "", 0, false },
		{ "smtp://u%4:p@h", NULL, "", "", 0, false },
		{ "smtp://u:p%zz@h", NULL, "", "", 0, false },
		{ "smtp://u:secret%@h", NULL, "", "", 0, false },
		{ "smtp://u%00:p@h", NULL, "", "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct out_smarthost s;
		struct why why = { "" };
		enum err e = out_smarthost_parse(str_of(rows[i].text), &a, &s, &why);

		check_at(i, e == (rows[i].host != NULL ? OK : ERR_SYNTAX));
		check_at(i, strstr(why.text, "secret") == NULL);
		check_at(i, (e != OK) == (strstr(why.text, "ROOST_SMARTHOST") != NULL));
		if (e == OK) {
			check_str_at(i, s.host, str_of(rows[i].host));
			check_str_at(i, s.user, str_of(rows[i].user));
			check_str_at(i, s.password, str_of(rows[i].password));
			check_at(i, s.port == rows[i].port && s.implicit_tls == rows[i].tls);
		}
		arena_deinit(&a);
	}
	assert_int_equal(smtp_out_check(STR_EMPTY, STR_EMPTY, NULL), OK);
	assert_int_equal(smtp_out_check(STR("smtp://h"), STR_EMPTY, NULL), OK);
	assert_int_equal(smtp_out_check(STR("x"), STR_EMPTY, NULL), ERR_SYNTAX);
}

/* A password goes to a verified server only, where there is a name to verify. */
static void test_smarthost_trust(void **state)
{
	static const struct {
		const char *text;
		const struct trust *trust;
	} rows[] = {
		{ "smtp://u:p@relay.example", &trust_builtin },
		{ "smtps://u:p@relay.example:465", &trust_builtin },
		{ "smtps://relay.example", NULL },
		{ "smtp://u:p@192.0.2.1", NULL },
		{ "smtp://u:p@[2001:db8::1]:587", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct out_smarthost s;

		check_at(i, out_smarthost_parse(str_of(rows[i].text), &a, &s, NULL) == OK &&
		                    s.trust == rows[i].trust);
		arena_deinit(&a);
	}
}

/* Roots that cannot be used stop the start, by a sentence with the variable in it. */
static void test_smarthost_roots(void **state)
{
	static const struct {
		const char *smarthost, *file;
		enum err e;
	} rows[] = {
		{ "smtp://h.example", "good.pem", OK },
		{ "smtp://h.example", "broken.pem", ERR_SYNTAX },
		{ "smtp://h.example", "nowhere.pem", ERR_MISSING },
		{ "smtp://192.0.2.1", "good.pem", ERR_SYNTAX }, /* no name to compare */
		{ "smtp://[2001:db8::1]", "good.pem", ERR_SYNTAX },
		{ "", "nowhere.pem", OK }, /* nobody asks */
	};
	struct arena a = { 0 };
	struct str pem;

	(void)state;
	certs_free(tls_pair_certs("h.example", &a, &pem));
	openssl_file("good.pem", pem);
	openssl_file("broken.pem", STR("-----BEGIN CERTIFICATE-----\nAAAA\n"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str file = str_fmt(&a, "%s%s", openssl_folder(), rows[i].file);
		struct why why = { "" };

		check_at(i, smtp_out_check(str_of(rows[i].smarthost), file, &why) == rows[i].e);
		check_at(i,
		         (rows[i].e != OK) == (strstr(why.text, "ROOST_SMARTHOST_CA: ") != NULL));
	}
	arena_deinit(&a);
}

/* A host of 24 addresses leaves places for the one behind it; alone it has them all. */
static void test_room_for_each(void **state)
{
	struct out_smarthost host = { .host = STR("wide.example"), .port = 587 };
	struct arena a = { 0 };
	struct envelope_reply reply;
	struct out_route route;

	(void)state;
	assert_int_equal(find("behindwide.example", NULL, &a, &route, &reply), OK);
	assert_int_equal(route.count, OUT_HOPS_MAX / 2 + 1);
	check_str(route.hops[route.count - 1].host, STR("b.mx.example"));
	assert_int_equal(find("wide.example", NULL, &a, &route, &reply), OK);
	assert_int_equal(route.count, OUT_HOPS_MAX);
	assert_int_equal(find("", &host, &a, &route, &reply), OK);
	assert_int_equal(route.count, OUT_HOPS_MAX);
	arena_deinit(&a);
}

static int setup(void **state)
{
	(void)state;
	dns = dns_fake_new(zone, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dns_free(&dns);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_room_for_each),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_one_family_alone),
		cmocka_unit_test(test_our_own_address),
		cmocka_unit_test(test_equals_take_turns),
		cmocka_unit_test(test_smarthost_takes_all),
		cmocka_unit_test(test_smarthost_parse),
		cmocka_unit_test(test_smarthost_trust),
		cmocka_unit_test(test_smarthost_roots),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
