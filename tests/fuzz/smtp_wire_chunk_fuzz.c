/* Laws of chunks: any cut of a message gives the same verdict, which is that of the simplest
 * reading of the rule; a size that is taken is written back as it was, but for zeros. */
#include "formats/message/lines.h"
#include "formats/smtp_wire/chunk.h"
#include "foundation/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool plainly_strict(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool after_cr = i != 0 && s.p[i - 1] == '\r';

		if (s.p[i] == '\0' || (s.p[i] == '\n') != after_cr)
			return false;
	}
	return s.n == 0 || s.p[s.n - 1] != '\r';
}

/* Of lines that are whole. */
static bool plainly_fit(struct str s)
{
	size_t line = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			line = 0;
		else if (s.p[i] != '\r' && ++line > LINES_MAX_BYTES)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = str_from((const char *)data, n);
	struct lines l = { 0 };
	struct smtp_bdat bdat;
	size_t step = n % 5 + 1;

	for (size_t at = 0; at < n; at += step)
		lines_next(&l, str_sub(input, at, at + step));
	assert(lines_strict(&l) == plainly_strict(input));
	assert(lines_text_strict(input) == plainly_strict(input));
	if (lines_strict(&l)) {
		assert(lines_fit(&l) == plainly_fit(input));
		assert(lines_text_fit(input) == plainly_fit(input));
	}
	if (smtp_bdat_parse(input, &bdat)) {
		struct arena a = { 0 };
		struct str digits = str_fmt(&a, "%" PRIu64, bdat.size);

		assert(str_find(input, digits) >= 0);
		arena_deinit(&a);
	}
	return 0;
}
