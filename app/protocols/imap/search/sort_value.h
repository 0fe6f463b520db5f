/* protocols/imap/search/sort_value.h: what two messages are compared by in a SORT (RFC 5256 3,
 * RFC 5957 3). Pure. */
#ifndef IMAP_SORT_VALUE_H
#define IMAP_SORT_VALUE_H
#include "formats/imap_wire/sort.h"

/* Of one message by one key: one of the two, and the other is empty. That of RELEVANCY only who has
 * searched knows (RFC 6203 6): imap_sort_value is not asked for it. */
struct imap_sort_value {
	int64_t number;
	struct str text;
};

/* The column of model/search/keys.h that has it; -1: the row of the message does. */
int imap_sort_column(enum imap_sort_by by);
/* BIT(enum search_column) of all that these keys need. */
unsigned imap_sort_columns(const struct imap_sort *how);

bool imap_sort_is_number(enum imap_sort_by by);
/* column is its column's value and is borrowed; it is not looked at when there is none. */
struct imap_sort_value imap_sort_value(enum imap_sort_by by, int64_t arrived_ms,
                                       uint32_t size_bytes, struct str column);
/* Less than 0: a comes before b. */
int imap_sort_compare(const struct imap_sort_key *key, const struct imap_sort_value *a,
                      const struct imap_sort_value *b);

#endif
