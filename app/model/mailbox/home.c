/* model/mailbox/home.c: see home.h. */
#include "model/mailbox/home.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"

/* The key of a home is longer than that of the record before it. */
static bool home_take(struct str key, uint64_t *email, struct email_home *out)
{
	struct unpack u = unpack_of(str_sub(key, 4, key.n));

	*email = unpack_be64(&u);
	out->mailbox = unpack_be32(&u);
	out->uid = unpack_be32(&u);
	return unpack_ok(&u);
}

enum err email_home(const struct mail_txn *m, uint64_t email, struct email_home *out)
{
	struct key k;
	struct kv_iter it;
	uint64_t id;
	bool found = false;
	enum err e;

	key_email(&k, m->account, email);
	kv_iter_prefix(&it, m->t, SPACE_EMAIL, key_str(&k));
	while (!found && kv_iter_next(&it))
		found = it.key.n > EMAIL_KEY_BYTES && home_take(it.key, &id, out);
	e = kv_iter_end(&it);
	return e ? e : found ? OK : ERR_MISSING;
}

void emails_init(struct emails *s, const struct mail_txn *m, uint64_t after)
{
	struct key from, to;

	key_email(&from, m->account, after < UINT64_MAX ? after + 1 : after);
	key_email(&to, m->account, UINT64_MAX);
	kv_iter_init(&s->it, m->t, SPACE_EMAIL, key_str(&from), key_str(&to));
}

bool emails_next(struct emails *s, uint64_t *email, struct email_home *home)
{
	while (kv_iter_next(&s->it))
		if (s->it.key.n > EMAIL_KEY_BYTES && home_take(s->it.key, email, home))
			return true;
	return false;
}

enum err emails_end(struct emails *s)
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
