/* Lines: a Cookie field, a peer, X-Forwarded-For, -Proto, -Host. A cookie's value lies in its
 * field; who is no proxy of ours changes nothing. */
#include "foundation/base/cur.h"
#include "network/http_server/forwarded.h"
#include "network/http_server/http.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct network ours = { .addr = { .family = ADDR_V4, .ip = { 10 } }, .bits = 8 };
	const struct network_list trusted = { &ours, 1 };
	struct cur c = cur_of(str_from((const char *)data, n));
	struct str line[5] = { { 0 } }, value;
	struct http_origin before = { .host = STR("here") }, after;

	for (size_t i = 0; i < COUNT(line); i++)
		(void)cur_line(&c, &line[i]);
	value = http_cookie(line[0], STR("id"));
	assert(value.n == 0 || (value.p > line[0].p && value.p + value.n <= line[0].p + line[0].n));
	if (!addr_parse_ip(line[1], &before.peer))
		return 0;
	after = before;
	http_forwarded(&trusted, line[2], line[3], line[4], &after);
	if (network_list_has(&trusted, &before.peer))
		assert(after.peer.family == ADDR_V4 || after.peer.family == ADDR_V6);
	else
		assert(addr_eq(&after.peer, &before.peer) && after.tls == before.tls &&
		       str_eq(after.host, before.host));
	return 0;
}
