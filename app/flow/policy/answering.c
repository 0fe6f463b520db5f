/* flow/policy/answering.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/run.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/observe/event.h"

/* Call with the list's lock. NULL: no failures recorded, or no room. */
static struct answering *answering_find(struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->answering_count; i++)
		if (str_eqi(p->answering[i].name, name))
			return &p->answering[i];
	return NULL;
}

bool policy_answering_good(const struct policy_run *r, struct str name)
{
	struct policy *p = r->policy;
	const struct answering *h;
	bool good;

	pthread_mutex_lock(&p->lock);
	h = answering_find(p, name);
	good = h == NULL || h->rest_until_ms <= clock_mono_ms();
	pthread_mutex_unlock(&p->lock);
	return good;
}

void policy_answering_tell(const struct policy_run *r, struct str name, bool answered)
{
	struct policy *p = r->policy;
	bool rests = false;
	struct answering *h;

	pthread_mutex_lock(&p->lock);
	h = answering_find(p, name);
	if (h == NULL && !answered && p->answering_count < ANSWERING_PLACES) {
		h = &p->answering[p->answering_count++];
		h->name = str_new(name);
	}
	if (h != NULL && answered)
		h->failures = 0;
	if (h != NULL && !answered && ++h->failures >= ANSWERING_FAILURES) {
		rests = h->rest_until_ms <= clock_mono_ms();
		h->rest_until_ms = clock_mono_ms() + ANSWERING_REST_MS;
	}
	pthread_mutex_unlock(&p->lock);
	if (rests)
		event(policy_check_paused, STR(""), ev_str(name), ev_int(ANSWERING_REST_MS / 1000));
}
