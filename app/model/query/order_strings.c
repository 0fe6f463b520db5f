/* model/query/order_strings.c: sorts by strings; see order.h. Subjects and
 * names repeat often: only the first of equal strings is sorted, the others are found by
 * hash. */
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "model/query/order.h"

#include <string.h>

enum { FEW = 64 /* fewer are sorted by insertion */ };

/* --- equal strings ---------------------------------------------------------------------- */

/* Peers choose the strings, so the hash has a seed; 8 bytes at a time for speed. */
static uint64_t string_hash(uint64_t seed, struct str s)
{
	uint64_t h = seed ^ s.n, piece;

	for (; s.n >= 8; s = str_sub(s, 8, s.n)) {
		memcpy(&piece, s.p, 8);
		h = (h ^ piece) * 0x9fb21c651e98df25;
		h ^= h >> 29 ^ seed >> 7;
	}
	piece = 0;
	if (s.n)
		memcpy(&piece, s.p, s.n);
	h = (h ^ piece) * 0x9fb21c651e98df25;
	return h ^ h >> 31;
}

uint32_t order_strings_number(const struct str *strings, uint32_t n, uint32_t *out)
{
	struct slot {
		uint32_t hash, first; /* index + 1; 0: empty */
	} * slots;
	uint64_t seed = random_u64();
	uint32_t count = 0;
	size_t size = 64;

	while (size < 2 * (size_t)n)
		size *= 2;
	slots = mem_new(size * sizeof(*slots));
	for (uint32_t i = 0; i < n; i++) {
		uint64_t hash = string_hash(seed, strings[i]);
		size_t at = hash >> 32 & (size - 1);

		while (slots[at].first && !(slots[at].hash == (uint32_t)hash &&
		                            str_eq(strings[slots[at].first - 1], strings[i])))
			at = (at + 1) & (size - 1);
		if (!slots[at].first) {
			slots[at] = (struct slot){ (uint32_t)hash, i + 1 };
			out[i] = ++count;
		} else {
			out[i] = out[slots[at].first - 1];
		}
	}
	mem_free(slots);
	return count;
}

/* --- sorting distinct strings ----------------------------------------------------------- */

/* order_by_key for few items: insertion sort. */
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

/* Bytes from..from + 8 of a string as a number. *any: it has some there. */
static uint64_t string_key(struct str s, size_t from, bool reverse, bool *any)
{
	uint64_t key = 0;

	for (size_t i = from; i < from + 8; i++)
		key = key << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	*any = *any || from < s.n;
	return reverse ? ~key : key;
}

/* Sort items that are equal up to from by the next 8 bytes. False: none has more
 * bytes. */
static bool group_sort(struct order_item *items, struct order_item *scratch, size_t n,
                       const struct str *strings, size_t from, bool reverse)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		items[i].key = string_key(strings[items[i].index], from, reverse, &any);
	if (any && n > FEW)
		order_by_key(items, scratch, n);
	else if (any)
		by_key_few(items, n);
	return any;
}

/* Groups of equal items are split by 8 bytes at a time, so strings are read sequentially
 * instead of compared. A shorter string has a key padded with zeros. No string has a NUL,
 * so equal keys mean equal strings so far. */
static void strings_sort(struct order_item *items, struct order_item *scratch, size_t n,
                         const struct str *strings, bool reverse)
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
	mem_free(begins);
}

/* The rank of each number's string. */
static uint32_t *ranks_of(struct order_item *items, struct order_item *scratch, size_t n,
                          const struct str *strings, bool reverse, const uint32_t *numbers,
                          uint32_t count)
{
	uint32_t *ranks = mem_new(((size_t)count + 1) * sizeof(*ranks)), found = 0;

	for (uint32_t i = 0; i < n; i++)
		if (numbers[i] > found)
			items[found++] = (struct order_item){ .index = i };
	strings_sort(items, scratch, count, strings, reverse);
	for (uint32_t i = 0; i < count; i++)
		ranks[numbers[items[i].index]] = i;
	return ranks;
}

void order_sort_strings(struct order_item *items, struct order_item *scratch, size_t n,
                        const struct str *strings, bool reverse,
                        int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg)
{
	uint32_t *numbers = mem_new(MAX(n, 1) * sizeof(*numbers));
	uint32_t count = order_strings_number(strings, (uint32_t)n, numbers);
	uint32_t *ranks = ranks_of(items, scratch, n, strings, reverse, numbers, count);

	for (uint32_t i = 0; i < n; i++)
		items[i] = (struct order_item){ ranks[numbers[i]], i };
	order_sort(items, scratch, n, compare, arg);
	mem_free(ranks);
	mem_free(numbers);
}
