/* imap/order.c: see order.h. Radix sort, as numbers of messages are many and keys are short. */
#include "imap/order.h"

#include "base/mem.h"

#include <string.h>

enum { DIGITS = 8, VALUES = 256, FEW = 64 /* sorted by comparing */ };

uint64_t order_number(int64_t n)
{
	return (uint64_t)n ^ (uint64_t)1 << 63;
}

static void counts_of(const struct order_item *items, size_t n, size_t counts[DIGITS][VALUES])
{
	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < DIGITS; d++)
			counts[d][items[i].key >> 8 * d & 0xff]++;
}

/* Stable. Digits that are the same everywhere are passed over. */
static void by_key(struct order_item *items, struct order_item *scratch, size_t n)
{
	size_t counts[DIGITS][VALUES] = { 0 };
	struct order_item *from = items, *to = scratch, *swap;

	counts_of(items, n, counts);
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t at = 0;

		if (n == 0 || counts[d][items[0].key >> 8 * d & 0xff] == n)
			continue;
		for (unsigned v = 0; v < VALUES; v++) {
			size_t count = counts[d][v];

			counts[d][v] = at;
			at += count;
		}
		for (size_t i = 0; i < n; i++)
			to[counts[d][from[i].key >> 8 * d & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, n * sizeof(*items));
}

/* The same for few: by insertion. */
static void by_key_few(struct order_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct order_item item = items[i];
		size_t at = i;

		for (; at > 0 && items[at - 1].key > item.key; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* Merge sort, from the bottom: stable, and no recursion. */
static void by_compare(struct order_item *items, struct order_item *scratch, size_t n,
                       int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t lo = 0; lo < n; lo += 2 * width) {
			size_t mid = MIN(lo + width, n), hi = MIN(lo + 2 * width, n);
			size_t i = lo, k = mid, out = lo;

			while (i < mid || k < hi)
				if (k == hi ||
				    (i < mid && compare(items[i].index, items[k].index, arg) <= 0))
					scratch[out++] = items[i++];
				else
					scratch[out++] = items[k++];
		}
		memcpy(items, scratch, n * sizeof(*items));
	}
}

void order_sort(struct order_item *items, struct order_item *scratch, size_t n,
                int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg)
{
	by_key(items, scratch, n);
	for (size_t from = 0, to; compare && from < n; from = to) {
		for (to = from + 1; to < n && items[to].key == items[from].key;)
			to++;
		by_compare(items + from, scratch, to - from, compare, arg);
	}
}

/* Bytes from..from + 8 of a string as a number, and whether it has any there. */
static uint64_t string_key(struct str s, size_t from, bool reverse, bool *any)
{
	uint64_t key = 0;

	for (size_t i = from; i < from + 8; i++)
		key = key << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	*any = *any || from < s.n;
	return reverse ? ~key : key;
}

/* Sort items, equal up to from, by the next 8 bytes. False: they have none. */
static bool group_sort(struct order_item *items, struct order_item *scratch, size_t n,
                       const struct str *strings, size_t from, bool reverse)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		items[i].key = string_key(strings[items[i].index], from, reverse, &any);
	if (any && n > FEW)
		by_key(items, scratch, n);
	else if (any)
		by_key_few(items, n);
	return any;
}

/* Groups of what is equal so far get smaller, 8 bytes at a time: so strings are read one after
 * the other and not compared here and there. A string that ends before another goes on has a
 * key with zeros, and no string has a NUL: so equal keys are equal strings so far. */
void order_sort_strings(struct order_item *items, struct order_item *scratch, size_t n,
                        const struct str *strings, bool reverse,
                        int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg)
{
	bool *begins = mem_new(n + 1), more = true;

	begins[0] = begins[n] = true;
	for (size_t depth = 0; more; depth++) {
		more = false;
		for (size_t lo = 0, hi; lo < n; lo = hi) {
			for (hi = lo + 1; !begins[hi];)
				hi++;
			if (hi - lo == 1 ||
			    !group_sort(items + lo, scratch, hi - lo, strings, 8 * depth, reverse))
				continue;
			more = true;
			for (size_t i = lo + 1; i < hi; i++)
				begins[i] = items[i].key != items[i - 1].key;
		}
	}
	for (size_t lo = 0, hi; compare && lo < n; lo = hi) {
		for (hi = lo + 1; !begins[hi];)
			hi++;
		by_compare(items + lo, scratch, hi - lo, compare, arg);
	}
	mem_free(begins);
}
