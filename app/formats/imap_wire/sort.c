/* formats/imap_wire/sort.c: see sort.h. */
#include "formats/imap_wire/sort.h"

/* sort-key = "ARRIVAL" / "CC" / "DATE" / "FROM" / "SIZE" / "SUBJECT" / "TO", of RFC 5957 also
 * "DISPLAYFROM" / "DISPLAYTO", of RFC 6203 "RELEVANCY" */
static bool sort_key(struct cur *c, enum imap_sort_by *out)
{
	static const struct str words[SORT_KEYS] = {
		[SORT_ARRIVAL] = { "ARRIVAL", 7 },     [SORT_CC] = { "CC", 2 },
		[SORT_DATE] = { "DATE", 4 },           [SORT_DISPLAYFROM] = { "DISPLAYFROM", 11 },
		[SORT_DISPLAYTO] = { "DISPLAYTO", 9 }, [SORT_FROM] = { "FROM", 4 },
		[SORT_RELEVANCY] = { "RELEVANCY", 9 }, [SORT_SIZE] = { "SIZE", 4 },
		[SORT_SUBJECT] = { "SUBJECT", 7 },     [SORT_TO] = { "TO", 2 },
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (imap_word(c, words[i])) {
			*out = (enum imap_sort_by)i;
			return true;
		}
	return false;
}

/* sort-criterion = ["REVERSE" SP] sort-key */
static bool sort_criterion(struct cur *c, struct imap_sort *out)
{
	struct imap_sort_key *key = &out->keys[out->n];

	if (out->n == IMAP_SORT_KEYS)
		return false;
	key->reverse = imap_word(c, STR("REVERSE"));
	if ((key->reverse && !imap_space(c)) || !sort_key(c, &key->by))
		return false;
	out->n++;
	out->search.by_relevancy |= key->by == SORT_RELEVANCY;
	return true;
}

bool imap_sort_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_sort *out)
{
	*out = (struct imap_sort){ .n = 0 };
	if (!imap_search_returns_parse(c, a, &out->search) || !imap_space(c) || !cur_byte(c, '('))
		return false;
	do {
		if (!sort_criterion(c, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')') && imap_search_keys_parse(c, a, depth, &out->search);
}

bool imap_thread_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_thread *out)
{
	static const struct str words[] = {
		[IMAP_THREAD_ORDEREDSUBJECT] = { "ORDEREDSUBJECT", 14 },
		[IMAP_THREAD_REFERENCES] = { "REFERENCES", 10 },
		[IMAP_THREAD_REFS] = { "REFS", 4 },
	};

	*out = (struct imap_thread){ .by = IMAP_THREAD_REFS };
	if (!imap_space(c))
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (imap_word(c, words[i])) {
			out->by = (enum imap_thread_by)i;
			return imap_search_keys_parse(c, a, depth, &out->search);
		}
	return false;
}
