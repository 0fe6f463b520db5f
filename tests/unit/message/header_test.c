/* Header fields, addresses, encoded-words, parameters: tables, and every prefix of each row. */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/message/address.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "formats/message/param.h"
#include "formats/message/received.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

#include <time.h>

enum { OUT_MAX = 1 << 16 };

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* --- fields -------------------------------------------------------------------------- */

/* "name=value|" for each field, unfolded, and what is left after the header. */
static void fields_print(struct buf *out, struct str header)
{
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field)) {
		assert_true(field.raw.p >= header.p && field.raw.p + field.raw.n == c.p);
		buf_put(out, field.name);
		buf_byte(out, '=');
		header_unfold_put(out, field.value);
		buf_byte(out, '|');
	}
	buf_fmt(out, "%zu", cur_left(&c));
}

static void fields_prefix(struct str in, void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, OUT_MAX);
	fields_print(&out, in);
	assert_true(header_size(in) <= in.n);
	buf_deinit(&out);
}

static void fields(void **state)
{
	static const struct {
		struct str in, out;
		size_t size;
	} rows[] = {
		{ S("A: 1\r\nB: 2\r\n\r\nbody"), S("A=1|B=2|6"), 14 },
		{ S("A: 1\nB:2\n\nbody"), S("A=1|B=2|5"), 10 },
		{ S("A: x\r\n y\r\n\tz\r\n"), S("A=x y\tz|0"), 14 },
		{ S("A:\r\n x\r\n"), S("A=x|0"), 8 },
		{ S("A : 1\r\n"), S("A=1|0"), 7 }, /* RFC 5322 4.5 */
		{ S("From me Mon Jan 1\r\nA: 1\r\n"), S("=From me Mon Jan 1|A=1|0"), 25 },
		{ S("junk\r\nA: 1\r\n"), S("=junk|A=1|0"), 12 },
		{ S(": 1\r\nA:\r\n"), S("=: 1|A=|0"), 9 },
		{ S(" x\r\nA: 1\r\n"), S("=x|A=1|0"), 10 },
		{ S("A: 1\r\n \r\n x\r\n"), S("A=1  x|0"), 13 }, /* blank, not empty */
		{ S("A: \0b\rc\r\n"), S("A= b c|0"), 9 },
		{ S("A: 1"), S("A=1|0"), 4 },
		{ S("\r\nA: 1"), S("6"), 2 },
		{ S("na\xc3\xafve: 1\r\n"), S("=na\xc3\xafve: 1|0"), 11 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		fields_print(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].out);
		check_at(i, header_size(rows[i].in) == rows[i].size);
		buf_deinit(&out);
		exact_each(rows[i].in, true, fields_prefix, NULL);
	}
}

static void finding(void **state)
{
	struct str header = STR("Received: a\r\nsubject: x\r\nRECEIVED: b\r\nSubject: y\r\n"
	                        "Delivered-To: <Bob@Example.org>\r\n\r\nReceived: c\r\n");
	struct header_field field;

	(void)state;
	assert_true(header_find(header, STR("Subject"), &field));
	check_str(field.value, STR("x"));
	assert_false(header_find(header, STR("Subj"), &field));
	assert_true(received_count(header) == 2);
	assert_true(received_delivered_to(header, STR("bob@example.ORG")));
	assert_false(received_delivered_to(header, STR("bob@example.net")));
}

static void arrival(void **state)
{
	int64_t time_ms = 7;

	(void)state;
	assert_true(received_time(STR("X: y\r\nReceived: from a (b; c)\r\n by d;\r\n"
	                              " Thu, 1 Jan 1970 00:00:02 +0000\r\n"
	                              "Received: e; Thu, 1 Jan 1970 00:00:01 +0000\r\n\r\n"),
	                          &time_ms));
	assert_int_equal(time_ms, 2000);
	assert_false(received_time(STR("Received: from a by b\r\n\r\n"), &time_ms));
	assert_false(received_time(STR("Received: a; yesterday\r\n\r\n"), &time_ms));
	assert_false(received_time(STR("Subject: x\r\n\r\n"), &time_ms));
}

