/* formats/reports/wide.c: see wide.h. */
#include "formats/reports/wide.h"

#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

enum { CHAR_MAX_BYTES = 8 }; /* two characters, which one byte may complete */

static bool held_fill(struct wire_wide *w, struct cur *c)
{
	char byte;

	while (w->held_n < 2 && cur_any(c, &byte))
		w->held[w->held_n++] = (unsigned char)byte;
	return w->held_n == 2;
}

/* Detect the mark (RFC 2781 3.2); without one, the first bytes are copied to out. */
static void order_find(struct wire_wide *w, struct cur *c, struct buf *out)
{
	struct str rest = cur_rest(c);
	unsigned mark;

	/* without a mark, the common case, data is not copied */
	if (w->held_n == 0 && rest.n >= 2 && !str_starts(rest, STR("\xff\xfe")) &&
	    !str_starts(rest, STR("\xfe\xff")))
		w->order = WIDE_NONE;
	if (w->order != WIDE_UNKNOWN || !held_fill(w, c))
		return;
	mark = (unsigned)w->held[0] << 8 | w->held[1];
	w->order = mark == 0xfeff ? WIDE_BE : mark == 0xfffe ? WIDE_LE : WIDE_NONE;
	w->held_n = 0;
	if (w->order == WIDE_NONE)
		buf_put(out, str_from((const char *)w->held, 2));
}

/* RFC 2781 2.2 */
static void unit_put(struct wire_wide *w, uint32_t unit, struct buf *out)
{
	if (w->high != 0 && unit >= 0xdc00 && unit <= 0xdfff) {
		utf8_put(out, 0x10000 + ((w->high - 0xd800) << 10) + (unit - 0xdc00));
		w->high = 0;
		return;
	}
	if (w->high != 0)
		utf8_put(out, UTF8_REPLACEMENT);
	w->high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
	if (w->high == 0)
		utf8_put(out, unit); /* a lone low surrogate becomes U+FFFD there */
}

bool wire_wide_next(struct wire_wide *w, struct cur *c, char room[static WIRE_WIDE_ROOM],
                    struct str *out)
{
	struct buf b;

	buf_init_in(&b, room, WIRE_WIDE_ROOM);
	if (w->order == WIDE_UNKNOWN)
		order_find(w, c, &b);
	while (w->order > WIDE_NONE && b.n + CHAR_MAX_BYTES <= WIRE_WIDE_ROOM && held_fill(w, c)) {
		bool little = w->order == WIDE_LE;

		unit_put(w, (uint32_t)w->held[little] << 8 | w->held[!little], &b);
		w->held_n = 0;
	}
	*out = buf_str(&b);
	if (w->order == WIDE_NONE && b.n == 0) {
		*out = cur_rest(c);
		cur_skip(c, out->n);
	}
	return out->n != 0;
}
