/* console/api/queue/api_queue_pause.c: destinations and queues that an administrator lets rest. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "model/queue/admin.h"
#include "model/queue/pauses.h"
#include "model/store/store.h"

static const char *const whats[] = {
	[QUEUE_PAUSE_ALL] = "all",
	[QUEUE_PAUSE_QUEUE] = "queue",
	[QUEUE_PAUSE_DESTINATION] = "destination",
};

static bool what_parse(struct str text, enum queue_pause_of *out)
{
	for (size_t i = 0; i < COUNT(whats); i++) {
		if (str_eq(text, str_of(whats[i]))) {
			*out = (enum queue_pause_of)i;
			return true;
		}
	}
	return false;
}

/* As people name them: the default queue, and where all goes without rules, have no name. */
static struct str shown(const struct queue_pause *p)
{
	if (p->of == QUEUE_PAUSE_QUEUE && p->name.n == 0)
		return STR("default");
	return p->of == QUEUE_PAUSE_DESTINATION && p->name.n == 0 ? STR("smarthost") : p->name;
}

static struct str meant(enum queue_pause_of of, struct str name)
{
	bool none = (of == QUEUE_PAUSE_QUEUE && str_eq(name, STR("default"))) ||
	            (of == QUEUE_PAUSE_DESTINATION && str_eq(name, STR("smarthost"))) ||
	            of == QUEUE_PAUSE_ALL;

	return none ? STR_EMPTY : name;
}

static enum err list(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct queue_pauses pauses;
	struct api_list l;
	enum err e = queue_pauses_read(t, c->arena, &pauses);

	if (e != OK)
		return e;
	api_list_open(c, &l);
	for (size_t i = 0; i < pauses.count; i++) {
		const struct queue_pause *p = &pauses.items[i];

		if (!api_list_wants(&l,
		                    str_fmt(c->arena, "%s %.*s", whats[p->of], STR_ARG(p->name))))
			continue;
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "what", str_of(whats[p->of]));
		json_put_str(c->out, "name", shown(p));
		json_put_time(c->out, "since", p->since_ms);
		json_put_str(c->out, "reason", p->reason);
		json_close(c->out);
	}
	api_list_close(&l);
	return OK;
}

enum err api_pauses(struct api_call *c)
{
	return store_read(c->admin->store, list, c);
}

struct change {
	struct api_call *call;
	struct queue_pause pause;
	bool resume;
};

static enum err change_write(struct txn *t, void *arg)
{
	const struct change *ch = arg;
	const struct queue_pause *p = &ch->pause;
	struct str target = str_fmt(txn_arena(t), "%s %.*s", whats[p->of], STR_ARG(shown(p)));
	enum err e = ch->resume ? queue_resume(t, p->of, p->name) : queue_pause(t, p);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "it is not paused");
	if (e == OK)
		e = api_audit(t, ch->call, ch->resume ? "queue.resume" : "queue.pause", target,
		              STR_EMPTY, STR_EMPTY);
	if (e == OK)
		queue_wake_after(ch->call->admin->queue, t);
	return e;
}

static enum err change(struct change *ch, struct str what, struct str name)
{
	struct api_call *c = ch->call;

	if (!what_parse(what, &ch->pause.of))
		return api_invalid(c, "what", what, "all, queue or destination");
	if (ch->pause.of != QUEUE_PAUSE_ALL && name.n == 0)
		return fail(&c->why, ERR_SYNTAX,
		            "name: enter the name of the queue or destination");
	ch->pause.name = meant(ch->pause.of, name);
	return store_write(c->admin->store, change_write, ch, &c->why);
}

enum err api_pause(struct api_call *c)
{
	struct change ch = { .call = c, .pause = { .since_ms = clock_real_ms() } };
	struct str what = STR_EMPTY, name = STR_EMPTY;

	(void)json_str(json_get(c->body, "what"), &what);
	(void)json_str(json_get(c->body, "name"), &name);
	(void)json_str(json_get(c->body, "reason"), &ch.pause.reason);
	return change(&ch, what, name);
}

enum err api_resume(struct api_call *c)
{
	struct change ch = { .call = c, .resume = true };

	return change(&ch, api_argument(c, "what"), api_argument(c, "name"));
}