/* --- addresses ------------------------------------------------------------------------- */

/* name[route]<local|domain> and so on, with a space between. */
static void addresses_print(struct buf *out, const struct address_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct address *a = &list->items[i];

		buf_put(out, i != 0 ? STR(" ") : STR_EMPTY);
		if (a->kind == ADDRESS_GROUP_END) {
			buf_byte(out, ';');
			continue;
		}
		buf_put(out, a->name);
		if (a->kind == ADDRESS_GROUP_BEGIN) {
			buf_byte(out, ':');
			continue;
		}
		if (a->route.n != 0)
			buf_fmt(out, "[%.*s]", STR_ARG(a->route));
		buf_fmt(out, "<%.*s|%.*s>", STR_ARG(a->local), STR_ARG(a->domain));
	}
}

/* What holds of every list, whatever the text. */
static void addresses_check(struct str in, void *arg)
{
	struct arena a = { 0 };
	struct address_list list;
	bool in_group = false;

	(void)arg;
	for (size_t max = 1; max < 12; max++) {
		address_list_parse(&a, in, max, &list);
		assert_true(list.n <= max);
		for (size_t i = 0; i < list.n; i++) {
			const struct address *item = &list.items[i];

			if (item->kind != ADDRESS_MAILBOX)
				assert_true(in_group == (item->kind == ADDRESS_GROUP_END));
			if (item->kind != ADDRESS_MAILBOX)
				in_group = !in_group;
			for (size_t j = 0; j < item->name.n; j++)
				assert_true(item->name.p[j] != '\n' && item->name.p[j] != '\0');
		}
		assert_false(in_group);
	}
	arena_deinit(&a);
}

