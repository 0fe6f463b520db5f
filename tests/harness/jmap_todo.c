/* tests/harness/jmap_todo.c: see todo.h. */
#include "harness/jmap_todo.h"

#include "model/directory/directory.h"
#include "model/objects/objects.h"
#include "protocols/jmap/request/request.h"

#include <stdlib.h>

/* --- The type ------------------------------------------------------------------ */

struct todo {
	struct str id;
	struct json value;
};

static enum err put_id(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct todo *)object)->id);
	return OK;
}

static enum err put_member(struct jmap_get *g, const char *name, const void *object)
{
	struct json v = json_get(((const struct todo *)object)->value, name);

	json_put_value(g->out, name, v);
	return OK;
}

enum { P_ID, P_TITLE, P_KEYWORDS, P_ESTIMATION, P_SUB, P_MADE, P_SECRET };
static const struct jmap_property properties[] = {
	[P_ID] = { "id", FORM_ID, SERVER_SET | IMMUTABLE, put_id },
	[P_TITLE] = { "title", FORM_STRING, NEEDED, put_member },
	[P_KEYWORDS] = { "keywords", FORM_BOOL, MAP, put_member },
	[P_ESTIMATION] = { "neuralNetworkTimeEstimation", FORM_UNSIGNED, SERVER_SET | OR_NULL,
	                   put_member },
	[P_SUB] = { "subTodoIds", FORM_ID, LIST | OR_NULL, put_member },
	[P_MADE] = { "made", FORM_UTC_DATE, IMMUTABLE | OR_NULL, put_member },
	[P_SECRET] = { "secret", FORM_ANY, ON_REQUEST, put_member },
};

static enum err todo_load(struct jmap_get *g, struct str id, const void **object)
{
	struct todo *x = arena_new(g->object_arena, struct todo);
	struct object o;
	uint64_t number;
	enum err e;

	if (!jmap_id_parse(id, ID_IDENTITY, g->m.account, &number))
		return ERR_MISSING;
	e = object_get(g->m.t, g->m.account, OBJECT_IDENTITY, number, &o);
	if (e != OK)
		return e;
	x->id = id;
	*object = x;
	return json_parse(g->object_arena, o.record, &x->value) ? OK : ERR_CORRUPT;
}

static enum err todo_all(struct jmap_get *g)
{
	struct object_walk w;
	struct object o;

	object_walk_init(&w, g->m.t, g->m.account, OBJECT_IDENTITY, 0);
	while (object_walk_next(&w, &o))
		jmap_get_add(g, jmap_id_text(g->arena, ID_IDENTITY, g->m.account, o.id));
	return object_walk_end(&w);
}

static enum err todo_state(const struct mail_txn *m, uint64_t *modseq)
{
	return objects_modseq(m->t, m->account, OBJECT_IDENTITY, modseq);
}

static struct str *ids_of(struct jmap_call *c, const uint64_t *ids, size_t n)
{
	struct str *out = arena_array(c->arena, struct str, n);

	for (size_t i = 0; i < n; i++)
		out[i] = jmap_id_text(c->arena, ID_IDENTITY, c->account, ids[i]);
	return out;
}

static enum err todo_changes(struct jmap_changes *ch)
{
	struct objects_changed found;
	enum err e = objects_changed(ch->m.t, ch->m.account, OBJECT_IDENTITY, ch->since, ch->max,
	                             ch->call->arena, &found);

	if (e != OK)
		return e;
	ch->created = ids_of(ch->call, found.created, ch->created_count = found.created_count);
	ch->updated = ids_of(ch->call, found.updated, ch->updated_count = found.updated_count);
	ch->destroyed =
		ids_of(ch->call, found.destroyed, ch->destroyed_count = found.destroyed_count);
	ch->modseq = found.modseq;
	ch->more = found.more;
	return OK;
}

static enum err record_put(struct jmap_set *s, struct json value, uint64_t *number)
{
	struct json_writer w;
	struct buf text;
	enum err e;

	buf_init(&text, OBJECT_MAX);
	json_writer_init(&w, &text);
	json_put_value(&w, NULL, value);
	if (*number == 0)
		e = object_add(s->m.t, s->m.account, OBJECT_IDENTITY, 50, buf_str(&text), 0,
		               number);
	else
		e = object_put(s->m.t, s->m.account, OBJECT_IDENTITY, *number, buf_str(&text), 0);
	buf_deinit(&text);
	return e;
}

/* The title "late" fails after it has written. */
static enum err todo_create(struct jmap_set *s, struct json object, struct str *id)
{
	uint64_t number = 0;
	struct str title;
	enum err e;

	if (json_str(json_get(object, "title"), &title) && str_eq(title, STR("bad")))
		return jmap_set_refuse(s, "tooLarge", "title", "too bad");
	e = record_put(s, object, &number);
	*id = jmap_id_text(s->arena, ID_IDENTITY, s->m.account, number);
	json_put_u64(s->out, "neuralNetworkTimeEstimation", 42);
	return e == OK && str_eq(title, STR("late")) ? ERR_LIMIT : e;
}

static enum err todo_update(struct jmap_set *s, struct str id, const struct jmap_patch *p)
{
	struct arena a = { 0 };
	struct json value;
	struct json_writer w;
	struct json_iter it;
	struct object o;
	struct buf text;
	uint64_t number;
	enum err e = ERR_MISSING;

