/* protocols/jmap/request/set.c: Foo/set (RFC 8620 5.3); see set.h. */
#include "protocols/jmap/request/set.h"

#include "foundation/config/limits.h"
#include "model/store/store.h"

/* --- One object in the transaction -------------------------------------------------- */

static bool is_fatal(enum err e)
{
	return e == ERR_IO || e == ERR_CORRUPT || e == ERR_FULL || e == ERR_RETRY;
}

static void item_begin(struct jmap_set_run *run, struct set_item *item)
{
	run->now = item;
	item->from = run->results.n;
	json_writer_init(&run->out, &run->results);
	json_open(&run->out, NULL, '{');
}

/* An error that is neither refused nor fatal may come after the first write: the transaction runs
 * again without the object. */
static enum err item_end(struct jmap_set_run *run, struct set_item *item, enum err e)
{
	bool refused = item->error != NULL;

	if (e != OK && !refused && is_fatal(e) && !run->set.type->set_alone)
		return e;
	if (e != OK && !refused && run->set.type->set_alone) { /* those before are durable */
		set_fail(run, e);
		refused = true;
	} else if (e != OK && !refused) {
		set_fail(run, e);
		item->final = true;
		run->rerun = true;
		return ERR_CONFLICT;
	}
	item->done = true;
	if (refused) {
		run->results.over = false;
		buf_cut(&run->results, item->from);
		return OK;
	}
	if (item->later)
		return OK;
	if (item->op == SET_CREATE)
		json_put_str(&run->out, "id", item->id);
	json_close(&run->out);
	item->to = run->results.n;
	return buf_ok(&run->results) ? OK : ERR_LIMIT;
}

static enum err item_create(struct jmap_set_run *run, struct set_item *item, struct json object)
{
	struct jmap_set *s = &run->set;
	enum err e;

	item_begin(run, item);
	s->prepared = item->prepared;
	e = run->copy ? s->type->copy(s, object, &item->id) : s->type->create(s, object, &item->id);
	if (e == OK && item->error == NULL) {
		item->id = str_dup(s->arena, item->id);
		map_put(&run->created, item->key, &item->id);
	}
	return item_end(run, item, e);
}

/* The id behind the key of an update or destruction. */
static struct str item_id(struct jmap_set_run *run, const struct set_item *item)
{
	return jmap_id_resolve(run->set.call, item->key);
}

static bool is_destroyed(const struct jmap_set_run *run, struct str id)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->items[i].op == SET_DESTROY && str_eq(run->items[i].key, id))
			return true;
	return false;
}

static enum err item_update(struct jmap_set_run *run, struct set_item *item)
{
	struct jmap_set *s = &run->set;
	struct str id = item_id(run, item);
	struct jmap_patch patch;
	enum err e;

	item_begin(run, item);
	if (s->type->update == NULL)
		e = jmap_set_refuse(s, "forbidden", NULL, "objects of this type do not change");
	else if (id.n == 0)
		e = jmap_set_refuse(s, "notFound", NULL, "the creation id is unknown");
	else if (is_destroyed(run, id))
		e = jmap_set_refuse(s, "willDestroy", NULL, "the call destroys this object");
	else
		e = set_patch_parse(run, id, item->value, &patch);
	if (e == OK && item->error == NULL)
		e = s->type->update(s, id, &patch);
	return item_end(run, item, e);
}

static enum err item_destroy(struct jmap_set_run *run, struct set_item *item)
{
	struct jmap_set *s = &run->set;
	struct str id = item_id(run, item);
	enum err e;

	item_begin(run, item);
	if (s->type->destroy == NULL)
		e = jmap_set_refuse(s, "forbidden", NULL, "objects of this type stay");
	else if (id.n == 0)
		e = jmap_set_refuse(s, "notFound", NULL, "the creation id is unknown");
	else
		e = s->type->destroy(s, id);
	return item_end(run, item, e);
}

/* --- Results that come late ---------------------------------------------------------- */

