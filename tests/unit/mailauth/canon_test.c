/* The canonical forms of RFC 6376 3.4: its examples, the corners it names, and that pieces of any
 * size give the same. Lists of tags. */
#include "harness/check.h"

#include "formats/mailauth/canon.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/buf.h"

static void gather(void *to, struct str bytes)
{
	assert_true(bytes.n != 0);
	buf_put(to, bytes);
}

static struct str body(struct buf *b, enum canon how, struct str in, size_t piece)
{
	struct canon_body c;

	buf_reset(b);
	canon_body_init(&c, how, gather, b);
	for (size_t at = 0; at < in.n; at += piece)
		canon_body_put(&c, str_sub(in, at, at + piece));
	canon_body_end(&c);
	return buf_str(b);
}

static struct str field(struct buf *b, enum canon how, struct str in, size_t piece)
{
	struct canon_field f;

	buf_reset(b);
	canon_field_init(&f, how, gather, b);
	for (size_t at = 0; at < in.n; at += piece)
		canon_field_put(&f, str_sub(in, at, at + piece));
	canon_field_end(&f, true);
	return buf_str(b);
}

static void bodies(void **state)
{
	static const struct {
		struct str in, simple, relaxed;
	} rows[] = {
		/* RFC 6376 3.4.5 */
		{ STR(" C \r\nD \t E\r\n\r\n\r\n"), STR(" C \r\nD \t E\r\n"),
		  STR(" C\r\nD E\r\n") },
		/* RFC 6376 3.4.3, 3.4.4: an empty body */
		{ STR(""), STR("\r\n"), STR("") },
		{ STR("\r\n"), STR("\r\n"), STR("") },
		{ STR("\r\n\r\n\r\n"), STR("\r\n"), STR("") },
		{ STR(" \t\r\n\r\n"), STR(" \t\r\n"), STR("") },
		/* no end of the last line: one is added */
		{ STR("a"), STR("a\r\n"), STR("a\r\n") },
		{ STR("a \t"), STR("a \t\r\n"), STR("a\r\n") },
		{ STR("a\r\n b"), STR("a\r\n b\r\n"), STR("a\r\n b\r\n") },
		/* empty lines at the begin and within stay */
		{ STR("\r\n\r\na\r\n\r\nb\r\n\r\n"), STR("\r\n\r\na\r\n\r\nb\r\n"),
		  STR("\r\n\r\na\r\n\r\nb\r\n") },
		{ STR("a\r\n \r\nb"), STR("a\r\n \r\nb\r\n"), STR("a\r\n\r\nb\r\n") },
		/* CR and LF alone are text */
		{ STR("a \rb\n\r\n"), STR("a \rb\n\r\n"), STR("a \rb\n\r\n") },
		{ STR("a\r"), STR("a\r\r\n"), STR("a\r\r\n") },
		{ STR("a\r\r\n\r\n"), STR("a\r\r\n"), STR("a\r\r\n") },
		{ STR("a\r \r\n"), STR("a\r \r\n"), STR("a\r\r\n") },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 8; piece++) {
			check_str_at(i, body(&b, CANON_SIMPLE, rows[i].in, piece), rows[i].simple);
			check_str_at(i, body(&b, CANON_RELAXED, rows[i].in, piece),
			             rows[i].relaxed);
		}
	buf_deinit(&b);
}

static void fields(void **state)
{
	static const struct {
		struct str in, relaxed;
	} rows[] = {
		/* RFC 6376 3.4.5 */
		{ STR("A: X\r\n"), STR("a:X\r\n") },
		{ STR("B : Y\t\r\n\tZ  \r\n"), STR("b:Y Z\r\n") },
		{ STR("Subject:\r\n"), STR("subject:\r\n") },
		{ STR("Subject: \r\n \r\n"), STR("subject:\r\n") },
		{ STR("SUBJect\t \t:a  b\r\n  c:  d\r\n"), STR("subject:a b c: d\r\n") },
		{ STR("X: \xc3\xa4"), STR("x:\xc3\xa4\r\n") },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 8; piece++)
			check_str_at(i, field(&b, CANON_RELAXED, rows[i].in, piece),
			             rows[i].relaxed);
	/* RFC 6376 3.4.1: nothing changes */
	for (size_t i = 0; i < 5; i++)
		for (size_t piece = 1; piece < 8; piece++)
			check_str_at(i, field(&b, CANON_SIMPLE, rows[i].in, piece), rows[i].in);
	buf_deinit(&b);
}

static void lists(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		size_t count;
		const char *a; /* the value of the tag a */
	} rows[] = {
		{ "a=b", true, 1, "b" },        { " a\t=\r\n b c ; d_1=;", true, 2, "b c" },
		{ "a=; b=2", true, 2, "" },     { "a=x=y", true, 1, "x=y" },
		{ "A=1", true, 1, NULL }, /* RFC 6376 3.2: names have a case */
		{ "a=1;a=2", false, 0, NULL },  { "a", false, 0, NULL },
		{ "", false, 0, NULL },         { ";", false, 0, NULL },
		{ "a=1;;b=2", false, 0, NULL }, { "1a=1", false, 0, NULL },
		{ "a=\x01", false, 0, NULL },   { "a=1 b", true, 1, "1 b" },
		{ "a b=1", false, 0, NULL },
	};
	struct tags t;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, tags_parse(str_of(rows[i].in), &t) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_at(i, t.count == rows[i].count);
		check_at(i, (tags_find(&t, STR("a")) != NULL) == (rows[i].a != NULL));
		check_str_at(i, tags_value(&t, STR("a"), STR("none")),
		             str_of(rows[i].a != NULL ? rows[i].a : "none"));
	}
}

static void too_many_tags(void **state)
{
	struct tags t;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 0; i < TAGS_MAX; i++)
		buf_fmt(&b, "t%d=1;", i);
	assert_true(tags_parse(buf_str(&b), &t));
	buf_put(&b, STR("one=more"));
	assert_false(tags_parse(buf_str(&b), &t));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(fields),
		cmocka_unit_test(lists),
		cmocka_unit_test(too_many_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
