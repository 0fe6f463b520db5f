/* protocols/imap/search/search_near.h: how close a number is to the value of a FUZZY
 * search key. Pure. */
#ifndef IMAP_SEARCH_NEAR_H
#define IMAP_SEARCH_NEAR_H
#include "formats/imap_wire/search.h"

enum {
	NEAR_DAYS = 7, /* greatest distance of a date that still matches        */
	NEAR_PART = 4, /* a size or an age may differ by a quarter (RFC 6203 5) */
};

/* Score of a date (days since 1970), a size or an age: 100 for a match. Else 0, or with
 * FUZZY less the greater the distance. */
unsigned search_near(const struct imap_search_step *step, int64_t value);

#endif
