/* flow/policy/fsck.c: see fsck.h. */
#include "flow/policy/fsck.h"

#include "flow/policy/access/access_rows.h"
#include "foundation/base/arena.h"
#include "model/store/kv.h"

static enum err policy_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_ACCESS, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a)) {
		struct access_rule rule;
		struct access_row row;

		if (!access_row_read(&it, &a, &row))
			fsck_found(r, "an access rule cannot be read");
		else if (access_row_rule(&row, &a, &rule, NULL) != OK)
			fsck_found(r, "access rule %" PRIu64 " is none", row.id);
	}
	arena_deinit(&a);
	return kv_iter_end(&it);
}

const struct fsck_check policy_fsck = { .name = "policy", .run = policy_fsck_run };
