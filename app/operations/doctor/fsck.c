/* operations/doctor/fsck.c: see fsck.h. */
#include "operations/doctor/fsck.h"

#include "model/store/kv.h"
#include "operations/doctor/watch.h"

static enum err run(struct txn *t, struct fsck_report *r)
{
	struct watch_row row;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_DOCTOR, STR_EMPTY);
	while (kv_iter_next(&it))
		if (!watch_row_parse(it.key, it.val, &row))
			fsck_found(r, "what the DNS doctor found of %.*s cannot be read",
			           STR_ARG(it.key));
	return kv_iter_end(&it);
}

const struct fsck_check doctor_fsck = { .name = "doctor", .run = run };
