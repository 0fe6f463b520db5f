/* BIMI records and selectors: what is taken out of them may be written into a header field. */
#include "formats/mailauth/bimi.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void printable(struct str s, size_t max)
{
	assert(s.n <= max);
	for (size_t i = 0; i < s.n; i++)
		assert(s.p[i] > ' ' && s.p[i] <= '~' && s.p[i] != ';');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct dkim_fields fields;
	struct arena a = { 0 };
	struct bimi_record r;
	struct why why;

	if (bimi_record_parse(in, &r, &why) == OK) {
		assert(bimi_record_is(in));
		printable(r.location, BIMI_URI_MAX);
		printable(r.evidence, BIMI_URI_MAX);
		assert(r.declined == (r.location.n == 0));
	}
	dkim_fields_read(&fields, &in, 1, &a);
	printable(bimi_selector(&fields, &a), 126);
	(void)dkim_names_have(in, STR("x"));
	arena_deinit(&a);
	return 0;
}
