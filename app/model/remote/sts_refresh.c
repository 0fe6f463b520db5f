/* model/remote/sts_refresh.c: policies are fetched again before they expire, so that an attacker
 * who can block one fetch does not disable MTA-STS (RFC 8461 3.3, 10.2); see sts.h.
 *
 * The DNS record is not checked first: an attacker who can block the policy could also block the
 * record. A policy that no delivery has used in USED_MS is left to expire.
 *
 * Each round lists the policies that are due and fetches them one after the other: first those
 * whose last fetch did not fail, by time of expiry, then the others, by the time of their last
 * failure. So hosts that do not answer delay the others by at most one round. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/remote/remote_body.h"
#include "model/remote/sts_fetch.h"
#include "model/remote/sts_row.h"
#include "model/store/store.h"
#include "network/dns/dns.h"

#include <stdlib.h>

enum { DNS_MS = 15000 };

#define DAY_MS  ((int64_t)86400 * 1000)
#define USED_MS (30 * DAY_MS)

struct due {
	struct str domain;
	int64_t failed_ms; /* of the last try; 0 when it succeeded */
	int64_t expires_ms;
};

/* The work of one round. */
struct round {
	int64_t now_ms;
	const struct map *failed;
	struct arena a, row;
	struct due *due;  /* LIMIT_sts_policies of them: more rows than those leave first     */
	struct str *gone; /* domains to delete, as many; the rest in the next round           */
	size_t due_count, gone_count;
	size_t next;    /* of due   */
	uint64_t total; /* that stay */
};

/* Due once a day, and before half of its lifetime is over. */
static bool is_due(const struct sts_kept *k, int64_t now_ms)
{
	int64_t age_ms = now_ms - MIN(k->fetched_ms, now_ms);

	return age_ms >= MIN(DAY_MS, (int64_t)k->policy.max_age_s * 500) &&
	       now_ms - k->used_ms < USED_MS;
}

static void gone_add(struct round *r, struct str domain)
{
	if (r->gone_count < LIMIT_sts_policies)
		r->gone[r->gone_count++] = str_dup(&r->a, domain);
}

static void due_add(struct round *r, const struct sts_kept *k)
{
	const int64_t *failed_ms = map_get(r->failed, k->domain);

	if (r->due_count < LIMIT_sts_policies)
		r->due[r->due_count++] = (struct due){ str_dup(&r->a, k->domain),
			                               failed_ms != NULL ? *failed_ms : 0,
			                               sts_expires_ms(k, r->now_ms) };
}

static int by_urgency(const void *x, const void *y)
{
	const struct due *a = x, *b = y;

	if (a->failed_ms != b->failed_ms)
		return a->failed_ms < b->failed_ms ? -1 : 1;
	if (a->expires_ms != b->expires_ms)
		return a->expires_ms < b->expires_ms ? -1 : 1;
	return str_cmp(a->domain, b->domain);
}

static enum err round_look(struct txn *t, void *arg)
{
	struct round *r = arg;
	struct sts_kept k;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_STS, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&r->row)) {
		if (!sts_row_read(&it, &r->row, &k) || sts_expires_ms(&k, r->now_ms) <= r->now_ms) {
			gone_add(r, it.key);
			continue;
		}
		r->total++;
		if (is_due(&k, r->now_ms))
			due_add(r, &k);
	}
	return kv_iter_end(&it);
}

static enum err gone_del(struct txn *t, void *arg)
{
	const struct round *r = arg;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->gone_count; i++) {
		e = sts_row_del(t, r->gone[i]);
		if (e == ERR_MISSING)
			e = OK;
	}
	return e;
}

/* --- too many ------------------------------------------------------------------------------ */

struct crowd {
	int64_t *used_ms; /* of all rows */
	size_t count, cap;
	int64_t to_ms; /* those used up to then go, */
	size_t over;   /* as many as this           */
	struct arena a, row;
};

static enum err crowd_look(struct txn *t, void *arg)
{
	struct crowd *c = arg;
	struct sts_kept k;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_STS, STR_EMPTY);
	for (; c->count < c->cap && kv_iter_next(&it); arena_reset(&c->row))
		if (sts_row_read(&it, &c->row, &k))
			c->used_ms[c->count++] = k.used_ms;
	return kv_iter_end(&it);
}

