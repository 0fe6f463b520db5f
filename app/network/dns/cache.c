/* network/dns/cache.c: see cache.h. */
#include "network/dns/cache.h"

#include "foundation/base/clock.h"
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/metrics.h"

#include <pthread.h>
#include <string.h>

enum { KEY_MAX = 2 + 4 * 255 /* octets as \DDD */, SECOND_MS = 1000 };

struct kept {
	struct list by_use;
	struct str key;
	enum dns_status status;
	struct str bytes;
	uint64_t mark;    /* of the question whose answer this is */
	int64_t until_ms; /* clock_mono_ms                                             */
	int64_t stale_ms; /* usable until then while servers fail; 0: not usable */
	struct dns_secured *judged; /* NULL: not validated yet; followed by its strings */
	size_t cost, judged_cost;   /* bytes; judged_cost is a part of cost */
};

struct dns_cache {
	pthread_mutex_t lock;
	struct dns_observer observer;
	struct map kept;    /* lock: key -> struct kept          */
	struct map flights; /* lock: key -> struct dns_question  */
	struct list by_use; /* lock: of struct kept, latest last */
	size_t bytes;       /* lock: the cost of all             */
	uint64_t marks;     /* lock: the latest mark             */
	uint64_t since;     /* lock: marks up to this one precede a flush and are not stored */
};

/* --- keys ------------------------------------------------------------------------------ */

/* Type, then name in lower case without its final dot. name is valid. */
static struct str cache_key_of(struct str name, uint16_t type, char to[static KEY_MAX])
{
	if (str_ends(name, STR(".")))
		name.n--;
	assert(name.n <= KEY_MAX - 2);
	to[0] = (char)(type >> 8);
	to[1] = (char)type;
	for (size_t i = 0; i < name.n; i++)
		to[2 + i] = ascii_lower(name.p[i]);
	return str_from(to, 2 + name.n);
}

/* --- entries --------------------------------------------------------------------------- */

static void kept_drop(struct dns_cache *c, struct kept *k)
{
	map_remove(&c->kept, k->key);
	list_remove(&k->by_use);
	c->bytes -= k->cost;
	mem_free(k->judged);
	mem_free(k);
}

static void cost_add(struct dns_cache *c, struct kept *k, size_t n)
{
	k->cost += n;
	c->bytes += n;
}

static void judged_drop(struct dns_cache *c, struct kept *k)
{
	k->cost -= k->judged_cost;
	c->bytes -= k->judged_cost;
	k->judged_cost = 0;
	mem_clear(&k->judged);
}

/* Evict entries, except k, which is in use. */
static void make_room(struct dns_cache *c, const struct kept *k)
{
	while (c->bytes > LIMIT_dns_cache) {
		struct kept *oldest = container_of(c->by_use.next, struct kept, by_use);

		if (oldest == k)
			break;
		kept_drop(c, oldest);
	}
}

/* Copy s to *to and advance it. */
static struct str cache_put(char **to, struct str s)
{
	char *p = *to;

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	*to += s.n;
	return str_from(p, s.n);
}

/* One allocation: the entry, its key, its bytes. */
static struct kept *kept_new(struct str key, struct str bytes)
{
	struct kept *k = mem_new(sizeof *k + key.n + bytes.n);
	char *p = (char *)(k + 1);

	k->key = cache_put(&p, key);
	k->bytes = cache_put(&p, bytes);
	return k;
}

static void cache_keep(struct dns_cache *c, struct dns_question *q,
                       const struct dns_outcome *outcome)
{
	struct str key = dns_question_key(q);
	struct kept *k = map_get(&c->kept, key);
	uint32_t cap_s = outcome->positive ? LIMIT_dns_ttl_s : LIMIT_dns_negative_s;

	if (k != NULL)
		kept_drop(c, k);
	if (outcome->ttl_s == 0 || outcome->bytes.n > LIMIT_dns_cache_answer)
		return;
	k = kept_new(key, outcome->bytes);
	k->status = outcome->status;
	k->mark = dns_question_marked(q);
	k->until_ms = clock_mono_ms() + (int64_t)MIN(outcome->ttl_s, cap_s) * SECOND_MS;
	/* RFC 8767 4. NXDOMAIN bounces mail, so an expired one is never used. */
	if (outcome->status == DNS_OK && outcome->positive)
		k->stale_ms = k->until_ms + (int64_t)LIMIT_dns_stale_s * SECOND_MS;
	map_put(&c->kept, key, k);
	list_push_back(&c->by_use, &k->by_use);
	cost_add(c, k, sizeof *k + 2 * key.n + outcome->bytes.n);
	make_room(c, k);
}

static void answered(struct dns_observer *l, struct dns_question *q,
                     const struct dns_outcome *outcome)
{
	struct dns_cache *c = container_of(l, struct dns_cache, observer);
	uint64_t mark = dns_question_marked(q);
	struct dns_question *flight;

	pthread_mutex_lock(&c->lock);
	flight = map_get(&c->flights, dns_question_key(q));
	if (flight == q)
		map_remove(&c->flights, dns_question_key(q));
	if (outcome->status != DNS_RETRY && mark > c->since)
		cache_keep(c, q, outcome);
	pthread_mutex_unlock(&c->lock);
	if (flight == q)
		dns_question_unref(q);
}

/* --- queries --------------------------------------------------------------------------- */

static struct dns_question *answer_of(struct dns_cache *c, struct kept *k)
{
	struct dns_question *q = dns_question_answered(k->status, k->bytes);

	dns_question_mark(q, k->mark);
	list_remove(&k->by_use);
	list_push_back(&c->by_use, &k->by_use);
	return q;
}

