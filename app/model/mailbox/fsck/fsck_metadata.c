/* model/mailbox/fsck/fsck_metadata.c: annotations (metadata.h). */
#include "foundation/base/arena.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/metadata_rows.h"
#include "model/store/store.h"

enum err fsck_metadata(struct fsck_account *a)
{
	struct metadata_row row;
	struct kv_iter it;
	struct key k;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_METADATA, key_str(&k));
	while (kv_iter_next(&it)) {
		if (!metadata_row_read(&it, &row))
			ACCOUNT_FOUND(a, "an annotation is %s", "damaged");
		else if (a->m.account ? !fsck_box_find(a, row.mailbox) : row.mailbox != 0)
			ACCOUNT_FOUND(a,
			              "there is an annotation of mailbox %" PRIu32
			              ", which does not exist",
			              row.mailbox);
	}
	return kv_iter_end(&it);
}
