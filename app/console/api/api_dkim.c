/* console/api/api_dkim.c: how a domain's keys follow each other by themselves
 * (model/directory/rotation.h). */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "model/directory/rotation.h"
#include "model/store/store.h"
#include "operations/dns_publish/publish.h"
#include "operations/dns_publish/wanted.h"

struct dkim_call {
	struct api_call *call;
	struct str domain;
	const struct settings *settings;
};

static void put_times(struct dkim_call *d, const struct rotation *r,
                      const struct dkim_key_list *keys)
{
	struct json_writer *w = d->call->out;
	int64_t every_ms = publish_rotate_ms(d->settings), now_ms = clock_real_ms();
	int64_t due_ms = rotation_since(r, keys, now_ms) + every_ms;

	json_put_str(w, "state",
	             r->next_count != 0 ? STR("waiting")
	             : r->asked         ? STR("asked")
	                                : STR("rest"));
	json_put_bool(w, "published", (publish_kinds(d->settings) & BIT(PUBLISH_DKIM)) != 0);
	json_put_time(w, "due", every_ms != 0 && r->next_count == 0 ? MAX(due_ms, now_ms) : 0);
	json_put_time(w, "made", r->next_count != 0 ? r->next_ms : 0);
}

static void put_rotation(struct dkim_call *d, const struct rotation *r)
{
	struct json_writer *w = d->call->out;

	json_open(w, "next", '[');
	for (size_t i = 0; i < r->next_count; i++)
		json_put_str(w, NULL, r->next[i]);
	json_close(w);
	json_open(w, "leaving", '[');
	for (size_t i = 0; i < r->old_count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "selector", r->old[i].selector);
		json_put_i64(w, "left_s", r->old[i].left_ms / 1000);
		json_close(w);
	}
	json_close(w);
}

static enum err put(struct txn *t, void *arg)
{
	struct dkim_call *d = arg;
	struct dkim_key_list keys;
	struct rotation r;
	enum err e = domain_get(t, d->domain, txn_arena(t), NULL);

	if (e == ERR_MISSING)
		return fail(&d->call->why, e, "there is no domain %.*s", STR_ARG(d->domain));
	if (e != OK || (e = dkim_keys(t, d->domain, d->call->arena, &keys)) ||
	    (e = rotation_get(t, d->domain, d->call->arena, &r)))
		return e;
	json_open(d->call->out, NULL, '{');
	put_times(d, &r, &keys);
	put_rotation(d, &r);
	json_open(d->call->out, "keys", '[');
	for (size_t i = 0; i < keys.count; i++)
		people_key_put(d->call, &keys.items[i]);
	json_close(d->call->out);
	json_close(d->call->out);
	return OK;
}

static enum err answer(struct dkim_call *d)
{
	enum err e;

	d->settings = settings_ref(d->call->admin->live);
	e = store_read(d->call->admin->store, put, d);
	settings_unref(d->settings);
	return e;
}

static enum err begin(struct dkim_call *d, struct api_call *c)
{
	*d = (struct dkim_call){ .call = c, .domain = str_lower(c->arena, c->parameter[0]) };
	return people_may_domain(c, d->domain);
}

enum err api_dkim(struct api_call *c)
{
	struct dkim_call d;
	enum err e = begin(&d, c);

	return e == OK ? answer(&d) : e;
}

static enum err ask(struct txn *t, void *arg)
{
	struct dkim_call *d = arg;
	enum err e = domain_get(t, d->domain, txn_arena(t), NULL);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "there is no domain %.*s", STR_ARG(d->domain));
	if (e != OK || (e = rotation_ask(t, d->domain, txn_why(t))))
		return e;
	return api_audit(t, d->call, "key.rotate", d->domain, STR_EMPTY, STR_EMPTY);
}

enum err api_dkim_rotate(struct api_call *c)
{
	struct dkim_call d;
	enum err e = begin(&d, c);

	if (e != OK || (e = store_write(c->admin->store, ask, &d, &c->why)))
		return e;
	publisher_wake(c->admin->publisher);
	return answer(&d);
}
