/* operations/doctor/self_test/self_tests.c: see self_tests.h. */
#include "operations/doctor/self_test/self_tests.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "network/runtime/pool.h"
#include "network/runtime/runtime.h"

#include <pthread.h>

/* A person's last one. */
struct place {
	struct self_tests *of;
	struct str who;        /* lives in a, as do the strings of test */
	struct self_test test; /* SELF_TEST_NONE: the place is free     */
	struct arena a;
};

struct self_tests {
	struct self_tests_config config;
	pthread_mutex_t lock; /* of the places */
	struct place places[LIMIT_self_tests_kept];
};

/* --- copies --------------------------------------------------------------------------------- */

static struct check check_dup(struct arena *a, const struct check *c)
{
	struct check copy = *c; /* id and title are static */

	copy.seen = str_dup(a, c->seen);
	copy.expected = str_dup(a, c->expected);
	copy.advice = str_dup(a, c->advice);
	return copy;
}

static void test_copy(struct arena *a, const struct self_test *from, struct self_test *to)
{
	*to = *from;
	to->domain = str_dup(a, from->domain);
	to->from = str_dup(a, from->from);
	to->to = str_dup(a, from->to);
	to->message_id = str_dup(a, from->message_id);
	to->problem = str_dup(a, from->problem);
	for (size_t i = 0; i < from->steps.count; i++)
		to->steps.items[i] = check_dup(a, &from->steps.items[i]);
}

/* --- places, under the lock ----------------------------------------------------------------- */

static struct place *place_find(struct self_tests *s, struct str who)
{
	for (size_t i = 0; i < COUNT(s->places); i++)
		if (s->places[i].test.state != SELF_TEST_NONE && str_eq(s->places[i].who, who))
			return &s->places[i];
	return NULL;
}

/* A free one, else that of the test that was begun first and is over: few run. */
static struct place *place_for(struct self_tests *s, struct str who)
{
	struct place *best = place_find(s, who);

	for (size_t i = 0; best == NULL && i < COUNT(s->places); i++)
		if (s->places[i].test.state == SELF_TEST_NONE)
			best = &s->places[i];
	if (best != NULL)
		return best;
	for (size_t i = 0; i < COUNT(s->places); i++) {
		struct place *p = &s->places[i];

		if (p->test.state != SELF_TEST_RUNNING &&
		    (best == NULL || p->test.started_ms < best->test.started_ms))
			best = p;
	}
	return best;
}

static size_t running(const struct self_tests *s)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(s->places); i++)
		n += s->places[i].test.state == SELF_TEST_RUNNING;
	return n;
}

/* Keep it in place of what was there. */
static void place_set(struct place *p, struct str who, const struct self_test *t)
{
	struct arena old = p->a;

	p->a = (struct arena){ 0 };
	p->who = str_dup(&p->a, who);
	test_copy(&p->a, t, &p->test);
	arena_deinit(&old);
}

/* --- a run ---------------------------------------------------------------------------------- */

/* A place whose test runs is nobody else's. */
static void step(void *arg, const struct self_test *so_far)
{
	struct place *p = arg;

	pthread_mutex_lock(&p->of->lock);
	place_set(p, p->who, so_far);
	pthread_mutex_unlock(&p->of->lock);
}

static void run(void *arg)
{
	struct place *p = arg;
	const struct settings *s = settings_ref(p->of->config.live);
	const struct self_test_run run = { .store = p->of->config.store,
		                           .settings = s,
		                           .delivery = p->of->config.delivery,
		                           .stop = p->of->config.stop,
		                           .step = step,
		                           .arg = p };
	struct arena a = { 0 };
	struct why why = { "" };
	struct self_test t;

	pthread_mutex_lock(&p->of->lock);
	test_copy(&a, &p->test, &t);
	pthread_mutex_unlock(&p->of->lock);
	if (self_test_run(&run, &a, &t, &why) == OK) {
		t.state = SELF_TEST_DONE;
	} else {
		t.state = SELF_TEST_FAILED;
		t.problem = str_of(why.text);
	}
	t.ended_ms = clock_real_ms();
	step(p, &t);
	settings_unref(s);
	arena_deinit(&a);
}

/* --- for others ----------------------------------------------------------------------------- */

static enum err begin(struct self_tests *s, struct str who, const struct self_test *t,
                      struct why *why)
{
	struct place *p = place_find(s, who);

	if (p != NULL && p->test.state == SELF_TEST_RUNNING)
		return fail(why, ERR_CONFLICT, "a self-test of yours runs already");
	p = running(s) < LIMIT_self_tests_running ? place_for(s, who) : NULL;
	if (p == NULL)
		return fail(why, ERR_RETRY, "others test just now; try again in a minute");
	place_set(p, who, t);
	p->of = s;
	if (pool_run(s->config.pool, run, p))
		return OK;
	p->test.state = SELF_TEST_NONE;
	return fail(why, ERR_RETRY, "the doctor is busy; try again in a minute");
}

enum err self_tests_begin(struct self_tests *s, struct str who, struct str domain, struct str from,
                          struct str to, struct why *why)
{
	struct self_test t = { .state = SELF_TEST_RUNNING,
		               .domain = domain,
		               .from = from,
		               .to = to,
		               .started_ms = clock_real_ms() };
	enum err e;

	t.listen_count =
		runtime_listens(s->config.runtime, "smtp", t.listens, SELF_TEST_LISTENS);
	pthread_mutex_lock(&s->lock);
	e = begin(s, who, &t, why);
	pthread_mutex_unlock(&s->lock);
	return e;
}

void self_tests_get(struct self_tests *s, struct str who, struct arena *a, struct self_test *out)
{
	const struct place *p;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, who);
	if (p != NULL)
		test_copy(a, &p->test, out);
	else
		*out = (struct self_test){ .state = SELF_TEST_NONE };
	pthread_mutex_unlock(&s->lock);
}

struct self_tests *self_tests_new(const struct self_tests_config *config)
{
	struct self_tests *s = NEW(struct self_tests);

	s->config = *config;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void self_tests_free(struct self_tests **s)
{
	if (*s == NULL)
		return;
	for (size_t i = 0; i < COUNT((*s)->places); i++)
		arena_deinit(&(*s)->places[i].a);
	pthread_mutex_destroy(&(*s)->lock);
	mem_free(*s);
	*s = NULL;
}
