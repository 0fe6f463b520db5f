/* model/search/rows.c: see rows.h. */
#include "model/search/rows.h"

#include "foundation/base/pack.h"
#include "model/store/store.h"

#include <string.h>

/* 1 had no languages, 2 no headers of parts, 3 no packed blocks. */
enum { STATE_VERSION = 4 };

static void key_number(struct search_key *k, uint32_t n)
{
	for (unsigned shift = 32; shift > 0; shift -= 8)
		k->p[k->n++] = (char)(n >> (shift - 8));
}

struct str search_key_str(const struct search_key *k)
{
	return str_from(k->p, k->n);
}

void search_key_segment(struct search_key *k, uint32_t account, uint32_t segment)
{
	k->n = 0;
	key_number(k, account);
	key_number(k, segment);
}

void search_key_kind(struct search_key *k, uint32_t account, uint32_t segment, unsigned kind)
{
	search_key_segment(k, account, segment);
	k->p[k->n++] = (char)kind;
}

void search_key_doc(struct search_key *k, uint32_t account, uint32_t segment, unsigned kind,
                    uint32_t doc)
{
	search_key_kind(k, account, segment, kind);
	key_number(k, doc);
}

void search_key_term(struct search_key *k, uint32_t account, uint32_t segment,
                     enum search_field field, struct str word)
{
	search_key_kind(k, account, segment, ROW_TERMS);
	k->p[k->n++] = (char)field;
	assert(word.n <= SEARCH_KEY_MAX - k->n);
	if (word.n)
		memcpy(k->p + k->n, word.p, word.n);
	k->n += word.n;
}

/* --- the state -------------------------------------------------------------------------- */

static bool segment_unpack(struct unpack *u, struct search_state *s)
{
	struct segment *g = &s->segments[s->count];

	g->number = unpack_u32(u);
	g->docs = unpack_u32(u);
	g->first = unpack_u64(u);
	g->last = unpack_u64(u);
	return unpack_ok(u) && g->number != 0 && g->number < s->segment_next && g->docs != 0 &&
	       g->docs <= SEGMENT_DOCS_MAX && g->first <= g->last && g->last <= s->known_to &&
	       (s->count == 0 || s->segments[s->count - 1].last < g->first);
}

bool search_state_older(struct str record)
{
	struct unpack u = unpack_of(record);
	uint64_t version = unpack_u64(&u);

	return unpack_ok(&u) && version < STATE_VERSION;
}

bool search_state_unpack(struct str record, struct search_state *out)
{
	struct unpack u = unpack_of(record);
	uint32_t count;

	*out = (struct search_state){ 0 };
	if (unpack_u64(&u) != STATE_VERSION)
		return false;
	out->known_to = unpack_u64(&u);
	out->segment_next = unpack_u32(&u);
	count = unpack_u32(&u);
	if (!unpack_ok(&u) || count > SEARCH_SEGMENTS)
		return false;
	for (; out->count < count; out->count++)
		if (!segment_unpack(&u, out))
			return false;
	return true;
}

enum err search_state_get(const struct mail_txn *m, struct search_state *out)
{
	struct search_key k;
	struct str record;
	enum err e;

	search_key_segment(&k, m->account, 0);
	e = kv_get(m->t, SPACE_SEARCH, search_key_str(&k), &record);
	*out = (struct search_state){ .segment_next = 1 };
	if (e)
		return e == ERR_MISSING ? OK : e;
	return search_state_unpack(record, out) ? OK : ERR_CORRUPT;
}

enum err search_state_put(const struct mail_txn *m, const struct search_state *s)
{
	struct search_key k;
	struct buf record;
	enum err e;

	buf_init(&record, KIB(4));
	pack_u64(&record, STATE_VERSION);
	pack_u64(&record, s->known_to);
	pack_u64(&record, s->segment_next);
	pack_u64(&record, s->count);
	for (uint32_t i = 0; i < s->count; i++) {
		pack_u64(&record, s->segments[i].number);
		pack_u64(&record, s->segments[i].docs);
		pack_u64(&record, s->segments[i].first);
		pack_u64(&record, s->segments[i].last);
	}
	assert(buf_ok(&record));
	search_key_segment(&k, m->account, 0);
	e = kv_put(m->t, SPACE_SEARCH, search_key_str(&k), buf_str(&record));
	buf_deinit(&record);
	return e;
}
