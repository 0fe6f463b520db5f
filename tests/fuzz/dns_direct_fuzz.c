/* Any bytes as the answer of a name server that was asked by itself: what is taken is of the
 * question, within its limits, and can be told. The first byte chooses the type. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/dns/direct.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ID = 0x4142 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint16_t types[] = { RR_A, RR_TXT, RR_MX, RR_SOA, RR_CAA, RR_TLSA, RR_NS };
	struct dns_direct q = { .name = STR("www.example.org") };
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };
	bool truncated = false;

	if (n == 0)
		return 0;
	q.type = types[data[0] % COUNT(types)];
	if (dns_direct_take(str_sub(in, 1, n), ID, &q, &a, &truncated) && !truncated) {
		assert(q.status <= DNS_BADNAME);
		assert((q.status == DNS_OK) == (q.count != 0));
		assert(q.status != DNS_RETRY || q.why != NULL);
		for (size_t i = 0; i < q.count; i++)
			assert(q.data[i].n == 0 || q.data[i].p != NULL);
	}
	arena_deinit(&a);
	return 0;
}
