/* protocols/jmap/session/accounts.c: see accounts.h. */
#include "protocols/jmap/session/accounts.h"

#include "foundation/crypto/hash.h"
#include "foundation/text/base64url.h"
#include "model/directory/directory.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "model/store/store.h"
#include "protocols/jmap/ids.h"

struct accounts_load {
	const struct jmap_server *server;
	const struct jmap_caller *caller;
	struct arena *arena;
	struct jmap_accounts *out;
};

static enum err account_named(struct txn *t, struct arena *a, struct jmap_account *x)
{
	struct account account;
	struct group group;
	enum err e = account_get(t, x->id, a, &account);

	if (e == OK)
		x->name = account.address;
	if (e != ERR_MISSING)
		return e;
	e = group_get(t, x->id, a, &group);
	if (e == OK)
		x->name = group.address;
	return e;
}

static bool is_group(const uint32_t *ids, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static enum err accounts_read(struct txn *t, void *arg)
{
	struct accounts_load *l = arg;
	uint32_t own = l->caller->account, *owners, *groups;
	const struct mail_txn m = { l->server->mailboxes, t, own, own };
	size_t owner_count, group_count;
	enum err e = acl_owners(&m, l->arena, &owners, &owner_count);

	if (e == OK)
		e = directory_groups_of(t, own, l->arena, &groups, &group_count);
	if (e != OK)
		return e;
	*l->out = (struct jmap_accounts){
		.items = arena_array(l->arena, struct jmap_account, owner_count + 1), .n = 1
	};
	l->out->items[0] = (struct jmap_account){ own, ACCOUNT_OWN, l->caller->address };
	for (size_t i = 0; i < owner_count; i++) {
		struct jmap_account *x = &l->out->items[l->out->n];

		*x = (struct jmap_account){ owners[i],
			                    is_group(groups, group_count, owners[i])
			                            ? ACCOUNT_GROUP
			                            : ACCOUNT_SHARING,
			                    STR_EMPTY };
		e = account_named(t, l->arena, x);
		if (e == OK)
			l->out->n++;
		else if (e != ERR_MISSING)
			return e;
	}
	return OK;
}

static struct str accounts_state(const struct accounts_load *l)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;
	struct str state;

	buf_init(&b, 16 << 20);
	buf_fmt(&b, "1 %u", l->caller->scopes); /* the first number: of the server's capabilities */
	for (size_t i = 0; i < l->out->n; i++) {
		const struct jmap_account *x = &l->out->items[i];

		buf_fmt(&b, " %" PRIu32 " %d %.*s", x->id, (int)x->kind, STR_ARG(x->name));
	}
	hash_blake2b_256(buf_str(&b), hash);
	buf_deinit(&b);
	state = base64url_of(l->arena, str_from((const char *)hash, 9));
	return state;
}

enum err jmap_accounts_load(const struct jmap_server *s, const struct jmap_caller *c,
                            struct arena *a, struct jmap_accounts *out)
{
	struct accounts_load l = { s, c, a, out };
	enum err e = store_read(s->store, accounts_read, &l);

	if (e == OK)
		out->state = accounts_state(&l);
	return e;
}

const struct jmap_account *jmap_accounts_find(const struct jmap_accounts *all, struct str id)
{
	uint32_t number;

	if (!jmap_account_parse(id, &number))
		return NULL;
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].id == number)
			return &all->items[i];
	return NULL;
}
