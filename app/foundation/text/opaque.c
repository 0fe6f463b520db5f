/* foundation/text/opaque.c: see opaque.h. */
#include "foundation/text/opaque.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/text/fold.h"
#include "foundation/text/utf8.h"

#include <utf8proc.h>

/* RFC 8264 9: Unassigned (9.10), Controls (9.12), PrecisIgnorableProperties (9.13), OldHangulJamo
 * (9.9); private use and surrogates are in no allowed class. */
static bool left_out(uint32_t ch)
{
	switch (utf8proc_category((utf8proc_int32_t)ch)) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		break;
	}
	return (ch >= 0x1100 && ch <= 0x11ff) || (ch >= 0xa960 && ch <= 0xa97c) ||
	       (ch >= 0xd7b0 && ch <= 0xd7fb) ||
	       utf8proc_get_property((utf8proc_int32_t)ch)->ignorable;
}

static bool mapped_put(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);

	while (!cur_done(&c)) {
		uint32_t ch = utf8_next(&c);

		if (left_out(ch))
			return false;
		/* RFC 8265 4.2.2: non-ASCII spaces become U+0020. */
		utf8_put(out, utf8proc_category((utf8proc_int32_t)ch) == UTF8PROC_CATEGORY_ZS ? ' '
		                                                                              : ch);
	}
	return true;
}

bool opaque_put(struct buf *out, struct str s)
{
	struct buf mapped;
	bool good;

	if (s.n == 0 || !utf8_valid(s))
		return false;
	if (utf8_ascii(s)) {
		for (size_t i = 0; i < s.n; i++)
			if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
				return false;
		buf_put(out, s);
		return true;
	}
	buf_init(&mapped, s.n);
	(void)buf_room(&mapped, s.n); /* reserved, because growing would leave copies */
	good = mapped_put(&mapped, s);
	if (good)
		fold_nfc_put(out, buf_str(&mapped));
	if (mapped.p != NULL)
		mem_wipe(mapped.p, mapped.cap);
	buf_deinit(&mapped);
	return good;
}

bool opaque_dup(struct arena *a, struct str s, size_t max, struct str *out)
{
	struct buf b;
	bool good;

	if (s.n > max)
		return false;
	buf_init(&b, OPAQUE_GROWTH * s.n + 1);
	(void)buf_room(&b, OPAQUE_GROWTH * s.n + 1); /* growing would leave copies */
	good = opaque_put(&b, s) && b.n <= max;
	if (good)
		*out = str_dup(a, buf_str(&b));
	mem_wipe(b.p, b.cap);
	buf_deinit(&b);
	return good;
}
