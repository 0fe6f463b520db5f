/* protocols/jmap/types/quota.c: Quota (RFC 9425): bytes and messages of an account, each if it has
 * a maximum. */
#include "protocols/jmap/request/request.h"

#include <string.h>

enum { QUOTA_HASH_BITS = 20 };

struct quota {
	const char *id; /* also its resourceType (3.2) */
	const char *name, *description;
	uint64_t used, max;
};

struct quotas {
	struct quota items[2];
	size_t n;
};

/* RFC 9425 4.1: no Quota without a type of the capabilities that the client uses. */
static enum err quotas_get(const struct jmap_call *c, const struct mail_txn *m, struct quotas *out)
{
	struct mail_quota q;
	enum err e = mail_quota_get(m, &q);
	const struct quota all[] = {
		{ "octets", "Storage", "The size of all mail of the account.", q.used_bytes,
		  q.max_bytes },
		{ "count", "Messages", "The number of messages of the account.", q.emails,
		  q.max_emails },
	};

	out->n = 0;
	if (e || !(c->request->using & BIT(CAP_MAIL)))
		return e;
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i].max != 0)
			out->items[out->n++] = all[i];
	return OK;
}

/* The state has the modseq of the mail and a hash of the maxima, which the directory may change. */
static enum err quota_state(const struct mail_txn *m, uint64_t *modseq)
{
	struct mail_quota q;
	uint64_t hash;
	enum err e = mail_quota_get(m, &q);

	if (!e)
		e = mail_modseq(m, modseq);
	if (e)
		return e;
	hash = (q.max_bytes * 0x9e3779b97f4a7c15u) ^ ((q.max_emails + 1) * 0xc2b2ae3d27d4eb4fu);
	*modseq = *modseq << QUOTA_HASH_BITS | hash >> (64 - QUOTA_HASH_BITS);
	return OK;
}

static enum err quota_changes(struct jmap_changes *c)
{
	const uint64_t mask = (1u << QUOTA_HASH_BITS) - 1;
	struct quotas all;
	enum err e = quota_state(&c->m, &c->modseq);

	if (!e)
		e = quotas_get(c->call, &c->m, &all);
	if (e)
		return e;
	if ((c->since & mask) != (c->modseq & mask) || c->since > c->modseq)
		return ERR_MISSING;
	c->updated = arena_array(c->call->arena, struct str, COUNT(all.items));
	for (size_t i = 0; i < all.n && c->since != c->modseq; i++)
		c->updated[c->updated_count++] = str_of(all.items[i].id);
	return OK;
}

/* RFC 9425 4.3: a change of another property cannot be calculated. */
static void quota_changes_put(struct jmap_changes *c, struct json_writer *w)
{
	(void)c;
	json_open(w, "updatedProperties", '[');
	json_put_str(w, NULL, STR("used"));
	json_close(w);
}

/* --- Quota/get --- */

/* quota_all calls it too, which comes first. */
static enum err quota_get_begin(struct jmap_get *g)
{
	g->state = arena_new(g->arena, struct quotas);
	return quotas_get(g->call, &g->m, g->state);
}

static enum err quota_all(struct jmap_get *g)
{
	const struct quotas *all = g->state;

	for (size_t i = 0; i < all->n; i++)
		jmap_get_add(g, str_of(all->items[i].id));
	return OK;
}

static enum err quota_load(struct jmap_get *g, struct str id, const void **object)
{
	const struct quotas *all = g->state;

	for (size_t i = 0; i < all->n; i++)
		if (str_eq(id, str_of(all->items[i].id))) {
			*object = &all->items[i];
			return OK;
		}
	return ERR_MISSING;
}

static enum err quota_put_id(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, str_of(((const struct quota *)object)->id));
	return OK;
}

static enum err quota_put_used(struct jmap_get *g, const char *name, const void *object)
{
	json_put_u64(g->out, name, ((const struct quota *)object)->used);
	return OK;
}

static enum err quota_put_hard_limit(struct jmap_get *g, const char *name, const void *object)
{
	json_put_u64(g->out, name, ((const struct quota *)object)->max);
	return OK;
}

static enum err quota_put_scope(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_put_str(g->out, name, STR("account"));
	return OK;
}

