/* Updates of DNS, byte by byte; a name server's own view is in tests/e2e. */
#include "harness/check.h"

#include "operations/dns_update/wire_update.h"

#include <string.h>

#define NAME "\1t\1a\3org\0"
#define HEAD "\x12\x34\x28\0\0\1"
#define ZONE "\1a\3org\0\0\6\0\1" /* RFC 2136 2.3: the zone is an SOA */

static void check_update(const struct dns_change *c, struct str want)
{
	struct buf b;

	buf_init(&b, DNS_MESSAGE_MAX);
	assert_true(update_make(&b, 0x1234, STR("a.org"), c));
	check_str(buf_str(&b), want);
	buf_deinit(&b);
}

static void a_record_is_added(void **state)
{
	const struct dns_change c = {
		.name = STR("T.a.org"), "TXT", .add = STR("xy"), .ttl_s = 60
	};

	(void)state; /* RFC 2136 2.4.3: not beside an alias, where it would be nothing */
	check_update(&c, STR(HEAD "\0\1\0\1\0\0" ZONE NAME
	                          "\0\5\0\xfe\0\0\0\0\0\0" NAME
	                          "\0\x10\0\1\0\0\0\x3c\0\3\2xy"));
}

static void a_record_is_removed(void **state)
{
	const struct dns_change c = { .name = STR("t.a.org"), "TXT", .remove = STR("xy") };

	(void)state; /* RFC 2136 2.5.4: class NONE, TTL 0 */
	check_update(&c, STR(HEAD "\0\0\0\1\0\0" ZONE NAME "\0\x10\0\xfe\0\0\0\0\0\3\2xy"));
}

static void only_where_there_is_none(void **state)
{
	struct dns_change c = { .name = STR("t.a.org"),
		                "TXT",
		                .add = STR("x"),
		                .when = CHANGE_IF_ALONE };

	(void)state; /* RFC 2136 2.4.3: class NONE, no data */
	check_update(&c, STR(HEAD "\0\1\0\1\0\0" ZONE NAME "\0\x10\0\xfe\0\0\0\0\0\0" NAME
	                          "\0\x10\0\1\0\0\0\0\0\2\1x"));
	c.when = CHANGE_IF_UNUSED; /* RFC 2136 2.4.5: type ANY */
	check_update(&c, STR(HEAD "\0\1\0\1\0\0" ZONE NAME "\0\xff\0\xfe\0\0\0\0\0\0" NAME
	                          "\0\x10\0\1\0\0\0\0\0\2\1x"));
}

static void only_what_we_put_is_replaced(void **state)
{
	const struct dns_change c = { .name = STR("t.a.org"),
		                      "TXT",
		                      .remove = STR("x"),
		                      .add = STR("y"),
		                      .when = CHANGE_IF_ALONE };

	(void)state; /* RFC 2136 2.4.2: of the zone's class, with data, TTL 0 */
	check_update(&c, STR(HEAD "\0\1\0\2\0\0" ZONE NAME "\0\x10\0\1\0\0\0\0\0\2\1x" NAME
	                          "\0\x10\0\xfe\0\0\0\0\0\2\1x" NAME
	                          "\0\x10\0\1\0\0\0\0\0\2\1y"));
}

static void data_of_each_type(void **state)
{
	static const struct {
		const char *type;
		struct str data, want; /* empty: it is none */
	} rows[] = {
		{ "CNAME", STR("m.b"), STR("\0\5\1m\1b\0") },
		{ "MX", STR("10 m.b"), STR("\0\7\0\x0a\1m\1b\0") },
		{ "MX", STR("65535 m.b"), STR("\0\7\xff\xff\1m\1b\0") },
		{ "MX", STR("65536 m.b"), STR("") },
		{ "MX", STR("m.b"), STR("") },
		{ "MX", STR("10 "), STR("") },
		{ "SRV", STR("0 1 993 m.b"), STR("\0\x0b\0\0\0\1\3\xe1\1m\1b\0") },
		{ "SRV", STR("0 1 m.b"), STR("") },
		{ "TLSA", STR("3 1 1 0aFF"), STR("\0\5\3\1\1\x0a\xff") },
		{ "TLSA", STR("3 1 1 0af"), STR("") },
		{ "TLSA", STR("3 1 1 "), STR("") },
		{ "TLSA", STR("3 1 1 0g"), STR("") },
		{ "TLSA", STR("256 1 1 00"), STR("") },
		{ "A", STR("192.0.2.1"), STR("") },
		{ "TXT", STR("a \"b"), STR("\0\5\4a \"b") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_change c = { .name = STR("t.a.org"),
			                      rows[i].type,
			                      .add = rows[i].data };
		struct buf b;
		bool ok;

		buf_init(&b, DNS_MESSAGE_MAX);
		ok = update_make(&b, 1, STR("a.org"), &c);
		check_at(i, ok == (rows[i].want.n != 0));
		check_at(i, !ok || str_ends(buf_str(&b), rows[i].want));
		buf_deinit(&b);
	}
}

/* RFC 1035 3.3.14: strings of 255 bytes at most. */
static void a_long_text_is_several_strings(void **state)
{
	char text[600];
	struct dns_change c = { .name = STR("t.a.org"), "TXT", .add = { text, sizeof text } };
	struct buf b;
	size_t at;

	(void)state;
	memset(text, 'x', sizeof text);
	buf_init(&b, DNS_MESSAGE_MAX);
	assert_true(update_make(&b, 1, STR("a.org"), &c));
	at = b.n - sizeof text - 3 - 2;
	check_str(str_sub(buf_str(&b), at, at + 3), STR("\x02\x5b\xff")); /* 603 bytes */
	assert_true((unsigned char)b.p[at + 3 + 255] == 255);
	assert_true((unsigned char)b.p[at + 3 + 511] == 90);
	buf_deinit(&b);
}

static void odd_names(void **state)
{
	static const char *const rows[] = { "", ".", "a..b", ".a", "a b.", "a." };
	static const bool ok[] = { false, false, false, false, true, true };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_change c = { .name = str_of(rows[i]), "TXT", .add = STR("x") };
		struct buf b;

		buf_init(&b, DNS_MESSAGE_MAX);
		check_at(i, update_make(&b, 1, STR("a.org"), &c) == ok[i]);
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_added),
		cmocka_unit_test(a_record_is_removed),
		cmocka_unit_test(only_where_there_is_none),
		cmocka_unit_test(only_what_we_put_is_replaced),
		cmocka_unit_test(data_of_each_type),
		cmocka_unit_test(a_long_text_is_several_strings),
		cmocka_unit_test(odd_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
