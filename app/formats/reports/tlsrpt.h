/* formats/reports/tlsrpt.h: the record in which a domain requests TLS reports (RFC 8460 3). */
#ifndef REPORTS_TLSRPT_H
#define REPORTS_TLSRPT_H
#include "foundation/base/str.h"

enum { TLSRPT_URIS_MAX = 8 };

struct tlsrpt_record {
	struct str uris[TLSRPT_URIS_MAX]; /* of rua, borrowed: the items between commas */
	size_t count;                     /* further ones are omitted */
};

/* Does a TXT record begin as a TLSRPT record? Others are ignored. */
bool tlsrpt_record_is(struct str text);

/* Parse such a record. Unknown and repeated fields are ignored (RFC 8460 3). False: malformed, or
 * without a URI. Linear. */
bool tlsrpt_record_parse(struct str text, struct tlsrpt_record *out);

#endif
