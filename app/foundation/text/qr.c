/* foundation/text/qr.c: see qr.h. Section numbers are those of ISO/IEC 18004:2015.
 *
 *	text -> codewords (7.4) -> blocks with Reed-Solomon check words (7.5), interleaved (7.6)
 *	     -> modules, around the fixed patterns (6.3, 7.7.3) -> the best of 8 masks (7.8)
 *	     -> format and version information (7.9, 7.10) */
#include "foundation/text/qr.h"

#include "foundation/text/markup.h"

#include <limits.h>
#include <string.h>

enum {
	CODEWORDS_MAX = 1085, /* of version 20 */
	CHECK_MAX = 30,       /* check words of a block */
	MASKS = 8,
	QUIET = 4, /* modules of white around (6.3.8) */
	LEVEL_M = 0,
	BYTE_MODE = 4,
};

/* Table 9, level M: check words of each block, and blocks. */
static const struct {
	uint8_t check, blocks;
} versions[QR_VERSION_MAX + 1] = {
	{ 0, 0 },  { 10, 1 },  { 16, 1 },  { 26, 1 },  { 18, 2 },  { 24, 2 },  { 16, 4 },
	{ 18, 4 }, { 22, 4 },  { 22, 5 },  { 26, 5 },  { 30, 5 },  { 22, 8 },  { 22, 9 },
	{ 24, 9 }, { 24, 10 }, { 28, 10 }, { 28, 11 }, { 26, 13 }, { 26, 14 }, { 26, 16 },
};

/* The modules under construction. fixed: not data, so masks leave it alone. */
struct canvas {
	struct qr *qr;
	unsigned version;
	bool fixed[QR_SIDE_MAX][QR_SIDE_MAX];
};

/* --- Sizes ------------------------------------------------------------------------------ */

/* Codewords that fit into a version: all modules less the fixed patterns (table 1). */
static unsigned codewords_of(unsigned version)
{
	unsigned side = 17 + 4 * version;
	unsigned aligned = version < 2 ? 0 : version / 7 + 2;
	unsigned modules = side * side - 3 * 64 - 2 * (side - 16) - 31;

	if (aligned > 0) {
		modules -= 25 * (aligned * aligned - 3);
		modules += 10 * (aligned - 2); /* on the timing patterns, counted twice */
	}
	if (version >= 7)
		modules -= 36;
	return modules / 8;
}

static unsigned data_codewords(unsigned version)
{
	return codewords_of(version) - versions[version].check * versions[version].blocks;
}

/* Bits of mode, length and text (7.4.1, table 3). */
static size_t bits_of(unsigned version, size_t n)
{
	return 4 + (version < 10 ? 8 : 16) + 8 * n;
}

static unsigned version_for(size_t n)
{
	for (unsigned v = 1; v <= QR_VERSION_MAX; v++) {
		if (bits_of(v, n) <= 8 * (size_t)data_codewords(v))
			return v;
	}
	return 0;
}

/* --- Codewords -------------------------------------------------------------------------- */

struct bits {
	uint8_t *bytes;
	size_t n;
};

static void bits_put(struct bits *b, unsigned value, unsigned count)
{
	for (unsigned i = count; i-- > 0; b->n++) {
		if (value >> i & 1)
			b->bytes[b->n / 8] |= (uint8_t)(0x80 >> b->n % 8);
	}
}

static void text_put(uint8_t *data, unsigned version, struct str text)
{
	struct bits b = { .bytes = data };
	size_t max = data_codewords(version);

	bits_put(&b, BYTE_MODE, 4);
	bits_put(&b, (unsigned)text.n, version < 10 ? 8 : 16);
	for (size_t i = 0; i < text.n; i++)
		bits_put(&b, (unsigned char)text.p[i], 8);
	/* 7.4.9, 7.4.10: four zeros end it, then the rest of the byte, then padding. */
	b.n = (MIN(b.n + 4, 8 * max) + 7) / 8;
	for (bool odd = false; b.n < max; b.n++, odd = !odd)
		data[b.n] = odd ? 0x11 : 0xec;
}

/* In GF(256) with x^8 + x^4 + x^3 + x^2 + 1 (7.5.2). */
static uint8_t gf_times(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (int i = 7; i >= 0; i--) {
		product = product << 1 ^ (product >> 7) * 0x11d;
		if (b >> i & 1)
			product ^= a;
	}
	return (uint8_t)product;
}

/* The generator polynomial's coefficients but the highest, which is 1 (annex A). */
static void generator_make(uint8_t *g, unsigned degree)
{
	uint8_t root = 1;

	memset(g, 0, degree);
	g[degree - 1] = 1;
	for (unsigned i = 0; i < degree; i++, root = gf_times(root, 2)) {
		for (unsigned k = 0; k < degree; k++) {
			g[k] = gf_times(g[k], root);
			if (k + 1 < degree)
				g[k] ^= g[k + 1];
		}
	}
}

