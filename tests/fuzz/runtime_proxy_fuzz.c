/* Laws of a proxy's header: reading as many bytes as are asked for never passes its end, and gives
 * the verdict on the whole; one that is whole stays so with anything behind it, and its addresses
 * are the same when they are written and read again. */
#include "network/runtime/wire_proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_again(const struct proxy_header *h)
{
	char room[PROXY_PUT_MAX];
	struct proxy_header again;
	struct buf b;

	if (h->source.family == ADDR_NONE || h->source.family != h->destination.family)
		return;
	buf_init_in(&b, room, sizeof room);
	proxy_header_put(&b, &h->source, &h->destination);
	assert(buf_ok(&b) && proxy_header_parse(buf_str(&b), &again) == PROXY_DONE);
	assert(again.size == buf_str(&b).n && addr_eq(&again.source, &h->source) &&
	       addr_eq(&again.destination, &h->destination));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = str_from((const char *)data, n);
	struct proxy_header whole, step;
	enum proxy_step verdict = proxy_header_parse(input, &whole), now = PROXY_MORE;
	size_t have = 0;

	for (; have <= n; have += step.want) {
		now = proxy_header_parse(str_sub(input, 0, have), &step);
		if (now != PROXY_MORE)
			break;
		assert(step.want != 0 && step.want <= PROXY_HEADER_MAX);
	}
	if (verdict == PROXY_DONE) {
		assert(now == PROXY_DONE && have == whole.size && step.size == whole.size);
		assert(whole.size <= n && whole.size <= PROXY_HEADER_MAX);
		assert(addr_eq(&whole.source, &step.source));
		assert(whole.source.family != ADDR_ANY);
		write_again(&whole);
	}
	if (now == PROXY_DONE)
		assert(verdict == PROXY_DONE);
	return 0;
}
