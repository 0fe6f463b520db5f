/* operations/doctor/views.c: see doctor_private.h. */
#include "operations/doctor/doctor_private.h"

#include "foundation/base/clock.h"

struct batch {
	const struct asked *x;
	struct dns_direct *questions;
	struct view **views; /* whose question that is */
	size_t count;
};

static struct view view_of(const struct asked_server *s)
{
	return (struct view){ .of = s->of,
		              .by = s->by,
		              .status = DNS_RETRY,
		              .why = s->dumb != NULL ? str_of(s->dumb) : STR_EMPTY };
}

static void view_fill(struct view *v, const struct dns_direct *q)
{
	v->status = q->status;
	v->why = q->status == DNS_RETRY && q->why != NULL ? str_of(q->why) : STR_EMPTY;
	v->data = q->data;
	v->count = q->count;
	v->ttl_s = q->ttl_s;
}

/* Types of findings of records are those of zone files. */
static uint16_t type_of(const struct finding *f)
{
	uint16_t type = 0;
	bool known = rr_type_parse(str_of(f->type), &type);

	assert(known);
	return type;
}

static void view_add(struct batch *b, struct finding *f, const struct asked_server *s)
{
	struct view *v = &f->views[f->view_count++];

	*v = view_of(s);
	if (s->dumb != NULL)
		return;
	b->views[b->count] = v;
	b->questions[b->count++] = (struct dns_direct){ .server = s->at,
		                                        .name = f->name,
		                                        .type = type_of(f),
		                                        .recurse = s->of == VIEW_RESOLVER };
}

static size_t places(const struct asked *x, const struct finding *f)
{
	const struct asked_zone *z = asked_zone_of(x, f->name);

	return x->resolver_count + (z != NULL ? z->count : 0);
}

static void finding_add_views(struct batch *b, struct finding *f)
{
	const struct asked_zone *z = asked_zone_of(b->x, f->name);

	f->views = arena_array(b->x->a, struct view, places(b->x, f));
	f->view_count = 0;
	for (size_t i = 0; z != NULL && i < z->count; i++)
		view_add(b, f, &z->servers[i]);
	for (size_t i = 0; i < b->x->resolver_count; i++)
		view_add(b, f, &b->x->resolvers[i]);
}

void views_ask(const struct asked *x, struct finding *const *findings, size_t n)
{
	struct batch b = { .x = x };
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += places(x, findings[i]);
	b.questions = arena_array(x->a, struct dns_direct, most);
	b.views = arena_array(x->a, struct view *, most);
	for (size_t i = 0; i < n; i++)
		finding_add_views(&b, findings[i]);
	dns_direct_ask(b.questions, b.count, x->deadline_ms, x->stop, x->a);
	for (size_t i = 0; i < b.count; i++)
		view_fill(b.views[i], &b.questions[i]);
}

/* Counts the servers that got a first query. */
static void views_of_servers(struct finding *f, const struct asked_server *servers, size_t n,
                             struct arena *a)
{
	f->views = arena_array(a, struct view, n);
	f->view_count = n;
	for (size_t i = 0; i < n; i++) {
		struct view *v = &f->views[i];

		*v = view_of(&servers[i]);
		if (servers[i].at.family != ADDR_NONE)
			view_fill(v, &servers[i].probe);
		v->why = servers[i].dumb != NULL ? str_of(servers[i].dumb) : STR_EMPTY;
		v->state = servers[i].dumb != NULL ? DNS_STATE_WARN : DNS_STATE_OK;
	}
}

void views_of_zone(const struct asked *x, const struct asked_zone *z, struct finding *f)
{
	views_of_servers(f, z->servers, z->count, x->a);
}

void views_of_resolvers(const struct asked *x, struct finding *f)
{
	views_of_servers(f, x->resolvers, x->resolver_count, x->a);
}
