/* protocols/jmap/request/set_response.c: the response of /set and /copy. */
#include "protocols/jmap/request/set.h"

/* The properties from jmap_set_updated for an object; empty: none. */
static struct str updated_of(const struct jmap_set_run *run, struct str id)
{
	for (size_t i = 0; i < run->updated_count; i++)
		if (str_eq(run->updated[i].id, id))
			return run->updated[i].properties;
	return STR_EMPTY;
}

static bool is_item(const struct jmap_set_run *run, enum set_op op, struct str id)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->items[i].op == op && run->items[i].error == NULL &&
		    str_eq(jmap_id_resolve(run->set.call, run->items[i].key), id))
			return true;
	return false;
}

/* Objects that changed although the call does not name them. */
static size_t others_put(const struct jmap_set_run *run, size_t n, struct json_writer *w)
{
	for (size_t i = 0; i < run->updated_count; i++) {
		if (is_item(run, SET_UPDATE, run->updated[i].id))
			continue;
		if (n++ == 0)
			json_open(w, "updated", '{');
		json_put_name(w, run->updated[i].id);
		json_put_raw(w, NULL, run->updated[i].properties);
	}
	return n;
}

static void done_put(const struct jmap_set_run *run, enum set_op op, const char *name,
                     struct json_writer *w)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct set_item *item = &run->items[i];
		struct str object = str_sub(buf_str(&run->results), item->from, item->to);

		if (item->op != op || item->error != NULL)
			continue;
		if (n++ == 0)
			json_open(w, name, op == SET_DESTROY ? '[' : '{');
		if (op == SET_DESTROY) {
			json_put_str(w, NULL, jmap_id_resolve(run->set.call, item->key));
			continue;
		}
		if (op == SET_UPDATE && str_eq(object, STR("{}"))) {
			object = updated_of(run, jmap_id_resolve(run->set.call, item->key));
			object = object.n != 0 ? object : STR("null");
		}
		json_put_name(w, op == SET_CREATE ? item->key
		                                  : jmap_id_resolve(run->set.call, item->key));
		json_put_raw(w, NULL, object);
	}
	if (op == SET_UPDATE)
		n = others_put(run, n, w);
	if (n != 0)
		json_close(w);
	else
		json_put_null(w, name);
}

static void errors_put(const struct jmap_set_run *run, enum set_op op, const char *name,
                       struct json_writer *w)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct set_item *item = &run->items[i];

		if (item->op != op || item->error == NULL)
			continue;
		if (n++ == 0)
			json_open(w, name, '{');
		json_put_name(w, item->key);
		set_error_put(item->error, w);
	}
	if (n != 0)
		json_close(w);
	else
		json_put_null(w, name);
}

void set_response_put(struct jmap_set_run *run, bool creations_only)
{
	struct jmap_call *c = run->set.call;
	struct json_writer *w = c->out;

	if (run->set.type->state != NULL) {
		json_put_str(w, "oldState", jmap_state_text(c->arena, run->old_state));
		json_put_str(w, "newState", jmap_state_text(c->arena, run->new_state));
	}
	done_put(run, SET_CREATE, "created", w);
	if (!creations_only) {
		done_put(run, SET_UPDATE, "updated", w);
		done_put(run, SET_DESTROY, "destroyed", w);
	}
	errors_put(run, SET_CREATE, "notCreated", w);
	if (!creations_only) {
		errors_put(run, SET_UPDATE, "notUpdated", w);
		errors_put(run, SET_DESTROY, "notDestroyed", w);
	}
}
