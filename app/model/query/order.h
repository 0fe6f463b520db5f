/* model/query/order.h: sorts many items by a number, then by a comparison.
 * Pure. */
#ifndef QUERY_ORDER_H
#define QUERY_ORDER_H
#include "foundation/base/str.h"

struct order_item {
	uint64_t key; /* primary key */
	uint32_t index;
};

/* Sort by key; equal keys by compare, if given, else stable. scratch has room for n.
 * Linear except for equal keys. */
void order_sort(struct order_item *items, struct order_item *scratch, size_t n,
                int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* Fill items with 0 to n - 1 and sort them by strings; reverse: descending. */
void order_sort_strings(struct order_item *items, struct order_item *scratch, size_t n,
                        const struct str *strings, bool reverse,
                        int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* Number the strings: equal ones get the same number, from 1 in order of first
 * appearance. Returns how many distinct ones there are. Linear. */
uint32_t order_strings_number(const struct str *strings, uint32_t n, uint32_t *out);

/* The two parts of order_sort: by keys, stable; and by comparison. */
void order_by_key(struct order_item *items, struct order_item *scratch, size_t n);
void order_by_compare(struct order_item *items, struct order_item *scratch, size_t n,
                      int (*compare)(uint32_t a, uint32_t b, void *arg), void *arg);

/* Keys whose order is that of the numbers. */
uint64_t order_number(int64_t n);

#endif
