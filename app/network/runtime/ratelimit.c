/* network/runtime/ratelimit.c: see ratelimit.h.
 *
 * Both kinds are a table of small entries, found by a hash with a secret key, so that a peer cannot
 * choose keys of one set. The key itself is not stored: 64 bits of hash distinguish a few thousand
 * keys.
 *
 *	sets:  | place place place place place place place place | ... |   8 places each
 *
 * An entry has no effect after its time `until`. In a full set the earliest one is replaced, but a
 * lock only by another lock: otherwise many failures with other names would end a lock. */
#include "network/runtime/ratelimit.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/base/sparse.h"
#include "foundation/crypto/hash.h"

#include <pthread.h>
#include <string.h>

enum { PLACES = 8 };

struct place {
	uint64_t key;   /* 0: never used                */
	int64_t until;  /* no effect after that */
	unsigned count; /* failures; not used by tokens */
	bool locked;    /* failures: the maximum was reached */
};

struct table {
	pthread_mutex_t lock; /* of the entries */
	struct hash_blake2b keyed;
	struct place *places;
	size_t sets;
};

static void table_init(struct table *t, size_t capacity)
{
	unsigned char seed[32];

	random_bytes(seed, sizeof seed);
	hash_blake2b_init(&t->keyed);
	hash_blake2b_update(&t->keyed, str_from((const char *)seed, sizeof seed));
	pthread_mutex_init(&t->lock, NULL);
	t->sets = (capacity + PLACES - 1) / PLACES;
	assert(t->sets != 0);
	t->places = sparse_new(t->sets * PLACES * sizeof *t->places);
}

static void table_deinit(struct table *t)
{
	pthread_mutex_destroy(&t->lock);
	mem_free(t->places);
}

static uint64_t ratelimit_key_of(const struct table *t, struct str key)
{
	struct hash_blake2b h = t->keyed;
	uint8_t hash[HASH_BYTES];
	uint64_t n;

	hash_blake2b_update(&h, key);
	hash_blake2b_final(&h, hash);
	memcpy(&n, hash, sizeof n);
	return n | 1;
}

static int64_t worth(const struct place *p, int64_t now)
{
	if (p->until <= now)
		return INT64_MIN;
	return p->locked ? p->until : p->until - INT64_MAX / 2;
}

/* The entry of key, or one that it may replace; the caller compares the key. */
static struct place *ratelimit_place_find(struct table *t, uint64_t key, int64_t now)
{
	struct place *set = &t->places[(key >> 32) % t->sets * PLACES];
	struct place *least = set;

	for (size_t i = 0; i < PLACES; i++) {
		if (set[i].key == key)
			return &set[i];
		if (worth(&set[i], now) < worth(least, now))
			least = &set[i];
	}
	return least;
}

/* --- tokens ----------------------------------------------------------------- */

/* A bucket is one point in time: when it will be full again ("until", in microseconds). Each token
 * moves it by the time in which one token grows back; it may not be further away than the time for
 * all of them. */
struct ratelimit {
	struct table table;
	int64_t token_us, full_us;
};

struct ratelimit *ratelimit_new(unsigned burst, int64_t period_ms, size_t capacity)
{
	struct ratelimit *r = NEW(struct ratelimit);

	assert(burst != 0 && period_ms > 0);
	table_init(&r->table, capacity);
	r->token_us = MAX(period_ms * 1000 / burst, 1);
	r->full_us = r->token_us * burst;
	return r;
}

bool ratelimit_take(struct ratelimit *r, struct str key)
{
	uint64_t hash = ratelimit_key_of(&r->table, key);
	int64_t now = clock_mono_us(), until;
	struct place *p;
	bool ok;

	pthread_mutex_lock(&r->table.lock);
	p = ratelimit_place_find(&r->table, hash, now);
	until = p->key == hash ? MAX(p->until, now) : now;
	ok = until + r->token_us - now <= r->full_us;
	if (ok)
		*p = (struct place){ .key = hash, .until = until + r->token_us };
	pthread_mutex_unlock(&r->table.lock);
	return ok;
}

void ratelimit_free(struct ratelimit **r)
{
	if (*r == NULL)
		return;
	table_deinit(&(*r)->table);
	mem_clear(r);
}

/* --- failures --------------------------------------------------------------- */

struct lockout {
	struct table table; /* until: the end of the count of failures, or of the lock */
	unsigned max;
	int64_t lock_ms;
};

struct lockout *lockout_new(unsigned max, int64_t lock_ms, size_t capacity)
{
	struct lockout *l = NEW(struct lockout);

	assert(max != 0 && lock_ms > 0);
	table_init(&l->table, capacity);
	l->max = max;
	l->lock_ms = lock_ms;
	return l;
}

int64_t lockout_left_ms(struct lockout *l, struct str key)
{
	uint64_t hash = ratelimit_key_of(&l->table, key);
	int64_t now = clock_mono_ms(), left = 0;
	const struct place *p;

	pthread_mutex_lock(&l->table.lock);
	p = ratelimit_place_find(&l->table, hash, now);
	if (p->key == hash && p->locked)
		left = MAX(p->until - now, 0);
	pthread_mutex_unlock(&l->table.lock);
	return left;
}

unsigned lockout_failures(struct lockout *l, struct str key)
{
	uint64_t hash = ratelimit_key_of(&l->table, key);
	int64_t now = clock_mono_ms();
	unsigned count = 0;
	const struct place *p;

	pthread_mutex_lock(&l->table.lock);
	p = ratelimit_place_find(&l->table, hash, now);
	if (p->key == hash && p->until > now)
		count = p->count;
	pthread_mutex_unlock(&l->table.lock);
	return count;
}

bool lockout_fail(struct lockout *l, struct str key)
{
	uint64_t hash = ratelimit_key_of(&l->table, key);
	int64_t now = clock_mono_ms();
	bool locked_now = false;
	struct place *p;

	pthread_mutex_lock(&l->table.lock);
	p = ratelimit_place_find(&l->table, hash, now);
	if (p->key != hash || p->until <= now)
		*p = (struct place){ .key = hash };
	if (!p->locked) {
		p->until = now + l->lock_ms;
		p->locked = locked_now = ++p->count >= l->max;
	}
	pthread_mutex_unlock(&l->table.lock);
	return locked_now;
}

void lockout_forget(struct lockout *l, struct str key)
{
	uint64_t hash = ratelimit_key_of(&l->table, key);
	struct place *p;

	pthread_mutex_lock(&l->table.lock);
	p = ratelimit_place_find(&l->table, hash, clock_mono_ms());
	if (p->key == hash)
		*p = (struct place){ 0 };
	pthread_mutex_unlock(&l->table.lock);
}

void lockout_clear(struct lockout *l)
{
	struct table *t = &l->table;

	pthread_mutex_lock(&t->lock);
	memset(t->places, 0, t->sets * PLACES * sizeof *t->places);
	pthread_mutex_unlock(&t->lock);
}

void lockout_free(struct lockout **l)
{
	if (*l == NULL)
		return;
	table_deinit(&(*l)->table);
	mem_clear(l);
}
