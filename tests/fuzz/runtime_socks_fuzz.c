/* Replies of SOCKS5 proxies. Laws: a reply that is whole is whole for any bytes behind it, no
 * shorter part of it is; a cursor moves only over a whole one. */
#include "network/runtime/wire_socks.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum socks_got parse(unsigned kind, struct str bytes, size_t *used)
{
	struct cur c = cur_of(bytes);
	unsigned number = 0;
	bool good = false;
	enum socks_got got = kind == 0   ? socks_method_parse(&c, &number)
	                     : kind == 1 ? socks_login_parse(&c, &good)
	                                 : socks_reply_parse(&c, &number);

	*used = bytes.n - cur_left(&c);
	assert(number <= 255 && socks_status_text(number)[0] != '\0');
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = str_from((const char *)data, n);

	for (unsigned kind = 0; kind < 3; kind++) {
		size_t used, part;

		if (parse(kind, all, &used) != SOCKS_DONE) {
			assert(used == 0);
			continue;
		}
		for (size_t k = 0; k < used; k++)
			assert(parse(kind, str_sub(all, 0, k), &part) == SOCKS_MORE && part == 0);
		assert(parse(kind, str_sub(all, 0, used), &part) == SOCKS_DONE && part == used);
	}
	return 0;
}
