/* operations/doctor/examine/examine_lists.c: are our addresses, or our domain, on lists
 * of bad senders; see examine.h.
 *
 * Only the name servers that this server uses itself are asked: most lists do not answer who comes
 * by a public one. */
#include "operations/doctor/examine/examining.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "operations/doctor/examine/lists.h"

enum { LISTS_MS = 6000 };

struct asking {
	struct examining *g;
	const struct asked_server *by;
	struct dns_direct *questions;
	struct list *lists;
	struct str *about;
	size_t count;
};

/* The first that answers; NULL: none. */
static const struct asked_server *own_resolver(const struct asked *x)
{
	for (size_t i = 0; i < x->own_count; i++)
		if (x->resolvers[i].dumb == NULL)
			return &x->resolvers[i];
	return NULL;
}

static void question_add(struct asking *q, const struct list *list, const struct addr *ip,
                         struct str domain)
{
	struct arena *a = q->g->x->a;
	char text[ADDR_TEXT_MAX];

	q->lists[q->count] = *list;
	q->about[q->count] = ip != NULL ? str_dup(a, addr_ip_text(ip, text)) : domain;
	q->questions[q->count++] = (struct dns_direct){ .server = q->by->at,
		                                        .name = list_question(list, ip, domain, a),
		                                        .type = RR_A,
		                                        .recurse = true };
}

static void finding_of(const struct asking *q, size_t i)
{
	struct arena *a = q->g->x->a;
	const struct dns_direct *d = &q->questions[i];
	struct list_answer answer = {
		.list = &q->lists[i], .status = d->status, .data = d->data, .count = d->count
	};
	struct finding *f = finding_add(
		q->g->out,
		str_fmt(a, "list:%.*s:%.*s", STR_ARG(q->lists[i].zone), STR_ARG(q->about[i])),
		"list", "A list that others ask before they take mail (RFC 5782)");

	list_judge(&answer, a);
	f->name = q->about[i];
	f->expected = str_fmt(a, "not listed by %.*s", STR_ARG(q->lists[i].zone));
	f->state = answer.state;
	f->words = answer.words;
	f->advice = answer.advice;
	f->views = arena_new(a, struct view);
	f->view_count = 1;
	f->views[0] =
		(struct view){ .of = VIEW_RESOLVER,
		               .by = q->by->by,
		               .status = d->status,
		               .why = d->status == DNS_RETRY && d->why != NULL ? str_of(d->why)
		                                                               : STR_EMPTY,
		               .data = d->data,
		               .count = d->count,
		               .ttl_s = d->ttl_s,
		               .state = answer.state };
}

void lists_examine(struct examining *g, const struct addr *ips, size_t n, struct str domain)
{
	struct cur c = cur_of(g->x->settings->doctor_blocklists);
	size_t most = LIMIT_doctor_lists * MAX(n, (size_t)1);
	struct asking q = { .g = g,
		            .by = own_resolver(&g->asked),
		            .questions = arena_array(g->x->a, struct dns_direct, most),
		            .lists = arena_array(g->x->a, struct list, most),
		            .about = arena_array(g->x->a, struct str, most) };
	struct list list;

	for (int i = 0; q.by != NULL && i < LIMIT_doctor_lists && list_next(&c, &list); i++) {
		if (list.of_domain && domain.n != 0)
			question_add(&q, &list, NULL, domain);
		for (size_t k = 0; !list.of_domain && k < n; k++)
			question_add(&q, &list, &ips[k], STR_EMPTY);
	}
	dns_direct_ask(q.questions, q.count, clock_mono_ms() + LISTS_MS, g->x->stop, g->x->a);
	for (size_t i = 0; i < q.count; i++)
		finding_of(&q, i);
}
