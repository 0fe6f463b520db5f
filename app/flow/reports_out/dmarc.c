/* flow/reports_out/dmarc.c: see dmarc.h. */
#include "flow/reports_out/dmarc.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "model/store/store.h"
#include "network/runtime/deflate_gzip.h"

/* --- the next domain ------------------------------------------------------------------------ */

/* A key after all rows of a domain: no domain has a byte 1. */
static struct str end_key(char to[static OUT_ROW_KEY_MAX], const struct out_dmarc_at *at)
{
	struct str key = out_head_key(to, at->day, at->domain);

	to[key.n - 1] = 1;
	return key;
}

enum err out_dmarc_next(struct txn *t, const struct out_dmarc_at *behind, struct arena *a,
                        struct out_dmarc_at *out)
{
	char room[OUT_ROW_KEY_MAX];
	struct str from = behind->domain.n != 0 ? end_key(room, behind)
	                                        : out_day_key(room, behind->day);
	enum err found = ERR_MISSING, e;
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_DMARC_SEEN, from, STR_EMPTY);
	while (found != OK && kv_iter_next(&it))
		if (out_row_key_parse(it.key, &out->day, &out->domain) == OUT_KEY_HEAD) {
			out->domain = str_dup(a, out->domain);
			found = OK;
		}
	e = kv_iter_end(&it);
	return e != OK ? e : found;
}

enum err out_dmarc_head(struct txn *t, const struct out_dmarc_at *at, struct arena *a,
                        struct out_head *out)
{
	char room[OUT_ROW_KEY_MAX];
	struct str value;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, out_head_key(room, at->day, at->domain), &value);

	if (e)
		return e;
	return out_head_parse(str_dup(a, value), out) ? OK : ERR_CORRUPT;
}

/* --- making --------------------------------------------------------------------------------- */

struct making {
	const struct out_dmarc_at *at;
	struct arena *a;
	struct out_dmarc *out;
	struct buf xml;
};

/* The same for the same period and domain, so that duplicates can be recognized (RFC 7489
 * 7.2.1.1). */
static struct str id_make(struct arena *a, struct str domain, int64_t begin_s, int64_t end_s)
{
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(domain, hash);
	return str_fmt(a, "%" PRId64 "-%" PRId64 "-%02x%02x%02x%02x%02x%02x", begin_s, end_s,
	               hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]);
}

/* An unreadable row is omitted and removed with the others. */
static void dmarc_row_put(struct making *m, const struct kv_iter *it, struct arena *a)
{
	struct out_dmarc *out = m->out;
	struct report_dmarc_row row;

	if (out_row_parse(it->val, a, &row) && !report_dmarc_row(&m->xml, &row))
		out->left_out++;
	out->read[out->read_count++] =
		(struct out_dmarc_read){ .key = str_dup(m->a, it->key), .count = row.count };
}

static enum err dmarc_rows_put(struct making *m, struct txn *t)
{
	size_t max = (size_t)MIN(m->out->head.rows, (uint64_t)LIMIT_report_rows);
	char room[OUT_ROW_KEY_MAX];
	struct out_dmarc_at found;
	struct arena a = { 0 };
	struct kv_iter it;

	m->out->left_out = 0;
	m->out->read = arena_array(m->a, struct out_dmarc_read, max);
	kv_iter_prefix(&it, t, SPACE_DMARC_SEEN, out_head_key(room, m->at->day, m->at->domain));
	for (; m->out->read_count < max && kv_iter_next(&it); arena_reset(&a))
		if (out_row_key_parse(it.key, &found.day, &found.domain) == OUT_KEY_ROW)
			dmarc_row_put(m, &it, &a);
	arena_deinit(&a);
	return kv_iter_end(&it);
}

static enum err dmarc_make(struct txn *t, void *arg)
{
	struct making *m = arg;
	struct report_dmarc *r = &m->out->about;
	struct out_head *head = &m->out->head;
	struct why why;
	enum err e = out_dmarc_head(t, m->at, m->a, head);

	if (e)
		return e;
	r->begin_s = head->begin_s;
	m->out->read_count = 0;
	if (head->rows == 0)
		return ERR_MISSING;
	(void)!dmarc_record_parse(head->record, DMARC_SUFFIXES, &m->out->record, &why);
	r->record = &m->out->record;
	r->domain = m->at->domain;
	r->id = id_make(m->a, r->domain, r->begin_s, r->end_s);
	buf_reset(&m->xml);
	if (!report_dmarc_begin(&m->xml, r))
		return ERR_LIMIT;
	e = dmarc_rows_put(m, t);
	report_dmarc_end(&m->xml);
	return e == OK && m->out->read_count == 0 ? ERR_MISSING : e;
}

enum err out_dmarc_make(struct store *store, const struct out_dmarc_at *at, int64_t end_s,
                        struct arena *a, struct out_dmarc *out)
{
	struct making m = { .at = at, .a = a, .out = out };
	enum err e;

	out->about.end_s = end_s;
	buf_init(&out->file, LIMIT_report_bytes);
	buf_init(&m.xml, LIMIT_report_bytes);
	e = store_read(store, dmarc_make, &m);
	if (e == OK && !gzip_put(&out->file, buf_str(&m.xml)))
		e = ERR_LIMIT;
	buf_deinit(&m.xml);
	return e;
}

/* --- removal of counts ---------------------------------------------------------------------- */

/* *gone: the number of removed rows. */
static enum err rows_less(struct txn *t, const struct out_dmarc *report, uint64_t *gone)
{
	enum err e = OK;

	*gone = 0;
	for (size_t i = 0; e == OK && i < report->read_count; i++) {
		bool empty = false;

		e = out_row_less(t, report->read[i].key, report->read[i].count, &empty);
		*gone += empty;
		e = e == ERR_MISSING ? OK : e;
	}
	return e;
}

static enum err day_less(struct txn *t, uint32_t day, uint64_t domains, uint64_t rows)
{
	char room[OUT_ROW_KEY_MAX];
	struct str key = out_day_key(room, day), value;
	struct out_day d;
	enum err e = kv_get(t, SPACE_DMARC_SEEN, key, &value);

	if (e == ERR_MISSING || (e == OK && !out_day_parse(value, &d)))
		return OK;
	if (e)
		return e;
	d.domains -= MIN(d.domains, domains);
	d.rows -= MIN(d.rows, rows);
	return d.domains != 0 ? out_day_put(t, day, &d) : kv_del(t, SPACE_DMARC_SEEN, key);
}

enum err out_dmarc_forget(struct txn *t, const struct out_dmarc_done *d)
{
	const struct out_dmarc_at *at = d->at;
	char room[OUT_ROW_KEY_MAX];
	struct out_head head;
	uint64_t gone;
	bool last;
	enum err e = out_dmarc_head(t, at, txn_arena(t), &head);

	if (e == OK && head.begin_s != d->report->about.begin_s)
		e = ERR_MISSING;
	if (e != OK || (e = rows_less(t, d->report, &gone)))
		return e;
	head.rows -= MIN(head.rows, gone);
	head.messages -= MIN(head.messages, d->report->head.messages);
	head.begin_s = d->again_s;
	/* Also if the head counts rows that do not exist. */
	last = d->over &&
	       (head.rows == 0 || (d->report->read_count == 0 && head.messages == 0));
	if ((e = day_less(t, at->day, last, gone)))
		return e;
	return last ? kv_del(t, SPACE_DMARC_SEEN, out_head_key(room, at->day, at->domain))
	            : out_head_put(t, at->day, at->domain, &head);
}
