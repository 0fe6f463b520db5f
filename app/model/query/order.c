/* model/query/order.c: see order.h. Radix sort, because there are many messages
 * and keys are short. */
#include "model/query/order.h"

#include "foundation/base/mem.h"

#include <string.h>

enum { DIGITS = 8, VALUES = 256 };

uint64_t order_number(int64_t n)
{
	return (uint64_t)n ^ (uint64_t)1 << 63;
}

static bool ordered(const struct order_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (items[i].key < items[i - 1].key)
			return false;
	return true;
}

static void counts_of(const struct order_item *items, size_t n, size_t counts[DIGITS][VALUES])
{
	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < DIGITS; d++)
			counts[d][items[i].key >> 8 * d & 0xff]++;
}

/* Stable. Skips digits that are equal everywhere. */
void order_by_key(struct order_item *items, struct order_item *scratch, size_t n)
{
	size_t counts[DIGITS][VALUES] = { 0 };
	struct order_item *from = items, *to = scratch, *swap;

	if (ordered(items, n)) /* the common case for mail */
		return;
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

/* Merge sort, bottom-up: stable, without recursion. */
void order_by_compare(struct order_item *items, struct order_item *scratch, size_t n,
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
	order_by_key(items, scratch, n);
	for (size_t from = 0, to; compare && from < n; from = to) {
		for (to = from + 1; to < n && items[to].key == items[from].key;)
			to++;
		order_by_compare(items + from, scratch, to - from, compare, arg);
	}
}