static void check_make(uint8_t *check, unsigned degree, const uint8_t *g, const uint8_t *data,
                       size_t n)
{
	memset(check, 0, degree);
	for (size_t i = 0; i < n; i++) {
		uint8_t factor = data[i] ^ check[0];

		memmove(check, check + 1, degree - 1);
		check[degree - 1] = 0;
		for (unsigned k = 0; k < degree; k++)
			check[k] ^= gf_times(g[k], factor);
	}
}

/* Blocks side by side: their first words, their second ones ...; the last blocks have a data
 * word more than the first. */
static void interleave(uint8_t *out, unsigned version, const uint8_t *data)
{
	unsigned blocks = versions[version].blocks, degree = versions[version].check;
	unsigned all = data_codewords(version), shorter = all / blocks;
	unsigned longer = all % blocks, at = 0;
	uint8_t g[CHECK_MAX], check[CHECK_MAX];

	generator_make(g, degree);
	for (unsigned b = 0; b < blocks; b++) {
		unsigned n = shorter + (b >= blocks - longer);

		for (unsigned i = 0; i < n; i++) {
			unsigned extra = i < shorter ? b : b - (blocks - longer);

			out[i * blocks + extra] = data[at + i];
		}
		check_make(check, degree, g, data + at, n);
		for (unsigned i = 0; i < degree; i++)
			out[all + i * blocks + b] = check[i];
		at += n;
	}
}

/* --- Fixed patterns --------------------------------------------------------------------- */

static void fix(struct canvas *c, unsigned row, unsigned column, bool dark)
{
	c->qr->dark[row][column] = dark;
	c->fixed[row][column] = true;
}

/* Squares in squares around a middle: 6.3.3 (radius 4, with the white border) and 6.3.6. */
static void rings(struct canvas *c, int row, int column, int radius, unsigned dark_rings)
{
	int side = (int)c->qr->side;

	for (int y = row - radius; y <= row + radius; y++) {
		for (int x = column - radius; x <= column + radius; x++) {
			int dy = y < row ? row - y : y - row,
			    dx = x < column ? column - x : x - column;

			if (y >= 0 && y < side && x >= 0 && x < side)
				fix(c, (unsigned)y, (unsigned)x, dark_rings >> MAX(dy, dx) & 1);
		}
	}
}

/* Annex E: middles of the alignment patterns, on a grid that is even from the far end. */
static unsigned grid_make(unsigned version, unsigned at[8])
{
	unsigned count = version / 7 + 2, last = 10 + 4 * version, step;

	if (version < 2)
		return 0;
	step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2;
	at[0] = 6;
	for (unsigned i = count - 1; i > 0; i--, last -= step)
		at[i] = last;
	return count;
}

static void patterns_put(struct canvas *c)
{
	unsigned side = c->qr->side, at[8], count = grid_make(c->version, at);

	for (unsigned i = 0; i < side; i++) { /* 6.3.5 */
		fix(c, 6, i, i % 2 == 0);
		fix(c, i, 6, i % 2 == 0);
	}
	rings(c, 3, 3, 4, 0x0b);
	rings(c, 3, (int)side - 4, 4, 0x0b);
	rings(c, (int)side - 4, 3, 4, 0x0b);
	for (unsigned y = 0; y < count; y++) {
		for (unsigned x = 0; x < count; x++) {
			bool corner = (y == 0 && (x == 0 || x == count - 1)) ||
			              (y == count - 1 && x == 0);

			if (!corner)
				rings(c, (int)at[y], (int)at[x], 2, 0x05);
		}
	}
}

/* value with the remainder of its division by the generator behind it: a BCH code. */
static unsigned bch(unsigned value, unsigned generator, unsigned degree)
{
	unsigned rest = value;

	for (unsigned i = 0; i < degree; i++)
		rest = rest << 1 ^ (rest >> (degree - 1)) * generator;
	return value << degree | rest;
}

/* 7.9: level and mask, twice. */
static void format_put(struct canvas *c, unsigned mask)
{
	unsigned bits = bch(LEVEL_M << 3 | mask, 0x537, 10) ^ 0x5412, side = c->qr->side;

	for (unsigned i = 0; i < 15; i++) {
		bool dark = bits >> i & 1;

		/* Down beside the upper left finder, over the timing pattern, then to its left. */
		if (i < 8)
			fix(c, i < 6 ? i : i + 1, 8, dark);
		else
			fix(c, 8, i < 9 ? 7 : 14 - i, dark);
		if (i < 8)
			fix(c, 8, side - 1 - i, dark);
		else
			fix(c, side - 15 + i, 8, dark);
	}
	fix(c, side - 8, 8, true);
}

/* 7.10: from version 7 on. */
static void version_put(struct canvas *c)
{
	unsigned bits = bch(c->version, 0x1f25, 12), side = c->qr->side;

	for (unsigned i = 0; c->version >= 7 && i < 18; i++) {
		fix(c, i / 3, side - 11 + i % 3, bits >> i & 1);
		fix(c, side - 11 + i % 3, i / 3, bits >> i & 1);
	}
}

/* --- Data and masks --------------------------------------------------------------------- */

