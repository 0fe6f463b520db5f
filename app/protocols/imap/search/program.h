/* protocols/imap/search/program.h: compiles the keys of SEARCH for model/query/program.h. Pure. */
#ifndef IMAP_PROGRAM_H
#define IMAP_PROGRAM_H
#include "formats/imap_wire/search.h"
#include "model/query/program.h"

enum {
	NEAR_DAYS = 7, /* greatest distance of a date that still matches a FUZZY key */
	NEAR_PART = 4, /* a size or an age may differ by a quarter (RFC 6203 5) */
};

/* One step for each of what, with the same index, so the key of a QUERY_CALLER is found by it.
 * Flags have their name as text; searching_flags sets their numbers. Strings are borrowed. */
void imap_program_make(const struct imap_search *what, struct arena *a, struct query_program *out);

#endif
