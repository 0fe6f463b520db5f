/* protocols/imap/search/order.h: sorting many things by a number and what else there is. Pure. */
#ifndef IMAP_ORDER_H
#define IMAP_ORDER_H
#include "foundation/base/str.h"

struct order_item {
	uint64_t key; /* first of all by this */
	uint32_t index;
};

/* Sort by key; where keys are equal by less, if given, and else as they come. scratch has room for
 * n. Linear but for equal keys. */
void order_sort(struct order_item *items, struct order_item *scratch, size_t n,
                int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* The same of the items 0 to n - 1 by strings, or from the last to the first; items is filled. */
void order_sort_strings(struct order_item *items, struct order_item *scratch, size_t n,
                        const struct str *strings, bool reverse,
                        int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* Which number each of n strings has: equal ones the same, from 1 as they come. How many there are
 * is returned. Linear. */
uint32_t order_strings_number(const struct str *strings, uint32_t n, uint32_t *out);

/* The parts of order_sort: by keys, stable; and by comparing. */
void order_by_key(struct order_item *items, struct order_item *scratch, size_t n);
void order_by_compare(struct order_item *items, struct order_item *scratch, size_t n,
                      int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* Keys in the order of numbers. */
uint64_t order_number(int64_t n);

#endif
