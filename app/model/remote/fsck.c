/* model/remote/fsck.c: see fsck.h. */
#include "model/remote/fsck.h"

#include "foundation/base/arena.h"
#include "model/remote/evidence_row.h"
#include "model/remote/sts_row.h"

static enum err policies_check(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct sts_kept k;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_STS, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a))
		if (!sts_row_read(&it, &a, &k))
			fsck_found(r, "the MTA-STS policy of %.*s cannot be read",
			           STR_ARG(it.key));
	arena_deinit(&a);
	return kv_iter_end(&it);
}

static enum err evidence_check(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct tls_day d = { 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_TLS_EVIDENCE, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a)) {
		if (!evidence_key_parse(it.key, &d.day, &d.domain))
			fsck_found(r, "a key of TLS_EVIDENCE cannot be read");
		else if (!evidence_row_parse(it.val, &a, &d))
			fsck_found(r, "the evidence of TLS of %.*s cannot be read",
			           STR_ARG(d.domain));
	}
	arena_deinit(&a);
	return kv_iter_end(&it);
}

static enum err remote_fsck_run(struct txn *t, struct fsck_report *r)
{
	enum err e = policies_check(t, r);

	return e == OK ? evidence_check(t, r) : e;
}

const struct fsck_check remote_fsck = { .name = "remote", .run = remote_fsck_run };
