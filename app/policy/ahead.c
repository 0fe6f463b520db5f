/* policy/ahead.c: see ahead.h. */
#include "policy/ahead.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "config/settings.h"
#include "mailauth/arc.h"
#include "mailauth/dmarc.h"
#include "message/header.h"
#include "policy/dmarc.h"
#include "policy/run.h"

/* Messages whose keys and policies are asked for at one time: the rest of the threads is for
 * sessions that wait for an answer. */
enum { MESSAGES_MAX = 16 };

struct asking {
	struct policy *policy;
	struct arena arena;
	struct dkim_fields fields;
	int64_t deadline_ms;
	enum dmarc_method method;
	atomic_int open; /* jobs: who is last frees it */
};

static void done(struct asking *x)
{
	if (atomic_fetch_sub(&x->open, 1) != 1)
		return;
	atomic_fetch_sub(&x->policy->ahead, 1);
	arena_deinit(&x->arena);
	mem_free(x);
}

static void ask_each(const struct asking *x, struct dkim_question *questions, size_t count)
{
	for (size_t i = 0; i < count && clock_mono_ms() < x->deadline_ms; i++)
		dkim_question_ask(&questions[i], x->policy->config.dns, x->deadline_ms);
}

/* One after the other: most messages have keys of one domain. */
static void ask_keys(void *arg)
{
	struct asking *x = arg;
	struct arena a = { 0 };
	struct body_hashes unused;
	struct dkim_verifier v;
	struct arc_verifier chain;
	int64_t now_s = clock_real_ms() / 1000;

	body_hashes_init(&unused);
	dkim_verify_begin(&v, &x->fields, &unused, now_s, &a);
	arc_verify_begin(&chain, &x->fields, &unused, now_s, &a);
	ask_each(x, v.questions, v.question_count);
	ask_each(x, chain.questions, chain.question_count);
	arena_deinit(&a);
	done(x);
}

static void ask_author(void *arg)
{
	struct asking *x = arg;
	struct dmarc_query q = { .method = x->method,
		                 .dns = x->policy->config.dns,
		                 .deadline_ms = x->deadline_ms };
	struct arena a = { 0 };
	struct dmarc_discovery unused;

	if (dmarc_author(x->fields.items, x->fields.count, &a, &q.author, NULL) == OK)
		dmarc_discover(&q, &a, &unused);
	arena_deinit(&a);
	done(x);
}

static bool wanted(struct policy *p, const struct policy_session *s)
{
	return s->role == POLICY_MX && s->account == 0 && p->asking != NULL &&
	       pool_quiet(p->asking) && atomic_load(&p->ahead) < MESSAGES_MAX;
}

void policy_ahead(struct policy *p, const struct policy_session *s, struct str header)
{
	void (*const jobs[])(void *) = { ask_keys, ask_author };
	const bool due[] = { s->settings->dkim_verify, dmarc_wanted(s->settings) };
	struct asking *x;

	if (!wanted(p, s))
		return;
	x = NEW(struct asking);
	x->policy = p;
	x->deadline_ms = clock_mono_ms() + LIMIT_policy_dns_ms;
	x->method = s->settings->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
	header = str_dup(&x->arena, header);
	dkim_fields_read(&x->fields, &header, 1, &x->arena);
	atomic_fetch_add(&p->ahead, 1);
	atomic_store(&x->open, 1); /* our own share, until all are begun */
	for (size_t i = 0; i < COUNT(jobs) && !x->fields.limited; i++) {
		if (!due[i])
			continue;
		atomic_fetch_add(&x->open, 1);
		if (!pool_run(p->asking, jobs[i], x))
			done(x);
	}
	done(x);
}
