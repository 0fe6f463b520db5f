/* flow/reports_in/rows_others.c: rows of TLS reports and of reports of one message; see
 * rows.h. */
#include "flow/reports_in/rows.h"

/* --- TLS ---------------------------------------------------------------------------------- */

static void failure_pack(struct buf *b, const struct wire_tls_failure *f)
{
	report_in_name_pack(b, f->result);
	report_in_name_pack(b, f->from);
	report_in_name_pack(b, f->mx);
	report_in_name_pack(b, f->helo);
	report_in_name_pack(b, f->address);
	report_in_text_pack(b, f->info);
	report_in_text_pack(b, f->reason);
	pack_u64(b, f->count);
}

/* The failures that fit into a record; only the longest reports have more. */
static void failures_pack(struct buf *b, const struct wire_tls_policy *p)
{
	struct buf items;
	size_t n = 0;

	buf_init(&items, REPORT_IN_ROW_MAX);
	while (n < p->failure_count && items.n < REPORT_IN_ROW_MAX / 2)
		failure_pack(&items, &p->failures[n++]);
	pack_u64(b, n);
	buf_put(b, buf_str(&items));
	buf_deinit(&items);
}

bool report_in_tls_add(struct report_in_rows *r, const struct wire_tls_policy *p)
{
	struct buf b;
	bool ok;

	buf_init(&b, REPORT_IN_ROW_MAX);
	pack_u64(&b, REPORT_IN_ROW);
	report_in_name_pack(&b, p->type);
	report_in_name_pack(&b, p->domain);
	pack_u64(&b, p->mx_count);
	for (size_t i = 0; i < p->mx_count; i++)
		report_in_name_pack(&b, p->mx[i]);
	pack_u64(&b, p->good);
	pack_u64(&b, p->failed);
	failures_pack(&b, p);
	ok = report_in_row_add(r, &b);
	buf_deinit(&b);
	return ok;
}

static struct wire_tls_failure failure_unpack(struct unpack *u)
{
	struct wire_tls_failure f;

	f.result = unpack_str(u);
	f.from = unpack_str(u);
	f.mx = unpack_str(u);
	f.helo = unpack_str(u);
	f.address = unpack_str(u);
	f.info = unpack_str(u);
	f.reason = unpack_str(u);
	f.count = unpack_u64(u);
	return f;
}

bool report_in_tls_read(struct str record, struct arena *a, struct wire_tls_policy *out)
{
	struct unpack u = unpack_of(record);
	uint64_t n;

	*out = (struct wire_tls_policy){ .good = 0 };
	if (unpack_u64(&u) != REPORT_IN_ROW)
		return false;
	out->type = unpack_str(&u);
	out->domain = unpack_str(&u);
	n = unpack_u64(&u);
	if (u.bad || n > WIRE_TLS_MX)
		return false;
	while (out->mx_count < n)
		out->mx[out->mx_count++] = unpack_str(&u);
	out->good = unpack_u64(&u);
	out->failed = unpack_u64(&u);
	n = unpack_u64(&u);
	if (u.bad || n > WIRE_TLS_FAILURES)
		return false;
	out->failures = arena_array(a, struct wire_tls_failure, n);
	while (out->failure_count < n)
		out->failures[out->failure_count++] = failure_unpack(&u);
	return unpack_ok(&u);
}

/* --- one message -------------------------------------------------------------------------- */

/* All its texts, in the order of the record. */
static size_t arf_texts(struct wire_arf *r, struct str *to[static 20])
{
	struct str *const texts[] = {
		&r->type,    &r->agent,       &r->mta,           &r->source_ip, &r->mail_from,
		&r->results, &r->delivery,    &r->failure,       &r->from,      &r->subject,
		&r->spf,     &r->dkim_domain, &r->dkim_selector, &r->message_id,
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		to[i] = texts[i];
	return COUNT(texts);
}

static void list_pack(struct buf *b, const struct str *items, size_t count)
{
	pack_u64(b, count);
	for (size_t i = 0; i < count; i++)
		report_in_name_pack(b, items[i]);
}

bool report_in_arf_add(struct report_in_rows *r, const struct wire_arf *arf)
{
	struct wire_arf copy = *arf;
	struct str *texts[20];
	size_t n = arf_texts(&copy, texts);
	struct buf b;
	bool ok;

	buf_init(&b, REPORT_IN_ROW_MAX);
	pack_u64(&b, REPORT_IN_ROW);
	for (size_t i = 0; i < n; i++)
		report_in_text_pack(&b, *texts[i]);
	list_pack(&b, arf->to, arf->to_count);
	list_pack(&b, arf->domains, arf->domain_count);
	pack_u64(&b, (uint64_t)MAX(arf->arrived_ms, 0));
	pack_u64(&b, arf->incidents);
	ok = report_in_row_add(r, &b);
	buf_deinit(&b);
	return ok;
}

static bool list_unpack(struct unpack *u, struct str *items, size_t *count)
{
	uint64_t n = unpack_u64(u);

	if (u->bad || n > WIRE_ARF_LIST)
		return false;
	while (*count < n)
		items[(*count)++] = unpack_str(u);
	return true;
}

bool report_in_arf_read(struct str record, struct wire_arf *out)
{
	struct unpack u = unpack_of(record);
	struct str *texts[20];
	size_t n;

	*out = (struct wire_arf){ .incidents = 0 };
	n = arf_texts(out, texts);
	if (unpack_u64(&u) != REPORT_IN_ROW)
		return false;
	for (size_t i = 0; i < n; i++)
		*texts[i] = unpack_str(&u);
	if (!list_unpack(&u, out->to, &out->to_count) ||
	    !list_unpack(&u, out->domains, &out->domain_count))
		return false;
	out->arrived_ms = (int64_t)unpack_u64(&u);
	out->incidents = unpack_u32(&u);
	return unpack_ok(&u);
}
