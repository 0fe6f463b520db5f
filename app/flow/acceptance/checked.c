/* flow/acceptance/checked.c: see checked.h. */
#include "flow/acceptance/checked.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/policy.h"
#include "flow/policy/return_path.h"
#include "flow/policy/view.h"
#include "model/store/spool.h"

#include <string.h>

/* Bytes as they are: what came may have a NUL. */
static struct str trace_of(struct arena *a, struct str top, struct str tags)
{
	char *to = arena_alloc(a, top.n + tags.n);

	memcpy(to, top.p, top.n);
	if (tags.n != 0)
		memcpy(to + top.n, tags.p, tags.n);
	return str_from(to, top.n + tags.n);
}

/* The changes that checks request. */
static enum err change(struct policy_session *policy, struct spool *changed, struct arena *a,
                       struct delivery_message *m, struct str received, struct str tags)
{
	const struct policy_changes *c = &policy->changes;
	struct policy_view view;
	enum err e;

	if (c->count == 0)
		return OK;
	policy_changes_envelope(c, a, &m->envelope);
	if (!policy_changes_rewrite(c))
		return OK;
	policy_view_init(&view, received, m->results, m->body, a);
	policy_view_changes(&view, c);
	m->trace = trace_of(a, policy_view_top(&view), tags);
	e = spool_put(changed, policy_view_header(&view));
	if (e == OK)
		e = spool_put(changed, policy_view_rest(&view));
	return e == OK ? spool_view(changed, &m->body) : e;
}

static bool among(const struct delivery_message *m, const struct mailaddr *address)
{
	for (size_t i = 0; i < m->envelope.rcpt_count; i++)
		if (mailaddr_equal(&m->envelope.rcpts[i].address, address))
			return true;
	return false;
}

/* Recipients that a check has discarded get nothing: the others stay. out has room for all. */
static void left_in(struct arena *a, struct delivery_message *m, struct envelope_rcpt *out)
{
	struct envelope_rcpt *left = arena_array(a, struct envelope_rcpt, m->envelope.rcpt_count);
	size_t n = 0;

	for (size_t i = 0; i < m->envelope.rcpt_count; i++)
		if (actions_discarded(m->envelope.rcpts[i].actions).n == 0)
			left[n++] = m->envelope.rcpts[i];
		else
			out[m->discarded_count++] = m->envelope.rcpts[i];
	m->envelope.rcpts = left;
	m->envelope.rcpt_count = n;
	m->discarded = out;
}

/* Those whom a filter has taken out of left, when it changes the message. */
static void taken_out(struct arena *a, const struct delivery_message *m,
                      const struct envelope_rcpt *left, size_t count, struct envelope_rcpt *out,
                      size_t *out_count)
{
	for (size_t i = 0; i < count; i++) {
		if (among(m, &left[i].address))
			continue;
		out[*out_count] = left[i];
		out[*out_count].actions =
			actions_discard(a, STR("a filter removed the recipient"));
		++*out_count;
	}
}

static void quarantine_all(struct arena *a, struct delivery_message *m, struct str why)
{
	const struct action *list = why.n != 0 ? actions_quarantine(a, why) : NULL;

	for (size_t i = 0; list != NULL && i < m->envelope.rcpt_count; i++)
		m->envelope.rcpts[i].actions = list;
}

enum err accept_checked(struct policy_session *policy, struct spool *changed, struct buf *trace,
                    struct arena *a, struct delivery_message *m)
{
	struct envelope_rcpt *all = m->envelope.rcpts, *left;
	size_t received = trace->n, tags, count = m->envelope.rcpt_count, left_count;
	struct envelope_rcpt *out;
	struct trace_step *steps;
	enum err e;

	m->trace = buf_str(trace);
	if (policy == NULL)
		return OK;
	policy_tags_put(trace, policy);
	tags = trace->n;
	m->results = policy_results(policy);
	buf_put(trace, m->results);
	m->trace = buf_str(trace);
	m->check_count = policy_steps(policy, false, a, &steps);
	m->checks = steps;
	m->discard = policy->discard;
	m->arrival = policy_verified_arrival(policy);
	out = arena_array(a, struct envelope_rcpt, count);
	left_in(a, m, out);
	left = m->envelope.rcpts;
	left_count = m->envelope.rcpt_count;
	e = change(policy, changed, a, m, str_sub(m->trace, 0, received),
	           str_sub(m->trace, received, tags));
	if (m->envelope.rcpt_count != 0 && policy->changes.count != 0)
		taken_out(a, m, left, left_count, out, &m->discarded_count);
	quarantine_all(a, m, policy->quarantine);
	return_path_apply(return_path_judge(policy, &m->envelope.sender), a, &m->envelope);
	if (m->envelope.rcpt_count != 0 || count == 0)
		return e;
	/* Nobody is left: what is dropped was for all of them. */
	m->envelope.rcpts = all;
	m->envelope.rcpt_count = count;
	m->discarded_count = 0;
	if (m->discard.n == 0)
		m->discard = actions_discarded(all[0].actions);
	if (m->discard.n == 0)
		m->discard = STR("a filter removed the recipients");
	return e;
}

enum err accept_deliver(const struct delivery *d, struct delivery_message *m, struct arena *a,
                        struct smtp_answer *answer)
{
	enum err e;

	*answer = (struct smtp_answer){ 0 };
	m->fates = arena_array(a, struct delivery_fate, m->envelope.rcpt_count);
	m->arena = a;
	e = delivery_accept(d, m, NULL);
	for (size_t i = 0; e == ERR_DENIED && i < m->envelope.rcpt_count; i++)
		if (m->fates[i].rejected && answer->code == 0)
			*answer = (struct smtp_answer){ m->fates[i].refused->code,
				                        str_z(a, m->fates[i].refused->status),
				                        str_z(a, m->fates[i].refused->text) };
	return e;
}
