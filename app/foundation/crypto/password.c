/* foundation/crypto/password.c: see password.h. */
#include "foundation/crypto/password.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

/* The limit of concurrent hashes. A waiting login blocks a worker but needs no memory. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	unsigned running;          /* lock */
	unsigned max;              /* lock */
	struct password_cost usual; /* lock */
} gate = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.freed = PTHREAD_COND_INITIALIZER,
	.max = PASSWORD_CONCURRENT_MAX,
	.usual = { .memory_kib = 19456, .passes = 2 },
};

void password_setup(struct password_cost usual, unsigned concurrent)
{
	assert(concurrent > 0);
	pthread_mutex_lock(&gate.lock);
	gate.usual = usual;
	gate.max = concurrent;
	pthread_cond_broadcast(&gate.freed);
	pthread_mutex_unlock(&gate.lock);
}

struct password_cost password_usual(void)
{
	struct password_cost usual;

	pthread_mutex_lock(&gate.lock);
	usual = gate.usual;
	pthread_mutex_unlock(&gate.lock);
	return usual;
}

/* Wait for a slot; returns the cost of an unknown account. */
static struct password_cost gate_enter(void)
{
	struct password_cost usual;

	pthread_mutex_lock(&gate.lock);
	while (gate.running >= gate.max)
		pthread_cond_wait(&gate.freed, &gate.lock);
	gate.running++;
	usual = gate.usual;
	pthread_mutex_unlock(&gate.lock);
	return usual;
}

static void gate_leave(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.running--;
	pthread_cond_signal(&gate.freed);
	pthread_mutex_unlock(&gate.lock);
}

/* "$argon2id$v=19$m=19456,t=2,p=1$", followed by salt and hash, which libsodium parses. */
static bool cost_parse(struct str hash, struct password_cost *out)
{
	struct cur c = cur_of(hash);

	return hash.n < crypto_pwhash_STRBYTES && cur_str(&c, STR("$argon2id$v=19$m=")) &&
	       cur_u32(&c, &out->memory_kib) && cur_str(&c, STR(",t=")) &&
	       cur_u32(&c, &out->passes) && cur_str(&c, STR(",p=1$")) &&
	       memchr(hash.p, 0, hash.n) == NULL;
}

enum err password_hash(struct str password, struct password_cost cost, struct arena *a,
                       struct str *out, struct why *why)
{
	char text[crypto_pwhash_STRBYTES];
	int failed;

	if (password.n > PASSWORD_MAX)
		return fail(why, ERR_LIMIT, "a password has at most %d bytes", PASSWORD_MAX);
	(void)gate_enter();
	failed = crypto_pwhash_str_alg(text, password.p ? password.p : "", password.n,
	                               cost.passes, (size_t)cost.memory_kib << 10,
	                               crypto_pwhash_ALG_ARGON2ID13);
	gate_leave();
	if (failed)
		return fail(why, ERR_RETRY, "no %" PRIu32 " KiB of memory to hash a password",
		            cost.memory_kib);
	*out = str_dup(a, str_of(text));
	return OK;
}

/* The same work as a verification, without a result. */
static void pretend(struct str password, struct password_cost cost)
{
	static const uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t sink[32];

	/* Without memory, the real one would have failed as fast. */
	if (crypto_pwhash(sink, sizeof sink, password.p, password.n, salt, cost.passes,
	                  (size_t)cost.memory_kib << 10, crypto_pwhash_ALG_ARGON2ID13) == 0)
		sodium_memzero(sink, sizeof sink);
}

bool password_verify(struct str hash, struct str password)
{
	char text[crypto_pwhash_STRBYTES] = "";
	struct password_cost cost, usual;
	bool good = false;

	if (password.p == NULL)
		password = STR_EMPTY;
	usual = gate_enter();
	if (password.n <= PASSWORD_MAX && cost_parse(hash, &cost) &&
	    cost.memory_kib <= PASSWORD_MEMORY_MAX_KIB) {
		memcpy(text, hash.p, hash.n);
		good = crypto_pwhash_str_verify(text, password.p, password.n) == 0;
	} else {
		pretend(str_sub(password, 0, PASSWORD_MAX), usual);
	}
	gate_leave();
	return good;
}

bool password_stale(struct str hash, struct password_cost cost)
{
	struct password_cost had;

	return !cost_parse(hash, &had) || had.memory_kib != cost.memory_kib ||
	       had.passes != cost.passes;
}
