/* Messages for servers that take less: what is converted, to what, and what cannot be. */
#include "harness/check.h"

#include "formats/message/downgrade.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

static bool take(struct str bytes, void *arg)
{
	buf_put(arg, bytes);
	return buf_ok(arg);
}

static enum downgraded downgrade_field(struct str raw, bool eightbit, struct buf *out,
                                       struct str *field)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;
	enum downgraded how;

	message_parse(&a, raw, &limits, &m);
	how = downgrade_put(&m, eightbit, take, out, field);
	arena_deinit(&a);
	return how;
}

static enum downgraded downgrade(struct str raw, bool eightbit, struct buf *out)
{
	struct str field;

	return downgrade_field(raw, eightbit, out, &field);
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
		/* a label that is signed stays */
		{ STR(MULTI("signed") "--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n--b--"),
		  false,
		  STR(MULTI("signed") "--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
				      "x\r\n--b--") },
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
		enum downgraded how;

		buf_init(&out, 4096);
		how = downgrade(rows[i].raw, rows[i].eightbit, &out);
		check_at(i, (how == DOWNGRADED) == (rows[i].want.n != 0));
		if (rows[i].want.n != 0)
			check_str_at(i, buf_str(&out), rows[i].want);
		buf_deinit(&out);
	}
}

/* --- long lines -------------------------------------------------------------------------- */

enum { LONG = 5000 };

/* Text in which "@" is a word of LONG bytes, and "#" is LONG bytes of words. */
static void long_put(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		for (size_t j = 0; j < (text.p[i] == '@' || text.p[i] == '#' ? LONG : 1); j++)
			buf_byte(out, text.p[i] == '@'                     ? 'x'
			              : text.p[i] != '#'                   ? text.p[i]
			              : j % 7 == 6 && j + 1 < LONG ? ' '
			                                                   : 'y');
}

/* Bytes as a mail program would see them: folds gone, bodies decoded. */
static void plainly_put(struct buf *out, struct str raw)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct message m;

	message_parse(&a, raw, &limits, &m);
	for (uint32_t i = 0; i < m.n; i++) {
		const struct part *p = &m.parts[i];
		struct str header = message_str(&m, p->header), body = message_str(&m, p->body);
		struct header_field field;
		struct cur c = cur_of(header);

		while (header_next(&c, &field)) {
			if (str_eqi(field.name, STR("Content-Transfer-Encoding")) ||
			    str_eqi(field.name, STR("MIME-Version")))
				continue;
			buf_put(out, field.name);
			buf_byte(out, '=');
			header_unfold_put(out, field.value);
			buf_byte(out, '\n');
		}
		if (p->kind == PART_LEAF && p->encoding_kind == ENCODING_BASE64)
			base64_decode(body, out);
		else if (p->kind == PART_LEAF && p->encoding_kind == ENCODING_QP)
			qp_decode(body, out);
		else if (p->kind == PART_LEAF)
			buf_put(out, body);
		buf_byte(out, '\n');
	}
	arena_deinit(&a);
}

#define MIME "MIME-Version: 1.0\r\n"

