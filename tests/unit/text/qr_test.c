/* tests/unit/text/qr_test.c: codes are read back here as a camera's program would: format,
 * mask, blocks without a single error, text. */
#include "foundation/text/qr.h"

#include "foundation/base/random.h"
#include "harness/check.h"

#include <string.h>

/* --- A reader, from ISO/IEC 18004 alone --------------------------------------------------- */

/* Codewords in all, check words of a block, blocks: table 9, level M; alignment: annex E. */
static const struct shape {
	unsigned words, check, blocks;
	unsigned at[5];
} shapes[] = {
	[1] = { 26, 10, 1, { 0 } },
	[2] = { 44, 16, 1, { 6, 18 } },
	[5] = { 134, 24, 2, { 6, 30 } },
	[7] = { 196, 18, 4, { 6, 22, 38 } },
	[10] = { 346, 26, 5, { 6, 28, 50 } },
	[14] = { 581, 24, 9, { 6, 26, 46, 66 } },
	[20] = { 1085, 26, 16, { 6, 34, 62, 90 } },
};

static bool near(unsigned a, unsigned b, unsigned by)
{
	return (a > b ? a - b : b - a) <= by;
}

static bool is_data(const struct shape *s, unsigned side, unsigned i, unsigned j)
{
	if (i == 6 || j == 6 || (i < 9 && (j < 9 || j >= side - 8)) || (i >= side - 8 && j < 9))
		return false;
	if (side >= 45 && ((i < 6 && j >= side - 11) || (j < 6 && i >= side - 11)))
		return false;
	for (unsigned a = 0; a < COUNT(s->at) && s->at[a] != 0; a++) {
		for (unsigned b = 0; b < COUNT(s->at) && s->at[b] != 0; b++) {
			bool corner = (s->at[a] == 6 && (s->at[b] == 6 || s->at[b] == side - 7)) ||
			              (s->at[a] == side - 7 && s->at[b] == 6);

			if (!corner && near(i, s->at[a], 2) && near(j, s->at[b], 2))
				return false;
		}
	}
	return true;
}

static bool masked(unsigned mask, unsigned i, unsigned j)
{
	const bool rules[] = {
		(i + j) % 2 == 0,
		i % 2 == 0,
		j % 3 == 0,
		(i + j) % 3 == 0,
		(i / 2 + j / 3) % 2 == 0,
		(i * j) % 2 + (i * j) % 3 == 0,
		((i * j) % 2 + (i * j) % 3) % 2 == 0,
		((i + j) % 2 + (i * j) % 3) % 2 == 0,
	};

	return rules[mask];
}

/* Table C.1: the format information of level M, by mask. */
static const unsigned formats[8] = {
	0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0
};

static unsigned format_read(const struct qr *q, bool second)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < 15; i++) {
		unsigned row = i < 6 ? i : i < 8 ? i + 1 : 8;
		unsigned column = i < 8 ? 8 : i == 8 ? 7 : 14 - i;

		if (second) {
			row = i < 8 ? 8 : q->side - 15 + i;
			column = i < 8 ? q->side - 1 - i : 8;
		}
		bits |= (unsigned)q->dark[row][column] << i;
	}
	return bits;
}

static void words_read(const struct qr *q, const struct shape *s, unsigned mask, uint8_t *words)
{
	unsigned n = 0;
	bool up = true;

	for (int right = (int)q->side - 1; right > 0; right -= 2, up = !up) {
		if (right == 6)
			right--;
		for (unsigned k = 0; k < q->side; k++) {
			unsigned i = up ? q->side - 1 - k : k;

			for (unsigned j = (unsigned)right; j + 2 > (unsigned)right; j--) {
				if (!is_data(s, q->side, i, j) || n / 8 >= s->words)
					continue;
				words[n / 8] = (uint8_t)(words[n / 8] << 1 |
				                         (q->dark[i][j] ^ masked(mask, i, j)));
				n++;
			}
		}
	}
	assert_int_equal(n, 8 * s->words);
}

static uint8_t times2(uint8_t a)
{
	return (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1d : 0));
}

