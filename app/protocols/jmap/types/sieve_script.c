/* protocols/jmap/types/sieve_script.c: SieveScript (RFC 9661) over the scripts that ManageSieve and
 * the console have too (model/filters/scripts.h). */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/utf8.h"
#include "model/filters/scripts.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/request/type.h"

#include <stdlib.h>
#include <string.h>

struct scripts {
	struct script *items; /* by name */
	size_t n;
};

static enum err scripts_get(const struct mail_txn *m, struct arena *a, struct scripts *out)
{
	const struct script_owner owner = { .account = m->account };

	return scripts_list(m->t, &owner, a, &out->items, &out->n);
}

static struct str script_id(struct arena *a, uint32_t account, const struct script *s)
{
	return jmap_id_text(a, ID_SCRIPT, account, s->id);
}

static const struct script *script_at(const struct scripts *all, uint32_t account, struct str id)
{
	uint64_t number;

	if (!jmap_id_parse(id, ID_SCRIPT, account, &number))
		return NULL;
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].id == number)
			return &all->items[i];
	return NULL;
}

/* Scripts have no modseq: the state is a hash of what clients see. */
static enum err script_state(const struct mail_txn *m, uint64_t *modseq)
{
	struct arena a = { 0 };
	struct hash_blake2b h;
	uint8_t hash[HASH_BYTES];
	struct scripts all = { 0 };
	enum err e = scripts_get(m, &a, &all);

	hash_blake2b_init(&h);
	for (size_t i = 0; i < all.n; i++)
		hash_blake2b_update(&h, str_fmt(&a, "%" PRIu64 " %" PRId64 " %d %.*s\n",
		                                all.items[i].id, all.items[i].changed_ms,
		                                all.items[i].active, STR_ARG(all.items[i].name)));
	hash_blake2b_final(&h, hash);
	*modseq = 0;
	for (size_t i = 0; i < 6; i++)
		*modseq = *modseq << 8 | hash[i];
	arena_deinit(&a);
	return e;
}

/* --- SieveScript/get --- */

/* script_all calls it too, which comes first. */
static enum err script_get_begin(struct jmap_get *g)
{
	g->state = arena_new(g->arena, struct scripts);
	return scripts_get(&g->m, g->arena, g->state);
}

static enum err script_all(struct jmap_get *g)
{
	const struct scripts *all = g->state;

	for (size_t i = 0; i < all->n; i++)
		jmap_get_add(g, script_id(g->arena, g->m.account, &all->items[i]));
	return OK;
}

static enum err script_load(struct jmap_get *g, struct str id, const void **object)
{
	*object = script_at(g->state, g->m.account, id);
	return *object != NULL ? OK : ERR_MISSING;
}

static enum err script_put_id(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, script_id(g->object_arena, g->m.account, object));
	return OK;
}

static enum err script_put_name(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct script *)object)->name);
	return OK;
}

static struct str script_blob(struct arena *a, uint32_t account, uint64_t id)
{
	return jmap_blob_text(
		a, &(struct jmap_blob){ .script = true, .account = account, .number = id });
}

static enum err script_put_blob(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name,
	             script_blob(g->object_arena, g->m.account,
	                         ((const struct script *)object)->id));
	return OK;
}

static enum err script_put_active(struct jmap_get *g, const char *name, const void *object)
{
	json_put_bool(g->out, name, ((const struct script *)object)->active);
	return OK;
}

/* --- SieveScript/set --- */

/* One create, update or destroy. */
struct edit {
	struct jmap_set *set;
	struct str id;         /* of an update or a destroy */
	struct str name;       /* new; empty: as it is */
	struct str text, program;
	bool content;          /* text and program are new */
	bool destroy;
	/* Results. */
	struct script script;
	struct str existing; /* id of the script that has the name */
	enum script_room room;
};

/* Reads and compiles the blob. *error: the type of the SetError, NULL: it is valid. */
static enum err blob_compile(struct jmap_call *c, struct str id, struct str *text,
                             struct str *program, const char **error, struct why *why)
{
	struct sieve_errors errors = { 0 };
	struct buf b;
	enum err e;

