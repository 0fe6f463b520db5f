/* When the next keys of a domain sign: by what the servers of its zone show, which lag, are dead,
 * or disagree; and not before those who asked too early have forgotten it. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/directory/directory.h"
#include "network/dns/dns.h"
#include "operations/dns_publish/publish_run.h"

enum { KEYS = 2, SERVERS = 3, MINUTE_MS = 60000, HOUR_MS = 3600000 };

static const struct str domain = { "example.org", 11 };

/* What there is in DNS. */
static struct world {
	struct temp_store ts;
	struct arena a;
	struct dns_fake_row rows[KEYS + 1]; /* what our resolver says */
	struct wanted_record want[KEYS];
	enum what { RIGHT, NOTHING, OLD, DEAD } servers[SERVERS];
	int64_t denied_ms;
	unsigned looks;
} world;

static void item_add(struct sight *s, enum what what, struct str data)
{
	size_t by = 0;

	for (size_t k = 0; k < SERVERS; k++)
		by += world.servers[k] == what;
	if (by != 0)
		s->items[s->count++] = (struct sighted){ data, by };
}

static void look(void *arg, struct sight *sights, size_t n, struct arena *a)
{
	(void)arg;
	world.looks++;
	for (size_t i = 0; i < n; i++) {
		struct sight *s = &sights[i];

		s->items = arena_array(a, struct sighted, 2);
		s->all = true;
		s->denied_ms = world.denied_ms;
		for (size_t k = 0; k < SERVERS; k++) {
			s->answered += world.servers[k] != DEAD;
			s->all = s->all && world.servers[k] != DEAD;
		}
		item_add(s, RIGHT, world.want[i].data);
		item_add(s, OLD, STR("v=DKIM1; p="));
	}
}

static enum err make(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, domain, NULL);
}

static enum err ask(struct txn *t, void *arg)
{
	(void)arg;
	return rotation_ask(t, domain, NULL);
}

/* A round so long after the one before. */
static struct rotation round_after(int64_t passed_ms, bool *soon)
{
	const struct settings s = { .dkim_rotate_days = STR("off") };
	struct dns *dns = dns_fake_new(world.rows, false);
	atomic_bool stop = false;
	struct look_pace pace = { .begun = false };
	struct round r = { .store = world.ts.store,
		           .settings = &s,
		           .zone = { .dns = dns, .look = look },
		           .passed_ms = passed_ms,
		           .pace = &pace,
		           .stop = &stop };
	struct domain_work w = { .name = domain };
	struct rotation now;

	round_do(&r);
	assert_int_equal(domain_work_load(&r, &w), OK);
	now = w.rotation;
	*soon = r.soon;
	for (size_t i = 0; i < now.next_count; i++)
		for (size_t k = 0; k < w.domain.keys.count; k++)
			if (str_eq(w.domain.keys.items[k].selector, now.next[i]))
				world.want[i] =
					publish_key_record(&w.domain.keys.items[k], &world.a);
	arena_deinit(&w.a);
	dns_free(&dns);
	return now;
}

static bool turned_after(int64_t passed_ms)
{
	bool soon;

	return round_after(passed_ms, &soon).next_count == 0;
}

/* The next keys are made; the resolver knows their records. */
static void begin(void)
{
	bool soon;

	world = (struct world){ .servers = { RIGHT, RIGHT, NOTHING } };
	temp_store_open(&world.ts, STORE_MEMORY);
	assert_int_equal(store_write(world.ts.store, make, NULL, NULL), OK);
	assert_int_equal(dkim_keys_ensure(world.ts.store, domain, NULL), OK);
	assert_int_equal(store_write(world.ts.store, ask, NULL, NULL), OK);
	world.servers[0] = world.servers[1] = NOTHING;
	assert_int_equal(round_after(0, &soon).next_count, KEYS);
	assert_true(soon); /* somebody may be about to paste them */
	world.servers[0] = world.servers[1] = RIGHT;
	for (size_t i = 0; i < KEYS; i++)
		world.rows[i] = (struct dns_fake_row){ str_z(&world.a, world.want[i].name), "TXT",
			                               str_z(&world.a, world.want[i].data) };
}

static void end(void)
{
	arena_deinit(&world.a);
	temp_store_remove(&world.ts);
}

static void a_server_lags(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 30; i++)
		assert_false(turned_after(HOUR_MS)); /* however long it takes */
	world.servers[2] = OLD;
	assert_false(turned_after(HOUR_MS));
	world.servers[2] = RIGHT;
	assert_false(turned_after(HOUR_MS)); /* just seen */
	world.servers[1] = NOTHING;
	assert_false(turned_after(HOUR_MS));
	world.servers[1] = RIGHT;
	assert_false(turned_after(HOUR_MS));
	assert_false(turned_after(LIMIT_dkim_settle_ms - 1));
	assert_true(turned_after(1));
	end();
}

/* RFC 2308 5: who asked the server that lagged remembers for so long that there is nothing. */
static void who_asked_early_forgets(void **state)
{
	bool soon;

	(void)state;
	begin();
	world.servers[2] = RIGHT;
	world.denied_ms = HOUR_MS;
	assert_false(turned_after(MINUTE_MS));
	assert_int_equal(round_after(HOUR_MS - MINUTE_MS, &soon).next_count, KEYS);
	assert_false(soon);
	assert_int_equal(round_after(MINUTE_MS, &soon).next_count, KEYS);
	assert_true(soon);
	assert_true(turned_after(LIMIT_dkim_settle_ms));
	end();
}

static void a_server_is_dead(void **state)
{
	(void)state;
	begin();
	world.servers[2] = DEAD;
	assert_false(turned_after(HOUR_MS));
	for (int hour = 1; hour < 24; hour++)
		assert_false(turned_after(HOUR_MS));
	assert_true(turned_after(HOUR_MS));
	end();
}

static void nobody_answers(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < SERVERS; i++)
		world.servers[i] = DEAD;
	for (int hour = 0; hour < 48; hour++)
		assert_false(turned_after(HOUR_MS));
	end();
}

/* Ours remembers something else, and so may those of others. */
static void a_resolver_that_is_behind(void **state)
{
	struct dns_fake_row row;

	(void)state;
	begin();
	world.servers[2] = RIGHT;
	row = world.rows[1];
	world.rows[1] = (struct dns_fake_row){ row.name, "TXT", "v=DKIM1; p=" };
	for (int i = 0; i < 3; i++)
		assert_false(turned_after(HOUR_MS));
	world.rows[1] = row;
	assert_false(turned_after(HOUR_MS));
	assert_true(turned_after(HOUR_MS));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_lags),
		cmocka_unit_test(who_asked_early_forgets),
		cmocka_unit_test(a_server_is_dead),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(a_resolver_that_is_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
