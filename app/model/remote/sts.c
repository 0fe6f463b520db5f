/* model/remote/sts.c: see sts.h. */
#include "model/remote/sts.h"

#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/remote/remote_body.h"
#include "model/remote/sts_fetch.h"
#include "model/remote/sts_row.h"
#include "model/store/store.h"
#include "network/dns/dns.h"

#include <string.h>

enum { DNS_MS = 15000, DAY_MS = 86400 * 1000 };

const char *sts_trouble_name(enum sts_trouble trouble)
{
	static const char *const names[] = {
		[STS_FINE] = NULL,
		[STS_FETCH_ERROR] = "sts-policy-fetch-error",
		[STS_POLICY_INVALID] = "sts-policy-invalid",
		[STS_WEBPKI_INVALID] = "sts-webpki-invalid",
	};

	return names[trouble];
}

int64_t sts_expires_ms(const struct sts_kept *k, int64_t now_ms)
{
	return MIN(k->fetched_ms, now_ms) + (int64_t)k->policy.max_age_s * 1000;
}

/* --- fetches ------------------------------------------------------------------------------ */

/* A fetch under way, or one that failed. */
struct flight {
	bool busy;
	char id[MTA_STS_ID_MAX];
	size_t id_n;
	int64_t failed_ms; /* clock_mono_ms */
};

enum turn {
	TURN_OURS,   /* fetch, then flight_end        */
	TURN_WAITED, /* another thread fetched: read again */
	TURN_NONE,   /* it failed recently            */
};

static bool flight_keep_busy(struct str key, void *value, void *arg)
{
	struct flight *f = value;

	(void)key;
	(void)arg;
	if (f->busy)
		return true;
	mem_free(f);
	return false;
}

static bool flight_is(const struct flight *f, struct str id)
{
	return str_eq(str_from(f->id, f->id_n), id);
}

static bool failed_lately(const struct flight *f, struct str id)
{
	return flight_is(f, id) && clock_mono_ms() - f->failed_ms < STS_AGAIN_MS;
}

static void flight_take(struct remotes *r, struct str domain, struct str id)
{
	struct flight *f = map_get(&r->flights, domain);

	/* A dropped entry costs its domain one more request. */
	if (f == NULL && r->flights.count >= LIMIT_sts_failures)
		map_filter(&r->flights, flight_keep_busy, NULL);
	if (f == NULL) {
		f = NEW(struct flight);
		map_put(&r->flights, domain, f);
	}
	f->busy = true;
	f->id_n = MIN(id.n, sizeof f->id);
	memcpy(f->id, id.p, f->id_n);
}

static enum turn flight_begin(struct remotes *r, struct str domain, struct str id)
{
	int64_t deadline_ms = clock_mono_ms() + LIMIT_sts_fetch_ms;
	enum turn turn = TURN_OURS;
	struct flight *f;

	pthread_mutex_lock(&r->flights_lock);
	while ((f = map_get(&r->flights, domain)) != NULL && f->busy) {
		turn = TURN_WAITED;
		if (!cond_wait_until(&r->landed, &r->flights_lock, deadline_ms)) {
			turn = TURN_NONE;
			break;
		}
	}
	if (turn == TURN_OURS && f != NULL && failed_lately(f, id))
		turn = TURN_NONE;
	if (turn == TURN_OURS)
		flight_take(r, domain, id);
	pthread_mutex_unlock(&r->flights_lock);
	return turn;
}

static void flight_end(struct remotes *r, struct str domain, bool good)
{
	struct flight *f;

	pthread_mutex_lock(&r->flights_lock);
	f = map_get(&r->flights, domain);
	f->busy = false;
	f->failed_ms = clock_mono_ms();
	if (good)
		mem_free(map_remove(&r->flights, domain));
	pthread_cond_broadcast(&r->landed);
	pthread_mutex_unlock(&r->flights_lock);
}

void flights_deinit(struct remotes *r)
{
	map_filter(&r->flights, flight_keep_busy, NULL);
	assert(r->flights.count == 0);
	map_deinit(&r->flights);
}

/* --- stored policies ---------------------------------------------------------------------- */

struct keeping {
	struct str domain;
	struct arena *a;
	struct sts_kept kept;
};

static enum err kept_read(struct txn *t, void *arg)
{
	struct keeping *k = arg;

	return sts_row_get(t, k->domain, k->a, &k->kept);
}

static bool kept_get(struct remotes *r, struct str domain, struct arena *a, struct sts_kept *out)
{
	struct keeping k = { .domain = domain, .a = a };
	int64_t now_ms = clock_real_ms();

	if (store_read(r->config.store, kept_read, &k) != OK ||
	    sts_expires_ms(&k.kept, now_ms) <= now_ms)
		return false;
	*out = k.kept;
	return true;
}

static enum err kept_write(struct txn *t, void *arg)
{
	const struct keeping *k = arg;