	*error = NULL;
	buf_init(&b, LIMIT_sieve_script);
	e = jmap_blob_read(c->server, c->caller, id, c->arena, &b, NULL);
	*text = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	if (e == ERR_LIMIT) {
		*error = "tooLarge";
		(void)fail(why, e, "a script has at most %d bytes", LIMIT_sieve_script);
	} else if (e == ERR_MISSING) {
		*error = "blobNotFound";
		(void)fail(why, e, "there is no such blob");
	} else if (e) {
		return e;
	} else if (text->n == 0 || !utf8_valid(*text)) {
		*error = "invalidSieve";
		(void)fail(why, ERR_SYNTAX, "line 1: a script is UTF-8 text and not empty");
	} else if (!script_compile(c->arena, *text, program, &errors)) {
		*error = "invalidSieve";
		(void)fail(why, ERR_SYNTAX, "line %u, column %u: %.*s",
		           (unsigned)errors.items[0].line, (unsigned)errors.items[0].column,
		           STR_ARG(errors.items[0].text));
	}
	return OK;
}

static enum err content_take(struct jmap_set *s, struct json blob, struct edit *ed)
{
	struct why why = { 0 };
	const char *error;
	struct str id;
	enum err e;

	if (!json_str(blob, &id))
		return OK;
	id = jmap_id_resolve(s->call, id);
	e = blob_compile(s->call, id, &ed->text, &ed->program, &error, &why);
	ed->content = true;
	if (e || error == NULL)
		return e;
	e = jmap_set_refuse(s, error, strcmp(error, "blobNotFound") == 0 ? "blobId" : NULL, "%s",
	                    why.text);
	return e;
}

/* A name that no script has: "script", "script 2", ... */
static struct str name_new(const struct scripts *all, struct arena *a)
{
	for (size_t n = 1;; n++) {
		struct str name = n == 1 ? STR("script") : str_fmt(a, "script %zu", n);
		bool taken = false;

		for (size_t i = 0; i < all->n; i++)
			taken = taken || str_eq(all->items[i].name, name);
		if (!taken)
			return name;
	}
}

static enum err edit_store(struct txn *t, struct edit *ed, const struct scripts *all,
                           const struct script *old, struct str name)
{
	const uint32_t account = ed->set->call->account;
	const struct script_owner owner = { .account = account };
	enum err e;

	for (size_t i = 0; i < all->n; i++)
		if (&all->items[i] != old && str_eq(all->items[i].name, name)) {
			ed->existing = script_id(ed->set->arena, account, &all->items[i]);
			return ERR_CONFLICT;
		}
	if (old != NULL && !str_eq(name, old->name) &&
	    (e = script_rename(t, &owner, old->name, name)))
		return e;
	if (ed->content) {
		e = script_room(t, &owner, name, ed->text.n, &ed->room);
		if (!e && ed->room != SCRIPT_FITS)
			e = ERR_LIMIT;
		if (!e)
			e = script_put(t, &owner, name, ed->text, ed->program, clock_real_ms());
		if (e)
			return e;
	}
	return script_get(t, &owner, name, &ed->script);
}

static enum err edit_write(struct txn *t, void *arg)
{
	struct edit *ed = arg;
	struct jmap_call *c = ed->set->call;
	const struct mail_txn m = jmap_mail(c, t);
	const struct script_owner owner = { .account = c->account };
	const struct script *old = NULL;
	struct scripts all;
	struct str name = ed->name;
	enum err e = scripts_get(&m, c->arena, &all);

	ed->existing = STR_EMPTY;
	ed->room = SCRIPT_FITS;
	if (e)
		return e;
	if (ed->id.n != 0) {
		old = script_at(&all, c->account, ed->id);
		if (old == NULL)
			return ERR_MISSING;
		name = name.n != 0 ? name : old->name;
	}
	watches_notify_after(&m, 0, 0);
	if (ed->destroy)
		return script_delete(t, &owner, old->name);
	return edit_store(t, ed, &all, old, name.n != 0 ? name : name_new(&all, c->arena));
}

/* Runs the edit; its failure as a SetError. */
static enum err edit_run(struct jmap_set *s, struct edit *ed)
{
	struct why why = { 0 };
	enum err e;

	if (ed->name.n != 0 && !script_name_valid(ed->name))
		return jmap_set_refuse(s, "invalidProperties", "name",
		                       "a name has 1 to %d characters and no control characters",
		                       SCRIPT_NAME_MAX / 4);
	e = store_write(s->call->server->store, edit_write, ed, &why);
	if (e == ERR_CONFLICT && ed->destroy)
		return jmap_set_refuse(s, "sieveIsActive", NULL, "%s", why.text);
	if (e == ERR_CONFLICT) {
		e = jmap_set_refuse(s, "alreadyExists", NULL, "a script has this name");
		jmap_set_detail(s, "existingId",
		                str_fmt(s->arena, "\"%.*s\"", STR_ARG(ed->existing)));
		return e;
	}
	if (e == ERR_LIMIT)
		return jmap_set_refuse(
			s, ed->room == SCRIPT_TOO_LARGE ? "tooLarge" : "overQuota", NULL,
			"there is no room for this script");
	if (!e && !ed->destroy)
		ed->script.name = STR_EMPTY; /* borrowed from the transaction */
	return e;
}