struct str jmap_set_key(const struct jmap_set *s)
{
	return s->run->now->key;
}

size_t jmap_set_later(struct jmap_set *s)
{
	s->run->now->later = true;
	return (size_t)(s->run->now - s->run->items);
}

void jmap_set_again(struct jmap_set *s, size_t later)
{
	item_begin(s->run, &s->run->items[later]);
}

enum err jmap_set_result(struct jmap_set *s, size_t later, enum err e)
{
	struct set_item *item = &s->run->items[later];

	assert(item->later);
	if (s->run->now != item)
		item_begin(s->run, item);
	item->later = false;
	if (e != OK && item->error == NULL && !is_fatal(e))
		set_fail(s->run, e);
	e = item_end(s->run, item, e);
	s->run->now = NULL;
	return e;
}

void jmap_set_updated(struct jmap_set *s, struct str id, struct str properties)
{
	struct jmap_set_run *run = s->run;

	run->updated = jmap_grown(s->arena, run->updated, run->updated_count, &run->updated_room,
	                          sizeof *run->updated);
	run->updated[run->updated_count++] = (struct set_updated){
		str_dup(s->arena, id), str_dup(s->arena, properties)
	};
}

/* --- The transaction ------------------------------------------------------------------ */

static void run_reset(struct jmap_set_run *run)
{
	buf_reset(&run->results);
	arena_reset(&run->round);
	map_deinit(&run->created);
	run->rerun = false;
	run->updated_count = 0;
	for (size_t i = 0; i < run->n; i++) {
		struct set_item *item = &run->items[i];

		item->done = item->later = false;
		item->waiting = NULL;
		item->waits = 0;
		item->id = STR_EMPTY;
		if (!item->final)
			item->error = NULL;
	}
}

static bool is_waiting(const struct set_item *item)
{
	return item->op == SET_CREATE && !item->done && item->error == NULL;
}

static enum err create_next(struct jmap_set_run *run, struct set_item *item)
{
	struct json object = item->value;
	struct str missing;

	run->now = item;
	if (!set_ids_resolve(run, &object, &missing))
		return OK;
	if (missing.n == 0)
		return item_create(run, item, object);
	(void)jmap_set_refuse(&run->set, "invalidProperties", str_z(run->set.arena, missing),
	                      "the creation id is unknown");
	return OK;
}

/* RFC 8620 5.3: an object that refers to another one of the call is created after it. The objects
 * of a circle wait for each other. */
static enum err creates_run(struct jmap_set_run *run)
{
	struct set_item **ready = arena_array(&run->round, struct set_item *, run->n);
	size_t n = 0;
	enum err e = OK;

	for (size_t i = 0; i < run->n; i++) {
		run->now = &run->items[i];
		if (!is_waiting(run->now))
			continue;
		set_waits_find(run);
		if (run->now->waits == 0)
			ready[n++] = run->now;
	}
	for (size_t i = 0; i < n && e == OK; i++) {
		e = create_next(run, ready[i]);
		for (struct set_wait *w = ready[i]->waiting; w != NULL; w = w->next)
			if (--w->item->waits == 0)
				ready[n++] = w->item;
	}
	for (size_t i = 0; i < run->n && e == OK; i++) {
		run->now = &run->items[i];
		if (is_waiting(run->now))
			(void)jmap_set_refuse(&run->set, "invalidProperties", NULL,
			                      "objects refer to each other in a circle");
	}
	return e;
}

static enum err state_read(struct jmap_set_run *run, uint64_t *state)
{
	*state = 0;
	return run->set.type->state != NULL ? run->set.type->state(&run->set.m, state) : OK;
}

static enum err states_check(struct jmap_set_run *run)
{
	struct jmap_call *c = run->set.call;
	struct str wanted = jmap_arg_str(c, "ifInState");
	enum err e = state_read(run, &run->old_state);

