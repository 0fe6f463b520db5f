/* protocols/imap/search/sort_value.h: the values that SORT compares (RFC 5256 3, RFC 5957
 * 3). Pure. */
#ifndef IMAP_SORT_VALUE_H
#define IMAP_SORT_VALUE_H
#include "formats/imap_wire/sort.h"

/* Value of one message for one key: number or text, the other is empty. RELEVANCY is not
 * in a message: the search has it (RFC 6203 6), do not pass it to imap_sort_value. */
struct imap_sort_value {
	int64_t number;
	struct str text;
};

/* Its column in model/search/keys.h; -1: the value is in the message's row. */
int imap_sort_column(enum imap_sort_by by);
/* BIT(enum search_column) of all columns that these keys need. */
unsigned imap_sort_columns(const struct imap_sort *how);

bool imap_sort_is_number(enum imap_sort_by by);
/* column is the borrowed value of its column; unused if it has none. */
struct imap_sort_value imap_sort_value(enum imap_sort_by by, int64_t arrived_ms,
                                       uint32_t size_bytes, struct str column);
/* Less than 0: a comes before b. */
int imap_sort_compare(const struct imap_sort_key *key, const struct imap_sort_value *a,
                      const struct imap_sort_value *b);

#endif
