/* Charsets, folding, HTML: tables, and every prefix of every row. */
#include "harness/check.h"
#include "harness/exact.h"

#include "foundation/base/arena.h"
#include "foundation/text/charset.h"
#include "foundation/text/fold.h"
#include "foundation/text/html.h"
#include "foundation/text/utf8.h"

enum { OUT_MAX = 1 << 16 };

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define REPLACED "\xef\xbf\xbd"

static void decode_prefix(struct str in, void *arg)
{
	const struct str *label = arg;
	struct buf out;

	buf_init(&out, CHARSET_GROWTH * in.n + 1);
	charset_decode(&out, *label, in);
	assert_true(buf_ok(&out));
	assert_true(utf8_valid(buf_str(&out)));
	buf_deinit(&out);
}

static void charsets(void **state)
{
	static const struct {
		struct str label, in, out;
	} rows[] = {
		{ S("utf-8"), S("caf\xc3\xa9 \xff"), S("caf\xc3\xa9 " REPLACED) },
		{ S("UTF8"), S("\xe2\x82\xac"), S("\xe2\x82\xac") },
		{ S(""), S("caf\xc3\xa9"), S("caf\xc3\xa9") }, /* guesses */
		{ S(""), S("caf\xe9"), S("caf\xc3\xa9") },
		{ S("us-ascii"), S("caf\xe9 \x80"), S("caf\xc3\xa9 \xe2\x82\xac") },
		{ S("x-unknown-8bit"), S("\xe9"), S("\xc3\xa9") },
		{ S("no such charset at all, really"), S("\xe9"), S("\xc3\xa9") },
		{ S("iso-8859-1"), S("\x93q\x94 \xe9"), S("\xe2\x80\x9cq\xe2\x80\x9d \xc3\xa9") },
		{ S("ISO_8859-1:1987"), S("\xe9"), S("\xc3\xa9") },
		{ S("iso-8859-15"), S("\xa4"), S("\xe2\x82\xac") },
		{ S("windows-1251"), S("\xcf\xf0"), S("\xd0\x9f\xd1\x80") },
		{ S("koi8-r"), S("\xf0\xd2"), S("\xd0\x9f\xd1\x80") },
		{ S("windows-1252"), S("\x81"), S(REPLACED) },
		{ S("windows-874"), S("\xa1"), S("\xe0\xb8\x81") },
		{ S("tis-620"), S("\xa1"), S("\xe0\xb8\x81") },
		{ S("x-mac-roman"), S("\x8e"), S("\xc3\xa9") },
		{ S("macintosh"), S("\x8e"), S("\xc3\xa9") },
		{ S("gb2312"), S("\xd6\xd0\xce\xc4"), S("\xe4\xb8\xad\xe6\x96\x87") },
		{ S("GBK"), S("\xd6\xd0"), S("\xe4\xb8\xad") },
		{ S("gb18030"), S("\xd6\xd0\xff!"), S("\xe4\xb8\xad" REPLACED "!") },
		{ S("big5"), S("\xa4\xa4\xa4\xe5"), S("\xe4\xb8\xad\xe6\x96\x87") },
		{ S("shift_jis"), S("\x93\xfa\x96{"), S("\xe6\x97\xa5\xe6\x9c\xac") },
		{ S("euc-jp"), S("\xc6\xfc\xcb\xdc"), S("\xe6\x97\xa5\xe6\x9c\xac") },
		{ S("iso-2022-jp"), S("a\033$BF|K\\\033(Bz"),
		  S("a\xe6\x97\xa5\xe6\x9c\xacz") }, /* RFC 1468 */
		{ S("iso-2022-jp"), S("\033(I1\033(B"), S("\xef\xbd\xb1") },
		{ S("iso-2022-jp"), S("\033$BF|\nab"), S("\xe6\x97\xa5\nab") },
		{ S("euc-kr"), S("\xc7\xd1"), S("\xed\x95\x9c") },
		{ S("ks_c_5601-1987"), S("\xc7\xd1"), S("\xed\x95\x9c") },
		{ S("iso-2022-kr"), S("\033$)C\016GQ\017."), S("\xed\x95\x9c.") }, /* RFC 1557 */
		{ S("hz-gb-2312"), S("~~~{VP~}.~\nx"), S("~\xe4\xb8\xad.x") },     /* RFC 1843 */
		{ S("utf-7"), S("Hi +2D3eAA-, A+ImIDkQ., 1 +- 1"),                 /* RFC 2152 */
		  S("Hi \xf0\x9f\x98\x80, A\xe2\x89\xa2\xce\x91., 1 + 1") },
		{ S("utf-7"), S("+2D0-x"), S(REPLACED "x") },
		{ S("utf-16"), S("\xff\xfe\x41\0\x3d\xd8\x00\xde"), S("A\xf0\x9f\x98\x80") },
		{ S("utf-16be"), S("\0A\xd8\x3d\0B"), S("A" REPLACED "B") },
		{ S("utf-16le"), S("A\0B"), S("A" REPLACED) },
		{ S("utf-32"), S("\0\1\xf6\0\0\x11\0\0"), S("\xf0\x9f\x98\x80" REPLACED) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;
		struct str label = rows[i].label;

		buf_init(&out, OUT_MAX);
		charset_decode(&out, label, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		exact_each(rows[i].in, true, decode_prefix, &label);
	}
}

static void charset_names(void **state)
{
	(void)state;
	assert_true(charset_known(STR("ISO-8859-2")));
	assert_true(charset_known(STR(" utf-8 ")));
	assert_false(charset_known(STR("klingon")));
	assert_true(charset_is_wide(STR("UTF-16LE")) && charset_is_wide(STR("unicode")));
	assert_false(charset_is_wide(STR("utf-8")) || charset_is_wide(STR("klingon")));
	assert_false(charset_known(STR("")));
	assert_false(charset_known(STR("-")));
}

/* --- folding ---------------------------------------------------------------------------- */

static void fold_forms(void **state)
{
	static const struct {
		struct str in, folded, nfc;
	} rows[] = {
		{ S("Hello, World"), S("hello, world"), S("Hello, World") },
		{ S("STRA\xc3\x9f"
		    "E"),
		  S("strasse"),
		  S("STRA\xc3\x9f"
		    "E") },
		{ S("e\xcc\x81t\xc3\xa9"), S("\xc3\xa9t\xc3\xa9"), S("\xc3\xa9t\xc3\xa9") },
		{ S("E\xcc\x81"), S("\xc3\xa9"), S("\xc3\x89") },
		{ S("\xef\xac\x81n"), S("fin"), S("\xef\xac\x81n") }, /* ligature fi   */
		{ S("\xe2\x84\xa6"), S("\xcf\x89"), S("\xce\xa9") },  /* ohm, omega    */
		{ S("\xce\xa3\xcf\x83\xcf\x82"), S("\xcf\x83\xcf\x83\xcf\x83"),
		  S("\xce\xa3\xcf\x83\xcf\x82") },
		{ S("so\xc2\xadgar"), S("sogar"), S("so\xc2\xadgar") }, /* soft hyphen */
		{ S("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"), S("\xea\xb0\x81"), S("\xea\xb0\x81") },
		{ S("a\xff"
		    "b"),
		  S("a" REPLACED "b"), S("a" REPLACED "b") },
		/* canonical order of marks: dot below before dot above */
		{ S("s\xcc\x87\xcc\xa3"), S("\xe1\xb9\xa9"), S("\xe1\xb9\xa9") },
	};

	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		fold_put(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].folded);
		buf_reset(&out);
		fold_nfc_put(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].nfc);
		if (utf8_valid(rows[i].in)) {
			struct str nfc = fold_nfc(&a, rows[i].in);

			check_str_at(i, nfc, rows[i].nfc);
			check_at(i, (nfc.p == rows[i].in.p) == str_eq(rows[i].in, rows[i].nfc));
		}
		buf_deinit(&out);
	}
	assert_int_equal(fold_nfc(&a, STR("e\xcc\x81\xff")).n, 4); /* no UTF-8: as it is */
	arena_deinit(&a);
	assert_true(fold_equal(STR("STRASSE"), STR("stra\xc3\x9f"
	                                           "e")));
	assert_false(fold_equal(STR("a"), STR("b")));
	assert_false(fold_equal(STR("\xc3\xa9"), STR("e")));
}

