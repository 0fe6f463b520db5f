/* Addresses: text, comparison, networks. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "network/runtime/addr.h"

#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *in;
	bool ok;
	const char *out; /* NULL: as in */
} rows[] = {
	{ "192.0.2.1:25", true, NULL },
	{ "[2001:db8::1]:25", true, NULL },
	{ "[2001:DB8:0:0:0:0:0:1]:65535", true, "[2001:db8::1]:65535" },
	{ "[::ffff:192.0.2.1]:25", true, "192.0.2.1:25" },
	{ "[fe80::1%1]:25", true, NULL },
	{ "*:25", true, NULL },
	{ ":25", true, "*:25" },
	{ "0.0.0.0:0", true, NULL },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535", true, NULL },
	{ "", false, NULL },
	{ "25", false, NULL },
	{ "192.0.2.1", false, NULL },
	{ "192.0.2.1:", false, NULL },
	{ "192.0.2.1:65536", false, NULL },
	{ "192.0.2.1:-1", false, NULL },
	{ "192.0.2.1:25x", false, NULL },
	{ "192.0.2.256:25", false, NULL },
	{ "192.0.2:25", false, NULL },
	{ "[192.0.2.1]:25", false, NULL },
	{ "::1:25", false, NULL }, /* ambiguous */
	{ "[::1:25", false, NULL },
	{ "[]:25", false, NULL },
	{ "[::1%]:25", false, NULL },
	{ "[::1%no-such-interface]:25", false, NULL },
	{ "192.0.2.1%1:25", false, NULL },
	{ "host.example.org:25", false, NULL },
	{ "**:25", false, NULL },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a = { .port = 7 }, again;
		char text[ADDR_TEXT_MAX];

		check_at(i, addr_parse(str_of(rows[i].in), &a) == rows[i].ok);
		if (!rows[i].ok) {
			check_at(i, a.port == 7); /* left alone */
			continue;
		}
		check_str_at(i, addr_text(&a, text),
		             str_of(rows[i].out != NULL ? rows[i].out : rows[i].in));
		check_at(i, addr_parse(str_of(text), &again) && addr_eq(&a, &again));
	}
}

/* Cut anywhere it is refused or it is another address; it never crashes. */
static void test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str s = str_of(rows[i].in);

		for (size_t n = 0; n < s.n; n++) {
			char text[ADDR_TEXT_MAX];
			struct addr a;

			if (addr_parse(str_sub(s, 0, n), &a))
				check_at(i, addr_text(&a, text).n != 0);
			if (addr_parse_ip(str_sub(s, 0, n), &a))
				check_at(i, a.port == 0);
		}
	}
}

static void test_list(void **state)
{
	static const struct {
		const char *in;
		uint16_t port;
		bool ok;
		size_t count;
	} lists[] = {
		{ "", 0, true, 0 },
		{ "  ", 0, true, 0 },
		{ "*:25", 0, true, 1 },
		{ "127.0.0.1:25, [::1]:25 ,:26", 0, true, 3 },
		{ "127.0.0.1, ::1", 53, true, 2 },
		{ "127.0.0.1:25,", 0, false, 0 },
		{ ",127.0.0.1:25", 0, false, 0 },
		{ "127.0.0.1", 0, false, 0 },
		{ "127.0.0.1:25 [::1]:25", 0, false, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct addr_list out;
		struct why why = { "" };
		enum err e = addr_list_parse(&a, str_of(lists[i].in), lists[i].port, &out, &why);

		check_at(i, (e == OK) == lists[i].ok);
		check_at(i, lists[i].ok ? out.count == lists[i].count : why.text[0] != '\0');
		for (size_t k = 0; e == OK && k < out.count; k++)
			check_at(i, out.items[k].port != 0);
	}
	arena_deinit(&a);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *ip;
		bool loopback, private;
	} kinds[] = {
		{ "127.0.0.1", true, true },
		{ "127.255.0.1", true, true },
		{ "::1", true, true },
		{ "10.1.2.3", false, true },
		{ "172.16.0.1", false, true },
		{ "172.31.255.255", false, true },
		{ "172.32.0.1", false, false },
		{ "192.168.1.1", false, true },
		{ "100.64.0.1", false, true },
		{ "100.128.0.1", false, false },
		{ "169.254.1.1", false, true },
		{ "fd00::1", false, true },
		{ "fe80::1", false, true },
		{ "fec0::1", false, false },
		{ "192.0.2.1", false, false },
		{ "2001:db8::1", false, false },
		{ "::ffff:127.0.0.1", true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct addr a;

		check_at(i, addr_parse_ip(str_of(kinds[i].ip), &a));
		check_at(i, addr_is_loopback(&a) == kinds[i].loopback);
		check_at(i, addr_is_private(&a) == kinds[i].private);
	}
}

static void test_public(void **state)
{
	static const struct {
		const char *ip;
		bool public;
	} rows[] = {
		{ "192.0.2.1", true },
		{ "8.8.8.8", true },
		{ "0.0.0.0", false },
		{ "0.1.2.3", false },
		{ "10.0.0.1", false },
		{ "172.31.255.255", false },
		{ "172.32.0.0", true },
		{ "127.1.1.1", false },
		{ "169.254.169.254", false },
		{ "223.255.255.255", true },
		{ "224.0.0.1", false },
		{ "255.255.255.255", false },
		{ "::", false },
		{ "::1", false },
		{ "::ffff:10.0.0.1", false },
		{ "::10.0.0.1", false },
		{ "2000::1", true },
		{ "2001:db8::1", true },
		{ "2001::1", false },
		{ "2002:a00:1::1", false },
		{ "3fff::1", true },
		{ "4000::1", false },
		{ "64:ff9b::8.8.8.8", true },
		{ "64:ff9b::10.0.0.1", false },
		{ "64:ff9b:1::8.8.8.8", false },
		{ "fd00::1", false },
		{ "fe80::1", false },
		{ "ff02::1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a;

		check_at(i, addr_parse_ip(str_of(rows[i].ip), &a));
		check_at(i, addr_is_public(&a) == rows[i].public);
	}
	assert_false(addr_is_public(&(struct addr){ .family = ADDR_ANY }));
}

static void test_networks(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8::1", "2001:db8:0:0:ffff::1", true },
		{ "2001:db8::1", "2001:db8:0:1::1", false },
		{ "::ffff:192.0.2.1", "192.0.2.1", true },
		{ "c000:201::", "192.0.2.1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		char ka[ADDR_NETWORK_KEY_MAX], kb[ADDR_NETWORK_KEY_MAX];
		struct addr a, b;

		check_at(i, addr_parse_ip(str_of(pairs[i].a), &a));
		check_at(i, addr_parse_ip(str_of(pairs[i].b), &b));
		check_at(i, str_eq(addr_network_key(&a, ka), addr_network_key(&b, kb)) ==
		                    pairs[i].same);
	}
}

static void test_socket_form(void **state)
{
	struct sockaddr_storage sa;
	struct addr out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr a;

		if (!rows[i].ok || !addr_parse(str_of(rows[i].in), &a) || a.family == ADDR_ANY)
			continue;
		check_at(i, addr_to_socket(&a, &sa) != 0);
		check_at(i, addr_from_socket((struct sockaddr *)&sa, &out));
		check_at(i, addr_eq(&a, &out));
	}
	memset(&sa, 0, sizeof sa);
	sa.ss_family = AF_UNIX;
	assert_false(addr_from_socket((struct sockaddr *)&sa, &out));
	assert_int_equal(out.family, ADDR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),    cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_list),     cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_networks), cmocka_unit_test(test_socket_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
