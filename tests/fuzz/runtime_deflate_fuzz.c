/* The bytes that a peer sends after COMPRESS (RFC 4978), at the layer between protocol and TLS.
 * The first byte is the size of the pieces. Laws: no piece is larger than it may be; whatever
 * the pieces, the same comes out, and it is what zlib makes of all at once; a bomb takes no more
 * memory than anything else; a stream that has ended or is broken takes nothing more; and what
 * came out can be packed and unpacked again. */
#include "network/runtime/deflate.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { OUT_MAX = 1 << 20, MEMORY_MAX = 100 << 10 };

/* Up to OUT_MAX bytes, each piece of at most so many. */
static enum deflate_state unpacked(struct str packed, size_t in, size_t out, struct buf *to)
{
	struct deflate *z = deflate_new();
	enum deflate_state state;
	unsigned idle = 0; /* calls in a row that did nothing */

	while ((packed.n != 0 || deflate_holds(z)) && to->n + out <= OUT_MAX) {
		size_t before = to->n, used = deflate_take(z, str_sub(packed, 0, in), to, out);

		assert(used <= MIN(packed.n, in) && to->n - before <= out);
		assert(deflate_memory(z) <= MEMORY_MAX);
		packed = str_sub(packed, used, packed.n);
		if (deflate_state(z) != DEFLATE_OPEN)
			break;
		idle = used == 0 && to->n == before ? idle + 1 : 0;
		assert(idle < 3);
	}
	state = deflate_state(z);
	if (state != DEFLATE_OPEN) {
		size_t before = to->n;

		assert(!deflate_holds(z) && deflate_take(z, STR("x"), to, 1) == 0);
		assert(to->n == before);
	}
	deflate_free(&z);
	return state;
}

/* The library at once, without our layer. */
static void at_once(struct str packed, struct buf *to)
{
	z_stream s = { .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n };
	int said = inflateInit2(&s, -15);

	assert(said == Z_OK);
	s.next_out = (Bytef *)buf_room(to, OUT_MAX);
	s.avail_out = OUT_MAX;
	(void)inflate(&s, Z_SYNC_FLUSH);
	buf_commit(to, OUT_MAX - s.avail_out);
	inflateEnd(&s);
}

static void packed_again(struct str plain)
{
	struct deflate *z = deflate_new();
	struct buf packed, back;

	buf_init(&packed, 2 * OUT_MAX);
	buf_init(&back, OUT_MAX);
	for (struct str rest = plain; rest.n != 0;)
		rest = str_sub(rest, deflate_put(z, rest, &packed, 4096), rest.n);
	while (!deflate_flush(z, &packed, 4096))
		;
	(void)unpacked(buf_str(&packed), SIZE_MAX, 4096, &back);
	assert(str_eq(buf_str(&back), str_sub(plain, 0, back.n)));
	assert(back.n == plain.n || back.n + 4096 > OUT_MAX);
	buf_deinit(&packed);
	buf_deinit(&back);
	deflate_free(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf whole, pieces, library;
	enum deflate_state of_whole, of_pieces;
	struct str packed;
	size_t same;

	if (n < 2 || n > 65536)
		return 0;
	packed = str_from((const char *)data + 1, n - 1);
	buf_init(&whole, OUT_MAX);
	buf_init(&pieces, OUT_MAX);
	buf_init(&library, OUT_MAX);
	of_whole = unpacked(packed, SIZE_MAX, 16 << 10, &whole);
	of_pieces = unpacked(packed, 1 + data[0] % 16u, 64 + data[0], &pieces);
	at_once(packed, &library);
	same = MIN(whole.n, pieces.n);
	assert(str_eq(str_sub(buf_str(&whole), 0, same), str_sub(buf_str(&pieces), 0, same)));
	assert(str_eq(str_sub(buf_str(&library), 0, same), str_sub(buf_str(&whole), 0, same)));
	if (whole.n + (16 << 10) <= OUT_MAX && pieces.n + 512 <= OUT_MAX)
		assert(of_whole == of_pieces && whole.n == pieces.n);
	packed_again(buf_str(&whole));
	buf_deinit(&whole);
	buf_deinit(&pieces);
	buf_deinit(&library);
	return 0;
}
