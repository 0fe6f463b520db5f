/* Attachments unpacked, and those that are made to hurt. */
#include "harness/check.h"

#include "flow/reports_in/unpack.h"
#include "unit/report/packing.h"

#include <string.h>

static const struct unpack_limits limits = {
	.bytes = 1 << 20, .ratio = 100, .free = 1 << 16, .inner = 1 << 17, .members = 3
};

struct taken {
	struct buf text; /* "[...]" each, "?" when it was not whole */
	uint64_t bytes;
	unsigned begun;
	bool refuse;
};

static void begin(void *arg)
{
	struct taken *t = arg;

	t->begun++;
	buf_byte(&t->text, '[');
}

static bool piece(void *arg, struct str bytes)
{
	struct taken *t = arg;

	t->bytes += bytes.n;
	buf_put(&t->text, bytes);
	return !t->refuse;
}

static void end(void *arg, bool whole)
{
	struct taken *t = arg;

	buf_put(&t->text, whole ? STR("]") : STR("?"));
}

static enum err run(struct taken *t, struct str bytes, struct why *why)
{
	const struct unpack_taker taker = { begin, piece, end, t };

	buf_reset(&t->text);
	t->bytes = t->begun = 0;
	return unpack(bytes, &limits, &taker, why);
}

static void what_is_unpacked(void **state)
{
	struct taken t = { .begun = 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_init(&t.text, 1 << 20);
	assert_int_equal(run(&t, STR("<a/>"), NULL), OK);
	check_str(buf_str(&t.text), STR("[<a/>]"));
	assert_int_equal(run(&t, STR_EMPTY, NULL), OK);
	gzipped(&b, STR("<gz/>"), 1);
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	check_str(buf_str(&t.text), STR("[<gz/>]"));
	buf_put(&b, STR("trailing"));
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	buf_reset(&b);
	gzipped(&b, STR("<gz>"), 1);
	gzipped(&b, STR("</gz>"), 1);
	buf_bytes(&b, "\0\0\0", 3);
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	check_str(buf_str(&t.text), STR("[<gz></gz>]"));
	buf_reset(&b);
	zip64_put(&b, STR("a"), STR("long"));
	zip_put(&b, STR("b"), STR("short"), 1, 8, true);
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	check_str(buf_str(&t.text), STR("[long][short]"));
	buf_reset(&b);
	zip_put(&b, STR("a"), STR("one"), 1, 8, false);
	zip_put(&b, STR("b"), STR("two"), 1, 8, true);
	zip_put(&b, STR("c"), STR("three"), 1, 0, false);
	buf_put(&b, STR("PK\x01\x02 whatever a directory says"));
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	check_str(buf_str(&t.text), STR("[one][two][three]"));
	buf_deinit(&b);
	buf_deinit(&t.text);
}

/* As some zip what was gzipped: it is a document. What lies deeper is not looked into. */
static void gzip_in_zip(void **state)
{
	struct taken t = { .begun = 0 };
	struct buf inner, deeper, b;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_init(&inner, 1 << 20);
	buf_init(&deeper, 1 << 20);
	buf_init(&t.text, 1 << 20);
	gzipped(&inner, STR("<gz/>"), 1);
	for (unsigned method = 0; method <= 8; method += 8) {
		buf_reset(&b);
		zip_put(&b, STR("a.xml.gz"), buf_str(&inner), 1, method, false);
		zip_put(&b, STR("b.xml"), STR("plain"), 1, method, false);
		zip_put(&b, STR("c"), buf_str(&inner), 1, method, false);
		check_at(method, run(&t, buf_str(&b), NULL) == OK);
		check_str_at(method, buf_str(&t.text), STR("[<gz/>][plain][<gz/>]"));
		for (size_t n = 1; n <= inner.n; n++) { /* damaged within, whole without */
			buf_reset(&b);
			zip_put(&b, STR("a"), str_sub(buf_str(&inner), 0, n), 1, method, false);
			check_at(n, n == 1 || n == inner.n ||
			                    run(&t, buf_str(&b), NULL) == ERR_SYNTAX);
		}
	}
	gzipped(&deeper, buf_str(&inner), 1);
	buf_reset(&b);
	zip_put(&b, STR("a"), buf_str(&deeper), 1, 8, false);
	assert_int_equal(run(&t, buf_str(&b), NULL), OK);
	assert_int_equal(t.bytes, inner.n);
	buf_deinit(&deeper);
	buf_deinit(&inner);
	buf_deinit(&b);
	buf_deinit(&t.text);
}

static void bombs_in_zip(void **state)
{
	static char zeros[1 << 16];
	struct taken t = { .refuse = true };
	struct str block = str_from(zeros, sizeof zeros);
	struct buf inner, b;
	struct why why;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_init(&inner, 1 << 20);
	buf_init(&t.text, 1 << 24);
	/* by itself its ratio is too high already, and there the limit holds as well */
	gzipped(&inner, block, 8);
	for (unsigned method = 0; method <= 8; method += 8) {
		buf_reset(&b);
		zip_put(&b, STR("a"), buf_str(&inner), 1, method, method == 8);
		check_at(method, run(&t, buf_str(&b), &why) == ERR_LIMIT);
		check_at(method, strstr(why.text, "times its size") != NULL);
		check_at(method, t.bytes <= limits.bytes);
	}
	/* a mild one, packed again: what counts is what the ZIP file has of it */
	buf_reset(&inner);
	for (unsigned i = 0; i < 16; i++) {
		static char mixed[1 << 13];

		for (uint32_t k = 0; k < sizeof mixed; k++)
			mixed[k] = k % 40 != 0 ? 'a' : (char)(k * k * 2654435761u >> 23);
		gzipped(&inner, str_from(mixed, sizeof mixed), 1);
	}
	assert_int_equal(run(&t, buf_str(&inner), NULL), OK); /* all members count */
	buf_reset(&b);
	zip_put(&b, STR("a"), buf_str(&inner), 1, 8, true);
	assert_true((uint64_t)16 << 13 > limits.ratio * b.n);
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "times its size"));
	/* and a gzip file that is longer than may be held */
	for (uint32_t i = 0; i < 1 << 16; i++)
		zeros[i] = (char)(i * i * 2654435761u >> 24);
	buf_reset(&inner);
	while (inner.n <= limits.inner)
		gzipped(&inner, block, 1);
	buf_reset(&b);
	zip_put(&b, STR("a"), buf_str(&inner), 1, 0, false);
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "gzip file in it"));
	buf_deinit(&inner);
	buf_deinit(&b);
	buf_deinit(&t.text);
}