static struct dns_question *ask_anew(struct dns_cache *c, struct str key, enum dns_use use)
{
	struct dns_question *q = dns_question_new(key, &c->observer);

	if (use != DNS_USE_PASSING)
		dns_question_mark(q, ++c->marks);
	map_put(&c->flights, key, dns_question_ref(q));
	return q;
}

struct dns_question *dns_cache_ask(struct dns_cache *c, struct str name, uint16_t type,
                                   enum dns_use use, bool *ours)
{
	char room[KEY_MAX];
	struct str key = cache_key_of(name, type, room);
	struct dns_question *q;
	enum metric how = METRIC_dns_asked;
	struct kept *k;

	*ours = false;
	pthread_mutex_lock(&c->lock);
	k = map_get(&c->kept, key);
	q = map_get(&c->flights, key);
	if (use == DNS_USE_KEPT && k != NULL && clock_mono_ms() < k->until_ms) {
		q = answer_of(c, k);
		how = METRIC_dns_kept;
	} else if (q != NULL) {
		q = dns_question_ref(q);
		how = METRIC_dns_shared;
	} else {
		q = ask_anew(c, key, use);
		*ours = true;
	}
	pthread_mutex_unlock(&c->lock);
	metric_add(how, 1);
	return q;
}

bool dns_cache_has(struct dns_cache *c, struct str name, uint16_t type)
{
	char room[KEY_MAX];
	const struct kept *k;
	bool has;

	pthread_mutex_lock(&c->lock);
	k = map_get(&c->kept, cache_key_of(name, type, room));
	has = k != NULL && k->judged != NULL && clock_mono_ms() < k->until_ms;
	pthread_mutex_unlock(&c->lock);
	return has;
}

struct dns_question *dns_cache_stale(struct dns_cache *c, struct str name, uint16_t type)
{
	int64_t now_ms = clock_mono_ms();
	char room[KEY_MAX];
	struct dns_question *q = NULL;
	struct kept *k;

	pthread_mutex_lock(&c->lock);
	k = map_get(&c->kept, cache_key_of(name, type, room));
	if (k != NULL && now_ms < k->stale_ms) {
		q = answer_of(c, k);
		k->until_ms = MIN(now_ms + LIMIT_dns_stale_again_ms, k->stale_ms);
		judged_drop(c, k);
	}
	pthread_mutex_unlock(&c->lock);
	metric_add(METRIC_dns_stale, q != NULL);
	return q;
}

/* --- results of validation ------------------------------------------------------------- */

static struct kept *kept_of(struct dns_cache *c, const struct dns_question *q, struct str name,
                            uint16_t type)
{
	char room[KEY_MAX];
	struct kept *k = map_get(&c->kept, cache_key_of(name, type, room));

	return k != NULL && k->mark == dns_question_marked(q) ? k : NULL;
}

bool dns_cache_secured_get(struct dns_cache *c, const struct dns_question *q, struct str name,
                      uint16_t type, struct arena *a, struct dns_secured *out)
{
	struct kept *k;
	bool found;

	pthread_mutex_lock(&c->lock);
	k = kept_of(c, q, name, type);
	found = k != NULL && k->judged != NULL && clock_mono_ms() < k->until_ms;
	if (found) {
		*out = *k->judged;
		out->name = str_dup(a, out->name);
		out->trouble = str_dup(a, out->trouble);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

/* One allocation: the result and its strings. */
static struct dns_secured *secured_copy(const struct dns_secured *from, size_t *cost)
{
	struct dns_secured *to;
	char *p;

	*cost = sizeof *to + from->name.n + from->trouble.n;
	to = mem_new(*cost);
	p = (char *)(to + 1);
	*to = *from;
	to->name = cache_put(&p, from->name);
	to->trouble = cache_put(&p, from->trouble);
	return to;
}

void dns_cache_secured_put(struct dns_cache *c, const struct dns_question *q, struct str name,
                     uint16_t type, const struct dns_secured *secured)
{
	int64_t now_ms = clock_mono_ms();
	struct kept *k;

	pthread_mutex_lock(&c->lock);
	k = kept_of(c, q, name, type);
	if (k != NULL && secured->verdict == DNSSEC_INDETERMINATE) {
		k->until_ms = MIN(k->until_ms, now_ms); /* a new answer may be valid */
	} else if (k != NULL && k->judged == NULL) {
		k->judged = secured_copy(secured, &k->judged_cost);
		cost_add(c, k, k->judged_cost);
		k->until_ms = MIN(k->until_ms, now_ms + (int64_t)secured->ttl_s * SECOND_MS);
		if (secured->verdict == DNSSEC_BOGUS)
			k->stale_ms = 0;
		make_room(c, k);
	}
	pthread_mutex_unlock(&c->lock);
}

/* --- life ------------------------------------------------------------------------------ */

struct dns_cache *dns_cache_new(void)
{
	struct dns_cache *c = NEW(struct dns_cache);

	pthread_mutex_init(&c->lock, NULL);
	list_init(&c->by_use);
	c->observer.answered = answered;
	return c;
}

size_t dns_cache_flush(struct dns_cache *c)
{
	size_t n;

	pthread_mutex_lock(&c->lock);
	n = c->kept.count;
	while (!list_empty(&c->by_use))
		kept_drop(c, container_of(c->by_use.next, struct kept, by_use));
	c->since = c->marks;
	pthread_mutex_unlock(&c->lock);
	return n;
}

void dns_cache_free(struct dns_cache *c)
{
	if (c == NULL)
		return;
	(void)dns_cache_flush(c);
	assert(c->flights.count == 0 && c->bytes == 0);
	map_deinit(&c->kept);
	map_deinit(&c->flights);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}
