/* protocols/jmap/types/principal.c: Principal (RFC 9670 2): the user, the groups of the user, and
 * those who share mailboxes with the user. Others are not shown: the directory of the server is not
 * public to its users. The id of a Principal is that of its account. */
#include "foundation/crypto/hash.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "protocols/jmap/request/request.h"
#include "protocols/jmap/session/capability.h"


struct principal {
	uint32_t account;
	bool group;
	struct str name, email;
};
struct principals {
	struct principal *items; /* the user first */
	size_t n;
};

static struct str principal_id(struct arena *a, uint32_t account)
{
	char room[JMAP_ID_ROOM];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	jmap_account_put(&b, account);
	return str_dup(a, buf_str(&b));
}

static enum err principal_read(struct txn *t, uint32_t id, struct arena *a, struct principal *out)
{
	struct account account;
	struct group group;
	enum err e = account_get(t, id, a, &account);

	*out = (struct principal){ .account = id };
	if (e == OK) {
		out->email = account.address;
		out->name = account.name.n != 0 ? account.name : account.address;
	}
	if (e != ERR_MISSING)
		return e;
	e = group_get(t, id, a, &group);
	if (e == OK) {
		out->group = true;
		out->email = group.address;
		out->name = group.title.n != 0 ? group.title : group.address;
	}
	return e;
}

static bool principal_known(const struct principals *all, uint32_t id)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].account == id)
			return true;
	return false;
}

static enum err principals_get(const struct mail_txn *m, struct arena *a, struct principals *out)
{
	const struct mail_txn own = { m->mailboxes, m->t, m->who, m->who };
	uint32_t *lists[3] = { (uint32_t *)&own.account };
	size_t counts[3] = { 1 };
	enum err e = directory_groups_of(m->t, m->who, a, &lists[1], &counts[1]);

	if (!e)
		e = acl_owners(&own, a, &lists[2], &counts[2]);
	if (e)
		return e;
	*out = (struct principals){ .items = arena_array(a, struct principal,
		                                         1 + counts[1] + counts[2]) };
	for (size_t l = 0; l < COUNT(lists); l++)
		for (size_t i = 0; i < counts[l]; i++) {
			if (principal_known(out, lists[l][i]))
				continue;
			e = principal_read(m->t, lists[l][i], a, &out->items[out->n]);
			if (e && e != ERR_MISSING)
				return e;
			out->n += e == OK;
		}
	return OK;
}

/* The directory has no modseq: the state is a hash of all principals. */
static enum err principal_state(const struct mail_txn *m, uint64_t *modseq)
{
	struct principals all = { 0 };
	struct arena a = { 0 };
	struct hash_blake2b h;
	uint8_t hash[HASH_BYTES];
	enum err e = principals_get(m, &a, &all);

	hash_blake2b_init(&h);
	for (size_t i = 0; i < all.n; i++)
		hash_blake2b_update(&h, str_fmt(&a, "%" PRIu32 " %.*s %.*s\n",
		                                all.items[i].account,
		                                STR_ARG(all.items[i].email),
		                                STR_ARG(all.items[i].name)));
	hash_blake2b_final(&h, hash);
	*modseq = 0;
	for (size_t i = 0; i < 6; i++)
		*modseq = *modseq << 8 | hash[i];
	arena_deinit(&a);
	return e;
}

/* RFC 9670 2.2: changes cannot be calculated. */
static enum err principal_changes(struct jmap_changes *c)
{
	enum err e = principal_state(&c->m, &c->modseq);

	return e ? e : c->since == c->modseq ? OK : ERR_MISSING;
}

/* --- Principal/get --- */

static enum err principal_get_begin(struct jmap_get *g)
{
	g->state = arena_new(g->arena, struct principals);
	return principals_get(&g->m, g->arena, g->state);
}

static enum err principal_all(struct jmap_get *g)
{
	const struct principals *all = g->state;

	for (size_t i = 0; i < all->n; i++)
		jmap_get_add(g, principal_id(g->arena, all->items[i].account));
	return OK;
}

static enum err principal_load(struct jmap_get *g, struct str id, const void **object)
{
	const struct principals *all = g->state;
	uint32_t account;

	if (!jmap_account_parse(id, &account))
		return ERR_MISSING;
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].account == account) {
			*object = &all->items[i];
			return OK;
		}
	return ERR_MISSING;
}

static enum err principal_put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct principal *p = object;

	json_put_str(g->out, name, principal_id(g->object_arena, p->account));
	return OK;
}

static const char *principal_type(const struct principal *p)
{
	return p->group ? "group" : "individual";
}

static enum err principal_put_type(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, str_of(principal_type(object)));
	return OK;
}

