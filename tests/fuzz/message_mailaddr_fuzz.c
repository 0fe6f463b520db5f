/* A strict address prints to what parses to the same address; a failed parse moves nothing. */
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { ALL = MAILADDR_UTF8 | MAILADDR_NULL | MAILADDR_LITERAL };
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct mailaddr m, again;
	struct buf out;

	buf_init(&out, 1024);
	for (unsigned flags = 0; flags <= ALL; flags++) {
		struct cur c = cur_of(in);

		if (!mailaddr_parse_path(&c, &a, flags, &m)) {
			assert(c.p == cur_of(in).p);
			continue;
		}
		assert(m.local.n <= MAILADDR_LOCAL_MAX && m.domain.n <= MAILADDR_DOMAIN_MAX);
		assert((flags & MAILADDR_UTF8) || !mailaddr_is_utf8(&m));
		assert((flags & MAILADDR_NULL) || !mailaddr_is_null(&m));
		assert(!(flags & MAILADDR_NULL) || m.domain.n != 0 || mailaddr_is_null(&m));
		if (m.domain.n == 0)
			continue;
		buf_reset(&out);
		mailaddr_put(&out, &m);
		assert(mailaddr_of(buf_str(&out), &a, flags, &again));
		assert(mailaddr_equal(&m, &again));
	}
	buf_deinit(&out);
	arena_deinit(&a);
	return 0;
}