static void test_long_lines(void **state)
{
	static const struct {
		struct str raw;
		enum downgraded how;
		const char *encoding; /* that is found afterwards */
		const char *field;
	} rows[] = {
		/* bodies */
		{ STR("Content-Type: text/html\r\n" MIME "\r\n# @ =\t\r\nb"), DOWNGRADED,
		  "quoted-printable", "" },
		{ STR("Content-Type: image/x\r\n" MIME "\r\n@"), DOWNGRADED, "base64", "" },
		{ STR(MIME MULTI("mixed") "--b\r\n\r\nx\r\n--b\r\nContent-Type: "
					  "message/rfc822\r\n\r\nc: d\r\n\r\n@\r\n--b--"),
		  DOWNGRADED, "quoted-printable", "" },
		/* encoded already, in lines that nobody should make */
		{ STR("Content-Type: image/x\r\n" MIME
		      "Content-Transfer-Encoding: base64\r\n\r\n@xxx\r\n"),
		  DOWNGRADED, "base64", "" },
		/* of no part, signed, or encoded we know not how */
		{ STR(MULTI("mixed") "@\r\n--b\r\n\r\nx\r\n--b--"), DOWNGRADE_CANNOT, "", "" },
		{ STR(MULTI("mixed") "--b\r\n\r\nx\r\n--b--\r\n@"), DOWNGRADE_CANNOT, "", "" },
		{ STR(MULTI("signed") "--b\r\n\r\n@\r\n--b--"), DOWNGRADE_CANNOT, "", "" },
		{ STR(MULTI("signed") "--b\r\nx: #\r\n\r\ny\r\n--b--"), DOWNGRADE_CANNOT, "", "" },
		{ STR("Content-Transfer-Encoding: x-own\r\n\r\n@"), DOWNGRADE_CANNOT, "", "" },
		/* fields */
		{ STR("a: b\r\nSubject: #\r\nc: d\r\n\r\nx"), DOWNGRADED, "", "" },
		{ STR("a: #\r\nb: #\r\nContent-Transfer-Encoding: 8bit\r\nc: #\r\n" MIME
		      "\r\n@"),
		  DOWNGRADED, "quoted-printable", "" },
		{ STR("a: #\r\nContent-Transfer-Encoding: 8bit"), DOWNGRADED, "8bit", "" },
		{ STR("x: #\r\n" MULTI("signed") "--b\r\n\r\ny\r\n--b--"), DOWNGRADED, "", "" },
		{ STR(MIME MULTI("mixed") "--b\r\nContent-Description: #\r\n\r\ny\r\n--b--"),
		  DOWNGRADED, "", "" },
		{ STR("a: b\r\nX-Own: @\r\n\r\nx"), DOWNGRADE_UNFOLDABLE, "", "X-Own" },
		{ STR("a: b\r\n#\r\n\r\nx"), DOWNGRADE_UNFOLDABLE, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf raw, out, one, other;
		struct str field;

		buf_init(&raw, 100 * LONG);
		buf_init(&out, 100 * LONG);
		buf_init(&one, 100 * LONG);
		buf_init(&other, 100 * LONG);
		long_put(&raw, rows[i].raw);
		check_at(i, downgrade_field(buf_str(&raw), true, &out, &field) == rows[i].how);
		check_at(i, str_eq(field, str_of(rows[i].field)));
		if (rows[i].how == DOWNGRADED) {
			check_at(i, lines_text_fit(buf_str(&out)));
			check_at(i, str_find(buf_str(&out), str_of(rows[i].encoding)) >= 0);
			plainly_put(&one, buf_str(&raw));
			plainly_put(&other, buf_str(&out));
			check_str_at(i, buf_str(&other), buf_str(&one));
		}
		buf_deinit(&raw);
		buf_deinit(&out);
		buf_deinit(&one);
		buf_deinit(&other);
	}
}

/* A line that is encoded in many pieces, and one of them ends amid each kind of thing. */
static void test_a_line_of_many_pieces(void **state)
{
	static const char *const units[] = { "x", "xy ", "a\r\n", "\xc3\xa4z==", "\xc3\xa4\xc3\xa4",
		                             " \t" };
	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf raw, out, one, other;

		buf_init(&raw, 1 << 20);
		buf_init(&out, 4 << 20);
		buf_init(&one, 1 << 20);
		buf_init(&other, 1 << 20);
		buf_put(&raw, STR("Content-Type: text/plain\r\n" MIME "\r\n"));
		while (raw.n < 300000)
			buf_put(&raw, str_of(units[i]));
		buf_put(&raw, STR("end\r\n"));
		long_put(&raw, STR("@\r\n"));
		check_at(i, downgrade(buf_str(&raw), false, &out) == DOWNGRADED);
		check_at(i, lines_text_fit(buf_str(&out)));
		check_at(i, utf8_ascii(buf_str(&out)));
		plainly_put(&one, buf_str(&raw));
		plainly_put(&other, buf_str(&out));
		check_str_at(i, buf_str(&other), buf_str(&one));
		buf_deinit(&raw);
		buf_deinit(&out);
		buf_deinit(&one);
		buf_deinit(&other);
	}
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
		check_at(i, downgrade_header_utf8(&m) == rows[i].yes);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_a_line_of_many_pieces),
		cmocka_unit_test(test_it_stops_when_told),
		cmocka_unit_test(test_headers_in_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