static enum err name_take(struct jmap_set *s, struct json v, struct edit *ed)
{
	if (json_str(v, &ed->name) && ed->name.n == 0)
		return jmap_set_refuse(s, "invalidProperties", "name", "a name is not empty");
	return OK;
}

/* How a change counts for onSuccessActivateScript. */
struct progress {
	size_t wanted, done;
};

static enum err script_begin(struct jmap_set *s)
{
	struct progress *p = arena_new(s->arena, struct progress);

	p->wanted = json_count(jmap_arg(s->call, "create")) +
	            json_count(jmap_arg(s->call, "update")) +
	            json_count(jmap_arg(s->call, "destroy"));
	s->state = p;
	return OK;
}

static enum err script_done_one(struct jmap_set *s, enum err e)
{
	struct progress *p = s->state;

	p->done += e == OK;
	return e;
}

/* Is the object that is created the one of onSuccessActivateScript? */
static bool script_key_activates(const struct jmap_set *s)
{
	struct str id = jmap_arg_str(s->call, "onSuccessActivateScript");

	return id.n != 0 && id.p[0] == '#' && str_eq(str_sub(id, 1, id.n), jmap_set_key(s));
}

static enum err script_create(struct jmap_set *s, struct json object, struct str *id)
{
	struct edit ed = { .set = s };
	enum err e = name_take(s, json_get(object, "name"), &ed);

	if (!e)
		e = content_take(s, json_get(object, "blobId"), &ed);
	if (!e)
		e = edit_run(s, &ed);
	if (e)
		return e;
	*id = script_id(s->arena, s->call->account, &ed.script);
	json_put_str(s->out, "blobId", script_blob(s->arena, s->call->account, ed.script.id));
	if (!script_key_activates(s)) /* else it is in "updated" */
		json_put_bool(s->out, "isActive", false);
	return script_done_one(s, OK);
}

static enum err script_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct edit ed = { .set = s, .id = id };
	enum err e = name_take(s, jmap_patch_get(patch, "name"), &ed);

	if (!e)
		e = content_take(s, jmap_patch_get(patch, "blobId"), &ed);
	return script_done_one(s, e ? e : edit_run(s, &ed));
}

static enum err script_destroy(struct jmap_set *s, struct str id)
{
	struct edit ed = { .set = s, .id = id, .destroy = true };

	return script_done_one(s, edit_run(s, &ed));
}

/* --- Activation (RFC 9661 2.4) --- */

struct activation {
	struct jmap_set *set;
	struct str id; /* to activate; empty: none */
	bool off;
	struct str was, now; /* ids; empty: none */
};

static enum err activation_write(struct txn *t, void *arg)
{
	struct activation *x = arg;
	struct jmap_call *c = x->set->call;
	const struct mail_txn m = jmap_mail(c, t);
	const struct script *to;
	struct scripts all;
	enum err e = scripts_get(&m, c->arena, &all);

	x->was = x->now = STR_EMPTY;
	if (e)
		return e;
	to = x->id.n != 0 ? script_at(&all, c->account, x->id) : NULL;
	if (to == NULL && !x->off)
		return OK;
	for (size_t i = 0; i < all.n; i++)
		if (all.items[i].active && &all.items[i] != to)
			x->was = script_id(c->arena, c->account, &all.items[i]);
	if (to != NULL && !to->active)
		x->now = script_id(c->arena, c->account, to);
	watches_notify_after(&m, 0, 0);
	return script_activate(t, c->account, to != NULL ? to->name : STR_EMPTY);
}

static enum err script_end(struct jmap_set *s)
{
	const struct progress *p = s->state;
	struct activation x = { .set = s,
		                .off = jmap_arg_bool(s->call, "onSuccessDeactivateScript",
		                                     false) };
	enum err e;

	x.id = jmap_id_resolve(s->call, jmap_arg_str(s->call, "onSuccessActivateScript"));
	if (p->done != p->wanted || (x.id.n == 0 && !x.off))
		return OK;
	e = store_write(s->call->server->store, activation_write, &x, NULL);
	if (!e && x.was.n != 0)
		jmap_set_updated(s, x.was, STR("{\"isActive\":false}"));
	if (!e && x.now.n != 0)
		jmap_set_updated(s, x.now, STR("{\"isActive\":true}"));
	return e;
}

/* --- SieveScript/query --- */