/* Whatever is cut off or changed is refused, and never told of as whole. */
static void damage(void **state)
{
	struct taken t = { .begun = 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_init(&t.text, 1 << 20);
	gzipped(&b, STR("some words, and some words"), 1);
	for (size_t n = 2; n < b.n; n++) {
		check_at(n, run(&t, str_sub(buf_str(&b), 0, n), NULL) == ERR_SYNTAX);
		check_at(n, !str_ends(buf_str(&t.text), STR("]")));
	}
	b.p[b.n - 6] ^= 1; /* the sum */
	assert_int_equal(run(&t, buf_str(&b), NULL), ERR_SYNTAX);
	for (int second = 0; second < 2; second++) {
		buf_reset(&b);
		gzipped(&b, STR("some words"), 1);
		gzipped(&b, STR("more words"), 1);
		b.p[second ? b.n - 6 : b.n / 2 - 6] ^= 1;
		check_at(second, run(&t, buf_str(&b), NULL) == ERR_SYNTAX);
	}
	for (size_t cut = 1; cut < 24; cut++) { /* a size of 64 bits, cut */
		buf_reset(&b);
		zip64_put(&b, STR("a"), STR("some words"));
		check_at(cut, run(&t, str_sub(buf_str(&b), 0, b.n - cut), NULL) == ERR_SYNTAX);
	}
	b.p[b.n - 1] = 1; /* nothing has so many bytes */
	assert_int_equal(run(&t, buf_str(&b), NULL), ERR_SYNTAX);
	for (int behind = 0; behind < 2; behind++) {
		buf_reset(&b);
		zip_put(&b, STR("a"), STR("some words, and some words"), 1, 8, behind != 0);
		for (size_t n = 4; n < b.n; n++)
			check_at(n, run(&t, str_sub(buf_str(&b), 0, n), NULL) == ERR_SYNTAX);
		b.p[b.n - 1] ^= 1;
		check_at(behind, run(&t, buf_str(&b), NULL) == ERR_SYNTAX);
		b.p[b.n - 1] ^= 1;
		b.p[6] |= 1; /* encrypted */
		check_at(behind, run(&t, buf_str(&b), NULL) == ERR_SYNTAX);
		b.p[6] ^= 1;
		b.p[8] = 9; /* another method */
		check_at(behind, run(&t, buf_str(&b), NULL) == ERR_SYNTAX);
	}
	buf_reset(&b);
	zip_put(&b, STR("a"), STR("stored, ends nowhere"), 1, 0, true);
	assert_int_equal(run(&t, buf_str(&b), NULL), ERR_SYNTAX);
	buf_deinit(&b);
	buf_deinit(&t.text);
}

static void bombs(void **state)
{
	static char zeros[1 << 16];
	struct taken t = { .refuse = true };
	struct str block = str_from(zeros, sizeof zeros);
	struct why why;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_init(&t.text, 1 << 24);
	gzipped(&b, block, 1000); /* 64 MB in 64 KB */
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	assert_in_range(t.bytes, 0, limits.bytes);
	assert_non_null(strstr(why.text, "times its size"));
	buf_reset(&b);
	zip_put(&b, STR("a"), block, 1000, 8, true);
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	/* many that are each within the limits */
	buf_reset(&b);
	for (unsigned i = 0; i <= limits.members; i++)
		zip_put(&b, STR("a"), STR("x"), 1, 0, false);
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	assert_int_equal(t.begun, limits.members);
	assert_non_null(strstr(why.text, "files in it"));
	/* one byte more than may come out in all */
	buf_reset(&b);
	zip_put(&b, STR("a"), block, 1, 0, false);
	for (uint32_t i = 0; i < 1 << 16; i++)
		zeros[i] = (char)(i * 2654435761u >> 24);
	for (unsigned i = 0; i < 2; i++)
		zip_put(&b, STR("a"), block, 8, 8, false);
	assert_int_equal(run(&t, buf_str(&b), &why), ERR_LIMIT);
	buf_deinit(&b);
	buf_deinit(&t.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_unpacked),
		cmocka_unit_test(gzip_in_zip),
		cmocka_unit_test(bombs_in_zip),
		cmocka_unit_test(damage),
		cmocka_unit_test(bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
