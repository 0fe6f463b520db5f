/* base64, quoted-printable, UTF-8, modified UTF-7: tables, round trips, all prefixes. */
#include "harness/check.h"
#include "harness/exact.h"

#include "foundation/base/random.h"
#include "foundation/text/base64.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"

enum { OUT_MAX = 4096 };

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

typedef void decode_fn(struct str in, struct buf *out);

struct decode_row {
	struct str in, out;
};

static void decode_prefix(struct str in, void *arg)
{
	decode_fn *const *fn = arg;
	struct buf out;

	buf_init(&out, in.n + 3);
	(*fn)(in, &out);
	assert_true(buf_ok(&out)); /* the promised growth holds */
	buf_deinit(&out);
}

static void check_decode(decode_fn *fn, const struct decode_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		fn(rows[i].in, &out);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		exact_each(rows[i].in, true, decode_prefix, &fn);
	}
}

/* --- base64 ------------------------------------------------------------------------- */

static void base64_strict(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		struct str out;
	} rows[] = {
		{ S(""), true, S("") },
		{ S("Zg=="), true, S("f") }, /* RFC 4648 10 */
		{ S("Zm8="), true, S("fo") },
		{ S("Zm9v"), true, S("foo") },
		{ S("Zm9vYmE="), true, S("fooba") },
		{ S("AGFAeAA="), true, S("\0a@x\0") },
		{ S("Zg="), false, S("") },
		{ S("Zg"), false, S("") },
		{ S("Zh=="), false, S("") }, /* unused bits, RFC 4648 3.5 */
		{ S("Zm9="), false, S("") },
		{ S("Zm 9v"), false, S("") },
		{ S("Zm9v\n"), false, S("") },
		{ S("Z==="), false, S("") },
		{ S("===="), false, S("") },
		{ S("Zg==Zg=="), false, S("") },
		{ S("Zm9-"), false, S("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		buf_put(&out, STR("before"));
		check_at(i, base64_parse(rows[i].in, &out) == rows[i].ok);
		check_str_at(i, str_sub(buf_str(&out), 6, out.n), rows[i].out);
		buf_deinit(&out);
	}
}

static void base64_lenient(void **state)
{
	static const struct decode_row rows[] = {
		{ S("Zm9v\r\nYmFy\r\n"), S("foobar") },
		{ S("Zm9vYg"), S("foob") },         /* no padding            */
		{ S("Zm9vY"), S("foo") },           /* six bits are no byte  */
		{ S("Zg==Zm8=Zm9v"), S("ffofoo") }, /* joined streams        */
		{ S("Z!m@9#v"), S("foo") },         /* RFC 2045 6.8: ignored */
		{ S("=Zm9v"), S("foo") },
		{ S("Z m\t9\n v Y m F y"), S("foobar") },
	};

	(void)state;
	check_decode(base64_decode, rows, COUNT(rows));
}

static void base64_round_trip(void **state)
{
	char bytes[300];

	(void)state;
	random_bytes(bytes, sizeof bytes);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct str raw = str_from(bytes, n);
		struct buf text, back;

		buf_init(&text, OUT_MAX);
		buf_init(&back, OUT_MAX);
		base64_put(&text, raw);
		check_at(n, base64_parse(buf_str(&text), &back));
		check_str_at(n, buf_str(&back), raw);
		buf_reset(&text);
		buf_reset(&back);
		base64_put_lines(&text, raw);
		base64_decode(buf_str(&text), &back);
		check_str_at(n, buf_str(&back), raw);
		buf_deinit(&text);
		buf_deinit(&back);
	}
}

/* A preview gives a small buffer to a big body: it must be filled, not refused. */
static void base64_fills_a_small_buffer(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 7);
	base64_decode(STR("Zm9vYmFyZm9vYmFyZm9vYmFy"), &out);
	check_str(buf_str(&out), STR("foobar"));
	assert_false(buf_ok(&out));
	buf_deinit(&out);
}

/* --- quoted-printable ------------------------------------------------------------------ */

static void qp_bodies(void **state)
{
	static const struct decode_row rows[] = {
		{ S("caf=C3=A9"), S("caf\xc3\xa9") },
		{ S("caf=c3=a9"), S("caf\xc3\xa9") }, /* lower case        */
		{ S("soft=\r\nbreak"), S("softbreak") },
		{ S("soft=\nbreak"), S("softbreak") },
		{ S("soft= \t\r\nbreak"), S("softbreak") },           /* rule 5            */
		{ S("trailing  \r\nspace"), S("trailing\r\nspace") }, /* rule 3      */
		{ S("end  "), S("end") },
		{ S("in  side"), S("in  side") },
		{ S("a = b =G1 =4"), S("a = b =G1 =4") }, /* not valid: kept   */
		{ S("last="), S("last") },
		{ S("=3D=0D=0A=00"), S("=\r\n\0") },
		{ S("=20 \r\n"), S(" \r\n") },
	};

	(void)state;
	check_decode(qp_decode, rows, COUNT(rows));
}

static void qp_words(void **state)
{
	static const struct decode_row rows[] = {
		{ S("a_b=20c"), S("a b c") }, /* RFC 2047 4.2 */
		{ S("=5F"), S("_") },
		{ S("=E9=zz"), S("\xe9=zz") },
	};

	(void)state;
	check_decode(qp_word_decode, rows, COUNT(rows));
}

