/* Modified UTF-7 has one spelling for each name: both ways round give the same bytes. */
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct buf there, back;

	buf_init(&there, 8 * n + 8);
	buf_init(&back, 8 * n + 8);
	if (utf7imap_parse(in, &there)) {
		assert(utf8_valid(buf_str(&there)));
		assert(utf7imap_put(&back, buf_str(&there)));
		assert(str_eq(buf_str(&back), in));
	}
	buf_reset(&there);
	buf_reset(&back);
	if (utf7imap_put(&there, in)) {
		assert(utf7imap_parse(buf_str(&there), &back));
		assert(str_eq(buf_str(&back), in));
	}
	buf_deinit(&there);
	buf_deinit(&back);
	return 0;
}
