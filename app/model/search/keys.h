/* model/search/keys.h: the sort keys of an email for SORT and THREAD (RFC 5256, RFC 5957). Computed
 * from its envelope alone, so that the index and readers of a record get the same. */
#ifndef SEARCH_KEYS_H
#define SEARCH_KEYS_H
#include "foundation/base/str.h"

struct arena;
struct email;

enum search_column {
	COLUMN_SENT,    /* 8 bytes, ms                                                    */
	COLUMN_SUBJECT, /* base subject; one byte before it: 1 for a reply */
	COLUMN_FROM,    /* local part of the first address                                */
	COLUMN_TO,
	COLUMN_CC,
	COLUMN_DISPLAY_FROM, /* display form of the first address */
	COLUMN_DISPLAY_TO,
	COLUMN_THREAD, /* 8 bytes each: hash of the Message-ID (0: none), of each reference */
	SEARCH_COLUMNS
};

enum {
	SEARCH_VALUE_MAX = 2048, /* bytes of a value; the rest is dropped */
	SEARCH_REFERENCES = 200, /* of a message; of more, the first and the last ones */
};

struct search_keys {
	struct str values[SEARCH_COLUMNS];
};

/* email has its envelope (email_describe); references is the raw value of the field. Values live in
 * a. Strings are in the form in which i;unicode-casemap compares octets (RFC 5051 2). */
bool search_keys_of(struct arena *a, const struct email *email, struct str references,
                    struct search_keys *out);

#endif
