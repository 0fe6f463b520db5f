/* protocols/imap/search/search_near.h: how near a number is to what a search key asks for. Pure. */
#ifndef IMAP_SEARCH_NEAR_H
#define IMAP_SEARCH_NEAR_H
#include "formats/imap_wire/search.h"

enum {
	NEAR_DAYS = 7, /* a date may be so far from what is asked for FUZZY       */
	NEAR_PART = 4, /* a size or an age by a quarter (RFC 6203 5)              */
};

/* Of a key about a date (days since 1970), a size or an age: 100 when the value is as it asks. Else
 * 0; with FUZZY the less the further away it is. */
unsigned search_near(const struct imap_search_step *step, int64_t value);

#endif
