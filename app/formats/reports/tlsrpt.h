/* formats/reports/tlsrpt.h: the record by which a domain asks for TLS reports (RFC 8460 3). */
#ifndef REPORTS_TLSRPT_H
#define REPORTS_TLSRPT_H
#include "foundation/base/str.h"

enum { TLSRPT_URIS_MAX = 8 };

struct tlsrpt_record {
	struct str uris[TLSRPT_URIS_MAX]; /* of rua, borrowed: what stands between commas */
	size_t count;                     /* further ones are left out                    */
};

/* Does a TXT record begin as one? Others are as if they were not there. */
bool tlsrpt_record_is(struct str text);

/* Take such a record apart. Fields that are unknown, or there before, are passed over (RFC 8460 3).
 * False: it names nobody, or is not made of fields. Linear. */
bool tlsrpt_record_parse(struct str text, struct tlsrpt_record *out);

#endif
