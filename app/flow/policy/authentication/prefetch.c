/* flow/policy/authentication/prefetch.c: see prefetch.h. */
#include "flow/policy/authentication/prefetch.h"

#include "flow/policy/authentication/dmarc.h"
#include "flow/policy/authentication/signatures.h"
#include "flow/policy/run.h"
#include "flow/policy/task.h"
#include "formats/mailauth/bimi.h"
#include "formats/mailauth/dmarc.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "network/dns/budget.h"
#include "network/dns/cached.h"
#include "network/dns/dedup.h"

/* Most threads for queries ahead: the rest is for sessions that wait for a reply. */
enum { JOBS_MAX = 32 };

struct policy_asked {
	struct policy *policy;
	struct dns_budget *budget;
	struct arena arena;
	struct dns_dedup once;
	int64_t begun_ms;
	struct dkim_question **questions; /* each name once */
	size_t count;
	atomic_size_t next; /* of the questions       */
	struct str author;  /* empty: no policy query */
	enum dmarc_method method;
	bool bimi;
	atomic_bool left; /* the message is gone                             */
	atomic_int users; /* the message and the jobs: the last one frees it */
};

static void unuse(struct policy_asked *x)
{
	if (atomic_fetch_sub(&x->users, 1) != 1)
		return;
	dns_dedup_deinit(&x->once);
	dns_budget_unref(x->budget);
	arena_deinit(&x->arena);
	mem_free(x);
}

static void ahead_done(struct policy_asked *x)
{
	atomic_fetch_sub(&x->policy->ahead, 1);
	unuse(x);
}

/* Each query has the same timeout as at the end of the message. After one timeout no more
 * begin, so that fifty seals with unreachable name servers hold no thread longer. */
static void ask_keys(void *arg)
{
	struct policy_asked *x = arg;
	size_t i;

	(void)dns_budget_enter(x->budget);
	while (!atomic_load(&x->left) && clock_mono_ms() < x->begun_ms + LIMIT_policy_dns_ms &&
	       (i = atomic_fetch_add(&x->next, 1)) < x->count)
		dkim_question_ask(x->questions[i], &x->once.dns,
		                  clock_mono_ms() + LIMIT_policy_dns_ms);
	(void)dns_budget_enter(NULL);
	ahead_done(x);
}

static void author_ask(const struct policy_asked *x, struct dns *dns)
{
	struct dmarc_query q = { .author = x->author,
		                 .method = x->method,
		                 .dns = dns,
		                 .deadline_ms = x->begun_ms + LIMIT_policy_stage_ms };
	struct dmarc_discovery found;
	struct bimi_query picture = { .dmarc = &found, .dns = q.dns, .deadline_ms = q.deadline_ms };
	struct bimi_answer unused;
	struct arena a = { 0 };

	dmarc_discover(&q, &a, &found);
	if (x->bimi && !atomic_load(&x->left))
		bimi_look(&picture, &a, &unused);
	arena_deinit(&a);
}

static void ask_author(void *arg)
{
	struct policy_asked *x = arg;

	(void)dns_budget_enter(x->budget);
	author_ask(x, &x->once.dns);
	(void)dns_budget_enter(NULL);
	ahead_done(x);
}

/* --- queries --------------------------------------------------------------------------------- */

static void questions_add(struct policy_asked *x, const struct dkim_question *questions,
                          size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dkim_question *q = arena_new(&x->arena, struct dkim_question);

		q->name = str_dup(&x->arena, questions[i].name);
		dkim_question_join(x->questions, &x->count, q);
	}
}

/* Queries with cached answers need no thread. */
static void known_leave_out(struct policy_asked *x)
{
	size_t unknown = 0;

	for (size_t i = 0; i < x->count; i++)
		if (!dns_txt_cached(&x->policy->dns.dns, x->questions[i]->name))
			x->questions[unknown++] = x->questions[i];
	x->count = unknown;
}

static bool author_known(const struct policy_asked *x)
{
	struct dns_cached known;

	dns_cached_init(&known, &x->policy->dns.dns);
	author_ask(x, &known.dns);
	return !known.missed;
}

static void keys_add(struct policy_asked *x, const struct policy_signed *all)
{
	size_t count = all->signatures.question_count + all->chain.question_count;

	x->questions = arena_array(&x->arena, struct dkim_question *, count);
	questions_add(x, all->signatures.questions, all->signatures.question_count);
	questions_add(x, all->chain.questions, all->chain.question_count);
}

static void author_add(struct policy_asked *x, const struct settings *s, struct str header)
{
	struct dkim_fields fields;
	struct arena a = { 0 };
	struct str author;

	dkim_fields_read(&fields, &header, 1, &a);
	if (!fields.limited && dmarc_author(fields.items, fields.count, &a, &author, NULL) == OK)
		x->author = str_dup(&x->arena, author);
	arena_deinit(&a);
	x->method = s->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
	x->bimi = s->bimi;
}

static void ahead_begin(struct policy_asked *x, void (*job)(void *))
{
	struct policy *p = x->policy;

	atomic_fetch_add(&x->users, 1);
	if (atomic_fetch_add(&p->ahead, 1) >= JOBS_MAX || !pool_run(p->asking, job, x))
		ahead_done(x);
}

static struct policy_asked *ahead_query(struct policy *p, const struct policy_session *s,
                                        struct str header)
{
	struct policy_asked *x = NEW(struct policy_asked);

	x->policy = p;
	x->budget = dns_budget_ref(s->budget);
	x->begun_ms = clock_mono_ms();
	dns_dedup_init(&x->once, &p->dns.dns, POLICY_FAIR_MS);
	atomic_store(&x->users, 1);
	if (s->signed_by != NULL)
		keys_add(x, s->signed_by);
	if (dmarc_wanted(s->settings))
		author_add(x, s->settings, header);
	if (x->author.n != 0 && !author_known(x))
		ahead_begin(x, ask_author);
	known_leave_out(x);
	for (size_t i = 0; i < MIN(x->count, (size_t)LIMIT_policy_keys); i++)
		ahead_begin(x, ask_keys);
	return x;
}

void policy_ahead(struct policy *p, struct policy_session *s, struct str header)
{
	if (s->role != POLICY_MX || s->account != 0)
		return;
	if (s->settings->dkim_verify && signatures_any(header)) {
		s->signed_by = arena_new(&s->mail_arena, struct policy_signed);
		signatures_prepare(s->signed_by, str_dup(&s->mail_arena, header), &s->mail_arena);
	}
	if (p->asking != NULL && pool_quiet(p->asking) && atomic_load(&p->ahead) < JOBS_MAX)
		s->asked = ahead_query(p, s, header);
}

struct dns *policy_asked_dns(struct policy_asked *x)
{
	return x != NULL ? &x->once.dns : NULL;
}

void policy_asked_leave(struct policy_asked **x)
{
	struct policy_asked *asked = *x;

	*x = NULL;
	if (asked == NULL)
		return;
	atomic_store(&asked->left, true);
	unuse(asked);
}
