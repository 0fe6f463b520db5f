/* network/dns/secure.c: see secure.h. */
#include "network/dns/secure.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "network/dns/budget.h"

#include <pthread.h>
#include <stdatomic.h>

/* MISS_MS: how long one query for keys waits; the next one continues to wait. */
enum { PAUSE_MS = 500, MISS_MS = 1000 };

enum mode { MODE_OFF, MODE_AUTO, MODE_STRICT };

/* Do signatures arrive? See secure.h. */
enum ability { UNKNOWN, ABLE, UNABLE };

/* The settings, and the results under them; shared by the queries under way. */
struct trust {
	atomic_uint refs;
	enum mode mode;
	struct dnssec_anchors *anchors;
	struct dnssec_cache *cache;
	/* MODE_AUTO */
	_Atomic(enum ability) ability;
	_Atomic int64_t missed_ms;      /* UNKNOWN: time of the first miss; 0: none */
	_Atomic int64_t missed_last_ms; /* and of the last one */
	atomic_uint misses;             /* at least a second apart */
	_Atomic int64_t probe_after_ms; /* UNABLE: when to probe again */
};

struct dns_secure {
	pthread_mutex_t lock;
	struct trust *trust; /* lock */
};

static const struct dnssec_rules rules = {
	.records = LIMIT_dnssec_records,
	.signatures = LIMIT_dnssec_signatures,
	.hashes = LIMIT_dnssec_hashes,
	.wrong = LIMIT_dnssec_wrong,
	.wrong_set = LIMIT_dnssec_wrong_set,
	.cost_us = LIMIT_dnssec_question_us,
	.iterations = LIMIT_dnssec_iterations,
	.aliases = LIMIT_dnssec_aliases,
	.questions = LIMIT_dnssec_questions,
	.skew_s = LIMIT_dnssec_skew_s,
	.ttl_s = LIMIT_dnssec_ttl_s,
};

/* --- settings ------------------------------------------------------------------------------ */