static enum err quota_put_name(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, str_of(((const struct quota *)object)->name));
	return OK;
}

static enum err quota_put_types(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_open(g->out, name, '[');
	json_put_str(g->out, NULL, STR("Email"));
	json_close(g->out);
	return OK;
}

static enum err quota_put_null(struct jmap_get *g, const char *name, const void *object)
{
	(void)object;
	json_put_null(g->out, name);
	return OK;
}

static enum err quota_put_description(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, str_of(((const struct quota *)object)->description));
	return OK;
}

/* --- Quota/query --- */

static bool member_is(struct json condition, const char *name, const char *value)
{
	struct str want;

	return !json_str(json_get(condition, name), &want) || str_eq(want, str_of(value));
}

static bool quota_match(struct json condition, void *arg)
{
	const struct quota *q = arg;
	struct str name;

	return member_is(condition, "scope", "account") && member_is(condition, "type", "Email") &&
	       member_is(condition, "resourceType", q->id) &&
	       (!json_str(json_get(condition, "name"), &name) ||
	        str_find(str_of(q->name), name) >= 0);
}

static int quota_compare(const struct jmap_query *q, const struct quota *a, const struct quota *b)
{
	for (size_t i = 0; i < q->sort_count; i++) {
		const struct jmap_sort *s = &q->sorts[i];
		int order = strcmp(s->property, "used") == 0
		                    ? (a->used > b->used) - (a->used < b->used)
		                    : jmap_collate(s->collation, str_of(a->name), str_of(b->name));

		if (order != 0)
			return s->ascending ? order : -order;
	}
	return 0;
}

static enum err quota_query(struct jmap_query *q)
{
	struct quotas all;
	enum err e = quotas_get(q->call, &q->m, &all);

	if (e)
		return e;
	if (all.n == 2 && quota_compare(q, &all.items[0], &all.items[1]) > 0) {
		struct quota first = all.items[0];

		all.items[0] = all.items[1];
		all.items[1] = first;
	}
	q->ids = arena_array(q->arena, struct str, COUNT(all.items));
	for (size_t i = 0; i < all.n; i++)
		if (jmap_filter_match(q, quota_match, &all.items[i]))
			q->ids[q->id_count++] = str_of(all.items[i].id);
	return OK;
}

static const struct jmap_property quota_properties[] = {
	{ "id", FORM_ID, SERVER_SET, quota_put_id },
	{ "resourceType", FORM_STRING, SERVER_SET, quota_put_id },
	{ "used", FORM_UNSIGNED, SERVER_SET, quota_put_used },
	{ "hardLimit", FORM_UNSIGNED, SERVER_SET, quota_put_hard_limit },
	{ "warnLimit", FORM_UNSIGNED, SERVER_SET | OR_NULL, quota_put_null },
	{ "softLimit", FORM_UNSIGNED, SERVER_SET | OR_NULL, quota_put_null },
	{ "scope", FORM_STRING, SERVER_SET, quota_put_scope },
	{ "name", FORM_STRING, SERVER_SET, quota_put_name },
	{ "description", FORM_STRING, SERVER_SET | OR_NULL, quota_put_description },
	{ "types", FORM_STRING, SERVER_SET | LIST, quota_put_types },
};

static const struct jmap_argument quota_conditions[] = {
	{ "name", FORM_STRING, 0, 0 },
	{ "scope", FORM_STRING, 0, 0 },
	{ "resourceType", FORM_STRING, 0, 0 },
	{ "type", FORM_STRING, 0, 0 },
};

static const char *const quota_sorts[] = { "name", "used", NULL };

const struct jmap_type jmap_type_quota = {
	.name = "Quota",
	.capability = CAP_QUOTA,
	.scope = JMAP_MAIL,
	.own_only = true,
	.properties = quota_properties,
	.property_count = COUNT(quota_properties),
	.get_begin = quota_get_begin,
	.all = quota_all,
	.load = quota_load,
	.state = quota_state,
	.changes = quota_changes,
	.changes_put = quota_changes_put,
	.conditions = quota_conditions,
	.condition_count = COUNT(quota_conditions),
	.sorts = quota_sorts,
	.query = quota_query,
};
