/* protocols/imap/search/sort_value.c: see sort_value.h. */
#include "protocols/imap/search/sort_value.h"

#include "foundation/base/cur.h"
#include "model/search/keys.h"

static const int column_of[SORT_KEYS] = {
	[SORT_ARRIVAL] = -1,
	[SORT_CC] = COLUMN_CC,
	[SORT_DATE] = COLUMN_SENT,
	[SORT_DISPLAYFROM] = COLUMN_DISPLAY_FROM,
	[SORT_DISPLAYTO] = COLUMN_DISPLAY_TO,
	[SORT_FROM] = COLUMN_FROM,
	[SORT_RELEVANCY] = -1,
	[SORT_SIZE] = -1,
	[SORT_SUBJECT] = COLUMN_SUBJECT,
	[SORT_TO] = COLUMN_TO,
};

int imap_sort_column(enum imap_sort_by by)
{
	return column_of[by];
}

unsigned imap_sort_columns(const struct imap_sort *how)
{
	unsigned mask = 0;

	for (size_t i = 0; i < how->n; i++)
		if (column_of[how->keys[i].by] >= 0)
			mask |= BIT(column_of[how->keys[i].by]);
	return mask;
}

bool imap_sort_is_number(enum imap_sort_by by)
{
	return by == SORT_ARRIVAL || by == SORT_SIZE || by == SORT_DATE || by == SORT_RELEVANCY;
}

struct imap_sort_value imap_sort_value(enum imap_sort_by by, int64_t arrived_ms,
                                       uint32_t size_bytes, struct str column)
{
	struct imap_sort_value v = { .text = STR_EMPTY };
	struct cur c = cur_of(column);
	uint64_t sent_ms = 0;

	if (by == SORT_ARRIVAL) {
		v.number = arrived_ms;
	} else if (by == SORT_SIZE) {
		v.number = size_bytes;
	} else if (by == SORT_DATE) {
		(void)cur_be(&c, 8, &sent_ms);
		v.number = (int64_t)sent_ms;
	} else { /* whether a subject marks a reply does not count */
		v.text = by == SORT_SUBJECT ? str_sub(column, 1, column.n) : column;
	}
	return v;
}

int imap_sort_compare(const struct imap_sort_key *key, const struct imap_sort_value *a,
                      const struct imap_sort_value *b)
{
	int order = imap_sort_is_number(key->by) ? (a->number > b->number) - (a->number < b->number)
	                                         : str_cmp(a->text, b->text);

	return key->reverse ? -order : order;
}