static void trust_unref(struct trust *t)
{
	if (t == NULL || atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	dnssec_anchors_free(t->anchors);
	dnssec_cache_free(t->cache);
	mem_free(t);
}

static struct trust *trust_ref(struct dns_secure *s)
{
	struct trust *t;

	pthread_mutex_lock(&s->lock);
	t = s->trust;
	atomic_fetch_add(&t->refs, 1);
	pthread_mutex_unlock(&s->lock);
	return t;
}

static void trust_swap(struct dns_secure *s, struct trust *t)
{
	struct trust *before;

	pthread_mutex_lock(&s->lock);
	before = s->trust;
	s->trust = t;
	pthread_mutex_unlock(&s->lock);
	trust_unref(before);
}

static struct trust *trust_make(enum mode mode, struct dnssec_anchors *anchors)
{
	struct trust *t = NEW(struct trust);

	atomic_init(&t->refs, 1);
	t->mode = mode;
	t->anchors = anchors;
	t->cache = dnssec_cache_new(LIMIT_dnssec_cache);
	return t;
}

static bool mode_parse(struct str text, enum mode *out)
{
	static const char *const names[] = { "off", "auto", "strict" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (str_eqi(text, str_of(names[i]))) {
			*out = (enum mode)i;
			return true;
		}
	}
	return false;
}

enum err dns_security_check(struct str mode, struct str anchors, struct why *why)
{
	struct dnssec_anchors *made;
	enum mode parsed;
	enum err e;

	if (!mode_parse(mode, &parsed))
		return fail(why, ERR_SYNTAX, "ROOST_DNSSEC is one of auto, strict and off");
	e = dnssec_anchors_new(anchors, &made, why);
	if (e)
		return fail_about(why, e, "ROOST_DNSSEC_ANCHORS");
	dnssec_anchors_free(made);
	return OK;
}

struct dns_secure *dns_secure_new(void)
{
	struct dns_secure *s = NEW(struct dns_secure);

	pthread_mutex_init(&s->lock, NULL);
	s->trust = trust_make(MODE_OFF, NULL);
	return s;
}

void dns_secure_free(struct dns_secure *s)
{
	if (s == NULL)
		return;
	trust_unref(s->trust);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

enum err dns_secure_set(struct dns_secure *s, struct str mode, struct str anchors, struct why *why)
{
	struct dnssec_anchors *made;
	enum mode parsed;
	enum err e = dns_security_check(mode, anchors, why);

	if (e == OK && mode_parse(mode, &parsed) &&
	    (e = dnssec_anchors_new(anchors, &made, why)) == OK)
		trust_swap(s, trust_make(parsed, made));
	return e;
}

void dns_secure_forget(struct dns_secure *s)
{
	struct trust *t = trust_ref(s);

	atomic_store(&t->missed_ms, 0);
	atomic_store(&t->missed_last_ms, 0);
	atomic_store(&t->misses, 0);
	atomic_store(&t->ability, UNKNOWN);
	trust_unref(t);
}

/* --- probing for signatures ------------------------------------------------------------------- */

static struct dnssec_validator judge_of(struct trust *t, struct dnssec_asker *asker,
                                        struct arena *a, struct buf *steps)
{
	return (struct dnssec_validator){
		.work = { .rules = &rules,
		          .now_s = clock_real_ms() / 1000,
		          .a = a,
		          .trouble = STR_EMPTY,
		          .charge = dns_budget_charge,
		          .steps = steps },
		.asker = asker,
		.anchors = t->anchors,
		.cache = t->cache,
	};
}

/* Query the keys of each anchor: one valid answer is sufficient, and any other answer is better
 * than none. Each wait is short, because the caller's own query has little time. */
static enum ability probe(struct trust *t, struct dns_asker *asker, struct arena *a,
                          struct buf *steps, struct str *trouble)
{
	int64_t deadline_ms = asker->deadline_ms;
	enum ability found = t->anchors->count == 0 ? UNABLE : UNKNOWN;

	for (size_t i = 0; i < t->anchors->count && found != ABLE; i++) {
		struct dnssec_validator j = judge_of(t, &asker->asker, a, steps);
		struct str name = t->anchors->items[i].zone;
		struct dnssec_zone zone;
		enum dnssec_verdict v;

		if (i != 0 && str_eq(name, t->anchors->items[i - 1].zone))
			continue;
		j.work.charge = NULL; /* the result is for all sessions */
		asker->deadline_ms = MIN(deadline_ms, clock_mono_ms() + MISS_MS);
		v = dnssec_chain(&j, name, &zone);
		if (v == DNSSEC_SECURE)
			found = ABLE;
		else if (v != DNSSEC_INDETERMINATE)
			found = UNABLE;
		*trouble = j.work.trouble;
	}
	asker->deadline_ms = deadline_ms;
	return found;
}

/* Record the result, unless another thread has seen signatures meanwhile. Returns the ability. */
static enum ability ability_set(struct trust *t, enum ability found, struct str trouble)
{
	enum ability before = atomic_load(&t->ability);

	if (found == UNABLE)
		atomic_store(&t->probe_after_ms, clock_mono_ms() + LIMIT_dnssec_probe_ms);
	do {
		if (before == ABLE)
			return ABLE;
	} while (!atomic_compare_exchange_weak(&t->ability, &before, found));
	if (found == UNABLE && before == UNKNOWN)
		event(dnssec_unavailable, STR(""), ev_str(trouble));
	return found;
}

/* One of the queries after that time probes again; the others do not wait for it. */
static bool probe_due(struct trust *t)
{
	int64_t now_ms = clock_mono_ms(), at_ms = atomic_load(&t->probe_after_ms);

	return now_ms >= at_ms &&
	       atomic_compare_exchange_strong(&t->probe_after_ms, &at_ms,
	                                      now_ms + LIMIT_dnssec_probe_ms);
}

/* Count a miss; several threads may have waited for the same answer. */
static void miss(struct trust *t)
{
	int64_t now_ms = clock_mono_ms(), never = 0, last_ms = atomic_load(&t->missed_last_ms);

	atomic_compare_exchange_strong(&t->missed_ms, &never, now_ms);
	if (last_ms == 0 || now_ms - last_ms >= MISS_MS)
		if (atomic_compare_exchange_strong(&t->missed_last_ms, &last_ms, now_ms))
			atomic_fetch_add(&t->misses, 1);
}

/* Is it certain that no keys will arrive: many misses in enough time, while other answers
 * arrived? */
static bool patience_over(const struct trust *t)
{
	return atomic_load(&t->misses) >= LIMIT_dnssec_misses &&
	       clock_mono_ms() - atomic_load(&t->missed_ms) >= LIMIT_dnssec_patience_ms;
}

static enum ability ability(struct trust *t, struct dns_asker *asker, struct arena *a,
                            struct buf *steps)
{
	enum ability now = atomic_load(&t->ability), found;
	struct str trouble = STR_EMPTY;

	if (now == ABLE || (now == UNABLE && !probe_due(t)))
		return now;
	found = probe(t, asker, a, steps, &trouble);
	while (now == UNKNOWN && found == UNKNOWN) {
		miss(t);
		if (patience_over(t))
			break;
		if (clock_mono_ms() + PAUSE_MS >= asker->deadline_ms)
			return UNKNOWN;
		clock_sleep_ms(PAUSE_MS);
		found = probe(t, asker, a, steps, &trouble);
	}
	if (found == UNKNOWN)
		found = UNABLE;
	return ability_set(t, found, trouble);
}

/* --- validation ------------------------------------------------------------------------------- */

static enum dns_status proven(enum dnssec_found found)
{
	static const enum dns_status statuses[] = {
		[DNSSEC_DATA] = DNS_OK,
		[DNSSEC_NO_TYPE] = DNS_NODATA,
		[DNSSEC_NO_NAME] = DNS_NXDOMAIN,
	};

	return statuses[found];
}

static void secure_take(const struct dnssec_answer *answer, struct arena *a,
                        struct dns_secured *out)
{
	struct arena scratch = { 0 };

	out->verdict = answer->verdict;
	switch (answer->verdict) {
	case DNSSEC_SECURE:
		out->authenticated = true;
		out->status = proven(answer->found);
		out->name = str_dup(a, dname_text(answer->name, &scratch));
		out->ttl_s = answer->ttl;
		break;
	case DNSSEC_INSECURE:
		out->alias_signed = answer->alias && answer->begins_secure;
		break;
	default:
		/* RFC 4035 5.5, RFC 7672 2.1.1: the answer is unknown. */
		out->status = DNS_RETRY;
		out->trouble = str_dup(a, answer->trouble);
		out->ttl_s = LIMIT_dns_bogus_s;
	}
	arena_deinit(&scratch);
}

static void secure_evaluate(struct trust *t, struct dns_asker *asker, const struct dns_asked *asked,
                  struct arena *a, struct buf *steps, struct arena *scratch,
                  struct dns_secured *out)
{
	struct dnssec_validator j = judge_of(t, &asker->asker, scratch, steps);
	struct dnssec_answer answer = { .verdict = DNSSEC_INDETERMINATE,
		                        .trouble = STR("it is not known yet whether the name "
		                                       "servers hand signatures on") };
	enum ability able =
		t->mode == MODE_STRICT ? ABLE : ability(t, asker, scratch, steps);
	struct str wire;

	if (able == UNABLE) {
		out->ttl_s = LIMIT_dnssec_probe_ms / 1000;
		return;
	}
	if (!dname_from_text(asked->name, scratch, &wire))
		return;
	if (able == ABLE)
		dnssec_validate(&j, asked->bytes, wire, asked->type, &answer);
	out->unpaid = j.work.spent;
	secure_take(&answer, a, out);
}

bool dns_secure_validates(struct dns_secure *s)
{
	struct trust *t = trust_ref(s);
	bool judges = t->mode == MODE_STRICT ||
	              (t->mode == MODE_AUTO && atomic_load(&t->ability) == ABLE);

	trust_unref(t);
	return judges;
}

void dns_secure_validate(struct dns_secure *s, struct dns_asker *asker,
                      const struct dns_asked *asked, struct arena *a, struct buf *steps,
                      struct dns_secured *out)
{
	struct trust *t = trust_ref(s);
	struct arena scratch = { 0 };

	*out = (struct dns_secured){ .status = asked->status,
		                     .verdict = DNSSEC_INSECURE,
		                     .ttl_s = LIMIT_dns_ttl_s };
	if (t->mode != MODE_OFF)
		secure_evaluate(t, asker, asked, a, steps, &scratch, out);
	arena_deinit(&scratch);
	trust_unref(t);
}
