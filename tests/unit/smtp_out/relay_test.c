/* ROOST_RELAYS: what a row is, in what order rows are tried, whether rules of routes lead there. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "model/queue/route.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/relay.h"
#include "protocols/smtp_out/smtp_out.h"

#include <string.h>

#define SIXTEEN "0123456789abcdef"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define LONG SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR /* one more than SOCKS5 takes */

static void what_is_a_row(void **state)
{
	static const struct {
		const char *text, *why; /* why NULL: fine */
	} rows[] = {
		{ "", NULL },
		{ "name=isp to=smtp://relay.example", NULL },
		{ "name=isp to=smtps://relay.example user=u password=secret", NULL },
		{ "name=isp to=smtps://u:secret@relay.example:465 priority=3 weight=0", NULL },
		{ "name=isp to=smtp://relay.example user=u token=secret tls=dane", NULL },
		{ "name=l to=lmtp:///run/lmtp ; name=l to=lmtp://127.0.0.1:24", NULL },
		{ "name=tor to=socks5://127.0.0.1:9050 user=u password=secret", NULL },
		{ "to=smtp://relay.example", "name= and to=" },
		{ "name=isp", "name= and to=" },
		{ "name=isp to=http://secret", "to= wants" },
		{ "name=isp to=lmtp:///", "to= wants" },
		{ "name=isp to=smtp:///run/secret", "to= wants" },
		{ "name=mx to=smtp://h", "a meaning of its own" },
		{ "name=isp to=smtp://h user=u", "go together" },
		{ "name=isp to=smtp://h password=secret", "go together" },
		{ "name=isp to=smtp://h user=u password=secret token=secret", "not both" },
		{ "name=isp to=lmtp:///run/x tls=must", "no TLS" },
		{ "name=isp to=socks5://127.0.0.1 tls=must", "no TLS" },
		{ "name=isp to=socks5://proxy.example", "by its address" },
		{ "name=isp to=socks5://127.0.0.1 user=u password=" LONG, "password= wants" },
		{ "name=isp to=socks5://u:" LONG "@127.0.0.1", "at most 255 bytes" },
		{ "name=isp to=socks5://" LONG ":p@127.0.0.1", "at most 255 bytes" },
		{ "name=isp to=smtps://h tls=none", "smtps:// is TLS" },
		{ "name=isp to=smtp://192.0.2.1 tls=verify", "for a name" },
		{ "name=isp to=smtp://h ca=relative.pem", "ca= wants" },
		{ "name=isp to=smtp://h priority=x", "priority= wants" },
		{ "name=isp to=smtp://h secret=1", "line 1" },
		{ "name=a to=smtp://h ; name=a to=socks5://127.0.0.1", "a relay's and a proxy's" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct out_relays r;
		struct why why = { "" };
		enum err e = out_relays_parse(str_of(rows[i].text), &a, &r, &why);

		check_at(i, e == (rows[i].why == NULL ? OK : ERR_SYNTAX));
		check_at(i, strstr(why.text, "=secret") == NULL);
		check_at(i, strstr(why.text, "/secret") == NULL);
		if (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, why.text);
		arena_deinit(&a);
	}
}

/* A password or token for a name makes a verified certificate a must; tls= counts more. */
static void which_tls(void **state)
{
	static const struct {
		const char *text;
		enum out_tls_level level;
	} rows[] = {
		{ "name=a to=smtp://h.example", OUT_TLS_MAY },
		{ "name=a to=smtps://h.example", OUT_TLS_MUST },
		{ "name=a to=smtp://h.example user=u password=p", OUT_TLS_VERIFY },
		{ "name=a to=smtp://h.example user=u token=p", OUT_TLS_VERIFY },
		{ "name=a to=smtp://h.example user=u password=p tls=must", OUT_TLS_MUST },
		{ "name=a to=smtp://h.example tls=none", OUT_TLS_OFF },
		{ "name=a to=smtp://h.example tls=dane", OUT_TLS_DANE },
		{ "name=a to=smtp://192.0.2.1 user=u password=p", OUT_TLS_MAY },
		{ "name=a to=lmtp:///run/lmtp", OUT_TLS_OFF },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct out_relays r;

		check_at(i, out_relays_parse(str_of(rows[i].text), &a, &r, NULL) == OK);
		check_at(i, out_smarthost_tls(&r.items[0].host).level == rows[i].level);
		arena_deinit(&a);
	}
}

static uint64_t the_chance;

static uint64_t chance(uint64_t n)
{
	return the_chance % n;
}

/* RFC 2782: by priority, and among equals as their weights say. */
static void in_what_order(void **state)
{
	static const char text[] = "name=a to=smtp://late priority=9\nname=b to=smtp://other\n"
				   "name=a to=smtp://big weight=3\n"
				   "name=a to=smtp://small weight=1\n"
				   "name=a to=smtp://none weight=0";
	unsigned first[3] = { 0 };
	struct arena a = { 0 };
	struct out_relays r;

	(void)state;
	assert_int_equal(out_relays_parse(str_of(text), &a, &r, NULL), OK);
	for (the_chance = 0; the_chance < 401; the_chance++) {
		const struct out_relay *rows[10];

		assert_int_equal(out_relay_order(&r, STR("a"), chance, rows, 10), 4);
		check_str(rows[3]->host.host, STR("late"));
		first[0] += str_eq(rows[0]->host.host, STR("big"));
		first[1] += str_eq(rows[0]->host.host, STR("small"));
		first[2] += str_eq(rows[0]->host.host, STR("none"));
	}
	assert_int_equal(first[0], 300);
	assert_int_equal(first[1], 100);
	assert_int_equal(first[2], 1);
	arena_deinit(&a);
}

static void do_rules_lead_somewhere(void **state)
{
	static const char relays[] = "name=isp to=smtp://h ; name=tor to=socks5://127.0.0.1 ; "
	                             "name=dane to=smtp://h tls=dane";
	static const struct {
		const char *routes, *why;
	} rows[] = {
		{ "", NULL },
		{ "via=isp", NULL },
		{ "via=isp proxy=tor fallback=mx after=1", NULL },
		{ "via=mx fallback=isp after=1", NULL },
		{ "via=mx name=m port=9 ; via=isp name=x fallback=m after=1", NULL },
		{ "to=a via=mx\nvia=ips", "line 2: ROOST_RELAYS has no relay" },
		{ "via=tor", "has no relay" },
		{ "via=isp proxy=isp", "has no proxy" },
		{ "via=mx name=m tls=dane proxy=tor", "line 1: tls=dane cannot be had" },
		{ "via=isp name=m tls=dane proxy=tor", "tls=dane cannot be had" },
		{ "via=dane proxy=tor", "tls=dane cannot be had" },
		{ "via=dane", NULL },
		{ "via=isp fallback=nobody after=1", "after fallback=" },
		{ "via", "ROOST_ROUTES" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };
		enum err e = smtp_out_routes_check(str_of(rows[i].routes), str_of(relays), &why);

		check_at(i, e == (rows[i].why == NULL ? OK : ERR_SYNTAX));
		if (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, why.text);
	}
	assert_int_equal(smtp_out_routes_check(STR_EMPTY, STR("name=a"), NULL), ERR_SYNTAX);
	assert_int_equal(smtp_out_routes_check(STR_EMPTY,
	                                       STR("name=a to=smtp://h.example ca=/nowhere.pem"),
	                                       NULL),
	                 ERR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_row),
		cmocka_unit_test(which_tls),
		cmocka_unit_test(in_what_order),
		cmocka_unit_test(do_rules_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
