/* console/api/people/api_people_groups.c: groups of accounts. The administrator of a
 * domain administers its groups, but may add only accounts of administered domains: members get
 * the rights of their group. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/directory/group.h"
#include "model/mailbox/mail.h"
#include "model/store/store.h"

/* A call about one group. */
struct request {
	struct api_call *call;
	struct str address;
	bool new; /* it must not be there yet */
};

/* --- reading ----------------------------------------------------------------------------- */

/* The fields that can be changed. */
static void group_fields_put(struct json_writer *w, const struct group *group)
{
	json_put_str(w, "title", group->title);
	people_strings_put(w, "members", group->members, group->count);
	json_put_bool(w, "mail", group->mail);
	json_put_str(w, "post", str_of(list_post_name(group->post)));
}

static void put(struct json_writer *w, const struct group *group)
{
	json_open(w, NULL, '{');
	json_put_u64(w, "id", group->id);
	json_put_str(w, "address", group->address);
	group_fields_put(w, group);
	json_put_time(w, "created", group->created_ms);
	json_close(w);
}

static bool found(struct api_call *c, const struct group *group, struct str q)
{
	return str_find(group->address, q) >= 0 ||
	       str_find(str_lower(c->arena, group->title), q) >= 0 ||
	       people_strings_have(group->members, group->count, q);
}

static enum err list(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str q = str_lower(c->arena, api_argument(c, "q"));
	struct group_list groups;
	struct api_list page;
	enum err e = group_list(t, c->arena, &groups);

	people_sort(groups.items, groups.count, sizeof(*groups.items));
	api_list_open(c, &page);
	for (size_t i = 0; e == OK && i < groups.count && !page.more; i++) {
		const struct group *group = &groups.items[i];

		if (people_wants(c, group->address) && found(c, group, q) &&
		    api_list_wants(&page, group->address))
			put(c->out, group);
	}
	api_list_close(&page);
	return e;
}

enum err api_groups(struct api_call *c)
{
	return store_read(c->admin->store, list, c);
}

static enum err get(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct group group;
	enum err e = group_find(t, r->address, txn_arena(t), &group);

	if (e == OK)
		put(r->call->out, &group);
	return e;
}

/* --- changing ---------------------------------------------------------------------------- */

static struct str people_group_note(struct txn *t, const struct group *group)
{
	struct people_note n;

	group_fields_put(people_note_open(&n), group);
	return people_note_close(&n, txn_arena(t));
}

/* Without the members of the body's "leave". ERR_MISSING: one of them is not a member. */
static enum err members_leave(struct api_call *c, struct group *group)
{
	size_t count, had = group->count;
	struct str *gone = people_strings(c, json_get(c->body, "leave"), &count);

	group->count = 0;
	for (size_t i = 0; i < had; i++) {
		bool stays = true;

		for (size_t j = 0; j < count && stays; j++)
			stays = !str_eqi(group->members[i], str_trim(gone[j]));
		if (stays)
			group->members[group->count++] = group->members[i];
	}
	if (had - group->count != count)
		return fail(&c->why, ERR_MISSING, "not all of them are members of %.*s",
		            STR_ARG(group->address));
	return OK;
}

/* Copy the members of the body into *group; other fields stay. */
static enum err take(struct api_call *c, struct group *group)
{
	struct json members = json_get(c->body, "members");
	struct str name;

	(void)json_str(json_get(c->body, "title"), &group->title);
	(void)json_bool(json_get(c->body, "mail"), &group->mail);
	if (json_kind(members) == JSON_ARRAY)
		group->members = people_strings(c, members, &group->count);
	people_strings_add(c, json_get(c->body, "join"), &group->members, &group->count);
	if (json_str(json_get(c->body, "post"), &name) && !list_post_parse(name, &group->post))
		return api_invalid(c, "post", name, "anybody, members or domain");
	return json_kind(json_get(c->body, "leave")) == JSON_ARRAY ? members_leave(c, group) : OK;
}

/* Is whoever is new in there one of the caller's? */
static enum err may_add(const struct api_call *c, const struct group *was, const struct group *to,
                        struct why *why)
{
	for (size_t i = 0; i < to->count; i++) {
		struct str member = str_trim(to->members[i]);
		bool stays = false;

		for (size_t j = 0; j < was->count && !stays; j++)
			stays = str_eqi(was->members[j], member);
		if (!stays && !api_may_domain(c, people_domain(member)))
			return fail(why, ERR_DENIED, "%.*s: you do not administer its domain",
			            STR_ARG(member));
	}
	return OK;
}

static enum err set(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct group was = { 0 }, to;
	enum err e = group_find(t, r->address, txn_arena(t), &was);

	if (e == OK && r->new)
		return fail(txn_why(t), ERR_CONFLICT, "group %.*s exists", STR_ARG(was.address));
	if (e == ERR_MISSING && !r->new)
		return fail(txn_why(t), e, "there is no group %.*s", STR_ARG(r->address));
	if (e != OK && !r->new)
		return e;
	to = was;
	to.address = r->address;
	e = take(r->call, &to);
	if (e == OK)
		e = may_add(r->call, &was, &to, txn_why(t));
	if (e == OK)
		e = mail_group_set(t, &to, txn_why(t));
	if (e == OK)
		e = group_find(t, r->address, txn_arena(t), &to);
	return e != OK ? e
	               : api_audit(t, r->call, r->new ? "group.create" : "group.change", to.address,
	                           r->new ? STR_EMPTY : people_group_note(t, &was),
	                           people_group_note(t, &to));
}

static enum err run(struct request *r)
{
	struct api_call *c = r->call;
	enum err e = people_write(c, r->address, set, r);

	people_rights_changed(c);
	return e != OK ? e : store_read(c->admin->store, get, r);
}

enum err api_group_add(struct api_call *c)
{
	struct request r = { .call = c, .address = people_address_new(c), .new = true };

	c->response->status = 201;
	return run(&r);
}

enum err api_group_change(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };

	return run(&r);
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct group was;
	enum err e = group_find(t, r->address, txn_arena(t), &was);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no group %.*s", STR_ARG(r->address));
	if (e == OK)
		e = mail_group_rm(t, r->address, txn_why(t));
	return e != OK ? e
	               : api_audit(t, r->call, "group.remove", was.address,
	                           people_group_note(t, &was), STR_EMPTY);
}

enum err api_group_rm(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	enum err e = people_write(c, r.address, rm, &r);

	people_rights_changed(c);
	return e;
}
