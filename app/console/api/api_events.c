/* console/api/api_events.c: GET /api/events: what goes on, as it goes on. */
#include "console/api/access/scope.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "foundation/observe/recent.h"
#include "model/store/store.h"

#include <stdio.h>

enum { EVENTS_MAX = 200, WAIT_MAX_S = 25 };

struct page {
	struct json_writer *out;
	struct scope scope;
	size_t count;
};

static void put_fields(struct json_writer *w, const struct recent_event *e)
{
	char number[24];

	json_open(w, "fields", '{');
	for (size_t i = 0; i < e->field_count; i++) {
		const struct event_value *v = &e->fields[i].value;

		json_put_name(w, e->fields[i].name);
		if (v->is_number)
			snprintf(number, sizeof number, "%" PRId64, v->number);
		json_put_str(w, NULL, v->is_number ? str_of(number) : v->text);
	}
	json_close(w);
}

static bool put_event(const struct recent_event *e, void *arg)
{
	struct page *p = arg;

	if (!scope_event(&p->scope, e))
		return true;
	json_open(p->out, NULL, '{');
	json_put_u64(p->out, "seq", e->seq);
	json_put_time(p->out, "time", e->time_ms);
	json_put_str(p->out, "level", str_of(event_level_name(e->level)));
	json_put_str(p->out, "name", str_of(e->name));
	json_put_str(p->out, "session", e->id);
	put_fields(p->out, e);
	json_close(p->out);
	return ++p->count < EVENTS_MAX;
}

struct scope_run {
	struct api_call *call;
	struct scope *out;
};

static enum err scope_read(struct txn *t, void *arg)
{
	struct scope_run *r = arg;

	return scope_of(t, r->call, r->out);
}

enum err api_events(struct api_call *c)
{
	struct recent_filter filter = {
		.level = EVENT_INFO,
		.session = api_argument(c, "session"),
		.address = api_argument(c, "address"),
		.account = api_argument(c, "account"),
	};
	int64_t until_ms =
		clock_mono_ms() + (int64_t)api_argument_u64(c, "wait", 0, WAIT_MAX_S) * 1000;
	uint64_t after = api_argument_u64(c, "after", 0, UINT64_MAX);
	struct str level = api_argument(c, "level");
	struct page p = { .out = c->out };
	struct scope_run run = { .call = c, .out = &p.scope };
	enum err e = store_read(c->admin->store, scope_read, &run);

	if (level.n != 0 && !event_level_parse(level, &filter.level))
		return api_invalid(c, "level", level, "debug, info, warn or error");
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "events", '[');
	do
		after = recent_each(after, &filter, put_event, &p);
	while (p.count == 0 && recent_wait(after, until_ms));
	json_close(c->out);
	json_put_u64(c->out, "next", after);
	json_close(c->out);
	return OK;
}