static enum err principal_put_name(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct principal *)object)->name);
	return OK;
}

static enum err principal_put_email(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct principal *)object)->email);
	return OK;
}

static enum err principal_put_null(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_put_null(g->out, name);
	return OK;
}

static enum err principal_put_capabilities(struct jmap_get *g, const char *name,
                                           const void *object)
{
	(void)object;
	json_open(g->out, name, '{');
	json_close(g->out);
	return OK;
}

static enum err principal_put_accounts(struct jmap_get *g, const char *name, const void *object)
{
	const struct jmap_call *c = g->call;
	const struct principal *p = object;
	const struct jmap_account *account = jmap_accounts_find(
		&c->request->accounts, principal_id(g->object_arena, p->account));

	if (account == NULL) {
		json_put_null(g->out, name);
		return OK;
	}
	json_open(g->out, name, '{');
	jmap_session_account_put(c->server, c->caller, account, g->object_arena, g->out);
	json_close(g->out);
	return OK;
}

/* --- Principal/query --- */

struct match {
	const struct jmap_query *q;
	const struct principal *p;
};

static bool contains(struct json condition, const char *name, struct str one, struct str other)
{
	struct str want;

	return !json_str(json_get(condition, name), &want) || str_find(one, want) >= 0 ||
	       str_find(other, want) >= 0;
}

static bool principal_has_account(const struct match *m, struct json ids)
{
	struct json_iter it = json_iter(ids);
	struct str id;
	uint32_t account;

	if (json_kind(ids) != JSON_ARRAY)
		return true;
	while (json_next(&it))
		if (json_str(it.value, &id) && jmap_account_parse(id, &account) &&
		    account == m->p->account &&
		    jmap_accounts_find(&m->q->call->request->accounts, id) != NULL)
			return true;
	return false;
}

static bool principal_match(struct json condition, void *arg)
{
	const struct match *m = arg;
	struct str want;

	return principal_has_account(m, json_get(condition, "accountIds")) &&
	       contains(condition, "email", m->p->email, m->p->email) &&
	       contains(condition, "name", m->p->name, m->p->name) &&
	       contains(condition, "text", m->p->name, m->p->email) &&
	       (!json_str(json_get(condition, "type"), &want) ||
	        str_eq(want, str_of(principal_type(m->p)))) &&
	       !json_str(json_get(condition, "timeZone"), &want);
}

static enum err principal_query(struct jmap_query *q)
{
	struct principals all;
	enum err e = principals_get(&q->m, q->arena, &all);

	if (e)
		return e;
	q->ids = arena_array(q->arena, struct str, all.n);
	for (size_t i = 0; i < all.n; i++) {
		struct match m = { q, &all.items[i] };

		if (jmap_filter_match(q, principal_match, &m))
			q->ids[q->id_count++] = principal_id(q->arena, all.items[i].account);
	}
	q->cannot_change = true;
	return OK;
}

static const struct jmap_property principal_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, principal_put_id },
	{ "type", FORM_STRING, SERVER_SET, principal_put_type },
	{ "name", FORM_STRING, SERVER_SET, principal_put_name },
	{ "description", FORM_STRING, SERVER_SET | OR_NULL, principal_put_null },
	{ "email", FORM_STRING, SERVER_SET | OR_NULL, principal_put_email },
	{ "timeZone", FORM_STRING, SERVER_SET | OR_NULL, principal_put_null },
	{ "capabilities", FORM_OBJECT, SERVER_SET | MAP, principal_put_capabilities },
	{ "accounts", FORM_OBJECT, SERVER_SET | MAP | OR_NULL, principal_put_accounts },
};

static const struct jmap_argument principal_conditions[] = {
	{ "accountIds", FORM_ID, LIST, 0 }, { "email", FORM_STRING, 0, 0 },
	{ "name", FORM_STRING, 0, 0 },      { "text", FORM_STRING, 0, 0 },
	{ "type", FORM_STRING, 0, 0 },      { "timeZone", FORM_STRING, 0, 0 },
};

static const char *const principal_sorts[] = { NULL };

const struct jmap_type jmap_type_principal = {
	.name = "Principal",
	.capability = CAP_PRINCIPALS,
	.scope = JMAP_MAIL,
	.own_only = true,
	.properties = principal_properties,
	.property_count = COUNT(principal_properties),
	.get_begin = principal_get_begin,
	.all = principal_all,
	.load = principal_load,
	.state = principal_state,
	.changes = principal_changes,
	.conditions = principal_conditions,
	.condition_count = COUNT(principal_conditions),
	.sorts = principal_sorts,
	.query = principal_query,
};
