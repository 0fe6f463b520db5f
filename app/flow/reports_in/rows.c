/* flow/reports_in/rows.c: see rows.h. */
#include "flow/reports_in/rows.h"

#include "foundation/text/utf8.h"

void report_in_rows_init(struct report_in_rows *r)
{
	*r = (struct report_in_rows){ .count = 0 };
	buf_init(&r->bytes, REPORT_IN_BYTES);
}

void report_in_rows_deinit(struct report_in_rows *r)
{
	buf_deinit(&r->bytes);
}

struct str report_in_chunk(const struct report_in_rows *r, size_t i)
{
	return str_sub(buf_str(&r->bytes), i == 0 ? 0 : r->ends[i - 1], r->ends[i]);
}

/* Append to the last chunk, or to a new one. */
bool report_in_row_add(struct report_in_rows *r, const struct buf *record)
{
	size_t begin = r->chunks < 2 ? 0 : r->ends[r->chunks - 2];
	bool more = r->chunks == 0 || r->ends[r->chunks - 1] - begin >= REPORT_IN_CHUNK;

	if (r->full || !buf_ok(record) || record->n + 10 > REPORT_IN_BYTES - r->bytes.n ||
	    (more && r->chunks == REPORT_IN_CHUNKS)) {
		r->full = true;
		return false;
	}
	pack_str(&r->bytes, buf_str(record));
	r->chunks += more;
	r->ends[r->chunks - 1] = r->bytes.n;
	r->count++;
	return true;
}

void report_in_name_pack(struct buf *b, struct str s)
{
	pack_str(b, utf8_cut(s, REPORT_IN_NAME_MAX));
}

void report_in_text_pack(struct buf *b, struct str s)
{
	pack_str(b, utf8_cut(s, REPORT_IN_TEXT_MAX));
}

/* --- DMARC -------------------------------------------------------------------------------- */

static void auths_pack(struct buf *b, const struct wire_dmarc_auth *items, size_t count)
{
	pack_u64(b, count);
	for (size_t i = 0; i < count; i++) {
		report_in_name_pack(b, items[i].domain);
		report_in_name_pack(b, items[i].selector);
		report_in_name_pack(b, items[i].result);
	}
}

bool report_in_dmarc_add(struct report_in_rows *r, const struct wire_dmarc_row *row)
{
	struct buf b;
	bool ok;

	buf_init(&b, REPORT_IN_ROW_MAX);
	pack_u64(&b, REPORT_IN_ROW);
	report_in_name_pack(&b, row->ip);
	pack_u64(&b, row->count);
	pack_u64(&b, row->done);
	pack_u64(&b, (row->dkim ? 1u : 0u) | (row->spf ? 2u : 0u));
	report_in_name_pack(&b, row->header_from);
	report_in_name_pack(&b, row->envelope_from);
	report_in_name_pack(&b, row->envelope_to);
	pack_u64(&b, row->reason_count);
	for (size_t i = 0; i < row->reason_count; i++) {
		report_in_name_pack(&b, row->reasons[i].type);
		report_in_text_pack(&b, row->reasons[i].comment);
	}
	auths_pack(&b, row->dkims, row->dkim_count);
	auths_pack(&b, row->spfs, row->spf_count);
	ok = report_in_row_add(r, &b);
	buf_deinit(&b);
	return ok;
}

static bool auths_unpack(struct unpack *u, struct wire_dmarc_auth *items, size_t max, size_t *count)
{
	uint64_t n = unpack_u64(u);

	if (u->bad || n > max)
		return false;
	for (*count = 0; *count < n; ++*count) {
		items[*count].domain = unpack_str(u);
		items[*count].selector = unpack_str(u);
		items[*count].result = unpack_str(u);
	}
	return true;
}

static bool reasons_unpack(struct unpack *u, struct wire_dmarc_row *out)
{
	uint64_t n = unpack_u64(u);

	if (u->bad || n > WIRE_DMARC_REASONS)
		return false;
	for (; out->reason_count < n; out->reason_count++) {
		out->reasons[out->reason_count].type = unpack_str(u);
		out->reasons[out->reason_count].comment = unpack_str(u);
	}
	return true;
}

bool report_in_dmarc_read(struct str record, struct wire_dmarc_row *out)
{
	struct unpack u = unpack_of(record);
	uint64_t done, aligned;

	*out = (struct wire_dmarc_row){ .counted = true };
	if (unpack_u64(&u) != REPORT_IN_ROW)
		return false;
	out->ip = unpack_str(&u);
	out->count = unpack_u64(&u);
	done = unpack_u64(&u);
	aligned = unpack_u64(&u);
	out->header_from = unpack_str(&u);
	out->envelope_from = unpack_str(&u);
	out->envelope_to = unpack_str(&u);
	if (u.bad || done > WIRE_DMARC_REJECT || aligned > 3)
		return false;
	out->done = (enum wire_dmarc_done)done;
	out->dkim = (aligned & 1) != 0;
	out->spf = (aligned & 2) != 0;
	return reasons_unpack(&u, out) &&
	       auths_unpack(&u, out->dkims, WIRE_DMARC_DKIM, &out->dkim_count) &&
	       auths_unpack(&u, out->spfs, WIRE_DMARC_SPF, &out->spf_count) && unpack_ok(&u);
}

/* --- reading ------------------------------------------------------------------------------ */

bool report_in_row_next(struct cur *chunk, struct str *record, bool *bad)
{
	struct unpack u = { .c = *chunk };

	*bad = false;
	if (cur_done(chunk))
		return false;
	*record = unpack_str(&u);
	*bad = !unpack_ok(&u);
	*chunk = u.c;
	return !*bad;
}
