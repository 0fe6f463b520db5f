/* protocols/jmap/request/set_check.c: objects to create and PatchObjects; see set.h. */
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "protocols/jmap/request/set.h"

static bool refuse_property(struct jmap_set_run *run, struct str name, const char *sentence)
{
	(void)jmap_set_refuse(&run->set, "invalidProperties",
	                      str_z(run->set.arena, str_sub(name, 0, 200)), "%s", sentence);
	return false;
}

static const struct jmap_property *property_find(const struct jmap_type *type, struct str name)
{
	for (size_t i = 0; i < type->property_count; i++)
		if (str_eq(name, str_of(type->properties[i].name)))
			return &type->properties[i];
	return NULL;
}

static bool value_form_check(struct jmap_set_run *run, const struct jmap_property *p, struct json v)
{
	const struct jmap_argument row = { p->name, p->form, p->flags, 0 };

	if (jmap_row_ok(&row, v))
		return true;
	(void)jmap_set_refuse(&run->set, "invalidProperties", p->name, "%s must be %.*s", p->name,
	                      STR_ARG(jmap_row_words(&row, run->set.arena)));
	return false;
}

/* --- Objects to create ------------------------------------------------------------- */

static bool member_check(struct jmap_set_run *run, struct str name, struct json v)
{
	const struct jmap_type *type = run->set.type;
	const struct jmap_property *p = property_find(type, name);

	if (p == NULL)
		return (type->extra_valid != NULL && type->extra_valid(name)) ||
		       refuse_property(run, name, "there is no such property");
	if (p->flags & SERVER_SET && !(run->copy && str_eq(name, STR("id"))))
		return refuse_property(run, name, "only the server sets this property");
	return value_form_check(run, p, v);
}

bool set_object_check(struct jmap_set_run *run, struct json object)
{
	const struct jmap_type *type = run->set.type;
	struct json_iter it = json_iter(object);
	bool ok = true;

	while (json_next(&it))
		ok = member_check(run, it.name, it.value) && ok;
	if (run->copy)
		return ok && (json_kind(json_get(object, "id")) == JSON_STRING ||
		              refuse_property(run, STR("id"), "the id of the original is missing"));
	for (size_t i = 0; i < type->property_count; i++)
		if (type->properties[i].flags & NEEDED &&
		    json_kind(json_get(object, type->properties[i].name)) == JSON_MISSING)
			ok = refuse_property(run, str_of(type->properties[i].name),
			                     "the property is needed");
	return ok;
}

/* --- Creation ids ------------------------------------------------------------------ */

static struct str creation_find(void *arg, struct str creation)
{
	const struct jmap_set_run *run = arg;

	return jmap_creation_find(run->set.call, creation);
}

static bool ids_resolve(struct jmap_set_run *run, bool all, struct arena *a, struct json *object,
                        struct str *missing)
{
	const struct jmap_rows rows = jmap_rows_of(run->set.type);
	const struct jmap_resolver with = { creation_find, run, all };

	if (jmap_rows_resolve(&rows, &with, a, object, missing))
		return true;
	(void)jmap_set_refuse(&run->set, "invalidProperties", NULL, "an id is there twice");
	return false;
}

bool set_ids_prepare(struct jmap_set_run *run, struct json *object)
{
	struct str missing;

	return ids_resolve(run, false, run->set.arena, object, &missing);
}

bool set_ids_resolve(struct jmap_set_run *run, struct json *object, struct str *missing)
{
	return ids_resolve(run, true, &run->round, object, missing);
}

/* Finds none, so that nothing is replaced. */
static struct str wait_find(void *arg, struct str creation)
{
	struct jmap_set_run *run = arg;
	struct set_item *item = map_get(&run->creating, creation);
	struct set_wait *wait;

	if (item == NULL || item->error != NULL ||
	    jmap_creation_find(run->set.call, creation).n != 0)
		return STR_EMPTY;
	wait = arena_new(&run->round, struct set_wait);
	*wait = (struct set_wait){ run->now, item->waiting };
	item->waiting = wait;
	run->now->waits++;
	return STR_EMPTY;
}

