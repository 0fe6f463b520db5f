/* model/search/posting.c: see posting.h. */
#include "model/search/posting.h"

#include "foundation/base/pack.h"

void posting_put_end(struct posting_writer *w, struct buf *out)
{
	uint32_t count = w->end - w->lo;

	if (count == 0)
		return;
	pack_u64(out, (uint64_t)(w->lo - w->before) << 1 | (count > 1));
	if (count > 1)
		pack_u64(out, count - 2);
	w->before = w->end;
	w->lo = w->end;
}

void posting_put(struct posting_writer *w, struct buf *out, uint32_t doc)
{
	if (doc != w->end || w->lo == w->end) {
		posting_put_end(w, out);
		w->lo = doc;
	}
	w->end = doc + 1;
}

bool posting_next(struct cur *c, uint32_t max, uint32_t *before, uint32_t *lo, uint32_t *end)
{
	struct cur at = *c;
	uint64_t gap, count = 1;

	if (!cur_varint(&at, &gap) || (gap & 1 && !cur_varint(&at, &count)))
		return false;
	if (count > max)
		return false;
	count += gap & 1 ? 2 : 0;
	if (gap >> 1 >= max || *before + (gap >> 1) >= max || count > max - *before - (gap >> 1))
		return false;
	*lo = *before + (uint32_t)(gap >> 1);
	*end = *before = *lo + (uint32_t)count;
	*c = at;
	return true;
}
