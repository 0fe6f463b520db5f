/* console/api/people/api_people_aliases.c: aliases and lists. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/store/store.h"

/* A call about one alias. */
struct request {
	struct api_call *call;
	struct str address;
	bool new; /* it must not be there yet */
};

/* --- reading ----------------------------------------------------------------------------- */

/* The fields that can be changed. */
static void alias_fields_put(struct json_writer *w, const struct alias *alias)
{
	people_strings_put(w, "targets", alias->targets, alias->count);
	json_put_str(w, "kind", str_of(alias_kind_name(alias->kind)));
	json_put_str(w, "post", str_of(list_post_name(alias->post)));
	json_put_str(w, "owner", alias->owner);
	json_put_bool(w, "hidden", alias->hidden);
}

static void put(struct json_writer *w, const struct alias *alias)
{
	json_open(w, NULL, '{');
	json_put_str(w, "address", alias->address);
	alias_fields_put(w, alias);
	json_put_time(w, "created", alias->created_ms);
	json_close(w);
}

static bool found(const struct alias *alias, struct str q)
{
	return str_find(alias->address, q) >= 0 ||
	       people_strings_have(alias->targets, alias->count, q);
}

static enum err list(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str q = str_lower(c->arena, api_argument(c, "q"));
	struct alias_list aliases;
	struct api_list page;
	enum err e = alias_list(t, c->arena, &aliases);

	people_sort(aliases.items, aliases.count, sizeof(*aliases.items));
	api_list_open(c, &page);
	for (size_t i = 0; e == OK && i < aliases.count && !page.more; i++) {
		const struct alias *alias = &aliases.items[i];

		if (people_wants(c, alias->address) && found(alias, q) &&
		    api_list_wants(&page, alias->address))
			put(c->out, alias);
	}
	api_list_close(&page);
	return e;
}

enum err api_aliases(struct api_call *c)
{
	return store_read(c->admin->store, list, c);
}

static enum err get(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct alias alias;
	enum err e = alias_find(t, r->address, txn_arena(t), &alias);

	if (e == OK)
		put(r->call->out, &alias);
	return e;
}

/* --- changing ---------------------------------------------------------------------------- */

static struct str people_alias_note(struct txn *t, const struct alias *alias)
{
	struct people_note n;

	alias_fields_put(people_note_open(&n), alias);
	return people_note_close(&n, txn_arena(t));
}

/* Copy the members of the body into *alias; other fields stay. */
static enum err take(struct api_call *c, struct alias *alias)
{
	struct json targets = json_get(c->body, "targets");
	struct str name;

	if (json_kind(targets) == JSON_ARRAY)
		alias->targets = people_strings(c, targets, &alias->count);
	people_strings_add(c, json_get(c->body, "add"), &alias->targets, &alias->count);
	if (json_str(json_get(c->body, "kind"), &name) && !alias_kind_parse(name, &alias->kind))
		return api_invalid(c, "kind", name, "alias or list");
	if (json_str(json_get(c->body, "post"), &name) && !list_post_parse(name, &alias->post))
		return api_invalid(c, "post", name, "anybody, members or domain");
	(void)json_str(json_get(c->body, "owner"), &alias->owner);
	(void)json_bool(json_get(c->body, "hidden"), &alias->hidden);
	return OK;
}

static enum err set(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct alias was = { 0 }, to;
	enum err e = alias_find(t, r->address, txn_arena(t), &was);

	if (e == OK && r->new)
		return fail(txn_why(t), ERR_CONFLICT, "alias %.*s exists", STR_ARG(was.address));
	if (e == ERR_MISSING && !r->new)
		return fail(txn_why(t), e, "there is no alias %.*s", STR_ARG(r->address));
	if (e != OK && !r->new)
		return e;
	to = was;
	to.address = r->address;
	e = take(r->call, &to);
	if (e == OK)
		e = alias_set(t, &to, txn_why(t));
	if (e == OK)
		e = alias_find(t, r->address, txn_arena(t), &to);
	return e != OK ? e
	               : api_audit(t, r->call, r->new ? "alias.create" : "alias.change", r->address,
	                           r->new ? STR_EMPTY : people_alias_note(t, &was),
	                           people_alias_note(t, &to));
}

static enum err run(struct request *r)
{
	struct api_call *c = r->call;
	enum err e = people_write(c, r->address, set, r);

	return e != OK ? e : store_read(c->admin->store, get, r);
}

enum err api_alias_add(struct api_call *c)
{
	struct request r = { .call = c, .address = people_address_new(c), .new = true };

	c->response->status = 201;
	return run(&r);
}

enum err api_alias_change(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };

	return run(&r);
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct alias was;
	enum err e = alias_find(t, r->address, txn_arena(t), &was);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no alias %.*s", STR_ARG(r->address));
	if (e == OK)
		e = alias_rm(t, r->address, txn_why(t));
	return e != OK ? e
	               : api_audit(t, r->call, "alias.remove", was.address,
	                           people_alias_note(t, &was), STR_EMPTY);
}

enum err api_alias_rm(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };

	return people_write(c, r.address, rm, &r);
}
