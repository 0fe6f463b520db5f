/* protocols/imap/search/gathering.c: see gathering.h. */
#include "protocols/imap/search/gathering.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/mailbox/email.h"
#include "model/search/columns.h"
#include "model/query/order.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

enum { SLICE_MS = 20, SLICE_CHECK = 64 };

static void gather_row(void *arg, const struct email_row *row)
{
	struct gathering *g = arg;

	if (g->n == g->cap) {
		g->cap = MAX(256, 2 * g->cap);
		g->items = mem_resize(g->items, g->cap * sizeof(*g->items));
	}
	g->items[g->n++] = (struct gathered){ .uid = row->uid,
		                              .size_bytes = row->size_bytes,
		                              .score = (uint8_t)g->look.score,
		                              .arrived_ms = row->internal_ms,
		                              .email = row->email };
}

bool gathering_init(struct gathering *g, struct imap *s, struct imap_search *what, unsigned mask)
{
	*g = (struct gathering){ .mask = mask };
	if (!searching_init(&g->look, s, what))
		return false;
	g->look.on_found = gather_row;
	g->look.arg = g;
	return true;
}

void gathering_deinit(struct gathering *g)
{
	searching_deinit(&g->look);
	mem_clear(&g->items);
}

/* Moved messages have emails older than their UIDs. */
static void by_email_make(struct gathering *g, struct arena *a)
{
	struct order_item *items = arena_array(a, struct order_item, g->n);
	struct order_item *scratch = arena_array(a, struct order_item, g->n);

	for (size_t i = 0; i < g->n; i++)
		items[i] = (struct order_item){ g->items[i].email, (uint32_t)i };
	order_sort(items, scratch, g->n, NULL, NULL);
	g->by_email = arena_array(a, uint32_t, g->n);
	for (size_t i = 0; i < g->n; i++)
		g->by_email[i] = items[i].index;
	if (g->mask & BIT(COLUMN_SENT))
		g->sent_ms = arena_array(a, int64_t, g->n);
	for (unsigned c = COLUMN_SENT + 1; c < SEARCH_COLUMNS; c++)
		if (g->mask & BIT(c))
			g->values[c] = arena_array(a, struct str, g->n);
}

/* A damaged message is sorted with empty values. */
static enum err values_get(struct gathering *g, struct search_columns *columns, uint32_t item)
{
	struct arena *a = &g->look.s->run.arena;
	struct search_keys keys = { 0 };
	enum err e = search_columns_get(columns, a, g->items[item].email, &keys);

	if (e)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	if (g->sent_ms) {
		struct unpack u = unpack_of(keys.values[COLUMN_SENT]);

		g->sent_ms[item] = (int64_t)unpack_be64(&u);
	}
	for (unsigned c = COLUMN_SENT + 1; c < SEARCH_COLUMNS; c++)
		if (g->values[c])
			g->values[c][item] = str_dup(a, keys.values[c]);
	return OK;
}

static enum err gathering_slice(const struct mail_txn *m, void *arg)
{
	struct gathering *g = arg;
	int64_t end_ms = clock_mono_ms() + SLICE_MS;
	struct search_columns columns;
	enum err e = search_columns_init(&columns, m, g->mask, g->n - g->keyed);

	while (g->keyed < g->n && !e) {
		e = values_get(g, &columns, g->by_email[g->keyed++]);
		if (g->keyed % SLICE_CHECK == 0 && clock_mono_ms() >= end_ms)
			break;
	}
	return e;
}

enum err gathering_go(struct gathering *g)
{
	enum err e = OK;

	if (g->look.next)
		return searching_go(&g->look);
	if (!g->by_email)
		by_email_make(g, &g->look.s->run.arena);
	if (g->mask && g->keyed < g->n)
		e = imap_read(g->look.s, gathering_slice, g);
	g->done = !g->mask || g->keyed == g->n;
	return e;
}