	return sts_row_put(t, &k->kept);
}

static enum err used_write(struct txn *t, void *arg)
{
	const struct keeping *k = arg;
	struct sts_kept now;
	enum err e = sts_row_get(t, k->domain, txn_arena(t), &now);

	if (e)
		return e == ERR_MISSING ? OK : e;
	now.used_ms = k->kept.used_ms;
	return sts_row_put(t, &now);
}

static void sts_write(struct remotes *r, txn_fn *fn, struct keeping *k)
{
	struct why why = { "" };
	enum err e = store_write(r->config.store, fn, k, &why);

	/* A policy that could not be kept is fetched again. */
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
}

/* Uses a policy, and records the use, so that sts_refresh.c keeps it fresh. */
static void use(struct remotes *r, const struct sts_kept *kept, struct sts_found *out)
{
	struct keeping k = { .domain = kept->domain };

	out->policy = kept->policy;
	out->text = kept->text;
	out->known = kept->policy.mode != MTA_STS_NONE;
	k.kept.used_ms = clock_real_ms();
	if (k.kept.used_ms - kept->used_ms >= DAY_MS)
		sts_write(r, used_write, &k);
}

/* --- finding ------------------------------------------------------------------------------ */

static bool id_find(struct remotes *r, struct str domain, struct arena *a, struct str *id)
{
	struct str name = str_fmt(a, "_mta-sts.%.*s", STR_ARG(domain));
	struct dns_text_list texts;

	return dns_txt(r->config.dns, a, name, clock_mono_ms() + DNS_MS, &texts) == DNS_OK &&
	       mta_sts_record(texts.items, texts.count, id);
}

/* Fetches the policy; flight_begin returned TURN_OURS. */
static bool fetch(struct remotes *r, struct str domain, struct str id, struct arena *a,
                  struct sts_found *out)
{
	struct sts_answer answer;
	struct keeping k = { .domain = domain };

	sts_fetch(r, domain, a, &answer);
	if (answer.trouble != STS_FINE) {
		out->trouble = answer.trouble;
		out->why = answer.why;
		event(sts_fetch_failed, STR(""), ev_str(domain), ev_z(answer.why.text));
	} else {
		k.kept = (struct sts_kept){ .domain = domain,
			                    .id = id,
			                    .text = answer.text,
			                    .policy = answer.policy,
			                    .fetched_ms = clock_real_ms(),
			                    .used_ms = clock_real_ms() };
		sts_write(r, kept_write, &k);
		use(r, &k.kept, out);
	}
	flight_end(r, domain, answer.trouble == STS_FINE);
	return answer.trouble == STS_FINE;
}

void sts_find(struct remotes *r, struct str name, struct arena *a, struct sts_found *out)
{
	struct str domain = str_lower(a, name), id = STR_EMPTY;
	enum turn turn = TURN_WAITED;
	struct sts_kept kept;
	bool has = false;

	*out = (struct sts_found){ .trouble = STS_FINE };
	if (!sts_domain_check(domain))
		return;
	/* RFC 8461 3.1: a missing record does not invalidate a stored policy. */
	if (!id_find(r, domain, a, &id))
		id = STR_EMPTY;
	while (turn == TURN_WAITED) {
		has = kept_get(r, domain, a, &kept);
		if (id.n == 0 || (has && str_eq(id, kept.id)))
			break;
		turn = flight_begin(r, domain, id);
	}
	if (turn == TURN_OURS && fetch(r, domain, id, a, out))
		return;
	if (has)
		use(r, &kept, out);
	else
		out->halted = id.n != 0 && atomic_load(&r->stop);
}

/* --- administration ----------------------------------------------------------------------- */

static enum err list_walk(struct kv_iter *it, size_t max, struct arena *a, struct sts_list *out)
{
	while (kv_iter_next(it)) {
		struct sts_kept k;

		if (!sts_row_read(it, a, &k))
			continue; /* fsck reports it */
		if (out->count == max) {
			out->more++;
			continue;
		}
		k.domain = str_dup(a, k.domain);
		k.id = str_dup(a, k.id);
		k.text = str_dup(a, k.text);
		out->items[out->count++] = k;
	}
	return kv_iter_end(it);
}

enum err sts_list(struct txn *t, struct str after, size_t max, struct arena *a,
                  struct sts_list *out)
{
	struct kv_iter it;

	*out = (struct sts_list){ .items = arena_array(a, struct sts_kept, max) };
	/* The next greater key has a zero appended. after may be any text of the caller. */
	after = str_sub(after, 0, MAILADDR_DOMAIN_MAX);
	if (after.n != 0)
		after = str_from(str_z(a, after), after.n + 1);
	kv_iter_init(&it, t, SPACE_STS, after, STR_EMPTY);
	return list_walk(&it, max, a, out);
}

enum err sts_forget(struct txn *t, struct str domain)
{
	return sts_row_del(t, str_lower(txn_arena(t), domain));
}
