/* protocols/jmap/types/identity.c: Identity (RFC 8621 6). */
#include "protocols/jmap/types/identity_read.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "model/directory/directory.h"
#include "model/directory/may_send.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/types/email_addresses.h"

#include <string.h>

enum { IDENTITY_FORM = 1, STATE_HASH_BITS = 20 };

/* --- Rows --- */

/* Numbers of identities without a row are far above those of rows. */
static uint64_t given_number(struct str address)
{
	uint8_t hash[HASH_BYTES];
	uint64_t n = 0;

	hash_blake2b_256(address, hash);
	for (size_t i = 0; i < sizeof n; i++)
		n = n << 8 | hash[i];
	return n >> 1 | 1ull << 62;
}

static bool identity_unpack(struct str record, struct identity *out)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == IDENTITY_FORM;

	out->given = unpack_u64(&u) != 0;
	out->email = unpack_str(&u);
	out->name = unpack_str(&u);
	out->text_signature = unpack_str(&u);
	out->html_signature = unpack_str(&u);
	out->reply_to = unpack_str(&u);
	out->bcc = unpack_str(&u);
	return known && unpack_ok(&u);
}

static struct str identity_pack(const struct identity *i, struct buf *out)
{
	pack_u64(out, IDENTITY_FORM);
	pack_u64(out, i->given);
	pack_str(out, i->email);
	pack_str(out, i->name);
	pack_str(out, i->text_signature);
	pack_str(out, i->html_signature);
	pack_str(out, i->reply_to);
	pack_str(out, i->bcc);
	return buf_str(out);
}

static void identity_dup(struct arena *a, struct identity *i)
{
	struct str *const all[] = { &i->email,          &i->name,     &i->text_signature,
		                    &i->html_signature, &i->reply_to, &i->bcc };

	for (size_t n = 0; n < COUNT(all); n++)
		*all[n] = str_dup(a, *all[n]);
}

static void given_add(struct identities *to, struct str address, struct str name)
{
	to->items[to->n++] = (struct identity){
		.number = given_number(address),
		.given = true,
		.email = address,
		.name = name,
		.reply_to = STR("null"),
		.bcc = STR("null"),
	};
}

/* An alias of only this account. */
static bool is_own_alias(const struct alias *alias, struct str address)
{
	return alias->kind == ALIAS_PLAIN && alias->count == 1 &&
	       str_eqi(alias->targets[0], address);
}

/* Those of the addresses of the account; room for more others. A group has none. */
static enum err given_get(const struct mail_txn *m, struct arena *a, size_t more,
                          struct identities *out)
{
	struct alias_list aliases = { 0 };
	struct account account;
	enum err e = account_get(m->t, m->account, a, &account);

	*out = (struct identities){ 0 };
	if (!e)
		e = alias_list(m->t, a, &aliases);
	if (e && e != ERR_MISSING)
		return e;
	out->items = arena_array(a, struct identity, 1 + aliases.count + more);
	if (e)
		return OK;
	given_add(out, account.address, account.name);
	for (size_t i = 0; i < aliases.count; i++)
		if (is_own_alias(&aliases.items[i], account.address))
			given_add(out, aliases.items[i].address, account.name);
	return OK;
}

static struct identity *identity_at(const struct identities *all, uint64_t number)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].number == number)
			return &all->items[i];
	return NULL;
}

/* A marked row is that of an address, and hidden while the account does not have it. */
static void identity_row_add(struct identities *all, const struct identity *row)
{
	struct identity *given = identity_at(all, row->number);

	if (given != NULL)
		*given = *row;
	else if (!row->given)
		all->items[all->n++] = *row;
}

enum err identities_get(const struct mail_txn *m, struct arena *a, struct identities *out)
{
	struct object_walk walk;
	struct object o;
	uint64_t count;
	enum err e = objects_count(m->t, m->account, OBJECT_IDENTITY, &count), walked;

