/* formats/imap_wire/sort.h: the grammar of SORT and THREAD (RFC 5256 5, RFC 5957 4, RFC 5267 6). */
#ifndef IMAP_WIRE_SORT_H
#define IMAP_WIRE_SORT_H
#include "formats/imap_wire/search.h"

enum imap_sort_by {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_DISPLAYFROM,
	SORT_DISPLAYTO,
	SORT_FROM,
	SORT_RELEVANCY,
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
	SORT_KEYS
};

struct imap_sort_key {
	enum imap_sort_by by;
	bool reverse;
};

enum { IMAP_SORT_KEYS = 16 }; /* more is BAD */

struct imap_sort {
	struct imap_sort_key keys[IMAP_SORT_KEYS];
	size_t n;
	struct imap_search search; /* extended by RETURN: ESORT */
};

enum imap_thread_by { IMAP_THREAD_ORDEREDSUBJECT, IMAP_THREAD_REFERENCES, IMAP_THREAD_REFS };

struct imap_thread {
	enum imap_thread_by by;
	struct imap_search search;
};

/* [SP "RETURN" ...] SP "(" sort-criterion *(SP sort-criterion) ")" SP charset 1*(SP search-key) */
bool imap_sort_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_sort *out);
/* SP thread-alg SP charset 1*(SP search-key) */
bool imap_thread_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_thread *out);

#endif
