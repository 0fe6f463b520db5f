/* model/mailbox/email/by_date.c: see by_date.h. row_index.c writes the rows. */
#include "model/mailbox/by_date.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"

bool dated_unpack(struct str record, struct dated_row *out)
{
	struct unpack u = unpack_of(record);

	out->email = unpack_u64(&u);
	out->thread = unpack_u64(&u);
	return unpack_ok(&u);
}

void by_date_init(struct by_date *w, const struct mail_txn *m, uint32_t mailbox)
{
	struct key k;

	w->error = OK;
	key_mailbox(&k, m->account, mailbox);
	kv_iter_prefix(&w->it, m->t, SPACE_DATED, key_str(&k));
}

static bool dated_take(struct by_date *w, struct dated_row *out)
{
	struct unpack key = unpack_of(str_sub(w->it.key, 8, SIZE_MAX));

	out->internal_ms = (int64_t)(unpack_be64(&key) ^ UINT64_C(1) << 63);
	out->uid = unpack_be32(&key);
	if (!unpack_ok(&key) || !dated_unpack(w->it.val, out))
		w->error = ERR_CORRUPT;
	return !w->error;
}

bool by_date_next(struct by_date *w, struct dated_row *out)
{
	return !w->error && kv_iter_next(&w->it) && dated_take(w, out);
}

bool by_date_prev(struct by_date *w, struct dated_row *out)
{
	return !w->error && kv_iter_prev(&w->it) && dated_take(w, out);
}

enum err by_date_end(struct by_date *w)
{
	enum err e = kv_iter_end(&w->it);

	return e ? e : w->error;
}
