/* model/history/fsck.c: see fsck.h. */
#include "model/history/fsck.h"

#include "foundation/base/arena.h"
#include "model/history/record.h"

static enum err traces_check(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct trace trace;
	struct kv_iter it;
	uint64_t id;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_TRACE, STR_EMPTY);
	while (kv_iter_next(&it)) {
		if (!record_key_parse(it.key, &id))
			fsck_found(r, "a key of TRACE cannot be read");
		else if (!record_parse(id, it.val, &a, &trace))
			fsck_found(r, "trace %" PRIu64 " cannot be read", id);
		arena_reset(&a);
	}
	e = kv_iter_end(&it);
	arena_deinit(&a);
	return e;
}

static enum err step_check(struct txn *t, struct fsck_report *r, const struct kv_iter *it)
{
	char key[TRACE_KEY_BYTES];
	struct trace_step step;
	uint32_t number;
	uint64_t id;
	enum err e;

	if (!record_step_key_parse(it->key, &id, &number)) {
		fsck_found(r, "a key of TRACE_STEP cannot be read");
		return OK;
	}
	if (!record_step_parse(it->val, 0, &step))
		fsck_found(r, "step %" PRIu32 " of trace %" PRIu64 " cannot be read", number, id);
	e = kv_get(t, SPACE_TRACE, record_key(key, id), NULL);
	if (e == ERR_MISSING)
		fsck_found(r, "trace %" PRIu64 " has a step and does not exist", id);
	return e == ERR_MISSING ? OK : e;
}

static enum err history_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = traces_check(t, r);
	enum err walked;

	kv_iter_prefix(&it, t, SPACE_TRACE_STEP, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = step_check(t, r, &it);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

const struct fsck_check trace_fsck = { .name = "trace", .run = history_fsck_run };