static void addresses(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ S("john@example.com"), S("<john|example.com>") },
		{ S("<john@example.com>"), S("<john|example.com>") },
		/* RFC 5322 appendix A.1 */
		{ S("\"Joe Q. Public\" <john.q.public@example.com>"),
		  S("Joe Q. Public<john.q.public|example.com>") },
		{ S("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
		  S("Mary Smith<mary|x.test> <jdoe|example.org> Who?<one|y.test>") },
		{ S("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>"),
		  S("<boss|nil.test> Giant; \"Big\" Box<sysservices|example.net>") },
		{ S("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
		  S("A Group: Ed Jones<c|a.test> <joe|where.test> John<jdoe|one.test> ;") },
		{ S("Undisclosed recipients:;"), S("Undisclosed recipients: ;") },
		/* A.5 */
		{ S("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
		  S("Pete<pete|silly.test>") },
		{ S("A Group(Some people)\r\n"
		    "     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
		    "         joe@example.org,\r\n"
		    "  John <jdoe@one.test> (my dear friend); (the end)"),
		  S("A Group: Chris Jones<c|public.example> <joe|example.org> "
		    "John<jdoe|one.test> ;") },
		{ S("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"),
		  S("Hidden recipients: ;") },
		/* A.6.1, A.6.3 */
		{ S("Mary Smith <@node.test,@m.test:mary@example.net>, , jdoe@test   . example"),
		  S("Mary Smith[@node.test,@m.test]<mary|example.net> <jdoe|test.example>") },
		{ S("john . q (x) . public @ example (y) . com"),
		  S("y<john.q.public|example.com>") },
		/* names */
		{ S("bob@example.com (Bob (the) Builder)"), S("Bob Builder<bob|example.com>") },
		{ S("=?utf-8?q?J=C3=B6rg?= <j@x.test>"), S("=?utf-8?q?J=C3=B6rg?=<j|x.test>") },
		{ S("J\xc3\xb6rg <j@x.test>"), S("J\xc3\xb6rg<j|x.test>") },
		{ S("\"folded\r\n name\" <a@b>"), S("folded name<a|b>") },
		{ S("two  \t words <a@b>"), S("two  \t words<a|b>") },
		/* local parts and domains */
		{ S("\"john smith\"@example.com"), S("<john smith|example.com>") },
		{ S("\"a\\\"b\"@[192.0.2.1]"), S("<a\"b|[192.0.2.1]>") },
		{ S("x@[IPv6:2001:db8::1], y@z"), S("<x|[IPv6:2001:db8::1]> <y|z>") },
		{ S("<>"), S("") },
		{ S("Mailer <>"), S("Mailer<|>") },
		/* broken */
		{ S("bob@example.com <bob@example.com>"), S("bob@example.com<bob|example.com>") },
		{ S("root"), S("<root|>") },
		{ S("<<a@b>>, c@d"), S("<a|b> <c|d>") },
		{ S("Bob <a@b, c@d"), S("Bob<a|b> <c|d>") },
		{ S("a@b c@d"), S("<a|b> <c|d>") },
		{ S("a@b; c@d"), S("<a|b> <c|d>") },
		{ S("\"never ends <a@b>"), S("<never ends <a@b>|>") },
		{ S("group: a@b, other: c@d;"), S("group: <a|b> <other:c|d> ;") },
		{ S("group: a@b"), S("group: <a|b> ;") },
		{ S(",,;,"), S("") },
		{ S(">>a@b"), S("<a|b>") },
		{ S("@"), S("") },
		{ S("a@@b"), S("<a|> <|b>") },
		{ S("(only a comment)"), S("") },
		{ S("a\0b@c"), S("<ab|c>") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct address_list list;
		struct buf out;

		buf_init(&out, OUT_MAX);
		address_list_parse(&a, rows[i].in, 100, &list);
		addresses_print(&out, &list);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		arena_deinit(&a);
		exact_each(rows[i].in, true, addresses_check, NULL);
	}
}

static void address_limit(void **state)
{
	struct arena a = { 0 };
	struct address_list list;

	(void)state;
	address_list_parse(&a, STR("g: a@b, c@d;, e@f"), 3, &list);
	assert_true(list.n == 3 && list.limited);
	assert_true(list.items[2].kind == ADDRESS_GROUP_END);
	address_list_parse(&a, STR("a@b, c@d, e@f"), 3, &list);
	assert_true(list.n == 3 && !list.limited);
	arena_deinit(&a);
}

static void address_printing(void **state)
{
	static const struct {
		struct address a;
		struct str out;
	} rows[] = {
		{ { .local = S("a.b"), .domain = S("c") }, S("a.b@c") },
		{ { .local = S("a..b"), .domain = S("c") }, S("\"a..b\"@c") },
		{ { .local = S("a b\""), .domain = S("c") }, S("\"a b\\\"\"@c") },
		{ { .name = S("Bob B"), .local = S("b"), .domain = S("c") }, S("Bob B <b@c>") },
		{ { .name = S("B. B"), .local = S("b"), .domain = S("c") }, S("\"B. B\" <b@c>") },
		{ { .name = S("x\r\ny"), .local = S(""), .domain = S("c") },
		  S("\"x  y\" <\"\"@c>") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		address_put(&out, &rows[i].a);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
	}
}

/* --- encoded-words ------------------------------------------------------------------------ */

static void text_prefix(struct str in, void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, 4 * in.n + 4);
	encword_text_put(&out, in);
	assert_true(buf_ok(&out));
	assert_true(utf8_valid(buf_str(&out)));
	for (size_t i = 0; i < out.n; i++)
		assert_true((unsigned char)out.p[i] >= ' ');
	buf_deinit(&out);
}

static void encoded_words(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ S("plain text"), S("plain text") },
		/* RFC 2047 8 */
		{ S("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>"),
		  S("Keith Moore <moore@cs.utk.edu>") },
		{ S("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?="), S("Keld J\xc3\xb8rn Simonsen") },
		{ S("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
		    "    =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
		  S("If you can read this you understand the example.") },
		{ S("(=?ISO-8859-1?Q?a?= b)"), S("(a b)") },
		{ S("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)"), S("(ab)") },
		{ S("(=?ISO-8859-1?Q?a_b?=)"), S("(a b)") },
		{ S("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)"), S("(a b)") },
		/* RFC 2231 5 */
		{ S("=?US-ASCII*EN?Q?Keith_Moore?="), S("Keith Moore") },
		/* a character split between words */
		{ S("=?utf-8?B?4oI=?= =?utf-8?B?rA==?="), S("\xe2\x82\xac") },
		{ S("=?utf-8?q?=E2?=\r\n =?UTF-8?q?=82=AC?="), S("\xe2\x82\xac") },
		/* not by the book */
		{ S("a=?utf-8?q?b?=c"), S("abc") },
		{ S("=?utf-8?q?with space?="), S("with space") },
		{ S("=?utf-8?q?what?_ever?\?="), S("what? ever?") },
		{ S("\"=?utf-8?q?=C3=A9?=\""), S("\"\xc3\xa9\"") },
		{ S("=?utf-8?b?w6k?="), S("\xc3\xa9") },
		{ S("raw \xe9 and \xc3\xa9"), S("raw \xc3\xa9 and \xc3\x83\xc2\xa9") },
		{ S("raw \xc3\xa9"), S("raw \xc3\xa9") },
		{ S("=?no-such?q?=C3=A9?="), S("\xc3\xa9") },
		{ S("=?utf-8?q?=0D=0Ax=00?="), S(" x ") },
		{ S("fold\r\n ed\ttab"), S("fold ed tab") },
		/* no encoded-words at all (RFC 2047 6.3) */
		{ S("=?utf-8?x?abc?="), S("=?utf-8?x?abc?=") },
		{ S("=?utf-8?q?abc"), S("=?utf-8?q?abc") },
		{ S("=?utf-8?q?abc=?utf-8?q?d?="), S("=?utf-8?q?abcd") },
		{ S("=?\?q?abc?="), S("=?\?q?abc?=") },
		{ S("=?=?="), S("=?=?=") },
		{ S("=?utf-8?q?\?="), S("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		encword_text_put(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		exact_each(rows[i].in, true, text_prefix, NULL);
	}
}

static void encoded_word_alone(void **state)
{
	struct cur c = cur_of(STR("=?utf-8?q?a?= rest"));
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	assert_true(encword_parse(&c, &out));
	check_str(cur_rest(&c), STR(" rest"));
	check_str(buf_str(&out), STR("a"));
	assert_false(encword_parse(&c, &out));
	check_str(cur_rest(&c), STR(" rest"));
	buf_deinit(&out);
}

/* --- parameters ----------------------------------------------------------------------------- */

static void params_print(struct buf *out, struct str value)
{
	struct arena a = { 0 };
	struct cur c = cur_of(value);
	struct param_list list;
	struct str type, subtype;

	if (!param_head_parse(&c, &type, &subtype))
		buf_byte(out, '!');
	buf_fmt(out, "%.*s/%.*s", STR_ARG(type), STR_ARG(subtype));
	param_list_parse(&a, cur_rest(&c), 10, &list);
	for (size_t i = 0; i < list.n; i++)
		buf_fmt(out, " %.*s=[%.*s]", STR_ARG(list.items[i].name),
		        STR_ARG(list.items[i].value));
	arena_deinit(&a);
}

static void params_prefix(struct str in, void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, OUT_MAX);
	params_print(&out, in);
	buf_deinit(&out);
}

static void params(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ S("text/plain"), S("text/plain") },
		/* RFC 2045 5.1 */
		{ S("text/plain; charset=us-ascii (Plain text)"),
		  S("text/plain charset=[us-ascii]") },
		{ S("text/plain; charset=\"us-ascii\""), S("text/plain charset=[us-ascii]") },
		{ S("Text / HTML (x) ;charset = utf-8;x=y"), S("Text/HTML charset=[utf-8] x=[y]") },
		{ S("multipart/mixed;\r\n\tboundary=\"a b\\\"c\""),
		  S("multipart/mixed boundary=[a b\"c]") },
		{ S("a/b; name=\"folded\r\n value\""), S("a/b name=[folded value]") },
		/* broken */
		{ S("text"), S("text/") },
		{ S(""), S("!/") },
		{ S("; charset=x"), S("!/ charset=[x]") },
		{ S("a/b; name=my report.pdf; x=y"), S("a/b name=[my report.pdf] x=[y]") },
		{ S("a/b charset=utf-8"), S("a/b") },
		{ S("a/b; charset=utf-8 format=flowed"), S("a/b charset=[utf-8] format=[flowed]") },
		{ S("a/b;; ;x=y;"), S("a/b x=[y]") },
		{ S("a/b; flag; x=y"), S("a/b x=[y]") },
		{ S("a/b; x=; y=z"), S("a/b x=[] y=[z]") },
		{ S("a/b; x=\"never ends; y=z"), S("a/b x=[never ends; y=z]") },
		{ S("a/b; x=a=b/c?d"), S("a/b x=[a=b/c?d]") },
		{ S("a/b; x=\"y\" junk; z=1"), S("a/b x=[y] z=[1]") },
		{ S("a/b; =x; y=z"), S("a/b y=[z]") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		params_print(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		exact_each(rows[i].in, true, params_prefix, NULL);
	}
}

/* Without ";" between them, each looks where its value ends; that took the rest of the field. */
static void params_without_semicolons(void **state)
{
	struct arena a = { 0 };
	struct param_list list;
	clock_t before = clock();
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_put(&text, STR("a=b "));
	param_list_parse(&a, buf_str(&text), SIZE_MAX, &list);
	assert_int_equal(list.n, 100000);
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC); /* of this process's CPU */
	buf_deinit(&text);
	arena_deinit(&a);
}

static void params_decoded(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		struct str out;
	} rows[] = {
		{ S("; filename=a.txt"), true, S("a.txt") },
		{ S("; name=a.txt"), false, S("") },
		/* RFC 2231 3 and 4 */
		{ S("; filename*0=\"ftp://\"; filename*1=\"cs.utk.edu\""), true,
		  S("ftp://cs.utk.edu") },
		{ S("; filename*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"), true,
		  S("This is ***fun***") },
		{ S("; filename*1*=%2A%2A%2Afun%2A%2A%2A%20; filename*2=\"isn't it!\";"
		    " filename*0*=us-ascii'en'This%20is%20even%20more%20"),
		  true, S("This is even more ***fun*** isn't it!") },
		{ S("; filename*=iso-8859-1''caf%E9"), true, S("caf\xc3\xa9") },
		{ S("; filename=x; FILENAME*=utf-8''%C3%A9"), true, S("\xc3\xa9") },
		/* broken */
		{ S("; filename=\"=?utf-8?q?=C3=A9?=\""), true, S("\xc3\xa9") },
		{ S("; filename=\"caf\xe9\""), true, S("caf\xc3\xa9") },
		{ S("; filename*=100%.txt"), true, S("100%.txt") },
		{ S("; filename*0*=utf-8''%E2%82; filename*1*=%AC"), true, S("\xe2\x82\xac") },
		{ S("; filename*1=x"), false, S("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str out = STR_EMPTY;

		check_at(i, param_find(&a, rows[i].in, STR("filename"), &out) == rows[i].ok);
		check_str_at(i, out, rows[i].out);
		arena_deinit(&a);
	}
}

static void message_ids(void **state)
{
	struct cur c = cur_of(STR("Your message of <a@b>\r\n\t<c@d><> <e f@g> <h@i <j@k> <l"));
	static const struct str want[] = { S("a@b"), S("c@d"), S("j@k") };
	struct str id;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		check_at(i, msgid_next(&c, &id));
		check_str_at(i, id, want[i]);
	}
	assert_false(msgid_next(&c, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(finding),
		cmocka_unit_test(arrival),
		cmocka_unit_test(addresses),
		cmocka_unit_test(address_limit),
		cmocka_unit_test(address_printing),
		cmocka_unit_test(encoded_words),
		cmocka_unit_test(encoded_word_alone),
		cmocka_unit_test(params),
		cmocka_unit_test(params_without_semicolons),
		cmocka_unit_test(params_decoded),
		cmocka_unit_test(message_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
