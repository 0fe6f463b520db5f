/* console/api/setup/setup.c: see setup.h. */
#include "console/api/setup/setup.h"

#include "console/api/access/account.h"
#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 8192 };

static const struct str record_key = STR("setup");

/* --- the record --------------------------------------------------------------------------- */

static enum err record_read(struct str record, struct arena *a, struct setup *out)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != RECORD_VERSION)
		return ERR_CORRUPT;
	out->token = str_dup(a, unpack_str(&u));
	out->done = unpack_u32(&u);
	out->domain = str_dup(a, unpack_str(&u));
	out->address = str_dup(a, unpack_str(&u));
	out->name = str_dup(a, unpack_str(&u));
	out->password_hash = str_dup(a, unpack_str(&u));
	out->certificate = str_dup(a, unpack_str(&u));
	out->account = unpack_u32(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

enum err setup_put(struct txn *t, const struct setup *s)
{
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_str(&b, s->token);
	pack_u64(&b, s->done);
	pack_str(&b, s->domain);
	pack_str(&b, s->address);
	pack_str(&b, s->name);
	pack_str(&b, s->password_hash);
	pack_str(&b, s->certificate);
	pack_u64(&b, s->account);
	e = buf_ok(&b) ? kv_put(t, SPACE_SETTING, record_key, buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err setup_end(struct txn *t)
{
	enum err e = kv_del(t, SPACE_SETTING, record_key);

	return e == ERR_MISSING ? OK : e;
}

/* --- is it open? --------------------------------------------------------------------------- */

static enum err owner_other_than(struct txn *t, uint32_t account, bool *yes)
{
	struct account_list list;
	enum err e = account_list(t, txn_arena(t), &list);

	*yes = false;
	for (size_t i = 0; e == OK && i < list.count; i++)
		*yes = *yes || (list.items[i].role == ROLE_OWNER && list.items[i].id != account);
	return e;
}

enum err setup_get(struct txn *t, struct arena *a, struct setup *out)
{
	bool owned = false;
	struct str record;
	enum err e = kv_get(t, SPACE_SETTING, record_key, &record);

	*out = (struct setup){ 0 };
	if (e == OK)
		e = record_read(record, a, out);
	if (e != OK && e != ERR_MISSING)
		return e;
	e = owner_other_than(t, out->account, &owned);
	return e == OK && owned ? ERR_MISSING : e;
}

const char *setup_step(const struct setup *s)
{
	static const struct {
		enum setup_done bit;
		const char *name;
	} steps[] = {
		{ SETUP_HOST, "host" },
		{ SETUP_OWNER, "owner" },
		{ SETUP_DELIVERY, "look-around" },
		{ SETUP_CERTIFICATE, "certificate" },
	};

	for (size_t i = 0; i < COUNT(steps); i++)
		if ((s->done & steps[i].bit) == 0)
			return steps[i].name;
	return s->done & SETUP_TESTED ? "test-mail" : "dns";
}

/* --- domain and owner ---------------------------------------------------------------------- */

enum err setup_people_make(struct txn *t, struct setup *s)
{
	struct account_new new = { .address = s->address,
		                   .name = s->name,
		                   .password_hash = s->password_hash,
		                   .role = ROLE_OWNER };
	enum err e;

	if (s->account != 0)
		return OK;
	if ((s->done & SETUP_HOST) == 0 || (s->done & SETUP_OWNER) == 0)
		return fail(txn_why(t), ERR_CONFLICT,
		            "give the names and the owner first: those steps are not done");
	e = domain_get(t, s->domain, txn_arena(t), NULL);
	if (e == ERR_MISSING)
		e = domain_add(t, s->domain, txn_why(t));
	if (e == OK)
		e = account_create(t, &new, &s->account, txn_why(t));
	if (e != OK)
		return e;
	s->password_hash = STR_EMPTY; /* the account has it now */
	return setup_put(t, s);
}

/* --- at start ------------------------------------------------------------------------------ */

struct beginning {
	struct arena *a;
	struct str given;
	struct setup setup;
	bool open, made;
};

static enum err begin_look(struct txn *t, void *arg)
{
	struct beginning *b = arg;
	enum err e = setup_get(t, b->a, &b->setup);

	b->open = e == OK;
	return e == ERR_MISSING ? OK : e;
}

static enum err begin_make(struct txn *t, void *arg)
{
	struct beginning *b = arg;
	enum err e = begin_look(t, arg);

	if (e != OK || !b->open || b->setup.token.n != 0)
		return e;
	b->setup.token = random_name(b->a, SETUP_TOKEN_CHARACTERS);
	return setup_put(t, &b->setup);
}

enum err setup_begin(struct store *store, struct str given, struct arena *a, bool *open,
                     struct str *token, struct why *why)
{
	struct beginning b = { .a = a, .given = given };
	enum err e = store_read(store, begin_look, &b);

	if (e == OK && b.open && given.n == 0 && b.setup.token.n == 0)
		e = store_write(store, begin_make, &b, why);
	if (e != OK)
		return fail(why, e, "the state of the setup cannot be read");
	*open = b.open;
	*token = given.n != 0 ? given : b.setup.token;
	return OK;
}
