/* Domain names in other scripts: one normal form for all spellings of one name, and none for
 * what is no name. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/text/idna.h"
#include "foundation/text/idna_rules.h"
#include "foundation/text/punycode.h"
#include "foundation/text/utf8.h"

/* --- Punycode (RFC 3492 7.1) --------------------------------------------------------------- */

static size_t chars_of(struct str s, uint32_t *to)
{
	struct cur c = cur_of(s);
	size_t n = 0;

	while (!cur_done(&c))
		to[n++] = utf8_next(&c);
	return n;
}

static void test_punycode(void **state)
{
	static const struct {
		struct str text, code;
	} rows[] = {
		/* (A) Arabic, (B) Chinese, (D) Czech, (E) Hebrew, (L) and (R) Japanese */
		{ STR("\u0644\u064a\u0647\u0645\u0627\u0628\u062a\u0643\u0644\u0645\u0648"
		      "\u0634\u0639\u0631\u0628\u064a\u061f"),
		  STR("egbpdaj6bu4bxfgehfvwxn") },
		{ STR("\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587"),
		  STR("ihqwcrb4cv8a8dqg056pqjye") },
		{ STR("Pro\u010dprost\u011bnemluv\u00ed\u010desky"),
		  STR("Proprostnemluvesky-uyb24dma41a") },
		{ STR("3\u5e74B\u7d44\u91d1\u516b\u5148\u751f"), STR("3B-ww4c5e180e575a65lsy2b") },
		{ STR("\u305d\u306e\u30b9\u30d4\u30fc\u30c9\u3067"), STR("d9juau41awczczp") },
		{ STR("-> $1.00 <-"), STR("-> $1.00 <--") },
		{ STR("b\u00fccher"), STR("bcher-kva") },
		{ STR("\U0010ffff"), STR("dn32g") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t chars[PUNYCODE_MAX], back[PUNYCODE_MAX];
		size_t n = chars_of(rows[i].text, chars), m = 0;
		struct buf out;

		buf_init(&out, 100);
		punycode_put(&out, chars, n);
		check_str_at(i, buf_str(&out), rows[i].code);
		check_at(i, punycode_parse(rows[i].code, back, &m));
		check_at(i, m == n && memcmp(chars, back, n * sizeof *chars) == 0);
		buf_deinit(&out);
	}
}

static void test_what_is_no_punycode(void **state)
{
	static const struct str rows[] = {
		STR("!"),
		STR("a-!"),
		STR("99999999"),              /* past U+10FFFF                  */
		STR("bcher-kv"),              /* a number without end           */
		STR("\xc3\xbc-kva"),          /* what is basic is ASCII         */
		STR("zzzzzzzzzzzzzzzzzzzzz"), /* more than 32 bits              */
		STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), /* 64 */
	};
	uint32_t to[PUNYCODE_MAX];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, !punycode_parse(rows[i], to, &n));
}

/* --- names ------------------------------------------------------------------------------------ */

