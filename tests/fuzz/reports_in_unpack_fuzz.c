/* Archives of strangers: never more comes out than the limits say, each document that begins ends,
 * and those that are whole have only what was told of. */
#include "flow/reports_in/unpack.h"
#include "foundation/base/cur.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct taken {
	unsigned begun, ended, whole;
	uint64_t bytes;
};

static void begin(void *arg)
{
	struct taken *t = arg;

	assert(t->begun++ == t->ended);
}

static bool piece(void *arg, struct str bytes)
{
	struct taken *t = arg;

	assert(t->begun == t->ended + 1);
	t->bytes += bytes.n;
	return true;
}

static void end(void *arg, bool whole)
{
	struct taken *t = arg;

	assert(t->begun == ++t->ended);
	t->whole += whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct unpack_limits limits = {
		.bytes = 1 << 20, .ratio = 50, .free = 1 << 14, .inner = 1 << 16, .members = 4
	};
	struct taken t = { 0 };
	const struct unpack_taker taker = { begin, piece, end, &t };
	enum err e = unpack(str_from((const char *)data, n), &limits, &taker, NULL);

	assert(t.begun == t.ended && t.begun <= limits.members && t.bytes <= limits.bytes);
	assert(e == OK ? t.whole == t.ended : t.whole <= t.ended);
	return 0;
}