static bool script_match(struct json condition, void *arg)
{
	const struct script *s = arg;
	struct str name;
	bool active;

	return (!json_str(json_get(condition, "name"), &name) || str_find(s->name, name) >= 0) &&
	       (!json_bool(json_get(condition, "isActive"), &active) || active == s->active);
}

struct sorted {
	const struct script *script;
	const struct jmap_query *q;
};

static int sorted_compare(const void *one, const void *other)
{
	const struct sorted *a = one, *b = other;

	for (size_t i = 0; i < a->q->sort_count; i++) {
		const struct jmap_sort *s = &a->q->sorts[i];
		int order = strcmp(s->property, "isActive") == 0
		                    ? a->script->active - b->script->active
		                    : jmap_collate(s->collation, a->script->name, b->script->name);

		if (order != 0)
			return s->ascending ? order : -order;
	}
	return str_cmp(a->script->name, b->script->name);
}

static enum err script_query(struct jmap_query *q)
{
	struct scripts all;
	struct sorted *rows;
	enum err e = scripts_get(&q->m, q->arena, &all);

	if (e)
		return e;
	rows = arena_array(q->arena, struct sorted, all.n);
	for (size_t i = 0; i < all.n; i++)
		if (jmap_filter_match(q, script_match, &all.items[i]))
			rows[q->id_count++] = (struct sorted){ &all.items[i], q };
	if (q->id_count > 1)
		qsort(rows, q->id_count, sizeof *rows, sorted_compare);
	q->ids = arena_array(q->arena, struct str, q->id_count);
	for (size_t i = 0; i < q->id_count; i++)
		q->ids[i] = script_id(q->arena, q->m.account, rows[i].script);
	q->cannot_change = true; /* there is no SieveScript/queryChanges */
	return OK;
}

/* --- SieveScript/validate (RFC 9661 2.6) --- */

static enum err script_validate(struct jmap_call *c)
{
	struct str text, program;
	struct why why = { 0 };
	const char *error;
	enum err e = blob_compile(c, jmap_arg_str(c, "blobId"), &text, &program, &error, &why);

	if (e)
		return e;
	if (error != NULL && strcmp(error, "blobNotFound") == 0)
		return jmap_refuse(c, "blobNotFound", "%s", why.text);
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	if (error == NULL) {
		json_put_null(c->out, "error");
		return OK;
	}
	json_open(c->out, "error", '{');
	json_put_str(c->out, "type", str_of(error));
	json_put_str(c->out, "description", str_of(why.text));
	json_close(c->out);
	return OK;
}

static const struct jmap_property script_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, script_put_id },
	{ "name", FORM_STRING, OR_NULL, script_put_name },
	{ "blobId", FORM_ID, NEEDED, script_put_blob },
	{ "isActive", FORM_BOOL, SERVER_SET, script_put_active },
};

static const struct jmap_argument script_set_arguments[] = {
	{ "onSuccessActivateScript", FORM_ID, OR_NULL, 0 },
	{ "onSuccessDeactivateScript", FORM_BOOL, OR_NULL, 0 },
};

static const struct jmap_argument script_conditions[] = {
	{ "name", FORM_STRING, 0, 0 },
	{ "isActive", FORM_BOOL, 0, 0 },
};

static const char *const script_sorts[] = { "name", "isActive", NULL };

const struct jmap_type jmap_type_sieve_script = {
	.name = "SieveScript",
	.capability = CAP_SIEVE,
	.scope = JMAP_SIEVE,
	.own_only = true,
	.properties = script_properties,
	.property_count = COUNT(script_properties),
	.get_begin = script_get_begin,
	.all = script_all,
	.load = script_load,
	.state = script_state,
	.set_alone = true,
	.set_arguments = script_set_arguments,
	.set_argument_count = COUNT(script_set_arguments),
	.set_begin = script_begin,
	.create = script_create,
	.update = script_update,
	.destroy = script_destroy,
	.set_end = script_end,
	.conditions = script_conditions,
	.condition_count = COUNT(script_conditions),
	.sorts = script_sorts,
	.query = script_query,
};

static const struct jmap_argument validate_arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "blobId", FORM_ID, NEEDED, 0 },
};

static const struct jmap_method methods[] = {
	{ .name = "SieveScript/validate",
	  .capability = CAP_SIEVE,
	  .scope = JMAP_SIEVE,
	  .arguments = validate_arguments,
	  .argument_count = COUNT(validate_arguments),
	  .own_only = true,
	  .run = script_validate },
};
const struct jmap_methods jmap_methods_sieve_script = { methods, COUNT(methods) };
