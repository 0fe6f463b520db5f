/* protocols/jmap/request/get.c: Foo/get (RFC 8620 5.1). */
#include "foundation/config/limits.h"
#include "foundation/base/map.h"
#include "model/store/store.h"
#include "protocols/jmap/request/request.h"

#include <string.h>

struct get_run {
	struct jmap_get get;
	struct str *ids;
	size_t n, room;
	bool all;
	bool too_many;
	struct str *missing;
	size_t missing_count;
	struct jmap_mark mark;
};

void jmap_get_add(struct jmap_get *g, struct str id)
{
	struct get_run *run = (struct get_run *)((char *)g - offsetof(struct get_run, get));

	if (run->n == LIMIT_jmap_get) {
		run->too_many = true;
		return;
	}
	run->ids[run->n++] = str_dup(g->arena, id);
}

/* --- Arguments ------------------------------------------------------------------ */

static enum err property_wanted(struct jmap_get *g, struct str name)
{
	const struct jmap_type *type = g->type;

	for (size_t i = 0; i < type->property_count; i++)
		if (str_eq(name, str_of(type->properties[i].name))) {
			g->wanted |= (uint64_t)1 << i;
			return OK;
		}
	if (type->extra_valid == NULL || !type->extra_valid(name))
		return jmap_refuse(g->call, "invalidArguments",
		                   "%s has no property \"%.*s\"", type->name,
		                   STR_ARG(str_sub(name, 0, 60)));
	for (size_t i = 0; i < g->extra_count; i++)
		if (str_eq(name, g->extra[i]))
			return OK;
	g->extra[g->extra_count++] = name;
	return OK;
}

enum err jmap_properties_read(struct jmap_get *g, uint64_t otherwise)
{
	struct json list = jmap_arg(g->call, "properties");
	struct json_iter it = json_iter(list);
	enum err e = OK;
	struct str name;

	assert(g->type->property_count <= 64);
	g->wanted = otherwise;
	if (json_kind(list) != JSON_ARRAY)
		return OK;
	g->extra = arena_array(g->arena, struct str, json_count(list));
	g->wanted = 0;
	while (e == OK && json_next(&it) && json_str(it.value, &name))
		e = property_wanted(g, name);
	return e;
}

static enum err properties_read(struct jmap_get *g)
{
	uint64_t otherwise = 0;
	enum err e;

	for (size_t i = 0; i < g->type->property_count; i++)
		if (!(g->type->properties[i].flags & ON_REQUEST))
			otherwise |= (uint64_t)1 << i;
	e = jmap_properties_read(g, otherwise);
	g->wanted |= 1; /* "the id property of the object is always returned" */
	return e;
}

/* "If an identical id is included more than once in the request, the server MUST only include it
 * once in either the list or notFound" */
static enum err ids_read(struct get_run *run)
{
	struct jmap_call *c = run->get.call;
	struct json list = jmap_arg(c, "ids");
	struct json_iter it = json_iter(list);
	struct map seen = { 0 };
	struct str id;

	run->all = json_kind(list) != JSON_ARRAY;
	if (json_count(list) > LIMIT_jmap_get)
		return jmap_refuse(c, "requestTooLarge", "at most %d ids can be requested",
		                   LIMIT_jmap_get);
	if (run->all && run->get.type->all == NULL)
		return jmap_refuse(c, "requestTooLarge", "all of %s are too many: name the ids",
		                   run->get.type->name);
	run->ids = arena_array(run->get.arena, struct str,
	                       run->all ? LIMIT_jmap_get : json_count(list));
	while (json_next(&it) && json_str(it.value, &id))
		if (map_put(&seen, id, run) == NULL)
			run->ids[run->n++] = id;
	map_deinit(&seen);
	run->missing = arena_array(run->get.arena, struct str, run->all ? LIMIT_jmap_get : run->n);
	return OK;
}

/* --- Objects -------------------------------------------------------------------- */

enum err jmap_object_put(struct jmap_get *g, const void *object)
{
	const struct jmap_type *type = g->type;
	enum err e = OK;

	json_open(g->out, NULL, '{');
	for (size_t i = 0; i < type->property_count && e == OK; i++)
		if (g->wanted >> i & 1)
			e = type->properties[i].put(g, type->properties[i].name, object);
	for (size_t i = 0; i < g->extra_count && e == OK; i++)
		e = type->extra_put(g, g->extra[i], object);
	json_close(g->out);
	return e;
}

static enum err objects_put(struct get_run *run)
{
	struct jmap_get *g = &run->get;
	enum err e = OK;

	run->missing_count = 0;
	json_open(g->out, "list", '[');
	for (size_t i = 0; i < run->n && e == OK && buf_ok(g->out->out); i++) {
		const void *object;

		arena_reset(g->object_arena);
		e = g->type->load(g, run->ids[i], &object);
		if (e == OK)
			e = jmap_object_put(g, object);
		else if (e == ERR_MISSING) {
			run->missing[run->missing_count++] = run->ids[i];
			e = OK;
		}
	}
	json_close(g->out);
	return e;
}

static enum err all_read(struct get_run *run)
{
	enum err e;

	run->n = 0;
	run->too_many = false;
	e = run->get.type->all(&run->get);
	if (e == OK && run->too_many)
		e = jmap_refuse(run->get.call, "requestTooLarge",
		                "there are more than %d: name the ids", LIMIT_jmap_get);
	return e;
}

static enum err get_read(struct txn *t, void *arg)
{
	struct get_run *run = arg;
	struct jmap_get *g = &run->get;
	uint64_t modseq;
	enum err e = OK;

	jmap_rewind(g->out, &run->mark);
	g->m = jmap_mail(g->call, t);
	if (!g->type->stateless) {
		if ((e = g->type->state(&g->m, &modseq)))
			return e;
		json_put_str(g->out, "state", jmap_state_text(g->arena, modseq));
	}
	if (g->type->get_begin != NULL && (e = g->type->get_begin(g)))
		return e;
	if (run->all && (e = all_read(run)))
		return e;
	return objects_put(run);
}

enum err jmap_get_run(struct jmap_call *c)
{
	struct arena object_arena = { 0 };
	struct get_run run = {
		.get = { .call = c,
		         .type = c->type,
		         .arena = c->arena,
		         .object_arena = &object_arena,
		         .out = c->out },
	};
	enum err e;

	if ((e = ids_read(&run)) || (e = properties_read(&run.get)))
		return e;
	if (!c->type->no_account)
		json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	run.mark = jmap_mark(c->out);
	e = store_read(c->server->store, get_read, &run);
	arena_deinit(&object_arena);
	if (e != OK)
		return e;
	json_open(c->out, "notFound", '[');
	for (size_t i = 0; i < run.missing_count; i++)
		json_put_str(c->out, NULL, run.missing[i]);
	json_close(c->out);
	return OK;
}
