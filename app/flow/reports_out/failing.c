/* flow/reports_out/failing.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "flow/reports_out/failed.h"
#include "flow/reports_out/gather.h"
#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"

struct out_failing {
	struct out_gather *gather;
	uint8_t key[OUT_FAILURE_KEY];
};

struct out_failing *out_failing_new(void)
{
	struct out_failing *f = NEW(struct out_failing);

	f->gather = out_gather_new(LIMIT_report_failures_gathered);
	random_bytes(f->key, sizeof f->key);
	return f;
}

void out_failing_free(struct out_failing **f)
{
	if (*f == NULL)
		return;
	out_gather_free(&(*f)->gather);
	mem_clear(f);
}

static void failing_make(struct out_failing *f, const struct report_failure *of,
                         enum out_failure_kind kind, int64_t now_ms, struct buf *packed)
{
	struct arena a = { 0 };
	struct out_failure failure;

	out_failure_make(of, kind, now_ms, f->key, &a, &failure);
	out_failure_pack(packed, &failure);
	arena_deinit(&a);
}

void out_failing_add(struct out_failing *f, const struct report_failure *of,
                     enum out_failure_kind kind, int64_t now_ms)
{
	char same[OUT_FAILED_SAME_MAX];
	struct out_gathered one;
	struct buf packed;
	bool full;

	if (!out_gathered_begin(of->domain, of->record, now_ms, &one))
		return;
	one.same = out_failed_same(same, kind, &of->ip);
	if (out_gather_again(f->gather, &one, &full) || full)
		return; /* avoids needless work */
	buf_init(&packed, OUT_FAILURE_PACKED_MAX);
	failing_make(f, of, kind, now_ms, &packed);
	one.packed = buf_str(&packed);
	if (buf_ok(&packed))
		out_gather_add(f->gather, &one);
	buf_deinit(&packed);
}

/* --- writing -------------------------------------------------------------------------------- */

struct writing {
	const struct out_gathering *of;
	bool fresh; /* of the current attempt */
};

static enum err all_write(struct txn *t, void *arg)
{
	struct writing *w = arg;
	enum err e = OK;

	w->fresh = false;
	for (size_t i = 0; e == OK && i < w->of->count; i++) {
		bool fresh;

		e = out_failed_add(t, w->of->items[i], &fresh);
		w->fresh = w->fresh || fresh;
		e = e == ERR_LIMIT ? OK : e;
	}
	return e;
}

enum err out_failing_flush(struct out_failing *f, struct store *store, bool *fresh,
                           struct why *why)
{
	struct out_gathering *g = out_gather_take(f->gather);
	struct writing w = { .of = g };
	enum err e;

	if (g == NULL)
		return OK;
	e = store_write(store, all_write, &w, why);
	*fresh = *fresh || (e == OK && w.fresh);
	out_gathering_free(&g);
	return e;
}
