/* model/search/segment_docs.c: reading a segment's documents; see segment.h. */
#include "model/search/segment.h"
#include "model/store/packed.h"
#include "model/store/store.h"

static enum err segment_docs_row_get(const struct mail_txn *m, const struct segment *g,
                                     unsigned kind, struct str *out)
{
	struct search_key key;

	search_key_kind(&key, m->account, g->number, kind);
	return kv_get(m->t, SPACE_SEARCH, search_key_str(&key), out);
}

enum err segment_look(const struct mail_txn *m, const struct segment *g, struct str *out)
{
	enum err e = segment_docs_row_get(m, g, ROW_LOOK, out);

	if (e)
		*out = STR_EMPTY;
	return e == ERR_MISSING ? OK : e;
}

enum err segment_languages(const struct mail_txn *m, const struct segment *g, struct str *out)
{
	enum err e = segment_docs_row_get(m, g, ROW_LANGUAGES, out);

	if (e == ERR_MISSING || (!e && out->n != g->docs))
		return ERR_CORRUPT;
	for (size_t i = 0; !e && i < out->n; i++)
		if ((unsigned char)out->p[i] >= LANGUAGES)
			return ERR_CORRUPT;
	return e;
}

void segment_docs_init(struct segment_docs *d, const struct mail_txn *m, const struct segment *g,
                       unsigned mask, uint32_t doc)
{
	*d = (struct segment_docs){ .m = m, .segment = g, .mask = mask, .doc = doc };
}

static enum err docs_row(struct segment_docs *d, unsigned kind, struct cur *out)
{
	struct search_key k;
	struct str row;
	enum err e;

	search_key_doc(&k, d->m->account, d->segment->number, kind, d->doc);
	e = kv_get(d->m->t, SPACE_SEARCH, search_key_str(&k), &row);
	*out = cur_of(e ? STR_EMPTY : row);
	return e == ERR_MISSING ? ERR_CORRUPT : e;
}

/* Unpacked in memory of the transaction. */
static enum err docs_column(struct segment_docs *d, unsigned column, struct cur *out)
{
	enum err e = docs_row(d, ROW_COLUMN + column, out);
	struct str packed = str_from(out->p, cur_left(out));
	size_t n;
	char *value;

	if (e)
		return e;
	if (!packed_size(packed, &n) || n > SEGMENT_COLUMN_MAX)
		return ERR_CORRUPT;
	value = arena_alloc(txn_arena(d->m->t), MAX(n, (size_t)1));
	*out = cur_of(str_from(value, n));
	return packed_get(d->m->t, packed, value, n);
}

static bool docs_block(struct segment_docs *d)
{
	d->email = 0;
	d->error = docs_row(d, ROW_IDS, &d->ids);
	for (unsigned i = 0; i < SEARCH_COLUMNS && !d->error; i++)
		if (d->mask & BIT(i))
			d->error = docs_column(d, i, &d->columns[i]);
	if (!d->error && cur_done(&d->ids))
		d->error = ERR_CORRUPT;
	return !d->error;
}

static bool docs_value(struct cur *c, struct str *out)
{
	uint64_t n;

	return cur_varint(c, &n) && n <= cur_left(c) && cur_take(c, n, out);
}

bool segment_docs_next(struct segment_docs *d, struct segment_doc *out)
{
	uint64_t delta;

	if (d->error || d->doc >= d->segment->docs || (cur_done(&d->ids) && !docs_block(d)))
		return false;
	out->doc = d->doc++;
	if (!cur_varint(&d->ids, &delta))
		d->error = ERR_CORRUPT;
	out->email = d->email += delta;
	for (unsigned i = 0; i < SEARCH_COLUMNS && !d->error; i++)
		if (d->mask & BIT(i) && !docs_value(&d->columns[i], &out->values[i]))
			d->error = ERR_CORRUPT;
	if (out->email < d->segment->first || out->email > d->segment->last)
		d->error = ERR_CORRUPT;
	return !d->error;
}

bool segment_docs_block(const struct segment_docs *d)
{
	return cur_done(&d->ids);
}

enum err segment_docs_end(const struct segment_docs *d)
{
	return d->error;
}