static enum err crowd_del(struct txn *t, void *arg)
{
	struct crowd *c = arg;
	size_t left = c->over;
	struct sts_kept k;
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_STS, STR_EMPTY);
	for (; e == OK && left > 0 && kv_iter_next(&it); arena_reset(&c->row)) {
		if (!sts_row_read(&it, &c->row, &k) || k.used_ms > c->to_ms)
			continue;
		e = sts_row_del(t, it.key);
		left--;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static int by_time(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static enum err crowd_thin(struct store *s, uint64_t total, struct why *why)
{
	struct crowd c = { .cap = total };
	enum err e = OK;

	c.used_ms = arena_array(&c.a, int64_t, total);
	if (store_read(s, crowd_look, &c) == OK && c.count > LIMIT_sts_policies) {
		qsort(c.used_ms, c.count, sizeof *c.used_ms, by_time);
		c.over = c.count - LIMIT_sts_policies;
		c.to_ms = c.used_ms[c.over - 1];
		e = store_write(s, crowd_del, &c, why);
	}
	arena_deinit(&c.row);
	arena_deinit(&c.a);
	return e;
}

/* --- fetching again ------------------------------------------------------------------------ */

struct renewal {
	struct str domain, id;
	struct sts_kept old;
	struct sts_answer answer;
	struct arena a;
	int64_t now_ms;
};

static enum err renewal_read(struct txn *t, void *arg)
{
	struct renewal *n = arg;

	return sts_row_get(t, n->domain, &n->a, &n->old);
}

static enum err renewal_write(struct txn *t, void *arg)
{
	struct renewal *n = arg;
	struct sts_kept now;
	enum err e = sts_row_get(t, n->domain, txn_arena(t), &now);

	if (e)
		return e == ERR_MISSING ? OK : e; /* it was deleted meanwhile */
	now.id = n->id;
	now.text = n->answer.text;
	now.fetched_ms = n->now_ms;
	return sts_row_put(t, &now);
}

/* RFC 8461 3.3: failures are logged for administrators, except for a domain that ends MTA-STS. */
static void renewal_failed(const struct renewal *n)
{
	int64_t left_ms = sts_expires_ms(&n->old, n->now_ms) - n->now_ms;

	if (n->old.policy.mode != MTA_STS_NONE)
		event(sts_refresh_failed, STR(""), ev_str(n->domain), ev_z(n->answer.why.text),
		      ev_int(left_ms / 1000));
}

/* Records when the last fetch for a domain failed. Only this thread uses these entries. */
static void failure_note(struct remotes *r, struct str domain, bool failed)
{
	int64_t *at_ms;

	if (!failed) {
		mem_free(map_remove(&r->renewals_failed, domain));
		return;
	}
	at_ms = map_get(&r->renewals_failed, domain);
	if (at_ms == NULL && r->renewals_failed.count >= LIMIT_sts_policies)
		renewals_forget(r); /* drops entries of domains without mail */
	if (at_ms == NULL) {
		at_ms = NEW(int64_t);
		map_put(&r->renewals_failed, domain, at_ms);
	}
	*at_ms = clock_mono_ms();
}

static void renew(struct remotes *r, struct str domain)
{
	struct renewal n = { .domain = domain, .now_ms = clock_real_ms() };
	struct dns_text_list texts;
	struct why why = { "" };
	enum err e = OK;
	struct str name;

	if (store_read(r->config.store, renewal_read, &n) != OK)
		goto out;
	name = str_fmt(&n.a, "_mta-sts.%.*s", STR_ARG(domain));
	n.id = n.old.id;
	if (dns_txt(r->config.dns, &n.a, name, clock_mono_ms() + DNS_MS, &texts) == DNS_OK &&
	    !mta_sts_record(texts.items, texts.count, &n.id))
		n.id = n.old.id;
	sts_fetch(r, domain, &n.a, &n.answer);
	if (atomic_load(&r->stop))
		goto out;
	failure_note(r, domain, n.answer.trouble != STS_FINE);
	if (n.answer.trouble != STS_FINE)
		renewal_failed(&n);
	else
		e = store_write(r->config.store, renewal_write, &n, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
out:
	arena_deinit(&n.a);
}

/* --- rounds -------------------------------------------------------------------------------- */

static void round_end(struct remotes *r)
{
	struct round *round = r->round;

	r->round = NULL;
	if (round == NULL)
		return;
	arena_deinit(&round->row);
	arena_deinit(&round->a);
	mem_free(round);
}

void sts_refresh_begin(struct remotes *r)
{
	struct round *round = NEW(struct round);
	struct why why = { "" };
	enum err e = OK;

	round_end(r);
	r->round = round;
	round->now_ms = clock_real_ms();
	round->failed = &r->renewals_failed;
	round->due = arena_array(&round->a, struct due, LIMIT_sts_policies);
	round->gone = arena_array(&round->a, struct str, LIMIT_sts_policies);
	if (store_read(r->config.store, round_look, round) != OK) {
		round_end(r);
		return;
	}
	if (round->gone_count != 0)
		e = store_write(r->config.store, gone_del, round, &why);
	if (e == OK && round->total > LIMIT_sts_policies)
		e = crowd_thin(r->config.store, round->total, &why);
	if (e)
		event(store_failed, STR(""), ev_z(err_words(e, &why)));
	qsort(round->due, round->due_count, sizeof *round->due, by_urgency);
}

bool sts_refresh_some(struct remotes *r, int64_t until_ms)
{
	struct round *round = r->round;

	if (round == NULL)
		return false;
	while (round->next < round->due_count && !atomic_load(&r->stop) &&
	       clock_mono_ms() < until_ms)
		renew(r, round->due[round->next++].domain);
	if (round->next < round->due_count)
		return true;
	round_end(r);
	return false;
}

void sts_refresh(struct remotes *r)
{
	sts_refresh_begin(r);
	(void)sts_refresh_some(r, INT64_MAX);
}

static bool forget_one(struct str key, void *value, void *arg)
{
	(void)key, (void)arg;
	mem_free(value);
	return false;
}

void renewals_forget(struct remotes *r)
{
	map_filter(&r->renewals_failed, forget_one, NULL);
}

void renewals_deinit(struct remotes *r)
{
	round_end(r);
	renewals_forget(r);
	map_deinit(&r->renewals_failed);
}
