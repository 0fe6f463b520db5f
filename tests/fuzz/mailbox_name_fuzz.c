/* A name that passes name_check comes apart into levels that, put together again, are a name
 * equal to it, and every level is a name by itself. */
#include "foundation/base/buf.h"
#include "model/mailbox/name.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str name = str_from((const char *)data, n), level;
	struct cur rest = cur_of(name);
	struct buf again;

	if (name_check(name, 1000, NULL) != OK)
		return 0;
	assert(n >= 1 && n <= 1000);
	buf_init(&again, 1000);
	while (name_level(&rest, again.n == 0, &level)) {
		assert(name_check(level, MAILBOX_LEVEL_MAX, NULL) == OK);
		if (again.n)
			buf_byte(&again, '/');
		buf_put(&again, level);
	}
	assert(buf_ok(&again) && name_eq(name, buf_str(&again)));
	assert(name_check(buf_str(&again), 1000, NULL) == OK);
	assert(name_is_inbox(name) == str_eq(buf_str(&again), STR("INBOX")));
	buf_deinit(&again);
	return 0;
}
