/* console/api/people/api_people_domains.c: mail domains. Owners add and remove them; who
 * administers one sees it and sets its catch-all. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "foundation/text/idna.h"
#include "model/directory/dkim_key.h"
#include "model/directory/normal.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"
#include "network/runtime/pool.h"
#include "network/runtime/runtime.h"
#include "operations/dns_publish/publish.h"

/* --- reading ----------------------------------------------------------------------------- */

static enum err put(struct txn *t, struct api_call *c, const struct domain *domain)
{
	struct domain_counts has;
	enum err e = domain_count(t, domain->name, &has);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "name", domain->name);
	json_put_str(c->out, "catchall", domain->catchall);
	json_put_str(c->out, "alias_of", domain->alias_of);
	json_put_str(c->out, "mta_sts", str_of(mta_sts_name(domain->mta_sts)));
	json_put_time(c->out, "created", domain->created_ms);
	json_put_u64(c->out, "accounts", has.accounts);
	json_put_u64(c->out, "aliases", has.aliases);
	json_put_u64(c->out, "groups", has.groups);
	json_close(c->out);
	return OK;
}

static enum err list(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str q = str_lower(c->arena, api_argument(c, "q"));
	struct domain_list domains;
	struct api_list page;
	enum err e = domain_list(t, c->arena, &domains);

	api_list_open(c, &page);
	for (size_t i = 0; e == OK && i < domains.count; i++) {
		const struct domain *domain = &domains.items[i];

		if (api_may_domain(c, domain->name) && str_find(domain->name, q) >= 0 &&
		    api_list_wants(&page, domain->name))
			e = put(t, c, domain);
	}
	api_list_close(&page);
	return e;
}

enum err api_domains(struct api_call *c)
{
	return store_read(c->admin->store, list, c);
}

static enum err get(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str name = c->parameter[0];
	struct domain domain;
	enum err e;

	if (c->parameter[0].n == 0) /* of the body of one that was just added */
		(void)json_str(json_get(c->body, "name"), &name);
	name = str_trim(name);
	(void)idna_ascii(c->arena, name, &name); /* the store has A-labels; else it is not found */
	e = api_may_domain(c, name) ? domain_get(t, name, c->arena, &domain) : ERR_MISSING;
	if (e == ERR_MISSING)
		return fail(&c->why, e, "there is no domain %.*s", STR_ARG(name));
	return e != OK ? e : put(t, c, &domain);
}

enum err api_domain(struct api_call *c)
{
	return store_read(c->admin->store, get, c);
}

/* --- changing ---------------------------------------------------------------------------- */

static enum err add(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str name = STR_EMPTY;
	enum err e;

	(void)json_str(json_get(c->body, "name"), &name);
	e = domain_add(t, name, txn_why(t));
	return e != OK ? e : api_audit(t, c, "domain.create", name, STR_EMPTY, STR_EMPTY);
}

enum err api_domain_add(struct api_call *c)
{
	enum err e = store_write(c->admin->store, add, c, &c->why);

	if (e != OK)
		return e;
	/* Keys take a second: after the call, but a command waits for them. If this fails, the DNS
	 * page creates them. */
	if (c->who.local || !pool_run(runtime_pool(c->admin->runtime), dkim_keys_ensure_all,
	                              c->admin->store))
		dkim_keys_ensure_all(c->admin->store);
	publisher_wake(c->admin->publisher);
	c->response->status = 201;
	return api_domain(c);
}

static struct str people_domain_note(struct txn *t, const struct domain *domain)
{
	struct people_note n;
	struct json_writer *w = people_note_open(&n);

	json_put_str(w, "catchall", domain->catchall);
	json_put_str(w, "alias_of", domain->alias_of);
	json_put_str(w, "mta_sts", str_of(mta_sts_name(domain->mta_sts)));
	return people_note_close(&n, txn_arena(t));
}

/* Its mail goes there then, and who is there may send as it: so both must be the caller's. */
static enum err domain_alias(struct txn *t, struct api_call *c, struct str name, struct str of)
{
	if (of.n != 0 && !api_may_domain(c, str_trim(of)))
		return fail(txn_why(t), ERR_DENIED, "%.*s is not one of the domains you administer",
		            STR_ARG(of));
	return domain_alias_set(t, name, of, txn_why(t));
}

/* Copy the members of the body; other fields stay. */
static enum err change_to(struct txn *t, struct api_call *c, struct str name)
{
	struct str address, text;
	enum mta_sts_mode mode;
	enum err e = OK;

	if (json_str(json_get(c->body, "catchall"), &address))
		e = catchall_set(t, name, address, txn_why(t));
	if (e == OK && json_str(json_get(c->body, "alias_of"), &text))
		e = domain_alias(t, c, name, text);
	if (e != OK || !json_str(json_get(c->body, "mta_sts"), &text))
		return e;
	if (!mta_sts_parse(text, &mode))
		return fail(txn_why(t), ERR_SYNTAX, "mta_sts is testing, enforce or none");
	return mta_sts_set(t, name, mode, txn_why(t));
}

static enum err change(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str name = c->parameter[0];
	struct domain was, is;
	enum err e = domain_get(t, name, txn_arena(t), &was);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no domain %.*s", STR_ARG(name));
	if (e == OK)
		e = change_to(t, c, name);
	if (e == OK)
		e = domain_get(t, name, txn_arena(t), &is);
	return e != OK ? e
	               : api_audit(t, c, "domain.change", was.name, people_domain_note(t, &was),
	                           people_domain_note(t, &is));
}

enum err api_domain_change(struct api_call *c)
{
	enum err e = people_may_domain(c, c->parameter[0]);

	if (e == OK)
		e = store_write(c->admin->store, change, c, &c->why);
	publisher_wake(c->admin->publisher);
	return e != OK ? e : api_domain(c);
}

static enum err rm(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = domain_rm(t, c->parameter[0], txn_why(t));
	struct script_owner owner = { 0 };

	if (e == OK && normal_domain(txn_arena(t), c->parameter[0], &owner.domain))
		e = scripts_delete_all(t, &owner);
	return e != OK ? e
	               : api_audit(t, c, "domain.remove", c->parameter[0], STR_EMPTY, STR_EMPTY);
}

enum err api_domain_rm(struct api_call *c)
{
	enum err e = store_write(c->admin->store, rm, c, &c->why);

	publisher_wake(c->admin->publisher);
	return e;
}