	if (jmap_id_parse(id, ID_IDENTITY, s->m.account, &number))
		e = object_get(s->m.t, s->m.account, OBJECT_IDENTITY, number, &o);
	if (e != OK)
		return jmap_set_refuse(s, "notFound", NULL, "there is none");
	assert(json_parse(&a, o.record, &value));
	buf_init(&text, OBJECT_MAX);
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	it = json_iter(value);
	while (json_next(&it)) {
		json_put_name(&w, it.name);
		if (jmap_patch_get(p, str_z(&a, it.name)).value != NULL)
			json_put_value(&w, NULL, jmap_patch_get(p, str_z(&a, it.name)));
		else
			json_put_value(&w, NULL, it.value);
	}
	json_close(&w);
	assert(json_parse(&a, buf_str(&text), &value));
	e = record_put(s, value, &number);
	buf_deinit(&text);
	arena_deinit(&a);
	return e;
}

static enum err todo_destroy(struct jmap_set *s, struct str id)
{
	uint64_t number;

	if (!jmap_id_parse(id, ID_IDENTITY, s->m.account, &number))
		return ERR_MISSING;
	return object_remove(s->m.t, s->m.account, OBJECT_IDENTITY, number);
}

/* --- Its query: by title ---------------------------------------------------------- */

struct sortable {
	struct str id, title;
};
static const struct jmap_query *sorting;

static int by_title(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int order = sorting->sort_count == 0 ? str_cmp(x->id, y->id)
	                                     : jmap_collate(sorting->sorts[0].collation,
	                                                    x->title, y->title);

	return sorting->sort_count != 0 && !sorting->sorts[0].ascending ? -order : order;
}

static bool title_matches(struct json condition, void *arg)
{
	struct str want;

	return !json_str(json_get(condition, "title"), &want) ||
	       str_eq(want, ((const struct sortable *)arg)->title);
}

static enum err todo_query(struct jmap_query *q)
{
	struct sortable *all = arena_array(q->arena, struct sortable, 50);
	struct object_walk w;
	struct object o;
	size_t n = 0;

	object_walk_init(&w, q->m.t, q->m.account, OBJECT_IDENTITY, 0);
	while (object_walk_next(&w, &o)) {
		struct json v;

		assert(json_parse(q->arena, o.record, &v));
		all[n].id = jmap_id_text(q->arena, ID_IDENTITY, q->m.account, o.id);
		assert(json_str(json_get(v, "title"), &all[n].title));
		n += jmap_filter_match(q, title_matches, &all[n]);
	}
	sorting = q;
	qsort(all, n, sizeof *all, by_title);
	q->ids = arena_array(q->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		q->ids[i] = all[i].id;
	q->id_count = n;
	return object_walk_end(&w);
}

static const struct jmap_argument conditions[] = {
	{ "title", FORM_STRING, 0, 0 },
	{ "hasKeyword", FORM_STRING, 0, 0 },
};
static const char *const sorts[] = { "title", NULL };

static const struct jmap_type type = {
	.name = "Todo",
	.capability = CAP_MAIL,
	.properties = properties,
	.property_count = COUNT(properties),
	.all = todo_all,
	.load = todo_load,
	.state = todo_state,
	.changes = todo_changes,
	.create = todo_create,
	.update = todo_update,
	.destroy = todo_destroy,
	.conditions = conditions,
	.condition_count = COUNT(conditions),
	.sorts = sorts,
	.query = todo_query,
};
static const struct jmap_type *const types[] = { &type };
extern const struct jmap_methods jmap_methods_core;
static const struct jmap_methods *const methods[] = { &jmap_methods_core };
static const struct jmap_registry todo_registry = { types, 1, methods, 1 };

/* --- The server --------------------------------------------------------------------- */

void todo_server_open(struct todo_server *s)
{
	*s = (struct todo_server){ 0 };
	mail_store_open(&s->mail, STORE_MEMORY);
	s->jmap = (struct jmap_server){ .store = s->mail.temp.store,
		                        .mailboxes = &s->mail.mailboxes,
		                        .registry = &todo_registry };
	s->caller = (struct jmap_caller){ .account = 1,
		                          .address = STR("a@example.org"),
		                          .scopes = JMAP_ALL };
}

void todo_server_close(struct todo_server *s)
{
	arena_deinit(&s->arena);
	mail_store_close(&s->mail);
}

struct str todo_run(struct todo_server *s, struct str request)
{
	struct arena a = { 0 };
	struct jmap_request r;
	struct jmap_problem p;
	struct json_writer w;
	struct buf out;
	struct str text;

	buf_init(&out, 64 << 20);
	json_writer_init(&w, &out);
	json_open(&w, NULL, '{');
	if (jmap_request_parse(&s->jmap, &s->caller, &a, request, &r, &p))
		jmap_request_run(&r, &w);
	else
		jmap_problem_put(&w, &p);
	json_close(&w);
	assert(w.depth == 0);
	jmap_request_deinit(&r);
	text = str_dup(&s->arena, buf_str(&out));
	buf_deinit(&out);
	s->used_bytes = a.used_bytes;
	arena_deinit(&a);
	return text;
}

struct str todo_calls(struct todo_server *s, const char *calls)
{
	struct str request = str_fmt(&s->arena,
	                             "{\"using\":[\"urn:ietf:params:jmap:core\","
	                             "\"urn:ietf:params:jmap:mail\"],\"methodCalls\":%s}",
	                             calls);
	struct str text = todo_run(s, request);
	ptrdiff_t end = str_find(text, STR(",\"sessionState\""));

	assert(end > 0);
	return str_sub(text, sizeof("{\"methodResponses\":") - 1, (size_t)end);
}
