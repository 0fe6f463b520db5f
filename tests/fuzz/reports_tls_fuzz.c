/* TLS reports and feedback reports of strangers: what is told of them keeps to its limits. */
#include "formats/reports/arf.h"
#include "formats/reports/tls.h"
#include "foundation/base/cur.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void tls(struct str text)
{
	struct wire_tls_report r;
	struct arena a = { 0 };
	size_t failures = 0;

	if (wire_tls_parse(text, &a, &r)) {
		assert(r.policy_count >= 1 && r.policy_count <= WIRE_TLS_POLICIES);
		assert(r.id.n <= WIRE_TLS_TEXT_MAX && r.organization.n <= WIRE_TLS_TEXT_MAX);
		for (size_t i = 0; i < r.policy_count; i++) {
			assert(r.policies[i].mx_count <= WIRE_TLS_MX);
			failures += r.policies[i].failure_count;
		}
		assert(failures <= WIRE_TLS_FAILURES);
	}
	arena_deinit(&a);
}

static void arf(struct str raw)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct message m;
	struct wire_arf r;
	struct arena a = { 0 };

	message_parse(&a, raw, &limits, &m);
	if (wire_arf_parse(&m, &a, &r)) {
		assert(r.type.n != 0 && r.type.n <= WIRE_ARF_TEXT_MAX && r.incidents != 0);
		assert(r.to_count <= WIRE_ARF_LIST && r.domain_count <= WIRE_ARF_LIST);
		for (size_t i = 0; i < r.to_count; i++)
			assert(r.to[i].n <= WIRE_ARF_TEXT_MAX);
	}
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = str_from((const char *)data, n);

	tls(text);
	arf(text);
	return 0;
}
