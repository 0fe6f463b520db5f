/* model/search/index.c: indexing the mail of one account; see indexer.h. */
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "model/mailbox/email.h"
#include "model/mailbox/placement.h"
#include "model/search/gather.h"
#include "model/search/indexer.h"
#include "model/search/merge.h"
#include "model/search/segment.h"
#include "model/store/store.h"

enum {
	SLICE_MS = 20,
	GATHER_BYTES = 64 << 20, /* memory for a batch */
};

struct indexing {
	const struct indexer_config *c;
	uint32_t account;
	struct gather gather;
	struct search_state state;
	uint64_t known_to;
	bool more; /* there may be emails above known_to */
};

/* --- reading ---------------------------------------------------------------------------- */

static struct str references_of(struct str header)
{
	struct header_field field;

	return header_find(header, STR("references"), &field) ? field.value : STR_EMPTY;
}

/* An unreadable email is indexed as one that a search has to read: the search then gets the same
 * error, or none if it was temporary. */
static enum err email_add(struct indexing *x, const struct mail_txn *m, uint64_t id)
{
	struct search_keys keys = { 0 };
	struct arena a = { 0 };
	struct email email;
	struct str bytes = STR_EMPTY;
	struct buf raw;
	enum err e = email_get(m, id, &email);

	if (e == ERR_IO)
		return e;
	buf_init(&raw, e ? 1 : (size_t)email.size_bytes + 1);
	if (!e && email.size_bytes <= x->c->message_bytes)
		e = blob_get(m->t, &email.blob, 0, email.size_bytes, &raw);
	else if (!e)
		e = blob_get(m->t, &email.blob, 0, email.header_bytes, &raw);
	if (!e)
		e = email_describe(m, &a, &email);
	if (!e) {
		struct str header = str_sub(buf_str(&raw), 0, email.header_bytes);

		if (!search_keys_of(&a, &email, references_of(header), &keys))
			e = ERR_CORRUPT;
		if (!e && raw.n == email.size_bytes)
			bytes = buf_str(&raw);
	}
	if (e != ERR_IO)
		gather_add(&x->gather, id, bytes, e ? 0 : email.header_bytes, &x->c->limits, &keys);
	buf_deinit(&raw);
	arena_deinit(&a);
	return e == ERR_IO ? e : OK;
}

static enum err gather_slice(struct txn *t, void *arg)
{
	struct indexing *x = arg;
	struct mail_txn m = { .t = t, .account = x->account };
	int64_t end_ms = clock_mono_ms() + SLICE_MS;
	struct placements placements;
	struct placement at;
	uint64_t id;
	enum err e = OK, walked;

	x->more = false;
	placements_init(&placements, &m, x->known_to);
	while (!e && placements_next(&placements, &id, &at)) {
		if (id == x->known_to) /* its second placement */
			continue;
		if ((e = email_add(x, &m, id)))
			break;
		x->known_to = id;
		x->more = true;
		if (clock_mono_ms() >= end_ms || x->gather.doc_count >= x->c->batch)
			break;
	}
	walked = placements_end(&placements);
	return e ? e : walked;
}

static bool goes_on(void *arg)
{
	const struct indexer_config *c = arg;

	return !c->go_on || c->go_on(c->arg);
}

static enum err batch_gather(struct indexing *x)
{
	enum err e = OK;

	x->more = true;
	while (!e && x->more && x->gather.doc_count < x->c->batch &&
	       gather_bytes(&x->gather) < GATHER_BYTES) {
		if (!goes_on((void *)x->c))
			return ERR_RETRY;
		e = store_read(x->c->store, gather_slice, x);
	}
	return e;
}

/* --- writing ---------------------------------------------------------------------------- */

static enum err words_write(struct segment_writer *w, struct gather *g)
{
	struct buf posting;
	enum err e = OK;

	gather_sort(g);
	buf_init(&posting, MIB(3));
	for (size_t i = 0; i < g->count && !e; i++) {
		const struct gather_word *word = g->words[i];
		struct posting_writer p = { 0 };

		buf_reset(&posting);
		for (uint32_t k = 0; k < word->count; k++)
			posting_put(&p, &posting, word->docs[k]);
		posting_put_end(&p, &posting);
		segment_word(w, word->field, word->word, buf_str(&posting));
		if (segment_full(w))
			e = segment_flush(w);
	}
	buf_deinit(&posting);
	return e;
}

static enum err batch_write(struct indexing *x)
{
	struct segment_writer w;
	enum err e = segment_begin(&w, x->c->store, x->account);

	for (uint32_t i = 0; i < x->gather.doc_count && !e; i++) {
		const struct gather_doc *doc = &x->gather.docs[i];

		segment_doc(&w, &(struct segment_entry){ doc->email, doc->look, doc->language },
		            &doc->keys);
		if (segment_full(&w))
			e = segment_flush(&w);
	}
	if (!e)
		e = words_write(&w, &x->gather);
	if (!e)
		e = segment_commit(&w, x->known_to, NULL, 0);
	segment_end(&w);
	return e;
}

/* --- an account ------------------------------------------------------------------------- */

static enum err state_read(struct txn *t, void *arg)
{
	struct indexing *x = arg;
	struct mail_txn m = { .t = t, .account = x->account };

	return search_state_get(&m, &x->state);
}

static enum err merges(struct indexing *x)
{
	size_t first = 0, n = 0;
	bool any = false;
	enum err e;

	while ((e = store_read(x->c->store, state_read, x)) == OK &&
	       (n = search_merge_plan(&x->state, &first)) != 0) {
		e = search_merge(x->c->store, x->account, &x->state.segments[first], n, goes_on,
		                 (void *)x->c);
		if (e)
			break;
		any = true;
	}
	return e || !any ? e : segments_sweep(x->c->store, x->account);
}

static enum err batches(struct indexing *x)
{
	enum err e = OK;

	do {
		gather_init(&x->gather, x->c->message_words);
		e = batch_gather(x);
		if (!e && x->gather.doc_count)
			e = batch_write(x);
		gather_deinit(&x->gather);
		if (!e)
			e = merges(x);
	} while (!e && x->more);
	return e;
}

static enum err index_drop(struct txn *t, void *arg)
{
	struct indexing *x = arg;
	struct search_key k;
	enum err e;

	search_key_segment(&k, x->account, 0);
	e = kv_del(t, SPACE_SEARCH, search_key_str(&k));
	return e == ERR_MISSING ? OK : e;
}

enum err index_account(const struct indexer_config *c, uint32_t account)
{
	struct indexing x = { .c = c, .account = account };
	enum err e = store_read(c->store, state_read, &x);

	for (int tries = 0; tries < 2; tries++) {
		x.known_to = x.state.known_to;
		if (!e)
			e = batches(&x);
		if (e != ERR_CORRUPT)
			break;
		e = store_write(c->store, index_drop, &x, NULL);
		if (!e)
			e = segments_sweep(c->store, account);
		x.state = (struct search_state){ .segment_next = 1 };
	}
	return e == ERR_MISSING || e == ERR_CONFLICT ? OK : e;
}