	run->new_state = run->old_state;
	if (e == OK && wanted.n != 0 &&
	    !str_eq(wanted, jmap_state_text(c->arena, run->old_state)))
		e = jmap_refuse(c, "stateMismatch", "the state is not %.*s any more",
		                STR_ARG(str_sub(wanted, 0, 40)));
	return e;
}

static enum err items_run(struct jmap_set_run *run)
{
	enum err e = creates_run(run);

	for (size_t i = 0; i < run->n && e == OK; i++) {
		struct set_item *item = &run->items[i];

		if (item->op == SET_CREATE || item->error != NULL)
			continue;
		e = item->op == SET_UPDATE ? item_update(run, item) : item_destroy(run, item);
	}
	return e;
}

static enum err objects_write(struct jmap_set_run *run)
{
	const struct jmap_type *type = run->set.type;
	enum err e;

	if (type->set_begin != NULL && (e = type->set_begin(&run->set)))
		return e;
	if ((e = items_run(run)))
		return e;
	if (type->set_end != NULL && (e = type->set_end(&run->set)))
		return e;
	for (size_t i = 0; i < run->n; i++)
		assert(!run->items[i].later); /* set_end has ended them */
	return OK;
}

static enum err set_write(struct txn *t, void *arg)
{
	struct jmap_set_run *run = arg;
	enum err e;

	run_reset(run);
	run->set.m = jmap_mail(run->set.call, t);
	run->set.from.t = t;
	if ((e = states_check(run)) || (e = objects_write(run)))
		return e;
	return state_read(run, &run->new_state);
}

static enum err states_only(struct txn *t, void *arg)
{
	struct jmap_set_run *run = arg;

	run->set.m = jmap_mail(run->set.call, t);
	return states_check(run);
}

static enum err new_state_only(struct txn *t, void *arg)
{
	struct jmap_set_run *run = arg;

	run->set.m = jmap_mail(run->set.call, t);
	return state_read(run, &run->new_state);
}

/* struct jmap_type: set_alone. */
static enum err set_each(struct jmap_set_run *run)
{
	struct store *store = run->set.call->server->store;
	enum err e;

	run_reset(run);
	if ((e = store_read(store, states_only, run)))
		return e;
	run->set.m = jmap_mail(run->set.call, NULL);
	if ((e = objects_write(run)))
		return e;
	/* Written objects are reported: the old state makes the client ask for changes. */
	if (store_read(store, new_state_only, run) != OK)
		run->new_state = run->old_state;
	return OK;
}

static bool has_work(const struct jmap_set_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->items[i].error == NULL)
			return true;
	return false;
}

static enum err set_commit(struct jmap_set_run *run)
{
	struct store *store = run->set.call->server->store;
	enum err e;

	if (run->set.type->set_alone) /* set_end may have work without any object */
		return set_each(run);
	if (!has_work(run))
		return store_read(store, states_only, run);
	do {
		e = store_write(store, set_write, run, &run->set.call->why);
	} while (e != OK && run->rerun && ++run->reruns < LIMIT_jmap_set_reruns);
	if (e != OK && run->rerun)
		return jmap_refuse(run->set.call, "serverFail",
		                   "more than %d objects failed: try them in smaller calls",
		                   LIMIT_jmap_set_reruns);
	return e;
}

/* --- Arguments ------------------------------------------------------------------------ */

static void objects_add(struct jmap_set_run *run, enum set_op op, struct json map)
{
	struct json_iter it = json_iter(map);

	while (json_next(&it)) {
		struct set_item *item = &run->items[run->n++];

		*item = (struct set_item){ .op = op, .key = it.name, .value = it.value };
		if (op == SET_CREATE)
			map_put(&run->creating, item->key, item);
	}
}

static void destroys_add(struct jmap_set_run *run, struct json ids)
{
	struct json_iter it = json_iter(ids);
	struct map seen = { 0 };
	struct str id;

	while (json_next(&it) && json_str(it.value, &id))
		if (map_put(&seen, id, run) == NULL)
			run->items[run->n++] = (struct set_item){ .op = SET_DESTROY, .key = id };
	map_deinit(&seen);
}

