/* formats/imap_wire/seq.c: see seq.h. */
#include "formats/imap_wire/seq.h"
#include "formats/imap_wire/token.h"
#include <stdlib.h>

/* seq-number = nz-number / "*" */
static bool seq_number(struct cur *c, uint32_t *n)
{
	if (cur_byte(c, '*')) {
		*n = IMAP_SEQ_STAR;
		return true;
	}
	return imap_nz_parse(c, n);
}

/* seq-range = seq-number ":" seq-number, or one seq-number */
bool imap_seq_range_parse(struct cur *c, struct imap_seq_range *out)
{
	if (!seq_number(c, &out->lo))
		return false;
	out->hi = out->lo;
	return !cur_byte(c, ':') || seq_number(c, &out->hi);
}

void imap_seq_add(struct arena *a, struct imap_seq *s, uint32_t lo, uint32_t hi)
{
	struct imap_seq_range *r = imap_push(a, &s->ranges, &s->n, sizeof(*r));

	*r = (struct imap_seq_range){ lo, hi };
}

void imap_seq_append(struct arena *a, struct imap_seq *s, uint32_t number)
{
	struct imap_seq_range *last = s->n ? &s->ranges[s->n - 1] : NULL;

	if (last && last->hi + 1 == number)
		last->hi++;
	else
		imap_seq_add(a, s, number, number);
}

bool imap_set_parse(struct cur *c, struct arena *a, struct imap_seq *out)
{
	if (!cur_byte(c, '$'))
		return imap_seq_parse(c, a, out);
	*out = (struct imap_seq){ .saved = true };
	return true;
}

bool imap_seq_parse(struct cur *c, struct arena *a, struct imap_seq *out)
{
	*out = (struct imap_seq){ 0 };
	do {
		struct imap_seq_range r;

		if (!imap_seq_range_parse(c, &r))
			return false;
		imap_seq_add(a, out, r.lo, r.hi);
	} while (cur_byte(c, ','));
	return true;
}

static int range_order(const void *x, const void *y)
{
	const struct imap_seq_range *a = x, *b = y;

	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

void imap_seq_resolve(struct imap_seq *s, uint32_t star)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct imap_seq_range r = s->ranges[i];

		r.lo = r.lo == IMAP_SEQ_STAR ? star : r.lo;
		r.hi = r.hi == IMAP_SEQ_STAR ? star : r.hi;
		if (r.lo == 0 && r.hi == 0)
			continue;
		/* 9:2 is 2:9, and 559:* always contains the last message, also when that has a
		 * smaller number (RFC 9051 section 9, seq-range). */
		s->ranges[n++] = (struct imap_seq_range){
			.lo = r.lo && r.hi ? MIN(r.lo, r.hi) : r.lo | r.hi,
			.hi = MAX(r.lo, r.hi),
		};
	}
	s->n = n;
	if (n == 0)
		return;
	qsort(s->ranges, n, sizeof(s->ranges[0]), range_order);
	n = 1;
	for (size_t i = 1; i < s->n; i++) {
		struct imap_seq_range *last = &s->ranges[n - 1], r = s->ranges[i];

		if (last->hi == UINT32_MAX || r.lo <= last->hi + 1)
			last->hi = MAX(last->hi, r.hi);
		else
			s->ranges[n++] = r;
	}
	s->n = n;
}

/* Index of the first range that ends at or after number. */
static size_t seq_lower(const struct imap_seq *s, uint32_t number)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->ranges[mid].hi < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool imap_seq_has(const struct imap_seq *s, uint32_t number)
{
	size_t i = seq_lower(s, number);

	return i < s->n && s->ranges[i].lo <= number;
}

bool imap_seq_next(const struct imap_seq *s, uint32_t from, struct imap_seq_range *out)
{
	size_t i = seq_lower(s, from);

	if (i == s->n)
		return false;
	*out = (struct imap_seq_range){ MAX(s->ranges[i].lo, from), s->ranges[i].hi };
	return true;
}

static void seq_number_put(struct buf *out, uint32_t n)
{
	if (n == IMAP_SEQ_STAR)
		buf_byte(out, '*');
	else
		buf_u64(out, n);
}

static void range_put(struct buf *out, uint32_t lo, uint32_t hi)
{
	seq_number_put(out, lo);
	if (hi != lo) {
		buf_byte(out, ':');
		seq_number_put(out, hi);
	}
}

void imap_seq_put(struct buf *out, const struct imap_seq *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			buf_byte(out, ',');
		range_put(out, s->ranges[i].lo, s->ranges[i].hi);
	}
}

void imap_seq_write(struct imap_seq_writer *w, struct buf *out, uint32_t number)
{
	if (w->hi && number == w->hi + 1) {
		w->hi = number;
		return;
	}
	imap_seq_write_end(w, out);
	w->lo = w->hi = number;
}

void imap_seq_write_end(struct imap_seq_writer *w, struct buf *out)
{
	if (!w->hi)
		return;
	if (w->any)
		buf_byte(out, ',');
	range_put(out, w->lo, w->hi);
	w->any = true;
	w->lo = w->hi = 0;
}