/* 7.7.3: in columns of two from the right, up and down in turn, around what is fixed. */
static void data_put(struct canvas *c, const uint8_t *words)
{
	unsigned side = c->qr->side, n = 8 * codewords_of(c->version), i = 0;

	for (unsigned right = side - 1; right < side; right -= 2) {
		bool up;

		if (right == 6)
			right = 5; /* the timing pattern */
		up = ((right + 1) & 2) == 0;
		for (unsigned k = 0; k < 2 * side; k++) {
			unsigned row = up ? side - 1 - k / 2 : k / 2, column = right - k % 2;

			if (c->fixed[row][column] || i >= n)
				continue;
			c->qr->dark[row][column] = words[i / 8] >> (7 - i % 8) & 1;
			i++;
		}
	}
}

/* Table 10. */
static bool mask_at(unsigned mask, unsigned i, unsigned j)
{
	switch (mask) {
	case 0:
		return (i + j) % 2 == 0;
	case 1:
		return i % 2 == 0;
	case 2:
		return j % 3 == 0;
	case 3:
		return (i + j) % 3 == 0;
	case 4:
		return (i / 2 + j / 3) % 2 == 0;
	case 5:
		return i * j % 2 + i * j % 3 == 0;
	case 6:
		return (i * j % 2 + i * j % 3) % 2 == 0;
	default:
		return ((i + j) % 2 + i * j % 3) % 2 == 0;
	}
}

/* Twice is never. */
static void mask_flip(struct canvas *c, unsigned mask)
{
	for (unsigned i = 0; i < c->qr->side; i++) {
		for (unsigned j = 0; j < c->qr->side; j++)
			c->qr->dark[i][j] ^= !c->fixed[i][j] && mask_at(mask, i, j);
	}
}

static bool module(const struct qr *q, bool across, unsigned line, unsigned i)
{
	return across ? q->dark[line][i] : q->dark[i][line];
}

/* One row or column: runs of a colour, and what looks like a finder (table 11, N1 and N3). */
static unsigned line_penalty(const struct qr *q, bool across, unsigned line)
{
	unsigned penalty = 0, run = 0, last = 0;

	for (unsigned i = 0; i < q->side; i++) {
		bool dark = module(q, across, line, i);

		run = i > 0 && dark == module(q, across, line, i - 1) ? run + 1 : 1;
		penalty += run == 5 ? 3 : run > 5;
		last = (last << 1 | dark) & 0x7ff;
		if (i >= 10 && (last == 0x05d || last == 0x5d0))
			penalty += 40;
	}
	return penalty;
}

static unsigned penalty_of(const struct qr *q)
{
	unsigned penalty = 0, dark = 0, all = q->side * q->side, twentieths;

	for (unsigned i = 0; i < q->side; i++) {
		penalty += line_penalty(q, true, i) + line_penalty(q, false, i);
		for (unsigned j = 0; j < q->side; j++) {
			bool d = q->dark[i][j];

			dark += d;
			if (i > 0 && j > 0 && d == q->dark[i - 1][j] && d == q->dark[i][j - 1] &&
			    d == q->dark[i - 1][j - 1])
				penalty += 3;
		}
	}
	/* N4: ten for each 5 % away from half. */
	twentieths = dark * 20 / all;
	return penalty + 10 * (twentieths > 10 ? twentieths - 10 : 10 - twentieths);
}

static void mask_best(struct canvas *c)
{
	unsigned best = 0, least = UINT_MAX;

	for (unsigned mask = 0; mask < MASKS; mask++) {
		unsigned penalty;

		format_put(c, mask);
		mask_flip(c, mask);
		penalty = penalty_of(c->qr);
		mask_flip(c, mask);
		if (penalty < least) {
			least = penalty;
			best = mask;
		}
	}
	format_put(c, best);
	mask_flip(c, best);
}

bool qr_encode(struct qr *out, struct str text)
{
	uint8_t data[CODEWORDS_MAX] = { 0 }, words[CODEWORDS_MAX];
	struct canvas c = { .qr = out, .version = version_for(text.n) };

	if (c.version == 0)
		return false;
	*out = (struct qr){ .side = 17 + 4 * c.version };
	text_put(data, c.version, text);
	interleave(words, c.version, data);
	patterns_put(&c);
	version_put(&c);
	format_put(&c, 0);
	data_put(&c, words);
	mask_best(&c);
	return true;
}

/* --- Picture ---------------------------------------------------------------------------- */

void qr_svg(struct buf *out, const struct qr *q, struct str label)
{
	unsigned all = q->side + 2 * QUIET;

	buf_fmt(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
	        "shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"",
	        all, all);
	markup_text(out, label);
	buf_fmt(out, "\"><path fill=\"#fff\" d=\"M0 0h%uv%uH0z\"/><path d=\"", all, all);
	for (unsigned i = 0; i < q->side; i++) {
		for (unsigned j = 0, run; j < q->side; j += run) {
			for (run = 1; j + run < q->side && q->dark[i][j + run] == q->dark[i][j];)
				run++;
			if (q->dark[i][j])
				buf_fmt(out, "M%u %uh%uv1h-%uz", j + QUIET, i + QUIET, run, run);
		}
	}
	buf_put(out, STR("\"/></svg>"));
}