static void test_names(void **state)
{
	static const struct {
		struct str name, ascii; /* ascii empty: none */
	} rows[] = {
		{ STR("example.org"), STR("example.org") },
		{ STR("EXAMPLE.Org"), STR("example.org") },
		{ STR("my_host.r3---sn.example"), STR("my_host.r3---sn.example") },
		{ STR("b\u00fccher.example"), STR("xn--bcher-kva.example") },
		{ STR("xn--bcher-kva.example"), STR("xn--bcher-kva.example") },
		{ STR("XN--BCHER-KVA.example"), STR("xn--bcher-kva.example") },
		{ STR("B\u00dcCHER.example"), STR("xn--bcher-kva.example") },
		{ STR("bu\u0308cher.example"), STR("xn--bcher-kva.example") }, /* NFC */
		/* RFC 5895: width, and the other full stop */
		{ STR("\uff42\uff55\uff53\u3002example"), STR("bus.example") },
		{ STR("\uff76\uff9e.example"), STR("xn--mck.example") }, /* with its mark: GA */
		/* Two names, two owners (RFC 5892 2.6). */
		{ STR("stra\u00dfe.example"), STR("xn--strae-oqa.example") },
		{ STR("STRA\u1e9eE.example"), STR("xn--strae-oqa.example") },
		{ STR("strasse.example"), STR("strasse.example") },
		{ STR("\u03b2\u03cc\u03bb\u03bf\u03c2.com"), STR("xn--nxasmm1c.com") },
		{ STR("\u03b2\u03cc\u03bb\u03bf\u03c3.com"), STR("xn--nxasmq6b.com") },
		{ STR("\u0130.example"), STR("xn--i-9bb.example") }, /* and not "i" */
		/* context */
		{ STR("al\u00b7la.cat"), STR("xn--alla-6ha.cat") },
		{ STR("a\u00b7la.cat"), STR("") },
		{ STR("\u0915\u094d\u200d\u0937.in"), STR("xn--11b2ezcw70k.in") },
		{ STR("a\u200db.in"), STR("") },
		{ STR("\u30fb.jp"), STR("") },
		{ STR("\u30a2\u30fb.jp"), STR("xn--cckzj.jp") },
		{ STR("\u0661\u06f1.ir"), STR("") },
		/* direction (RFC 5893) */
		{ STR("\u05d0\u05d1.example"), STR("xn--4dbc.example") },
		{ STR("\u05d0b.example"), STR("") },
		{ STR("\u05d0\u05d1.1com"), STR("") },
		{ STR("1a.\u05d0\u05d1"), STR("") },
		{ STR("\u05d01.example"), STR("xn--1-zhc.example") },
		/* what looks like nothing, like something else, or is no letter */
		{ STR("exam\u00adple.org"), STR("") },
		{ STR("exam\u200bple.org"), STR("") },
		{ STR("\u2603.example"), STR("") },
		{ STR("a\u2024b.example"), STR("") },
		{ STR("a\uff20b.example"), STR("") }, /* a wide "@" */
		{ STR("a\u2044b.example"), STR("") },
		{ STR("\u0301a.example"), STR("") },
		{ STR("\u00fc-.example"), STR("") },
		{ STR("ab--\u00fc.example"), STR("") },
		{ STR("\ue000.example"), STR("") },
		{ STR("\U000e0041\u00fc.example"), STR("") },
		/* A-labels that stand for nothing, or for what has another name */
		{ STR("xn--.example"), STR("") },
		{ STR("xn--abc.example"), STR("") },
		{ STR("xn--example-.org"), STR("") }, /* "example" */
		{ STR("xn--n3h.example"), STR("") },  /* a snowman */
		{ STR("xn--cher-fna.example"), STR("") }, /* U+00DC */
		{ STR("\uff58\uff4e--n3h.example"), STR("") },
		/* form */
		{ STR(""), STR("") },
		{ STR("."), STR("") },
		{ STR("a..b"), STR("") },
		{ STR(".a"), STR("") },
		{ STR("a."), STR("") },
		{ STR("a b"), STR("") },
		{ STR("a@b"), STR("") },
		{ STR("-a.b"), STR("") },
		{ STR("a-.b"), STR("") },
		{ STR("\xff.example"), STR("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str out = STR_EMPTY;
		bool ok = idna_ascii(&a, rows[i].name, &out);

		check_str_at(i, out, rows[i].ascii);
		check_at(i, ok == (rows[i].ascii.n != 0));
		check_at(i, !ok || idna_valid(out));
		arena_deinit(&a);
	}
}

static void test_lengths(void **state)
{
	struct arena a = { 0 };
	struct buf b;
	struct str out;

	(void)state;
	buf_init(&b, 4000);
	for (int i = 0; i < 63; i++)
		buf_byte(&b, 'a');
	assert_true(idna_ascii(&a, buf_str(&b), &out));
	buf_byte(&b, 'a');
	assert_false(idna_ascii(&a, buf_str(&b), &out));
	/* 255 bytes as A-labels, then one more */
	buf_reset(&b);
	for (int i = 0; i < 17; i++)
		buf_put(&b, STR("\u00fcabcdefg.")); /* "xn--abcdefg-....": 15 with the dot */
	assert_true(b.n < 255);
	assert_false(idna_ascii(&a, str_sub(buf_str(&b), 0, b.n - 1), &out) && out.n > 255);
	for (int i = 0; i < 500; i++)
		buf_byte(&b, 'x');
	assert_false(idna_ascii(&a, buf_str(&b), &out));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void test_for_people(void **state)
{
	static const struct {
		struct str ascii, text;
		bool valid;
	} rows[] = {
		{ STR("xn--bcher-kva.example"), STR("b\u00fccher.example"), true },
		{ STR("example.org"), STR("example.org"), true },
		{ STR("xn--n3h.xn--bcher-kva"), STR("xn--n3h.b\u00fccher"), false },
		{ STR("xn--4dbc.1com"), STR("xn--4dbc.1com"), false },
		{ STR("xn--ls8h.la"), STR("xn--ls8h.la"), false }, /* an emoji */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b;

		buf_init(&b, 1000);
		idna_unicode_put(&b, rows[i].ascii);
		check_str_at(i, buf_str(&b), rows[i].text);
		check_at(i, idna_valid(rows[i].ascii) == rows[i].valid);
		buf_deinit(&b);
	}
}

/* Some of each rule of RFC 5892 3. */
static void test_classes(void **state)
{
	static const struct {
		uint32_t ch;
		enum idna_class class;
	} rows[] = {
		{ 'a', IDNA_PVALID },        { 'A', IDNA_DISALLOWED },    { '-', IDNA_PVALID },
		{ '.', IDNA_DISALLOWED },    { '_', IDNA_DISALLOWED },    { 0xb7, IDNA_CONTEXTO },
		{ 0xdf, IDNA_PVALID },       { 0xaa, IDNA_DISALLOWED },   { 0xfc, IDNA_PVALID },
		{ 0xdc, IDNA_DISALLOWED },   { 0x3c2, IDNA_PVALID },      { 0x200c, IDNA_CONTEXTJ },
		{ 0x378, IDNA_UNASSIGNED },  { 0x1100, IDNA_DISALLOWED }, { 0xac00, IDNA_PVALID },
		{ 0x20d0, IDNA_DISALLOWED }, { 0x4e00, IDNA_PVALID },
		{ 0xfb01, IDNA_DISALLOWED }, { 0x640, IDNA_DISALLOWED },
		{ 0x660, IDNA_CONTEXTO },    { 0xfe0f, IDNA_DISALLOWED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, idna_class(rows[i].ch) == rows[i].class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_punycode), cmocka_unit_test(test_what_is_no_punycode),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_for_people), cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