static uint8_t times(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (; b != 0; b >>= 1, a = times2(a))
		product ^= b & 1 ? a : 0;
	return product;
}

/* A block without an error is zero at every root of the generator. */
static void check_block(const uint8_t *block, unsigned n, unsigned check)
{
	uint8_t root = 1;

	for (unsigned r = 0; r < check; r++, root = times2(root)) {
		uint8_t sum = 0;

		for (unsigned i = 0; i < n; i++)
			sum = times(sum, root) ^ block[i];
		assert_int_equal(sum, 0);
	}
}

/* Undo the interleaving; data becomes the data words in order. */
static void blocks_read(const struct shape *s, const uint8_t *words, uint8_t *data)
{
	unsigned all = s->words - s->check * s->blocks, out = 0;

	for (unsigned b = 0; b < s->blocks; b++) {
		unsigned n = all / s->blocks, first_long = s->blocks - all % s->blocks;
		uint8_t block[200];

		for (unsigned i = 0; i < n; i++)
			block[i] = words[i * s->blocks + b];
		if (b >= first_long)
			block[n] = words[n * s->blocks + b - first_long];
		n += b >= first_long;
		memcpy(data + out, block, n);
		out += n;
		for (unsigned i = 0; i < s->check; i++)
			block[n + i] = words[all + i * s->blocks + b];
		check_block(block, n + s->check, s->check);
	}
}

static void check_code(struct str text)
{
	static struct qr q;
	uint8_t words[1085], data[1085];
	const struct shape *s;
	unsigned version, mask, at;
	size_t n;

	assert_true(qr_encode(&q, text));
	version = (q.side - 17) / 4;
	assert_in_range(version, 1, COUNT(shapes) - 1);
	s = &shapes[version];
	if (s->words == 0)
		fail_msg("the test has no shape of version %u", version);
	for (mask = 0; mask < 7 && formats[mask] != format_read(&q, false);)
		mask++;
	assert_int_equal(format_read(&q, false), formats[mask]);
	assert_int_equal(format_read(&q, true), formats[mask]);
	assert_true(q.dark[q.side - 8][8]);
	words_read(&q, s, mask, words);
	blocks_read(s, words, data);
	assert_int_equal(data[0] >> 4, 4);
	n = version < 10 ? (data[0] & 15u) << 4 | data[1] >> 4
	                 : (data[0] & 15u) << 12 | (unsigned)data[1] << 4 | data[2] >> 4;
	assert_int_equal(n, text.n);
	at = version < 10 ? 1 : 2;
	for (size_t i = 0; i < n; i++, at++)
		assert_int_equal((uint8_t)(data[at] << 4 | data[at + 1] >> 4), (uint8_t)text.p[i]);
}

static void test_versions(void **state)
{
	/* The longest texts of versions 1, 2, 5, 7, 10, 14 and 20 at level M (table 7). */
	static const size_t lengths[] = { 14, 26, 84, 122, 213, 362, QR_TEXT_MAX };
	char text[QR_TEXT_MAX + 1];
	static struct qr q;

	(void)state;
	random_bytes(text, sizeof text);
	for (size_t i = 0; i < COUNT(lengths); i++)
		check_code(str_from(text, lengths[i]));
	check_code(STR_EMPTY);
	check_code(STR("https://mx.example"));
	assert_false(qr_encode(&q, str_from(text, QR_TEXT_MAX + 1)));
}

static void test_svg(void **state)
{
	static struct qr q;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_true(qr_encode(&q, STR("a")));
	qr_svg(&b, &q, STR("a \"<code>\""));
	assert_true(str_starts(buf_str(&b), STR("<svg xmlns=\"http://www.w3.org/2000/svg\" "
	                                        "viewBox=\"0 0 29 29\" ")));
	assert_true(str_find(buf_str(&b), STR("aria-label=\"a &quot;&lt;code&gt;&quot;\"")) >= 0);
	/* The upper left finder begins behind the quiet zone, seven modules wide. */
	assert_true(str_find(buf_str(&b), STR("M4 4h7v1h-7z")) >= 0);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_svg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
