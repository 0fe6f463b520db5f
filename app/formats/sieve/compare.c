/* formats/sieve/compare.c: the comparators; see match.h. */
#include "formats/sieve/match.h"

#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"

#include <string.h>

static const struct {
	struct str name;
	enum sieve_ext ext;
} comparators[] = {
	[COMPARE_CASEMAP] = { { "i;ascii-casemap", 15 }, EXT_BASE },
	[COMPARE_OCTET] = { { "i;octet", 7 }, EXT_BASE },
	[COMPARE_NUMERIC] = { { "i;ascii-numeric", 15 }, EXT_NUMERIC },
	[COMPARE_UNICODE] = { { "i;unicode-casemap", 17 }, EXT_UNICODE },
};

bool sieve_comparator_find(struct str name, enum sieve_comparator *out, enum sieve_ext *ext)
{
	for (unsigned i = 0; i < COMPARATORS; i++) {
		if (str_eq(comparators[i].name, name)) {
			*out = (enum sieve_comparator)i;
			*ext = comparators[i].ext;
			return true;
		}
	}
	return false;
}

/* s as i;unicode-casemap compares it, in scratch. */
static struct str casemap(struct sieve_run *r, struct str s)
{
	struct buf out;
	struct str folded;
	char *p;

	if (utf8_ascii(s))
		return s; /* compared by ascii_lower */
	buf_init(&out, FOLD_GROWTH * s.n + 1);
	fold_casemap_put(&out, s);
	folded = buf_str(&out);
	if ((p = arena_try(&r->scratch, folded.n)) == NULL)
		(void)sieve_fail(r, "The script needs too much memory");
	else
		memcpy(p, folded.p, folded.n);
	folded = str_from(p, p != NULL ? folded.n : 0);
	buf_deinit(&out);
	return folded;
}

