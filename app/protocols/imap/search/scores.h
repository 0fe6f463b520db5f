/* protocols/imap/search/scores.h: writes the RELEVANCY of an ESEARCH response (RFC 6203
 * 4) as fast as the client reads. */
#ifndef IMAP_SCORES_H
#define IMAP_SCORES_H
#include "foundation/base/util.h"

struct imap;

/* All-zero: no scores. */
struct imap_scores {
	const uint8_t *scores; /* 1 to 100, in the order of the results */
	size_t from, end;      /* the range to write                    */
	size_t at;             /* private                               */
	bool begun;
};

/* search-return-data =/ "RELEVANCY" SP "(" [score *(SP score)] ")"
 * False: the output is full, call it again. */
bool imap_scores_put(struct imap *s, struct imap_scores *w);

#endif