static void ascii_for_typewriters(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "" },
		{ "plain text\n", "plain text\n" },
		{ "\xc3\xa9t\xc3\xa9 \xc3\x9c", "ete U" },
		{ "e\xcc\x81", "e" }, /* a mark of its own */
		{ "Stra\xc3\x9f"
		  "e",
		  "Strasse" },
		{ "\xe2\x80\x9cno\xe2\x80\x9d \xe2\x80\x94 it\xe2\x80\x99s\xe2\x80\xa6",
		  "\"no\" - it's..." },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "??" },
		{ "a\xff\xc3", "a??" },
	};
	struct buf out, one;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&out);
		fold_ascii_put(&out, str_of(rows[i].in));
		check_str_at(i, buf_str(&out), str_of(rows[i].want));
	}
	buf_init(&one, 8);
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		buf_reset(&one);
		utf8_put(&one, c);
		buf_reset(&out);
		fold_ascii_put(&out, buf_str(&one));
		check_at(c, utf8_ascii(buf_str(&out)) && out.n <= one.n);
	}
	buf_deinit(&one);
	buf_deinit(&out);
}

/* A long text goes through in pieces: none of the seams may show. */
static void fold_of_long_text_is_that_of_its_words(void **state)
{
	static const struct str words[] = { S("\xe6\x97\xa5"), S("e\xcc\x81"), S("\xc3\x84"),
		                            S("\xea\xb0\x80\xe1\x86\xa8"), S("x") };
	struct buf text, whole, parts;

	(void)state;
	buf_init(&text, OUT_MAX);
	buf_init(&whole, OUT_MAX);
	buf_init(&parts, OUT_MAX);
	for (size_t i = 0; i < 4000; i++) {
		struct str word = words[i * i % 7 % COUNT(words)];

		buf_put(&text, word);
		fold_put(&parts, word);
	}
	fold_put(&whole, buf_str(&text));
	check_str(buf_str(&whole), buf_str(&parts));
	buf_deinit(&text);
	buf_deinit(&whole);
	buf_deinit(&parts);
}

