/* policy/ahead.c: see ahead.h. */
#include "policy/ahead.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "config/settings.h"
#include "mailauth/bimi.h"
#include "mailauth/dmarc.h"
#include "net/dns.h"
#include "policy/dmarc.h"
#include "policy/run.h"
#include "policy/signatures.h"

/* Messages whose keys and policies are asked for at one time: the rest of the threads is for
 * sessions that wait for an answer. */
enum { MESSAGES_MAX = 16 };

struct asking {
	struct policy *policy;
	struct arena arena;
	int64_t deadline_ms;
	struct dkim_question **questions; /* each name once */
	size_t count;
	struct str author; /* empty: nothing is asked of it */
	enum dmarc_method method;
	bool bimi;
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

/* One after the other: most messages have keys of one domain. */
static void ask_keys(void *arg)
{
	struct asking *x = arg;

	for (size_t i = 0; i < x->count && clock_mono_ms() < x->deadline_ms; i++)
		dkim_question_ask(x->questions[i], x->policy->config.dns, x->deadline_ms);
	done(x);
}

static void ask_author(void *arg)
{
	struct asking *x = arg;
	struct dmarc_query q = { .author = x->author,
		                 .method = x->method,
		                 .dns = x->policy->config.dns,
		                 .deadline_ms = x->deadline_ms };
	struct dmarc_discovery found;
	struct bimi_query picture = { .dmarc = &found,
		                      .dns = q.dns,
		                      .deadline_ms = q.deadline_ms };
	struct bimi_answer unused;
	struct arena a = { 0 };

	dmarc_discover(&q, &a, &found);
	if (x->bimi)
		bimi_look(&picture, &a, &unused);
	arena_deinit(&a);
	done(x);
}

/* --- what is asked --------------------------------------------------------------------------- */

static void questions_add(struct asking *x, const struct dkim_question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dkim_question *q = arena_new(&x->arena, struct dkim_question);

		q->name = str_dup(&x->arena, questions[i].name);
		dkim_question_join(x->questions, &x->count, q);
	}
}

static bool keys_known(const struct asking *x)
{
	for (size_t i = 0; i < x->count; i++)
		if (!dns_txt_known(x->policy->config.dns, x->questions[i]->name))
			return false;
	return true;
}

static bool author_known(struct asking *x)
{
	struct dns *d = x->policy->config.dns;
	struct str domain = x->author;

	return dns_txt_known(d, str_fmt(&x->arena, "_dmarc.%.*s", STR_ARG(domain))) &&
	       (!x->bimi ||
	        dns_txt_known(d, str_fmt(&x->arena, "default._bimi.%.*s", STR_ARG(domain))));
}

static void keys_add(struct asking *x, const struct policy_signed *all)
{
	size_t count = all->signatures.question_count + all->chain.question_count;

	x->questions = arena_array(&x->arena, struct dkim_question *, count);
	questions_add(x, all->signatures.questions, all->signatures.question_count);
	questions_add(x, all->chain.questions, all->chain.question_count);
}

static void author_add(struct asking *x, const struct settings *s, struct str header)
{
	struct dkim_fields fields;
	struct arena a = { 0 };
	struct str author;

	dkim_fields_read(&fields, &header, 1, &a);
	if (!fields.limited &&
	    dmarc_author(fields.items, fields.count, &a, &author, NULL) == OK)
		x->author = str_dup(&x->arena, author);
	arena_deinit(&a);
	x->method = s->dmarc_tree ? DMARC_TREE : DMARC_SUFFIXES;
	x->bimi = s->bimi;
}

/* What would not have to wait needs nobody who waits. */
static bool wanted(struct asking *x, void (*job)(void *))
{
	return job == ask_keys ? !keys_known(x) : x->author.n != 0 && !author_known(x);
}

static void ask(struct policy *p, const struct policy_session *s, struct str header)
{
	void (*const jobs[])(void *) = { ask_author, ask_keys };
	struct asking *x = NEW(struct asking);

	x->policy = p;
	x->deadline_ms = clock_mono_ms() + LIMIT_policy_dns_ms;
	if (s->signed_by != NULL)
		keys_add(x, s->signed_by);
	if (dmarc_wanted(s->settings))
		author_add(x, s->settings, header);
	atomic_fetch_add(&p->ahead, 1);
	atomic_store(&x->open, 1); /* our own share, until all are begun */
	for (size_t i = 0; i < COUNT(jobs); i++) {
		if (!wanted(x, jobs[i]))
			continue;
		atomic_fetch_add(&x->open, 1);
		if (!pool_run(p->asking, jobs[i], x))
			done(x);
	}
	done(x);
}

void policy_ahead(struct policy *p, struct policy_session *s, struct str header)
{
	if (s->role != POLICY_MX || s->account != 0)
		return;
	if (s->settings->dkim_verify && signatures_any(header)) {
		s->signed_by = arena_new(&s->mail_arena, struct policy_signed);
		signatures_prepare(s->signed_by, str_dup(&s->mail_arena, header), &s->mail_arena);
	}
	if (p->asking != NULL && pool_quiet(p->asking) && atomic_load(&p->ahead) < MESSAGES_MAX)
		ask(p, s, header);
}