	if (e || (e = given_get(m, a, count, out)))
		return e;
	object_walk_init(&walk, m->t, m->account, OBJECT_IDENTITY, 0);
	while (!e && object_walk_next(&walk, &o)) {
		struct identity row = { .row = o.id };

		if (!identity_unpack(o.record, &row)) {
			e = ERR_CORRUPT;
			break;
		}
		identity_dup(a, &row);
		row.number = row.given ? given_number(row.email) : o.id;
		identity_row_add(out, &row);
	}
	walked = object_walk_end(&walk);
	return e ? e : walked;
}

enum err identity_find(const struct mail_txn *m, uint64_t number, struct arena *a,
                       struct identity *out)
{
	struct identities all;
	const struct identity *found;
	enum err e = identities_get(m, a, &all);

	if (e)
		return e;
	found = identity_at(&all, number);
	if (found != NULL)
		*out = *found;
	return found != NULL ? OK : ERR_MISSING;
}

/* --- State and changes --- */

static enum err identity_state(const struct mail_txn *m, uint64_t *modseq)
{
	struct arena a = { 0 };
	struct identities given = { 0 };
	struct hash_blake2b h;
	uint8_t hash[HASH_BYTES];
	enum err e = objects_modseq(m->t, m->account, OBJECT_IDENTITY, modseq);

	if (!e)
		e = given_get(m, &a, 0, &given);
	hash_blake2b_init(&h);
	for (size_t i = 0; i < given.n; i++) {
		hash_blake2b_update(&h, given.items[i].email);
		hash_blake2b_update(&h, STR("\n"));
		hash_blake2b_update(&h, given.items[i].name);
		hash_blake2b_update(&h, STR("\n"));
	}
	hash_blake2b_final(&h, hash);
	arena_deinit(&a);
	*modseq = *modseq << STATE_HASH_BITS |
	          (((uint64_t)hash[0] << 16 | (uint64_t)hash[1] << 8 | hash[2]) &
	           ((1u << STATE_HASH_BITS) - 1));
	return e;
}

static struct str identity_id(const struct jmap_changes *c, uint64_t number)
{
	return jmap_id_text(c->call->arena, ID_IDENTITY, c->m.account, number);
}

/* Rows of given identities count as updated, with the number of the identity. */
static enum err identity_rows_sort(struct jmap_changes *c, const uint64_t *rows, size_t n,
                                   bool created)
{
	for (size_t i = 0; i < n; i++) {
		struct identity row;
		struct object o;
		enum err e = object_get(c->m.t, c->m.account, OBJECT_IDENTITY, rows[i], &o);

		if (e || !identity_unpack(o.record, &row))
			return e ? e : ERR_CORRUPT;
		if (row.given)
			c->updated[c->updated_count++] = identity_id(c, given_number(row.email));
		else if (created)
			c->created[c->created_count++] = identity_id(c, rows[i]);
		else
			c->updated[c->updated_count++] = identity_id(c, rows[i]);
	}
	return OK;
}

static enum err identity_changes(struct jmap_changes *c)
{
	struct arena *a = c->call->arena;
	struct objects_changed found;
	uint64_t now;
	enum err e = identity_state(&c->m, &now);
	uint64_t hash = now & ((1u << STATE_HASH_BITS) - 1);

	if (e)
		return e;
	if ((c->since & ((1u << STATE_HASH_BITS) - 1)) != hash)
		return ERR_MISSING;
	e = objects_changed(c->m.t, c->m.account, OBJECT_IDENTITY, c->since >> STATE_HASH_BITS,
	                    c->max, a, &found);
	if (e)
		return e;
	c->created = arena_array(a, struct str, found.created_count);
	c->updated = arena_array(a, struct str, found.created_count + found.updated_count);
	c->destroyed = arena_array(a, struct str, found.destroyed_count);
	if ((e = identity_rows_sort(c, found.created, found.created_count, true)) ||
	    (e = identity_rows_sort(c, found.updated, found.updated_count, false)))
		return e;
	for (size_t i = 0; i < found.destroyed_count; i++)
		c->destroyed[c->destroyed_count++] = identity_id(c, found.destroyed[i]);
	c->modseq = found.modseq << STATE_HASH_BITS | hash;
	c->more = found.more;
	return OK;
}