static void qp_round_trip(void **state)
{
	static const struct str texts[] = {
		S("plain\r\n"),
		S("From me\r\n.\r\nspace \r\n tab\t\r\n"),
		S("\xc3\xa9=\0\x7f\r"),
		S("a line that is much longer than the seventy-six characters that a line of "
		  "quoted-printable may have, with a \xe2\x82\xac at the end \xe2\x82\xac\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf text, back;
		struct cur c;
		struct str line;

		buf_init(&text, OUT_MAX);
		buf_init(&back, OUT_MAX);
		qp_put(&text, texts[i]);
		for (c = cur_of(buf_str(&text)); cur_line(&c, &line);) {
			check_at(i, line.n <= 76);
			check_at(i, !str_starts(line, STR("From ")) && !str_starts(line, STR(".")));
		}
		qp_decode(buf_str(&text), &back);
		check_str_at(i, buf_str(&back), texts[i]);
		buf_deinit(&text);
		buf_deinit(&back);
	}
}

/* --- UTF-8 ------------------------------------------------------------------------------- */

static void utf8_forms(void **state)
{
	static const struct {
		struct str in;
		bool valid;
		struct str clean;
	} rows[] = {
		{ S("plain"), true, S("plain") },
		{ S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), true,
		  S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") },
		{ S("\xf4\x8f\xbf\xbf"), true, S("\xf4\x8f\xbf\xbf") },
		{ S("\xc0\xaf"), false, S("\xef\xbf\xbd\xef\xbf\xbd") }, /* overlong  */
		{ S("\xe0\x80\xaf"), false, S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ S("\xed\xa0\x80"), false, S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") }, /* D800  */
		{ S("\xf4\x90\x80\x80"), false,
		  S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ S("a\xe2\x82z"), false, S("a\xef\xbf\xbdz") }, /* one maximal part is one   */
		{ S("\xf0\x9f\x98"), false, S("\xef\xbf\xbd") },
		{ S("\x80"), false, S("\xef\xbf\xbd") },
		{ S("\xff"), false, S("\xef\xbf\xbd") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		check_at(i, utf8_valid(rows[i].in) == rows[i].valid);
		utf8_put_clean(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].clean);
		check_at(i, utf8_valid(buf_str(&out)));
		buf_deinit(&out);
	}
}

static void utf8_cuts_between_characters(void **state)
{
	struct str s = STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	(void)state;
	for (size_t n = 0; n < COUNT(want); n++)
		check_at(n, utf8_cut(s, n).n == want[n]);
	assert_true(utf8_count(s) == 5);
}

/* --- modified UTF-7 ------------------------------------------------------------------------ */

static void utf7imap_names(void **state)
{
	static const struct {
		struct str utf7, utf8;
	} rows[] = {
		{ S("INBOX"), S("INBOX") },
		{ S("a&-b"), S("a&b") },
		/* RFC 3501 5.1.3 */
		{ S("~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
		  S("~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e") },
		{ S("Entw&APw-rfe"), S("Entw\xc3\xbcrfe") },
		{ S("&2D3eAA-"), S("\xf0\x9f\x98\x80") },
		{ S("&-&-"), S("&&") },
		{ S("&AOQ-&-&AOQ-"), S("\xc3\xa4&\xc3\xa4") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		check_at(i, utf7imap_put(&out, rows[i].utf8));
		check_str_at(i, buf_str(&out), rows[i].utf7);
		buf_reset(&out);
		check_at(i, utf7imap_parse(rows[i].utf7, &out));
		check_str_at(i, buf_str(&out), rows[i].utf8);
		buf_deinit(&out);
	}
}

/* RFC 3501 5.1.3: each name has one spelling. */
static void utf7imap_refuses(void **state)
{
	static const struct str rows[] = {
		S("&"), /* never ends                           */
		S("&AOQ"),
		S("&Jjo!"), /* the RFC's examples of what is wrong  */
		S("&U,BTFw-&ZeVnLIqe-"),
		S("&AGE-"),  /* "a" needs no shift                   */
		S("&AOR-"),  /* leftover bits                        */
		S("&AOQA-"), /* leftover digit                       */
		S("&2D0-"),  /* half a surrogate pair                */
		S("&3gA-"),
		S("&2D0AYQ-"),
		S("caf\xc3\xa9"), /* 8-bit                                */
		S("a\tb"),
		S("&ACY-"), /* "&" is "&-"                          */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		buf_put(&out, STR("x"));
		check_at(i, !utf7imap_parse(rows[i], &out));
		check_str_at(i, buf_str(&out), STR("x"));
		buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_strict),
		cmocka_unit_test(base64_lenient),
		cmocka_unit_test(base64_round_trip),
		cmocka_unit_test(base64_fills_a_small_buffer),
		cmocka_unit_test(qp_bodies),
		cmocka_unit_test(qp_words),
		cmocka_unit_test(qp_round_trip),
		cmocka_unit_test(utf8_forms),
		cmocka_unit_test(utf8_cuts_between_characters),
		cmocka_unit_test(utf7imap_names),
		cmocka_unit_test(utf7imap_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
