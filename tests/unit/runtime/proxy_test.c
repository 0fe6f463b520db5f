/* The header of a proxy (versions 1 and 2), and whose is believed. */
#include "harness/check.h"

#include "network/runtime/proxies.h"
#include "network/runtime/wire_proxy.h"

#define SIG "\r\n\r\n\0\r\nQUIT\n"
#define IPV4 "\xc0\0\2\7\xcb\0\x71\1\xc7\x38\0\x19" /* 192.0.2.7:51000 to 203.0.113.1:25 */
#define IPV6                                                                              \
	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7"                                           \
	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\xc7\x38\0\x19"
#define MAPPED                                                                            \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\7"                                          \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\0\x71\1\xc7\x38\0\x19"

static const struct row {
	struct str in;
	enum proxy_step step;
	const char *source, *destination; /* NULL: none */
} rows[] = {
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 51000 25\r\n"), PROXY_DONE, "192.0.2.7:51000",
	  "203.0.113.1:25" },
	{ STR("PROXY TCP6 2001:db8::7 2001:db8::1 51000 25\r\n"), PROXY_DONE,
	  "[2001:db8::7]:51000", "[2001:db8::1]:25" },
	{ STR("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:203.0.113.1 51000 25\r\n"), PROXY_DONE,
	  "192.0.2.7:51000", "203.0.113.1:25" },
	{ STR("PROXY UNKNOWN\r\n"), PROXY_DONE, NULL, NULL },
	{ STR("PROXY UNKNOWN ffff::1 whatever\r\n"), PROXY_DONE, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 51000\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 51000 25 \r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 65536 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 051 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7  203.0.113.1 51000 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 2001:db8::7 2001:db8::1 51000 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP6 192.0.2.7 203.0.113.1 51000 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY UDP4 192.0.2.7 203.0.113.1 51000 25\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY TCP4 192.0.2.7 203.0.113.1 51000 25\n"), PROXY_BAD, NULL, NULL },
	{ STR("PROXY UNKNOWNX\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("proxy UNKNOWN\r\n"), PROXY_BAD, NULL, NULL },
	{ STR("EHLO client.example\r\n"), PROXY_BAD, NULL, NULL },
	/* 107 bytes, then one more */
	{ STR("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	      "xxxxxxxxxxxxxxxxxxxxx\r\n"),
	  PROXY_DONE, NULL, NULL },
	{ STR("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	      "xxxxxxxxxxxxxxxxxxxxxx\r\n"),
	  PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x11\0\x0c" IPV4), PROXY_DONE, "192.0.2.7:51000", "203.0.113.1:25" },
	{ STR(SIG "\x21\x21\0\x24" IPV6), PROXY_DONE, "[2001:db8::7]:51000",
	  "[2001:db8::1]:25" },
	{ STR(SIG "\x21\x21\0\x24" MAPPED), PROXY_DONE, "192.0.2.7:51000", "203.0.113.1:25" },
	/* TLVs: skipped; an SSL one, a padding */
	{ STR(SIG "\x21\x11\0\x17" IPV4 "\x20\0\5\7\0\0\0\0\4\0\0"), PROXY_DONE,
	  "192.0.2.7:51000", "203.0.113.1:25" },
	{ STR(SIG "\x21\x11\0\x0e" IPV4 "\4\0"), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x11\0\x0f" IPV4 "\4\0\1"), PROXY_BAD, NULL, NULL },
	/* a checksum, right and wrong, and of the wrong size */
	{ STR(SIG "\x21\x11\0\x13" IPV4 "\3\0\4\x84\x7b\xef\x27"), PROXY_DONE,
	  "192.0.2.7:51000", "203.0.113.1:25" },
	{ STR(SIG "\x21\x11\0\x13" IPV4 "\3\0\4\x84\x7b\xef\x26"), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x11\0\x11" IPV4 "\3\0\2\0\0"), PROXY_BAD, NULL, NULL },
	/* LOCAL, UNSPEC: who connected */
	{ STR(SIG "\x20\0\0\0"), PROXY_DONE, NULL, NULL },
	{ STR(SIG "\x20\x11\0\x0c" IPV4), PROXY_DONE, NULL, NULL },
	{ STR(SIG "\x21\0\0\0"), PROXY_DONE, NULL, NULL },
	/* too short, a datagram, other families, commands and versions */
	{ STR(SIG "\x21\x11\0\x0b" IPV4), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x31\0\x0c" IPV4), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x12\0\x0c" IPV4), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x21\x41\0\x0c" IPV4), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x22\x11\0\x0c" IPV4), PROXY_BAD, NULL, NULL },
	{ STR(SIG "\x11\x11\0\x0c" IPV4), PROXY_BAD, NULL, NULL },
	/* longer than we take: 4096 with all, then one more */
	{ STR(SIG "\x21\0\x0f\xf0"), PROXY_MORE, NULL, NULL },
	{ STR(SIG "\x21\0\x0f\xf1"), PROXY_BAD, NULL, NULL },
};

static void check_addr(size_t row, const struct addr *a, const char *want)
{
	char text[ADDR_TEXT_MAX];

	if (want == NULL)
		check_at(row, a->family == ADDR_NONE);
	else
		check_str_at(row, addr_text(a, text), str_of(want));
}

static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct proxy_header h;

		check_at(i, proxy_header_parse(rows[i].in, &h) == rows[i].step);
		if (rows[i].step != PROXY_DONE)
			continue;
		check_at(i, h.size == rows[i].in.n);
		check_addr(i, &h.source, rows[i].source);
		check_addr(i, &h.destination, rows[i].destination);
	}
}

/* What is written is what was read. */
static void test_written(void **state)
{
	static const struct {
		const char *source, *destination;
		struct str want;
	} written[] = {
		{ "192.0.2.7:51000", "203.0.113.1:25", STR(SIG "\x21\x11\0\x0c" IPV4) },
		{ "[2001:db8::7]:51000", "[2001:db8::1]:25", STR(SIG "\x21\x21\0\x24" IPV6) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(written); i++) {
		struct addr source, destination;
		char room[PROXY_PUT_MAX];
		struct buf b;

		assert_true(addr_parse(str_of(written[i].source), &source));
		assert_true(addr_parse(str_of(written[i].destination), &destination));
		buf_init_in(&b, room, sizeof room);
		proxy_header_put(&b, &source, &destination);
		check_str_at(i, buf_str(&b), written[i].want);
	}
}

/* Cut anywhere, more is asked for, and never more than belongs to it. */
static void test_no_byte_too_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct proxy_header h;
		size_t n = 0;

		if (rows[i].step != PROXY_DONE)
			continue;
		for (size_t cut = 0; cut < rows[i].in.n; cut++)
			check_at(i, proxy_header_parse(str_sub(rows[i].in, 0, cut), &h) ==
			                            PROXY_MORE &&
			                    h.want != 0 && cut + h.want <= rows[i].in.n);
		while (proxy_header_parse(str_sub(rows[i].in, 0, n), &h) == PROXY_MORE)
			n += h.want;
		check_at(i, n == rows[i].in.n);
	}
}

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		const char *service, *peer;
		bool have;
	} table[] = {
		{ "", "smtp", "192.0.2.7", false },
		{ "192.0.2.7", "smtp", "192.0.2.7", true },
		{ "192.0.2.7", "imaps", "192.0.2.7", true },
		{ "192.0.2.7", "smtp", "192.0.2.8", false },
		{ "10.0.0.0/8 2001:db8::/32", "smtp", "2001:db8::1", true },
		{ "192.0.2.7 for=smtp,imap", "imap", "192.0.2.7", true },
		{ "192.0.2.7 for=smtp,imap", "imaps", "192.0.2.7", false },
		{ "192.0.2.7 for=smtp\n192.0.2.7 for=http # two rules", "http", "192.0.2.7", true },
	};
	static const char *const wrong[] = { "for=smtp", "192.0.2.7 for=nntp", "mail.example",
		                             "192.0.2.7 to=smtp", "192.0.2.0/33" };
	struct proxies *p;
	struct addr peer;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		check_at(i, proxies_parse(str_of(table[i].text), &p, NULL) == OK);
		check_at(i, addr_parse_ip(str_of(table[i].peer), &peer));
		check_at(i, proxies_have(p, table[i].service, &peer) == table[i].have);
		proxies_free(&p);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct why why = { "" };

		check_at(i, proxies_parse(str_of(wrong[i]), &p, &why) == ERR_SYNTAX && p == NULL);
		check_at(i, str_find(str_of(why.text), STR("line 1")) >= 0);
	}
	assert_false(proxies_have(NULL, "smtp", &peer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_no_byte_too_many),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