static int bytes_compare(bool fold, struct str a, struct str b)
{
	for (size_t i = 0; i < MIN(a.n, b.n); i++) {
		unsigned char x = (unsigned char)(fold ? ascii_lower(a.p[i]) : a.p[i]);
		unsigned char y = (unsigned char)(fold ? ascii_lower(b.p[i]) : b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

bool sieve_digits(struct str s, struct str *out)
{
	size_t n = 0, zeros = 0;

	while (n < s.n && ascii_digit(s.p[n]))
		n++;
	while (zeros + 1 < n && s.p[zeros] == '0')
		zeros++;
	*out = str_sub(s, zeros, n);
	return n != 0;
}

static int numeric_compare(struct str a, struct str b)
{
	bool finite_a = sieve_digits(a, &a), finite_b = sieve_digits(b, &b);

	if (!finite_a || !finite_b)
		return finite_b - finite_a;
	return a.n != b.n ? (a.n < b.n ? -1 : 1) : str_cmp(a, b);
}

int sieve_compare(struct sieve_run *r, enum sieve_comparator c, struct str a, struct str b)
{
	(void)sieve_work(r, MIN(a.n, b.n));
	if (c == COMPARE_NUMERIC)
		return numeric_compare(a, b);
	if (c == COMPARE_OCTET)
		return bytes_compare(false, a, b);
	if (c == COMPARE_UNICODE && !(utf8_ascii(a) && utf8_ascii(b))) {
		a = casemap(r, a);
		b = casemap(r, b);
	}
	return bytes_compare(true, a, b);
}

bool sieve_contains(struct sieve_run *r, enum sieve_comparator c, struct str text, struct str key)
{
	char first;

	(void)sieve_work(r, text.n);
	if (c == COMPARE_NUMERIC)
		return false;
	if (c == COMPARE_UNICODE && !(utf8_ascii(text) && utf8_ascii(key))) {
		text = casemap(r, text);
		key = casemap(r, key);
	}
	if (key.n > text.n || key.n == 0)
		return key.n == 0;
	if (c == COMPARE_OCTET)
		return str_find(text, key) >= 0;
	first = ascii_lower(key.p[0]);
	for (size_t i = 0; i + key.n <= text.n; i++) {
		if (ascii_lower(text.p[i]) != first)
			continue;
		if (!sieve_work(r, key.n / 8))
			return false;
		if (bytes_compare(true, str_sub(text, i, i + key.n), key) == 0)
			return true;
	}
	return false;
}

/* --- :matches --------------------------------------------------------------------------- */

/* Take a character of text; with i;octet it is a byte. */
static void character_skip(enum sieve_comparator c, struct cur *text)
{
	if (c == COMPARE_OCTET)
		cur_skip(text, 1);
	else
		(void)utf8_next(text);
}

static bool character_equal(enum sieve_comparator c, struct cur *text, struct cur *pattern)
{
	char room_a[64], room_b[64];
	struct cur from_text = *text, from_pattern = *pattern;
	struct buf a, b;

	if (c != COMPARE_UNICODE || (cur_peek(text) < 0x80 && cur_peek(pattern) < 0x80)) {
		char x = *text->p++, y = *pattern->p++;

		return c == COMPARE_OCTET ? x == y : ascii_lower(x) == ascii_lower(y);
	}
	buf_init_in(&a, room_a, sizeof room_a);
	buf_init_in(&b, room_b, sizeof room_b);
	(void)utf8_next(text);
	(void)utf8_next(pattern);
	fold_casemap_put(&a, str_from(from_text.p, (size_t)(text->p - from_text.p)));
	fold_casemap_put(&b, str_from(from_pattern.p, (size_t)(pattern->p - from_pattern.p)));
	return str_eq(buf_str(&a), buf_str(&b));
}

struct glob {
	enum sieve_comparator comparator;
	struct cur text, pattern;
	struct cur star_text, star_pattern; /* behind the last star, and what it matches so far */
	size_t star, n; /* its span; spans so far */
	bool starred;
};

static void span_set(struct glob *g, struct span *spans, size_t i, const char *start,
                     const char *from, const char *to)
{
	if (i < MATCH_VALUES)
		spans[i] = (struct span){ (uint32_t)(from - start), (uint32_t)(to - from) };
	g->n = i + 1;
}

/* One step of the pattern at the text, which is not at its end. */
static bool glob_step(struct glob *g, struct span *spans, const char *start)
{
	const char *from = g->text.p;
	int byte = cur_peek(&g->pattern);

	if (byte == -1)
		return false;
	if (byte == '*') {
		cur_skip(&g->pattern, 1);
		g->starred = true;
		g->star = g->n;
		g->star_text = g->text;
		g->star_pattern = g->pattern;
		span_set(g, spans, g->n, start, from, from);
		return true;
	}
	if (byte == '?') {
		cur_skip(&g->pattern, 1);
		character_skip(g->comparator, &g->text);
		span_set(g, spans, g->n, start, from, g->text.p);
		return true;
	}
	if (byte == '\\' && cur_left(&g->pattern) > 1)
		cur_skip(&g->pattern, 1);
	return character_equal(g->comparator, &g->text, &g->pattern);
}

/* Skip to where the byte after a star can match: most patterns begin with "*" and a word. */
static void star_skip(struct sieve_run *r, struct glob *g)
{
	int want = cur_peek(&g->star_pattern);
	const char *p = g->star_text.p;

	if (g->comparator == COMPARE_UNICODE || want < 0 || strchr("*?\\", want) != NULL)
		return;
	if (g->comparator == COMPARE_OCTET)
		while (p < g->star_text.end && (unsigned char)*p != want)
			p++;
	else
		while (p < g->star_text.end && ascii_lower(*p) != ascii_lower((char)want))
			p++;
	(void)sieve_work(r, (size_t)(p - g->star_text.p));
	g->star_text.p = p;
}

/* The last star matches one character more, or as many as it must. */
static bool glob_extend(struct sieve_run *r, struct glob *g, struct span *spans, const char *start)
{
	const char *from = g->star < MATCH_VALUES ? start + spans[g->star].off : start;

	if (!g->starred)
		return false;
	character_skip(g->comparator, &g->star_text);
	star_skip(r, g);
	g->text = g->star_text;
	g->pattern = g->star_pattern;
	span_set(g, spans, g->star, start, from, g->text.p);
	return true;
}

bool sieve_glob(struct sieve_run *r, enum sieve_comparator c, struct str text, struct str pattern,
                struct span *spans, size_t *n)
{
	struct glob g = {
		.comparator = c, .text = cur_of(text), .pattern = cur_of(pattern), .n = 1
	};
	const char *start = g.text.p;

	if (c == COMPARE_NUMERIC)
		return false;
	while (!cur_done(&g.text)) {
		if (!sieve_work(r, 1))
			return false;
		if (!glob_step(&g, spans, start) && !glob_extend(r, &g, spans, start))
			return false;
		if (g.starred && cur_done(&g.star_pattern)) {
			span_set(&g, spans, g.star, start, g.star_text.p, g.text.end);
			break;
		}
	}
	while (cur_byte(&g.pattern, '*'))
		span_set(&g, spans, g.n, start, g.text.end, g.text.end);
	spans[0] = (struct span){ 0, (uint32_t)text.n };
	*n = MIN(g.n, (size_t)MATCH_VALUES);
	return cur_done(&g.pattern);
}