/* --- Identity/get --- */

/* identity_all calls it too, which comes first. */
static enum err identity_get_begin(struct jmap_get *g)
{
	g->state = arena_new(g->arena, struct identities);
	return identities_get(&g->m, g->arena, g->state);
}

static enum err identity_all(struct jmap_get *g)
{
	const struct identities *all = g->state;

	for (size_t i = 0; i < all->n; i++)
		jmap_get_add(g, jmap_id_text(g->arena, ID_IDENTITY, g->m.account,
		                             all->items[i].number));
	return OK;
}

static enum err identity_load(struct jmap_get *g, struct str id, const void **object)
{
	uint64_t number;

	if (!jmap_id_parse(id, ID_IDENTITY, g->m.account, &number))
		return ERR_MISSING;
	*object = identity_at(g->state, number);
	return *object != NULL ? OK : ERR_MISSING;
}

static enum err identity_put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct identity *i = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_IDENTITY, g->m.account, i->number));
	return OK;
}

static enum err identity_put_name(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct identity *)object)->name);
	return OK;
}

static enum err identity_put_email(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct identity *)object)->email);
	return OK;
}

static enum err identity_put_reply_to(struct jmap_get *g, const char *name, const void *object)
{
	json_put_raw(g->out, name, ((const struct identity *)object)->reply_to);
	return OK;
}

static enum err identity_put_bcc(struct jmap_get *g, const char *name, const void *object)
{
	json_put_raw(g->out, name, ((const struct identity *)object)->bcc);
	return OK;
}

static enum err identity_put_text(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct identity *)object)->text_signature);
	return OK;
}

static enum err identity_put_html(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct identity *)object)->html_signature);
	return OK;
}

static enum err identity_put_may_delete(struct jmap_get *g, const char *name, const void *object)
{
	json_put_bool(g->out, name, !((const struct identity *)object)->given);
	return OK;
}

/* --- Identity/set --- */

/* Sets the property from a value that has its form; null is the default. False: refused. */
static bool identity_value_take(struct jmap_set *s, const char *name, struct json v,
                                struct identity *i, enum err *e)
{
	struct str *const to = strcmp(name, "name") == 0            ? &i->name
	                       : strcmp(name, "textSignature") == 0 ? &i->text_signature
	                       : strcmp(name, "htmlSignature") == 0 ? &i->html_signature
	                       : strcmp(name, "replyTo") == 0       ? &i->reply_to
	                       : strcmp(name, "bcc") == 0           ? &i->bcc
	                                                            : NULL;

	if (to == NULL || json_kind(v) == JSON_MISSING)
		return true;
	if (to != &i->reply_to && to != &i->bcc) {
		*to = STR_EMPTY;
		(void)json_str(v, to);
		return true;
	}
	if (json_kind(v) == JSON_NULL) {
		*to = STR("null");
		return true;
	}
	if (email_addresses_text(v, s->arena, to))
		return true;
	*e = jmap_set_refuse(s, "invalidProperties", name, "%s: a list of email addresses", name);
	return false;
}

static enum err identity_may_use(struct jmap_set *s, struct str email)
{
	const struct settings *settings = settings_ref(s->call->server->live);
	const struct resolve_config config = resolve_config(settings);
	struct mailaddr address;
	struct why why;
	enum err e = ERR_SYNTAX;

	if (mailaddr_of(email, s->arena, MAILADDR_UTF8, &address))
		e = directory_may_send(s->m.t, s->m.account, address, &config, &why);
	settings_unref(settings);
	if (e == ERR_SYNTAX)
		return jmap_set_refuse(s, "invalidProperties", "email", "not an email address");
	if (e == ERR_DENIED || e == ERR_MISSING)
		return jmap_set_refuse(s, "forbiddenFrom", NULL,
		                       "the account may not send from this address");
	return e;
}

