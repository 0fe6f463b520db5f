/* DMARC reports of strangers: a document says the same whole and in pieces of any size, and no text
 * of it is longer than it may be. */
#include "formats/reports/dmarc.h"
#include "formats/reports/wide.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void text_put(struct buf *out, struct str text)
{
	assert(text.n <= XML_TEXT_MAX);
	buf_put(out, text);
	buf_byte(out, '\n');
}

static void row_put(void *arg, const struct wire_dmarc_row *r)
{
	struct buf *out = arg;

	assert(r->reason_count <= WIRE_DMARC_REASONS && r->dkim_count <= WIRE_DMARC_DKIM &&
	       r->spf_count <= WIRE_DMARC_SPF);
	text_put(out, r->ip);
	text_put(out, r->header_from);
	buf_fmt(out, "%" PRIu64 " %d\n", r->count, (int)r->done);
	for (size_t i = 0; i < r->reason_count; i++)
		text_put(out, r->reasons[i].comment);
	for (size_t i = 0; i < r->dkim_count; i++)
		text_put(out, r->dkims[i].domain);
	for (size_t i = 0; i < r->spf_count; i++)
		text_put(out, r->spfs[i].result);
}

static enum wire_dmarc_state told(struct str xml, size_t step, struct buf *out)
{
	static struct wire_dmarc w;
	enum wire_dmarc_state state = WIRE_DMARC_MORE;
	struct wire_wide wide = { .high = 0 };
	struct arena a = { 0 };

	wire_dmarc_init(&w, &a, row_put, out);
	for (size_t at = 0; state == WIRE_DMARC_MORE && at < xml.n; at += step) {
		struct cur c = cur_of(str_sub(xml, at, at + step));
		char room[WIRE_WIDE_ROOM];
		struct str text;

		while (state == WIRE_DMARC_MORE && wire_wide_next(&wide, &c, room, &text))
			state = wire_dmarc_feed(&w, text);
	}
	text_put(out, w.report.organization);
	text_put(out, w.report.id);
	text_put(out, w.report.domain);
	wire_dmarc_deinit(&w);
	arena_deinit(&a);
	return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str xml = str_from((const char *)data, n);
	struct buf whole, pieces;

	buf_init(&whole, 1 << 24);
	buf_init(&pieces, 1 << 24);
	assert(told(xml, n + 1, &whole) == told(xml, 1 + n % 7, &pieces));
	assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_deinit(&whole);
	buf_deinit(&pieces);
	return 0;
}