/* --- HTML --------------------------------------------------------------------------------- */

static void html_prefix(struct str in, void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, OUT_MAX);
	html_text_put(&out, in);
	assert_true(buf_ok(&out));
	buf_deinit(&out);
}

static void html_texts(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ S("plain"), S("plain") },
		{ S("<p>One</p>\n<p>Two<br>three</p>"), S("One\nTwo\nthree") },
		{ S("  a \r\n\t b&nbsp;&nbsp;c "), S("a b c") },
		{ S("<b>bo</b>ld"), S("bold") },
		{ S("<html><head><title>T</title><style>p { x: '<b>' }</style></head><body>B"),
		  S("B") },
		{ S("a<script>if (1 < 2) '</scripty>'</script >b"), S("ab") },
		{ S("a<!-- <p>no</p> -->b<!--[if mso]>x<![endif]-->c"), S("abc") },
		{ S("a<!-->b"), S("ab") },
		{ S("<a href=\"x>y\" title='>'>link</a>"), S("link") },
		{ S("<a title=it's>link</a>"), S("link") },
		{ S("1 < 2 && 3 > 2"), S("1 < 2 && 3 > 2") },
		{ S("&amp;&lt;&gt;&quot;&#65;&#x42;&#X43;&hellip;&eacute"),
		  S("&<>\"ABC\xe2\x80\xa6\xc3\xa9") },
		{ S("&#150;&#0;&#xd800;&#99999999;"),
		  S("\xe2\x80\x93" REPLACED REPLACED REPLACED) },
		{ S("&unknown; &; &#; &#x;"), S("&unknown; &; &#; &#x;") },
		{ S("<td>a</td><td>b</td>"), S("a b") },
		{ S("<style>never ends"), S("") },
		{ S("a<b"), S("a") },
		{ S("<?xml version='1'?>x<![if !mso]>y"), S("xy") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		html_text_put(&out, rows[i].in);
		check_str_at(i, buf_str(&out), rows[i].out);
		buf_deinit(&out);
		exact_each(rows[i].in, true, html_prefix, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charsets),
		cmocka_unit_test(charset_names),
		cmocka_unit_test(fold_forms),
		cmocka_unit_test(ascii_for_typewriters),
		cmocka_unit_test(fold_of_long_text_is_that_of_its_words),
		cmocka_unit_test(html_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
