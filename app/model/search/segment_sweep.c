/* model/search/segment_sweep.c: deleting rows of segments that a crash left incomplete; see
 * segment.h. */
#include "foundation/base/pack.h"
#include "model/search/segment.h"
#include "model/store/store.h"

enum { SWEEP_ROWS = 200 /* in a transaction */ };

struct sweep {
	uint32_t account;
	uint32_t segment; /* the first one that was not checked */
	bool more;
};

static bool state_lists(const struct search_state *s, uint32_t number)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->segments[i].number == number)
			return true;
	return false;
}

/* The number of the first segment from w->segment on that has a row; 0: none. */
static enum err sweep_find(struct txn *t, struct sweep *w, uint32_t *number)
{
	struct search_key from, to;
	struct kv_iter it;

	search_key_segment(&from, w->account, w->segment);
	search_key_segment(&to, w->account, UINT32_MAX);
	*number = 0;
	kv_iter_init(&it, t, SPACE_SEARCH, search_key_str(&from), search_key_str(&to));
	if (kv_iter_next(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, 4, it.key.n));

		*number = unpack_be32(&u);
	}
	return kv_iter_end(&it);
}

static enum err sweep_rows(struct txn *t, struct sweep *w)
{
	enum err e = OK, walked;
	struct search_key k;
	struct kv_iter it;
	unsigned n = 0;

	search_key_segment(&k, w->account, w->segment);
	kv_iter_prefix(&it, t, SPACE_SEARCH, search_key_str(&k));
	while (!e && n < SWEEP_ROWS && kv_iter_next(&it)) {
		e = kv_del(t, SPACE_SEARCH, it.key);
		n++;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err sweep_step(struct txn *t, void *arg)
{
	struct sweep *w = arg;
	struct mail_txn m = { .t = t, .account = w->account };
	struct search_state s;
	uint32_t number;
	enum err e = search_state_get(&m, &s);

	w->more = false;
	if (e == ERR_CORRUPT) /* all of its rows are deleted, this one first */
		s = (struct search_state){ .segment_next = 1 };
	else if (e)
		return e;
	w->segment = e == ERR_CORRUPT ? 0 : MAX(w->segment, 1);
	if ((e = sweep_find(t, w, &number)))
		return e;
	while (number != 0 && state_lists(&s, number)) {
		w->segment = number + 1;
		if ((e = sweep_find(t, w, &number)))
			return e;
	}
	if (number == 0 && w->segment != 0)
		return OK;
	w->segment = number;
	w->more = true;
	return sweep_rows(t, w);
}

enum err segments_sweep(struct store *s, uint32_t account)
{
	struct sweep w = { .account = account, .segment = 1, .more = true };
	enum err e = OK;

	while (w.more && !e)
		e = store_write(s, sweep_step, &w, NULL);
	return e;
}