void set_waits_find(struct jmap_set_run *run)
{
	const struct jmap_rows rows = jmap_rows_of(run->set.type);
	const struct jmap_resolver with = { wait_find, run, true };
	struct json object = run->now->value;
	struct str missing;

	(void)jmap_rows_resolve(&rows, &with, &run->round, &object, &missing);
}

/* --- PatchObjects ------------------------------------------------------------------- */

static struct str token_decode(struct arena *a, struct str raw)
{
	char *to = arena_alloc(a, raw.n);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) { /* RFC 6901 4 */
		bool escape = raw.p[i] == '~' && i + 1 < raw.n &&
		              (raw.p[i + 1] == '0' || raw.p[i + 1] == '1');

		to[n++] = !escape ? raw.p[i] : raw.p[i + 1] == '0' ? '~' : '/';
		i += escape;
	}
	return str_from(to, n);
}

static bool refuse_patch(struct jmap_set_run *run, struct str path, const char *sentence)
{
	(void)jmap_set_refuse(&run->set, "invalidPatch", NULL, "%.*s: %s",
	                      STR_ARG(str_sub(path, 0, 100)), sentence);
	return false;
}

/* "keywords/$seen": the parts behind the name. */
static bool path_split(struct jmap_set_run *run, struct str path, struct jmap_change *c)
{
	struct arena *a = run->set.arena;
	ptrdiff_t slash = str_find_byte(path, '/');
	struct str name = slash < 0 ? path : str_sub(path, 0, (size_t)slash);
	struct str rest = slash < 0 ? STR_EMPTY : str_sub(path, (size_t)slash + 1, path.n);

	*c = (struct jmap_change){ .property = property_find(run->set.type,
		                                             token_decode(a, name)) };
	if (c->property == NULL)
		return slash >= 0 ? refuse_patch(run, path, "there is no such property")
		                  : refuse_property(run, path, "there is no such property");
	if (slash < 0)
		return true;
	if (!(c->property->flags & MAP)) /* RFC 8620 5.3: no pointers into arrays and values */
		return refuse_patch(run, path, "the property is not an object");
	slash = str_find_byte(rest, '/');
	c->keyed = true;
	c->key = token_decode(a, slash < 0 ? rest : str_sub(rest, 0, (size_t)slash));
	c->rest = slash < 0 ? STR_EMPTY : str_sub(rest, (size_t)slash + 1, rest.n);
	if (slash >= 0 && c->property->form != FORM_OBJECT && c->property->form != FORM_ANY)
		return refuse_patch(run, path, "the value has no members");
	return true;
}

static bool keyed_check(struct jmap_set_run *run, struct str path, struct jmap_change *c)
{
	const struct jmap_property *p = c->property;
	bool yes = false;
	struct str id;

	if (p->flags & ID_KEYS && str_starts(c->key, STR("#"))) {
		id = jmap_id_resolve(run->set.call, c->key);
		if (id.n == 0)
			return refuse_property(run, str_of(p->name),
			                       "the creation id is unknown");
		c->key = id;
	}
	if (p->flags & ID_KEYS && !jmap_id_valid(c->key))
		return refuse_property(run, str_of(p->name), "the key is not an id");
	if (json_kind(c->value) == JSON_NULL || c->rest.n != 0)
		return true;
	if (p->form == FORM_BOOL ? json_bool(c->value, &yes) && yes
	                         : jmap_form_ok(c->value, p->form, 0, 0))
		return true;
	return refuse_property(run, path, "the value is not allowed");
}

static bool whole_check(struct jmap_set_run *run, const struct jmap_change *c)
{
	/* "If null, set to the default value if specified for this property" */
	if (json_kind(c->value) == JSON_NULL &&
	    !(c->property->flags & NEEDED && !(c->property->flags & OR_NULL)))
		return true;
	return value_form_check(run, c->property, c->value);
}

/* Present values of the properties that a patch may only repeat; read once for an object. */
struct fixed {
	struct jmap_set_run *run;
	struct str id;
	uint64_t wanted; /* BIT of each property */
	struct arena arena;
	bool read;
	struct json now;
};

static bool is_fixed(const struct jmap_property *p)
{
	return p != NULL && p->flags & (SERVER_SET | IMMUTABLE);
}

