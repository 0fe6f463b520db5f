/* model/mailbox/email/placement.c: see placement.h. The rows are next to the email's record
 * (keys.h). */
#include "model/mailbox/placement.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"

/* The key of a placement is longer than that of the record before it. */
static bool placement_take(struct str key, uint64_t *email, struct placement *out)
{
	struct unpack u = unpack_of(str_sub(key, 4, key.n));

	if (key.n <= EMAIL_KEY_BYTES)
		return false;
	*email = unpack_be64(&u);
	out->mailbox = unpack_be32(&u);
	out->uid = unpack_be32(&u);
	return unpack_ok(&u);
}

static void email_walk(struct kv_iter *it, const struct mail_txn *m, uint64_t email)
{
	struct key k;

	key_email(&k, m->account, email);
	kv_iter_prefix(it, m->t, SPACE_EMAIL, key_str(&k));
}

static void placement_list_add(struct placement_list *list, struct arena *a, size_t *cap,
                     const struct placement *one)
{
	struct placement *old = list->items;

	if (list->n == *cap) {
		*cap = 2 * *cap + 2;
		list->items = arena_array(a, struct placement, *cap);
		for (size_t i = 0; i < list->n; i++)
			list->items[i] = old[i];
	}
	list->items[list->n++] = *one;
}

enum err placements_get(const struct mail_txn *m, uint64_t email, struct arena *a,
                        struct placement_list *out)
{
	struct placement one;
	struct kv_iter it;
	uint64_t id;
	size_t cap = 0;
	bool record = false;
	enum err e;

	*out = (struct placement_list){ 0 };
	email_walk(&it, m, email);
	while (kv_iter_next(&it)) {
		record |= it.key.n == EMAIL_KEY_BYTES;
		if (placement_take(it.key, &id, &one))
			placement_list_add(out, a, &cap, &one);
	}
	e = kv_iter_end(&it);
	return e ? e : record ? OK : ERR_MISSING;
}

enum err placements_count(const struct mail_txn *m, uint64_t email, uint32_t *n)
{
	struct kv_iter it;
	bool record = false;
	enum err e;

	*n = 0;
	email_walk(&it, m, email);
	while (kv_iter_next(&it)) {
		record |= it.key.n == EMAIL_KEY_BYTES;
		*n += it.key.n > EMAIL_KEY_BYTES;
	}
	e = kv_iter_end(&it);
	return e ? e : record ? OK : ERR_MISSING;
}

enum err placement_first(const struct mail_txn *m, uint64_t email, struct placement *out)
{
	struct kv_iter it;
	uint64_t id;
	bool found = false;
	enum err e;

	email_walk(&it, m, email);
	while (!found && kv_iter_next(&it))
		found = placement_take(it.key, &id, out);
	e = kv_iter_end(&it);
	return e ? e : found ? OK : ERR_MISSING;
}

enum err placement_in(const struct mail_txn *m, uint64_t email, uint32_t mailbox, uint32_t *uid)
{
	struct placement at = { 0 };
	struct key from, to;
	struct kv_iter it;
	uint64_t id;
	bool found;
	enum err e;

	key_placement(&from, m->account, email, mailbox, 0);
	key_placement(&to, m->account, email, mailbox, UINT32_MAX);
	kv_iter_init(&it, m->t, SPACE_EMAIL, key_str(&from), key_str(&to));
	found = kv_iter_next(&it) && placement_take(it.key, &id, &at);
	*uid = at.uid;
	e = kv_iter_end(&it);
	return e ? e : found ? OK : ERR_MISSING;
}

void placements_init(struct placements *s, const struct mail_txn *m, uint64_t after)
{
	struct key from, to;

	key_email(&from, m->account, after < UINT64_MAX ? after + 1 : after);
	key_email(&to, m->account, UINT64_MAX);
	kv_iter_init(&s->it, m->t, SPACE_EMAIL, key_str(&from), key_str(&to));
}

bool placements_next(struct placements *s, uint64_t *email, struct placement *out)
{
	while (kv_iter_next(&s->it))
		if (placement_take(s->it.key, email, out))
			return true;
	return false;
}

enum err placements_end(struct placements *s)
{
	return kv_iter_end(&s->it);
}

enum err mail_next(struct txn *t, uint32_t after, uint32_t *account)
{
	struct key from;
	struct kv_iter it;

	*account = 0;
	if (after == UINT32_MAX)
		return OK;
	key_init(&from, after + 1);
	kv_iter_init(&it, t, SPACE_MAILBOX, key_str(&from), STR_EMPTY);
	if (kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);

		*account = unpack_be32(&u);
	}
	return kv_iter_end(&it);
}

enum err emails_limit(const struct mail_txn *m, uint64_t *id)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	if (!e)
		*id = state.email_next;
	return e;
}
