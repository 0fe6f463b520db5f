/* model/mailbox/keywords.c: see keywords.h. */
#include "model/mailbox/keywords.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

#include <string.h>

enum { KEYWORD_FORM = 1 };

static bool keyword_unpack(struct kv_iter *it, uint32_t *id, struct str *name)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	struct unpack u = unpack_of(it->val);

	*id = unpack_be32(&key);
	if (unpack_u64(&u) != KEYWORD_FORM)
		return false;
	*name = unpack_str(&u);
	return unpack_ok(&key) && unpack_ok(&u) && *id >= FLAG_CUSTOM && *id < FLAG_MAX;
}

static enum err keyword_damaged(const struct mail_txn *m)
{
	return fail(txn_why(m->t), ERR_CORRUPT, "a keyword of account %" PRIu32 " is damaged",
	            m->account);
}

enum err keywords_load(const struct mail_txn *m, struct arena *a, struct keywords *out)
{
	struct kv_iter it;
	struct key k;
	struct str name;
	uint32_t id;
	bool bad = false;
	enum err e;

	*out = (struct keywords){ 0 };
	for (unsigned i = 0; i < FLAG_CUSTOM; i++)
		out->names[i] = flag_name(i);
	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, SPACE_KEYWORD, key_str(&k));
	while (kv_iter_next(&it) && !bad) {
		bad = !keyword_unpack(&it, &id, &name);
		if (!bad)
			out->names[id] = str_dup(a, name);
	}
	e = kv_iter_end(&it);
	return !e && bad ? keyword_damaged(m) : e;
}

int keywords_find(const struct keywords *k, struct str name)
{
	if (name.n == 0)
		return -1;
	for (int id = 0; id < FLAG_MAX; id++)
		if (str_eqi(k->names[id], name))
			return id;
	return -1;
}

bool keywords_cover(const struct keywords *k, struct flags f)
{
	for (unsigned id = 0; id < FLAG_MAX; id++)
		if (flags_has(f, id) && k->names[id].n == 0)
			return false;
	return true;
}

/* flag-keyword = "$MDNSent" / ... / atom		RFC 9051 section 9 */
static bool keyword_char(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("(){%*\"\\]", c);
}

static enum err keyword_check(struct str name, struct why *why)
{
	struct cur c = cur_of(name);

	if (name.n == 0 || cur_while(&c, keyword_char).n != name.n)
		return fail(why, ERR_SYNTAX, "this is no name for a keyword");
	if (name.n > KEYWORD_MAX)
		return fail(why, ERR_LIMIT, "a keyword has at most %d bytes", KEYWORD_MAX);
	return OK;
}

static enum err keyword_put(const struct mail_txn *m, unsigned id, struct str name)
{
	struct buf b;
	struct key k;
	enum err e;

	buf_init(&b, KEYWORD_MAX + 16);
	pack_u64(&b, KEYWORD_FORM);
	pack_str(&b, name);
	key_mailbox(&k, m->account, id);
	e = kv_put(m->t, SPACE_KEYWORD, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* Find name in the account, or a free number; -1 for none. Copies nothing. */
static enum err keyword_scan(const struct mail_txn *m, struct str name, int *found, int *unused)
{
	unsigned max = MIN(m->mailboxes->keywords_max, FLAG_MAX);
	bool used[FLAG_MAX] = { false }, bad = false;
	struct kv_iter it;
	struct key k;
	struct str one;
	uint32_t id;
	enum err e;

	*found = *unused = -1;
	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, SPACE_KEYWORD, key_str(&k));
	while (*found < 0 && !bad && kv_iter_next(&it)) {
		bad = !keyword_unpack(&it, &id, &one);
		if (bad)
			break;
		used[id] = true;
		if (str_eqi(one, name))
			*found = (int)id;
	}
	e = kv_iter_end(&it);
	for (unsigned i = FLAG_CUSTOM; i < max && *unused < 0; i++)
		if (!used[i])
			*unused = (int)i;
	return !e && bad ? keyword_damaged(m) : e;
}

enum err keyword_intern(const struct mail_txn *m, struct str name, unsigned *id)
{
	unsigned max = MIN(m->mailboxes->keywords_max, FLAG_MAX);
	int found = flag_find(name), unused = -1;
	enum err e;

	if (found < 0 && ((e = keyword_check(name, txn_why(m->t))) ||
	                  (e = keyword_scan(m, name, &found, &unused))))
		return e;
	if (found < 0 && unused < 0)
		return fail(txn_why(m->t), ERR_LIMIT,
		            "an account has at most %u keywords of its own",
		            max - MIN(max, FLAG_CUSTOM));
	*id = (unsigned)(found >= 0 ? found : unused);
	return found >= 0 ? OK : keyword_put(m, *id, name);
}
