/* Records of TLSRPT: what is named lies within the record, in its order, and is a URI by its look
 * only; a record that names somebody is one. */
#include "formats/reports/tlsrpt.h"

#include "foundation/base/util.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct tlsrpt_record r;
	const char *at = in.p;

	if (!tlsrpt_record_parse(in, &r))
		return 0;
	assert(tlsrpt_record_is(in));
	assert(r.count != 0 && r.count <= TLSRPT_URIS_MAX);
	for (size_t i = 0; i < r.count; i++) {
		assert(r.uris[i].n != 0 && str_find_byte(r.uris[i], ',') < 0);
		assert(str_find_byte(r.uris[i], ';') < 0);
		assert(r.uris[i].p >= at && r.uris[i].p + r.uris[i].n <= in.p + in.n);
		at = r.uris[i].p + r.uris[i].n;
	}
	return 0;
}