static enum err items_read(struct jmap_set_run *run, const char *creations)
{
	struct jmap_call *c = run->set.call;
	struct json create = jmap_arg(c, creations);
	struct json update = jmap_arg(c, "update"), destroy = jmap_arg(c, "destroy");
	size_t n = json_count(create) + json_count(update) + json_count(destroy);
	struct json_iter it = json_iter(create);

	if (n > LIMIT_jmap_set)
		return jmap_refuse(c, "requestTooLarge", "at most %d objects can be set at a time",
		                   LIMIT_jmap_set);
	while (json_next(&it))
		if (!jmap_id_valid(it.name))
			return jmap_refuse(c, "invalidArguments", "\"%.*s\" is no creation id",
			                   STR_ARG(str_sub(it.name, 0, 60)));
	run->items = arena_array(c->arena, struct set_item, n);
	objects_add(run, SET_CREATE, create);
	objects_add(run, SET_UPDATE, update);
	destroys_add(run, destroy);
	return OK;
}

static void item_prepare(struct jmap_set_run *run, struct set_item *item)
{
	struct jmap_set *s = &run->set;
	enum err e = OK;

	run->now = item;
	if (!run->copy && s->type->create == NULL)
		(void)jmap_set_refuse(s, "forbidden", NULL, "objects of this type are not created");
	else if (set_object_check(run, item->value) &&
	         set_ids_prepare(run, &item->value) && s->type->create_prepare != NULL) {
		s->prepared = NULL;
		e = s->type->create_prepare(s, item->value);
		item->prepared = s->prepared;
	}
	if (e != OK && item->error == NULL)
		set_fail(run, e);
	item->final = item->error != NULL;
}

static enum err set_prepare(struct jmap_set_run *run)
{
	const struct jmap_type *type = run->set.type;
	enum err e = type->set_prepare != NULL ? type->set_prepare(&run->set) : OK;

	for (size_t i = 0; i < run->n && e == OK; i++)
		if (run->items[i].op == SET_CREATE)
			item_prepare(run, &run->items[i]);
	return e;
}

/* Ids of this call for later ones. */
static void creations_note(struct jmap_set_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->items[i].op == SET_CREATE && run->items[i].error == NULL)
			jmap_creation_note(run->set.call, run->items[i].key, run->items[i].id);
}

/* --- Methods --------------------------------------------------------------------------- */

enum err set_run_all(struct jmap_set_run *run, const char *creations)
{
	struct jmap_call *c = run->set.call;
	const struct jmap_type *type = run->set.type;
	enum err e = items_read(run, creations);

	run->set.call = c;
	run->set.arena = c->arena;
	run->set.out = &run->out;
	run->set.run = run;
	buf_init(&run->results, LIMIT_jmap_response);
	c->created = &run->created;
	if (e == OK && (e = set_prepare(run)) == OK)
		e = set_commit(run);
	if (run->items != NULL && type->set_done != NULL)
		type->set_done(&run->set, e == OK);
	if (e == OK)
		creations_note(run);
	return e;
}

void set_run_deinit(struct jmap_set_run *run)
{
	run->set.call->created = NULL;
	buf_deinit(&run->results);
	arena_deinit(&run->round);
	map_deinit(&run->creating);
	map_deinit(&run->created);
}

enum err jmap_create_run(struct jmap_call *c, const struct jmap_type *type, const char *argument)
{
	struct jmap_set_run run = { .set = { .call = c, .type = type } };
	enum err e = set_run_all(&run, argument);

	if (e == OK) {
		json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
		set_response_put(&run, true);
	}
	set_run_deinit(&run);
	return e;
}

enum err jmap_set_run(struct jmap_call *c)
{
	struct jmap_set_run run = { .set = { .call = c, .type = c->type } };
	enum err e = set_run_all(&run, "create");

	if (e == OK) {
		if (!c->type->no_account)
			json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
		set_response_put(&run, false);
	}
	set_run_deinit(&run);
	return e;
}
