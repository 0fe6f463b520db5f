/* Messages for servers that take less: what is converted, to what, and what cannot be. */
#include "harness/check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "smtp/wire_downgrade.h"

static bool take(struct str bytes, void *arg)
{
	buf_put(arg, bytes);
	return buf_ok(arg);
}

static enum smtp_downgraded downgrade(struct str raw, bool eightbit, struct buf *out)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;
	enum smtp_downgraded how;

	message_parse(&a, raw, &limits, &m);
	how = smtp_downgrade(&m, eightbit, take, out);
	arena_deinit(&a);
	return how;
}

#define MULTI(type) "Content-Type: multipart/" type "; boundary=b\r\n\r\n"

static void test_table(void **state)
{
	static const struct {
		struct str raw;
		bool eightbit;
		struct str want; /* empty: cannot */
	} rows[] = {
		/* nothing to do: the same bytes */
		{ STR("a: b\r\n\r\nhi\r\n"), false, STR("a: b\r\n\r\nhi\r\n") },
		{ STR("a: \xc3\xa4\r\n\r\n\xc3\xa4\r\n"), true,
		  STR("a: \xc3\xa4\r\n\r\n\xc3\xa4\r\n") },
		/* text that is mostly ASCII is to be read still */
		{ STR("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
		      "Content-Transfer-Encoding: 8bit\r\nx: y\r\n\r\nplain text \xe4\r\n"),
		  false,
		  STR("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\nx: y\r\n\r\n"
		      "plain text =E4\r\n") },
		/* no MIME at all (RFC 1428) */
		{ STR("a: b\r\n\r\nplain text \xe4\r\n"), false,
		  STR("a: b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
		      "charset=unknown-8bit\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n\r\nplain text =E4\r\n") },
		/* not a line that anybody has to take; of 8bit too */
		{ STR("Content-Transfer-Encoding: binary\r\nMIME-Version: 1.0\r\n\r\na\rb"), true,
		  STR("Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\n"
		      "YQ1i\r\n") },
		/* "binary" holds of the whole, though no part is */
		{ STR("MIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n" MULTI(
			  "mixed") "--b\r\n\r\nx\r\n--b--"),
		  true,
		  STR("MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n" MULTI(
			  "mixed") "--b\r\n\r\nx\r\n--b--") },
		/* only what has to change does, also in a message within */
		{ STR("MIME-Version: 1.0\r\n" MULTI("mixed") "--b\r\n\r\nx\r\n"
		      "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"
		      "\r\nc: d\r\n\r\nplain text \xe4\r\n--b--\r\n"),
		  false,
		  STR("MIME-Version: 1.0\r\n" MULTI("mixed") "--b\r\n\r\nx\r\n"
		      "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n"
		      "\r\nc: d\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		      "plain text =E4\r\n--b--\r\n") },
		/* encoded already, with bytes in it that do not belong there */
		{ STR("Content-Type: image/x\r\nMIME-Version: 1.0\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\nYQ1i\n"),
		  true,
		  STR("Content-Type: image/x\r\nMIME-Version: 1.0\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\nYQ1i\r\n") },
		/* signed, of a kind that is never encoded, encoded we know not how */
		{ STR(MULTI("signed") "--b\r\n\r\n\xe4\r\n--b--"), false, STR("") },
		{ STR(MULTI("encrypted") "--b\r\n\r\n\xe4\r\n--b--"), false, STR("") },
		{ STR("Content-Type: message/partial\r\n\r\n\xe4\r\n"), false, STR("") },
		{ STR("Content-Type: multipart/mixed\r\n\r\n\xe4\r\n"), false, STR("") },
		{ STR("Content-Transfer-Encoding: x-uuencode\r\n\r\n\xe4\r\n"), false, STR("") },
		{ STR("Content-Transfer-Encoding: x-own\r\n\r\n\xe4\r\n"), false, STR("") },
		/* between the parts, or in a header: nowhere to put an encoding */
		{ STR(MULTI("mixed") "a\rb\r\n--b\r\n\r\nx\r\n--b--"), true, STR("") },
		{ STR("a: b\rc\r\n\r\nhi\r\n"), true, STR("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;
		enum smtp_downgraded how;

		buf_init(&out, 4096);
		how = downgrade(rows[i].raw, rows[i].eightbit, &out);
		check_at(i, (how == DOWNGRADED) == (rows[i].want.n != 0));
		if (rows[i].want.n != 0)
			check_str_at(i, buf_str(&out), rows[i].want);
		buf_deinit(&out);
	}
}

static void test_lines_of_998(void **state)
{
	struct buf raw, out;

	(void)state;
	buf_init(&raw, 4096);
	buf_init(&out, 8192);
	buf_put(&raw, STR("a: b\r\n\r\n"));
	for (int i = 0; i < 998; i++)
		buf_byte(&raw, 'x');
	assert_int_equal(downgrade(buf_str(&raw), true, &out), DOWNGRADED);
	check_str(buf_str(&out), buf_str(&raw));
	buf_byte(&raw, 'x');
	buf_reset(&out);
	assert_int_equal(downgrade(buf_str(&raw), true, &out), DOWNGRADED);
	assert_true(str_find(buf_str(&out), STR("quoted-printable")) > 0);
	buf_deinit(&raw);
	buf_deinit(&out);
}

static void test_it_stops_when_told(void **state)
{
	struct buf small;

	(void)state;
	buf_init(&small, 4);
	assert_int_equal(downgrade(STR("a: b\r\n\r\n\xe4\r\n"), false, &small), DOWNGRADE_STOPPED);
	buf_deinit(&small);
}

static void test_headers_in_utf8(void **state)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	static const struct {
		struct str raw;
		bool yes;
	} rows[] = {
		{ STR("a: b\r\n\r\n\xc3\xa4\r\n"), false },
		{ STR("a: \xc3\xa4\r\n\r\nhi\r\n"), true },
		{ STR(MULTI("mixed") "--b\r\nx: \xc3\xa4\r\n\r\nx\r\n--b--"), true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct message m;

		message_parse(&a, rows[i].raw, &limits, &m);
		check_at(i, smtp_header_utf8(&m) == rows[i].yes);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_lines_of_998),
		cmocka_unit_test(test_it_stops_when_told),
		cmocka_unit_test(test_headers_in_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
