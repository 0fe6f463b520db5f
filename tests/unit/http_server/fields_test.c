/* Header fields of others: cookies, and what proxies say. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "network/http_server/forwarded.h"
#include "network/http_server/http.h"

static void cookies(void **state)
{
	static const struct {
		const char *field, *value;
	} rows[] = {
		{ "", "" },
		{ "id=1", "1" },
		{ "a=b; id=2; c=d", "2" },
		{ "a=b;id=3", "3" },
		{ "id=", "" },
		{ "id=x=y", "x=y" },
		{ "id=first; id=second", "first" },
		{ "identity=1; xid=2", "" },
		{ "id", "" },
		{ ";;=; ;", "" },
		{ "a=b; ID=1", "" }, /* RFC 6265 5.4: names have case */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, http_cookie(str_of(rows[i].field), STR("id")),
		             str_of(rows[i].value));
}

static const struct {
	const char *peer, *forwarded_for, *proto, *host;
	const char *want_peer;
	bool want_tls;
	const char *want_host;
} rows[] = {
	/* a stranger says what he likes */
	{ "203.0.113.1", "198.51.100.1", "https", "x.example", "203.0.113.1", false, "here" },
	{ "10.0.0.1", "", "", "", "10.0.0.1", false, "here" },
	{ "10.0.0.1", "198.51.100.1", "https", "x.example", "198.51.100.1", true, "x.example" },
	/* what the client itself put in front counts for nothing */
	{ "10.0.0.1", "192.0.2.66, 198.51.100.1", "", "", "198.51.100.1", false, "here" },
	/* two proxies of ours */
	{ "10.0.0.1", "192.0.2.66, 198.51.100.1, 10.9.9.9", "", "", "198.51.100.1", false, "here" },
	{ "10.0.0.1", "10.1.1.1", "http,https", "a,b", "10.1.1.1", true, "b" },
	{ "10.0.0.1", "2001:db8::7", "", "", "2001:db8::7", false, "here" },
	{ "10.0.0.1", "[2001:db8::7]:443", "", "", "2001:db8::7", false, "here" },
	{ "10.0.0.1", "198.51.100.1:5555", "", "", "198.51.100.1", false, "here" },
	/* nonsense ends the chain */
	{ "10.0.0.1", "198.51.100.1, unknown", "", "", "10.0.0.1", false, "here" },
	{ "10.0.0.1", "*:80", "", "", "10.0.0.1", false, "here" },
	{ "10.0.0.1", ":2", "", "", "10.0.0.1", false, "here" },
	{ "10.0.0.1", ",", ",", ",", "10.0.0.1", false, "here" },
};

static void forwarded(void **state)
{
	struct arena a = { 0 };
	struct network_list trusted;

	(void)state;
	assert_int_equal(network_list_parse(&a, STR("10.0.0.0/8"), &trusted, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_origin o = { .host = STR("here") };
		char text[ADDR_TEXT_MAX];

		check_at(i, addr_parse_ip(str_of(rows[i].peer), &o.peer));
		http_forwarded(&trusted, str_of(rows[i].forwarded_for), str_of(rows[i].proto),
		               str_of(rows[i].host), &o);
		check_str_at(i, addr_ip_text(&o.peer, text), str_of(rows[i].want_peer));
		check_at(i, o.tls == rows[i].want_tls);
		check_str_at(i, o.host, str_of(rows[i].want_host));
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cookies),
		                            cmocka_unit_test(forwarded) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
