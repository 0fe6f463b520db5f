/* model/search/fsck.c: see fsck.h. */
#include "model/search/fsck.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/search/posting.h"
#include "model/search/segment.h"
#include "model/search/token.h"
#include "model/store/store.h"

#include <string.h>

struct check {
	struct fsck_report *r;
	struct mail_txn m;
	const struct segment *segment;
};

#define SEGMENT_FOUND(c, what)                                                                \
	fsck_found((c)->r, "account %" PRIu32 ", segment %" PRIu32 ": " what, (c)->m.account, \
	           (c)->segment->number)

static bool posting_good(struct str posting, uint32_t max)
{
	struct cur c = cur_of(posting);
	uint32_t before = 0, lo, end;

	while (posting_next(&c, max, &before, &lo, &end))
		;
	return posting.n != 0 && cur_done(&c);
}

/* Words ascend from block to block: last is that of the one before. */
static bool block_good(struct block *b, uint32_t docs, struct buf *last)
{
	struct cur c = cur_of(str_sub(b->words, 1, b->words.n));
	struct str word, posting;
	uint32_t n = 0;

	for (; cur_until(&c, '\0', &word); n++) {
		cur_skip(&c, 1);
		if (word.n == 0 || word.n > TOKEN_MAX || str_cmp(buf_str(last), word) >= 0 ||
		    !block_posting(b, n, &posting) || !posting_good(posting, docs))
			return false;
		buf_reset(last);
		buf_put(last, word);
	}
	return n == b->count;
}

static enum err words_check(struct check *c)
{
	struct search_key k;
	struct kv_iter it;
	struct block b;
	struct buf last;
	int field = -1;
	bool good = true;

	block_init(&b);
	buf_init(&last, TOKEN_MAX);
	search_key_kind(&k, c->m.account, c->segment->number, ROW_TERMS);
	kv_iter_prefix(&it, c->m.t, SPACE_SEARCH, search_key_str(&k));
	while (good && kv_iter_next(&it)) {
		good = block_read(&b, c->m.t, it.val);
		if (good && (int)b.field != field)
			buf_reset(&last);
		good = good && (int)b.field >= field && block_good(&b, c->segment->docs, &last);
		field = (int)b.field;
	}
	if (!good)
		SEGMENT_FOUND(c, "its words are damaged");
	buf_deinit(&last);
	block_deinit(&b);
	return kv_iter_end(&it);
}

static enum err docs_check(struct check *c)
{
	struct segment_docs docs;
	struct segment_doc doc;
	struct str languages;
	uint64_t last = 0;
	uint32_t n = 0;
	bool ascend = true;
	enum err e = segment_languages(&c->m, c->segment, &languages);

	segment_docs_init(&docs, &c->m, c->segment, BIT(SEARCH_COLUMNS) - 1, 0);
	for (; segment_docs_next(&docs, &doc); n++) {
		ascend = ascend && doc.email > last;
		last = doc.email;
	}
	if (!ascend || n != c->segment->docs || last != c->segment->last || e == ERR_CORRUPT)
		SEGMENT_FOUND(c, "its documents are damaged");
	if (e == OK || e == ERR_CORRUPT)
		e = segment_docs_end(&docs);
	return e == ERR_CORRUPT ? OK : e;
}

static enum err account_check(struct txn *t, uint32_t account, struct str record,
                              struct fsck_report *r)
{
	struct check c = { .r = r, .m = { .t = t, .account = account } };
	struct search_state *s = NEW(struct search_state);
	enum err e = OK;

	if (search_state_older(record)) { /* the server rebuilds it at its start */
		s->count = 0;
	} else if (!search_state_unpack(record, s)) {
		fsck_found(r, "account %" PRIu32 ": the state of its index is damaged", account);
		s->count = 0;
	}
	for (uint32_t i = 0; i < s->count && !e; i++) {
		c.segment = &s->segments[i];
		if ((e = docs_check(&c)) == OK)
			e = words_check(&c);
	}
	mem_free(s);
	return e;
}

/* A state's key is the shortest of its account. */
static enum err search_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_SEARCH, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);
		uint32_t account = unpack_be32(&u);

		if (it.key.n == 8 && unpack_be32(&u) == 0)
			e = account_check(t, account, it.val, r);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

const struct fsck_check search_fsck = { .name = "search", .run = search_fsck_run };