static enum err identity_store(struct jmap_set *s, struct identity *i)
{
	struct buf record;
	enum err e;

	buf_init(&record, OBJECT_MAX);
	(void)identity_pack(i, &record);
	if (!buf_ok(&record))
		e = ERR_LIMIT;
	else if (i->row != 0)
		e = object_put(s->m.t, s->m.account, OBJECT_IDENTITY, i->row, buf_str(&record), 0);
	else
		e = object_add(s->m.t, s->m.account, OBJECT_IDENTITY, LIMIT_jmap_identities,
		               buf_str(&record), 0, &i->row);
	buf_deinit(&record);
	if (e == ERR_LIMIT)
		return jmap_set_refuse(s, "overQuota", NULL,
		                       "there are %d identities, or this one is too large",
		                       LIMIT_jmap_identities);
	return e;
}

static enum err identity_create(struct jmap_set *s, struct json object, struct str *id)
{
	struct identity i = { .reply_to = STR("null"), .bcc = STR("null") };
	struct json_iter it = json_iter(object);
	enum err e = OK;

	(void)json_str(json_get(object, "email"), &i.email);
	if ((e = identity_may_use(s, i.email)))
		return e;
	while (json_next(&it))
		if (!identity_value_take(s, str_z(s->arena, it.name), it.value, &i, &e))
			return e;
	if ((e = identity_store(s, &i)))
		return e;
	json_put_bool(s->out, "mayDelete", true);
	*id = jmap_id_text(s->arena, ID_IDENTITY, s->m.account, i.row);
	return OK;
}

static enum err identity_of(struct jmap_set *s, struct str id, struct identity *out)
{
	uint64_t number;

	return jmap_id_parse(id, ID_IDENTITY, s->m.account, &number)
	               ? identity_find(&s->m, number, s->arena, out)
	               : ERR_MISSING;
}

static enum err identity_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct identity i;
	enum err e = identity_of(s, id, &i);

	for (size_t n = 0; !e && n < patch->n; n++)
		if (!identity_value_take(s, patch->changes[n].property->name,
		                         patch->changes[n].value, &i, &e))
			return e;
	return e ? e : identity_store(s, &i);
}

static enum err identity_destroy(struct jmap_set *s, struct str id)
{
	struct identity i;
	enum err e = identity_of(s, id, &i);

	if (e)
		return e;
	if (i.given)
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "the identity of an address of the account stays");
	return object_remove(s->m.t, s->m.account, OBJECT_IDENTITY, i.row);
}

static const struct jmap_property identity_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, identity_put_id },
	{ "name", FORM_STRING, 0, identity_put_name },
	{ "email", FORM_STRING, NEEDED | IMMUTABLE, identity_put_email },
	{ "replyTo", FORM_OBJECT, LIST | OR_NULL, identity_put_reply_to },
	{ "bcc", FORM_OBJECT, LIST | OR_NULL, identity_put_bcc },
	{ "textSignature", FORM_STRING, 0, identity_put_text },
	{ "htmlSignature", FORM_STRING, 0, identity_put_html },
	{ "mayDelete", FORM_BOOL, SERVER_SET, identity_put_may_delete },
};

const struct jmap_type jmap_type_identity = {
	.name = "Identity",
	.capability = CAP_SUBMISSION,
	.scope = JMAP_SUBMISSION,
	.own_only = true,
	.properties = identity_properties,
	.property_count = COUNT(identity_properties),
	.get_begin = identity_get_begin,
	.all = identity_all,
	.load = identity_load,
	.state = identity_state,
	.changes = identity_changes,
	.create = identity_create,
	.update = identity_update,
	.destroy = identity_destroy,
};