static uint64_t fixed_wanted(const struct jmap_type *type, struct json patch)
{
	struct json_iter it = json_iter(patch);
	uint64_t wanted = 0;

	while (json_next(&it)) {
		const struct jmap_property *p = property_find(type, it.name);

		if (is_fixed(p))
			wanted |= (uint64_t)1 << (p - type->properties);
	}
	return wanted;
}

static enum err values_put(struct jmap_get *g, struct str id)
{
	const void *object;
	enum err e = g->type->get_begin != NULL ? g->type->get_begin(g) : OK;

	if (e == OK)
		e = g->type->load(g, id, &object);
	return e ? e : jmap_object_put(g, object);
}

static enum err fixed_read(struct txn *t, void *arg)
{
	struct fixed *x = arg;
	const struct jmap_set *s = &x->run->set;
	struct arena objects = { 0 };
	struct json_writer w;
	struct buf text;
	struct jmap_get g = { .call = s->call,
		              .type = s->type,
		              .m = jmap_mail(s->call, t),
		              .arena = &x->arena,
		              .object_arena = &objects,
		              .out = &w,
		              .wanted = x->wanted };
	enum err e;

	buf_init(&text, LIMIT_jmap_request);
	json_writer_init(&w, &text);
	e = values_put(&g, x->id);
	if (e != OK || !buf_ok(&text) ||
	    !json_parse_long(&x->arena, buf_str(&text), text.max, &x->now))
		x->now = (struct json){ NULL };
	buf_deinit(&text);
	arena_deinit(&objects);
	return e;
}

static enum err fixed_check(struct fixed *x, const struct jmap_change *c)
{
	struct jmap_set_run *run = x->run;
	const char *name = c->property->name;
	enum err e = OK;

	if (!c->keyed && run->set.type->load != NULL && !x->read) {
		x->read = true;
		e = run->set.m.t != NULL
		            ? fixed_read(run->set.m.t, x)
		            : store_read(run->set.call->server->store, fixed_read, x);
	}
	if (e == OK && (c->keyed || !json_equal(json_get(x->now, name), c->value)))
		refuse_property(run, str_of(name),
		                c->property->flags & SERVER_SET
		                        ? "only the server sets this property"
		                        : "the property cannot be changed");
	return e;
}

/* "There MUST NOT be two patches in the PatchObject where the pointer of one is the prefix of the
 * pointer of the other" */
static bool prefixes_check(struct jmap_set_run *run, const struct jmap_patch *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->changes[i].keyed)
			continue;
		for (size_t j = 0; j < p->n; j++)
			if (i != j && p->changes[i].property == p->changes[j].property)
				return refuse_patch(run, str_of(p->changes[i].property->name),
				                    "the property is patched twice");
	}
	return true;
}

enum err set_patch_parse(struct jmap_set_run *run, struct str id, struct json patch,
                         struct jmap_patch *out)
{
	struct fixed fixed = { .run = run, .id = id };
	struct jmap_change *changes;
	struct json_iter it;
	struct str missing;
	size_t n = 0;
	enum err e = OK;

	if (!set_ids_resolve(run, &patch, &missing))
		return OK;
	if (missing.n != 0) {
		refuse_property(run, missing, "the creation id is unknown");
		return OK;
	}
	fixed.wanted = fixed_wanted(run->set.type, patch);
	it = json_iter(patch);
	changes = arena_array(run->set.arena, struct jmap_change, json_count(patch));
	while (e == OK && json_next(&it)) {
		struct jmap_change *c = &changes[n];

		if (!path_split(run, it.name, c))
			continue;
		n++;
		c->value = it.value;
		if (is_fixed(c->property)) {
			e = fixed_check(&fixed, c);
			n--; /* a repetition changes nothing */
		} else {
			(void)(c->keyed ? keyed_check(run, it.name, c) : whole_check(run, c));
		}
	}
	arena_deinit(&fixed.arena);
	*out = (struct jmap_patch){ changes, n };
	if (e == OK && run->now->error == NULL)
		prefixes_check(run, out);
	return e;
}

struct json jmap_patch_get(const struct jmap_patch *p, const char *property)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->changes[i].keyed && str_eq(str_of(p->changes[i].property->name),
		                                   str_of(property)))
			return p->changes[i].value;
	return (struct json){ NULL };
}
