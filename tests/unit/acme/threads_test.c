/* Certificates from an authority while several threads are at work: proofs that come and go while
 * the HTTP server reads them, and the service while it is woken, asked and stopped. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/config/live.h"
#include "foundation/config/settings.h"
#include "foundation/crypto/crypto.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/acme.h"
#include "operations/acme/challenge.h"
#include "operations/acme/uploaded.h"

#include <pthread.h>
#include <stdatomic.h>

enum { READERS = 3, ROUNDS = 300, TOKENS = 4 };

struct shared {
	struct challenges *challenges;
	struct acme *acme;
	struct store *store;
	atomic_bool over;
	atomic_uint seen;
};

static struct proof proof_of(unsigned i)
{
	static const struct str tokens[] = { STR("t0"), STR("t1"), STR("t2"), STR("t3") };
	static const struct str authorizations[] = { STR("t0.x"), STR("t1.x"), STR("t2.x"),
		                                     STR("t3.x") };

	return (struct proof){ .type = STR("http-01"),
		               .name = STR("mx.example.org"),
		               .token = tokens[i % TOKENS],
		               .authorization = authorizations[i % TOKENS] };
}

static void *proofs_read(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; !atomic_load(&s->over); i++) {
		struct proof p = proof_of(i);
		struct arena a = { 0 };
		struct str out;

		if (challenges_http(s->challenges, p.token, &a, &out)) {
			assert(str_eq(out, p.authorization));
			atomic_fetch_add(&s->seen, 1);
		}
		arena_deinit(&a);
	}
	return NULL;
}

static void proofs_come_and_go(void **state)
{
	struct certs *certs = certs_new();
	struct shared s = { .challenges = challenges_new(certs) };
	pthread_t readers[READERS];

	(void)state;
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, proofs_read, &s), 0);
	for (unsigned i = 0; i < ROUNDS || atomic_load(&s.seen) == 0; i++) {
		struct proof p = proof_of(i), before = proof_of(i + 1);

		assert_int_equal(challenge_prove(s.challenges, NULL, &p, NULL), OK);
		challenge_unprove(s.challenges, NULL, &before);
	}
	atomic_store(&s.over, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	challenges_free(&s.challenges);
	certs_free(certs);
}

static enum err list_read(struct txn *t, void *arg)
{
	struct acme_list list;

	(void)arg;
	return acme_list(t, false, txn_arena(t), &list);
}

static void *service_ask(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct arena a = { 0 };
		struct str out;

		acme_wake(s->acme);
		if (i % 16 == 0)
			acme_own_changed(s->acme);
		assert(!acme_http_answer(s->acme, STR("no-such-token"), &a, &out));
		assert(store_read(s->store, list_read, NULL) == OK);
		arena_deinit(&a);
	}
	return NULL;
}

static void service_is_asked_by_many(void **state)
{
	static const struct settings settings = { .hostname = { "mx.example.org", 14 } };
	struct acme_config config = { .certs = certs_new(), .live = live_of(&settings) };
	struct shared s = { 0 };
	pthread_t threads[READERS];
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	s.store = config.store = ts.store;
	assert_int_equal(acme_start(&config, &s.acme, NULL), OK);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, service_ask, &s), 0);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	acme_wake(s.acme);
	acme_stop(&s.acme);
	assert_null(s.acme);
	certs_free(config.certs);
	live_free(&config.live);
	temp_store_remove(&ts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(proofs_come_and_go),
		cmocka_unit_test(service_is_asked_by_many),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
