/* Archives made for tests. */
#ifndef UNIT_REPORT_PACKING_H
#define UNIT_REPORT_PACKING_H
#include "foundation/base/buf.h"
#include "network/runtime/deflate.h"

static inline void little(struct buf *b, unsigned bytes, uint32_t n)
{
	for (; bytes-- > 0; n >>= 8)
		buf_byte(b, (char)n);
}

/* repeat: how often plain is in there. */
static inline uint32_t deflated(struct buf *out, struct str plain, unsigned repeat)
{
	struct deflate *z = deflate_new();
	uint32_t crc = 0;

	for (unsigned i = 0; i < repeat; i++) {
		struct str left = plain;

		crc = deflate_crc32(crc, plain);
		while (left.n != 0)
			left = str_sub(left, deflate_put(z, left, out, 1 << 16), left.n);
	}
	while (!deflate_finish(z, out, 1 << 16))
		;
	deflate_free(&z);
	return crc;
}

static inline void gzipped(struct buf *out, struct str plain, unsigned repeat)
{
	uint32_t crc;

	/* with a file's name */
	buf_bytes(out, "\x1f\x8b\x08\x08\0\0\0\0\0\x03" "a.xml\0", 16);
	crc = deflated(out, plain, repeat);
	little(out, 4, crc);
	little(out, 4, (uint32_t)plain.n * repeat);
}

/* One member. behind: its sizes stand behind it; method 0 or 8. */
static inline void zip_put(struct buf *out, struct str name, struct str plain, unsigned repeat,
                           unsigned method, bool behind)
{
	uint32_t crc = deflate_crc32(0, plain), n = (uint32_t)plain.n * repeat;
	struct buf packed;

	buf_init(&packed, 1 << 24);
	if (method == 8)
		crc = deflated(&packed, plain, repeat);
	else
		buf_put(&packed, plain);
	buf_bytes(out, "PK\x03\x04\x14", 5);
	buf_byte(out, 0);
	little(out, 2, behind ? 8 : 0);
	little(out, 2, method);
	little(out, 4, 0);
	little(out, 4, behind ? 0 : crc);
	little(out, 4, behind ? 0 : (uint32_t)packed.n);
	little(out, 4, behind ? 0 : n);
	little(out, 2, (uint32_t)name.n);
	little(out, 2, 0);
	buf_put(out, name);
	buf_put(out, buf_str(&packed));
	if (behind) {
		buf_bytes(out, "PK\x07\x08", 4);
		little(out, 4, crc);
		little(out, 4, (uint32_t)packed.n);
		little(out, 4, n);
	}
	buf_deinit(&packed);
}

/* One member whose sizes stand behind it with 64 bits, as who writes into a pipe leaves it. */
static inline void zip64_put(struct buf *out, struct str name, struct str plain)
{
	struct buf packed;
	uint32_t crc;

	buf_init(&packed, 1 << 16);
	crc = deflated(&packed, plain, 1);
	buf_bytes(out, "PK\x03\x04\x2d\0\x08\0\x08\0\0\0\0\0\0\0\0\0", 18);
	buf_bytes(out, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	little(out, 2, (uint32_t)name.n);
	little(out, 2, 9 + 20);
	buf_put(out, name);
	buf_bytes(out, "UT\x05\0tttt.", 9);
	buf_bytes(out, "\x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	buf_put(out, buf_str(&packed));
	buf_bytes(out, "PK\x07\x08", 4);
	little(out, 4, crc);
	little(out, 4, (uint32_t)packed.n);
	little(out, 4, 0);
	little(out, 4, (uint32_t)plain.n);
	little(out, 4, 0);
	buf_deinit(&packed);
}

#endif
