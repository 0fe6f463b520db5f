/* console/api/access/api_keys.c: the keys that sign a domain's mail
 * (model/directory/dkim_key.h). */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/directory/dkim_key.h"
#include "model/store/store.h"
#include "operations/dns_publish/publish.h"

struct keys_call {
	struct api_call *call;
	struct str domain, selector;
	struct dkim_pair pair;  /* of api_keys_add    */
	enum dkim_key_state to; /* of api_key_change */
};

/* The domain of the path, which must be the caller's; that it is ours is seen in the
 * transaction. */
static enum err begin(struct keys_call *k, struct api_call *c)
{
	*k = (struct keys_call){ .call = c,
		                 .domain = str_lower(c->arena, c->parameter[0]),
		                 .selector = c->parameter[1] };
	return people_may_domain(c, k->domain);
}

static enum err is_ours(struct txn *t, const struct keys_call *k)
{
	enum err e = domain_get(t, k->domain, txn_arena(t), NULL);

	return e == ERR_MISSING
	               ? fail(&k->call->why, e, "there is no domain %.*s", STR_ARG(k->domain))
	               : e;
}

void people_key_put(struct api_call *c, const struct dkim_key *key)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "selector", key->selector);
	json_put_str(c->out, "algorithm", str_of(dkim_algorithm_name(key->algorithm)));
	json_put_str(c->out, "state", str_of(dkim_key_state_name(key->state)));
	json_put_time(c->out, "created", key->created_ms);
	json_put_time(c->out, "changed", key->changed_ms);
	json_put_str(c->out, "name",
	             str_fmt(c->arena, "%.*s._domainkey.%.*s", STR_ARG(key->selector),
	                     STR_ARG(key->domain)));
	json_put_str(c->out, "record", dkim_record(key->algorithm, key->public, c->arena));
	json_close(c->out);
}

static enum err list(struct txn *t, void *arg)
{
	struct keys_call *k = arg;
	struct dkim_key_list keys;
	struct api_list page;
	enum err e = is_ours(t, k);

	if (e == OK)
		e = dkim_keys(t, k->domain, k->call->arena, &keys);
	if (e != OK)
		return e;
	api_list_open(k->call, &page);
	for (size_t i = 0; i < keys.count; i++)
		if (api_list_wants(&page, keys.items[i].selector))
			people_key_put(k->call, &keys.items[i]);
	api_list_close(&page);
	return OK;
}

enum err api_keys(struct api_call *c)
{
	struct keys_call k;
	enum err e = begin(&k, c);

	return e == OK ? store_read(c->admin->store, list, &k) : e;
}

static enum err add(struct txn *t, void *arg)
{
	struct keys_call *k = arg;
	enum err e = is_ours(t, k);

	if (e == OK)
		e = dkim_pair_add(t, k->domain, &k->pair, DKIM_KEY_PUBLISH);
	for (size_t i = 0; e == OK && i < COUNT(k->pair.keys); i++)
		e = api_audit(t, k->call, "key.create", k->pair.keys[i].selector, STR_EMPTY,
		              str_fmt(txn_arena(t), "{\"domain\":\"%.*s\"}", STR_ARG(k->domain)));
	return e;
}

enum err api_keys_add(struct api_call *c)
{
	struct keys_call k;
	struct arena a;
	enum err e = begin(&k, c);

	if (e != OK)
		return e;
	arena_init(&a, true);
	dkim_pair_new(&k.pair, &a);
	e = store_write(c->admin->store, add, &k, &c->why);
	arena_deinit(&a);
	if (e != OK)
		return e;
	publisher_wake(c->admin->publisher);
	c->response->status = 201;
	return store_read(c->admin->store, list, &k);
}

static enum err find(struct txn *t, struct keys_call *k, struct dkim_key *out)
{
	struct dkim_key_list keys;
	enum err e = is_ours(t, k);

	if (e == OK)
		e = dkim_keys(t, k->domain, k->call->arena, &keys);
	for (size_t i = 0; e == OK && i < keys.count; i++)
		if (str_eq(keys.items[i].selector, k->selector)) {
			*out = keys.items[i];
			return OK;
		}
	return e != OK ? e
	               : fail(&k->call->why, ERR_MISSING, "%.*s has no key %.*s",
	                      STR_ARG(k->domain), STR_ARG(k->selector));
}

static enum err get(struct txn *t, void *arg)
{
	struct keys_call *k = arg;
	struct dkim_key key;
	enum err e = find(t, k, &key);

	if (e == OK)
		people_key_put(k->call, &key);
	return e;
}

static struct str note(struct txn *t, const struct keys_call *k, enum dkim_key_state state)
{
	return str_fmt(txn_arena(t), "{\"domain\":\"%.*s\",\"state\":\"%s\"}", STR_ARG(k->domain),
	               dkim_key_state_name(state));
}

static enum err change(struct txn *t, void *arg)
{
	struct keys_call *k = arg;
	struct dkim_key was;
	enum err e = find(t, k, &was);

	if (e == OK)
		e = dkim_key_change(t, k->domain, k->selector, k->to, txn_why(t));
	return e != OK ? e
	               : api_audit(t, k->call, "key.change", k->selector, note(t, k, was.state),
	                           note(t, k, k->to));
}

enum err api_key_change(struct api_call *c)
{
	struct str state = STR_EMPTY;
	struct keys_call k;
	enum err e = begin(&k, c);

	if (e != OK)
		return e;
	(void)json_str(json_get(c->body, "state"), &state);
	if (!dkim_key_state_parse(state, &k.to))
		return api_invalid(c, "state", state, "publish, active or retired");
	e = store_write(c->admin->store, change, &k, &c->why);
	publisher_wake(c->admin->publisher);
	return e == OK ? store_read(c->admin->store, get, &k) : e;
}

static enum err rm(struct txn *t, void *arg)
{
	struct keys_call *k = arg;
	struct dkim_key was;
	enum err e = find(t, k, &was);

	if (e == OK)
		e = dkim_key_rm(t, k->domain, k->selector, txn_why(t));
	return e != OK ? e
	               : api_audit(t, k->call, "key.remove", k->selector, note(t, k, was.state),
	                           STR_EMPTY);
}

enum err api_key_rm(struct api_call *c)
{
	struct keys_call k;
	enum err e = begin(&k, c);

	if (e == OK)
		e = store_write(c->admin->store, rm, &k, &c->why);
	publisher_wake(c->admin->publisher);
	return e;
}
