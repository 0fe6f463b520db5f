/* MTA-STS policies of other domains: what an HTTPS server's answer says, when one is fetched, kept,
 * fetched anew, forgotten (RFC 8461 3.3, 5.1, 10.2). */
#include "unit/remote/fixture.h"

#include "foundation/config/limits.h"
#include "model/remote/sts.h"
#include "model/remote/sts_row.h"
#include "model/store/store.h"

#include <pthread.h>
#include <stdlib.h>

#define POLICY(mode, mx, age) "version: STSv1\nmode: " mode "\nmx: " mx "\nmax_age: " age "\n"
#define DAY_MS                ((int64_t)86400 * 1000)

/* --- what an answer says -------------------------------------------------------------------- */

static void test_answers(void **state)
{
	static const struct {
		unsigned status;
		const char *type, *body;
		enum sts_trouble want;
	} rows[] = {
		{ 200, "text/plain", POLICY("enforce", "a", "1"), STS_FINE },
		/* RFC 8461 3.2: parameters do not count */
		{ 200, "Text/Plain ; charset=utf-8; x=y", POLICY("enforce", "a", "1"), STS_FINE },
		{ 200, "text/html", POLICY("enforce", "a", "1"), STS_FETCH_ERROR },
		{ 200, "text/plainer", POLICY("enforce", "a", "1"), STS_FETCH_ERROR },
		{ 200, "", POLICY("enforce", "a", "1"), STS_FETCH_ERROR },
		/* 3.3: 200 only, no redirect */
		{ 201, "text/plain", POLICY("enforce", "a", "1"), STS_FETCH_ERROR },
		{ 301, "text/plain", POLICY("enforce", "a", "1"), STS_FETCH_ERROR },
		{ 404, "text/plain", "", STS_FETCH_ERROR },
		{ 200, "text/plain", "", STS_POLICY_INVALID },
		{ 200, "text/plain", "version: STSv1\nmode: enforce\nmax_age: 1",
		  STS_POLICY_INVALID },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_answer out;

		sts_answer_read(rows[i].status, str_of(rows[i].type), str_of(rows[i].body), &a,
		                &out);
		check_at(i, out.trouble == rows[i].want);
		check_at(i, (out.why.text[0] != '\0') == (rows[i].want != STS_FINE));
		if (rows[i].want == STS_FINE)
			check_str_at(i, out.text, str_of(rows[i].body));
	}
	arena_deinit(&a);
}

/* One pattern past LIMIT_sts_mx is no policy. */
static void test_too_many_hosts(void **state)
{
	struct arena a = { 0 };
	struct sts_answer out;
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	buf_put(&b, STR("version: STSv1\nmode: enforce\nmax_age: 1\n"));
	for (int i = 0; i < LIMIT_sts_mx; i++)
		buf_fmt(&b, "mx: mx%d.example\n", i);
	sts_answer_read(200, STR("text/plain"), buf_str(&b), &a, &out);
	assert_int_equal(out.trouble, STS_FINE);
	buf_put(&b, STR("mx: more.example\n"));
	sts_answer_read(200, STR("text/plain"), buf_str(&b), &a, &out);
	assert_int_equal(out.trouble, STS_POLICY_INVALID);
	buf_deinit(&b);
	arena_deinit(&a);
}

static void test_domains(void **state)
{
	static const struct {
		const char *domain;
		bool want;
	} rows[] = {
		{ "example.org", true },     { "xn--bcher-kva.example", true },
		{ "a_b.example", true },     { "org", true },
		{ "", false },               { "example..org", false },
		{ ".example.org", false },   { "example.org.", false },
		{ "192.0.2.1", false },      { "2001:db8::1", false },
		{ "[192.0.2.1]", false },    { "example.org/x", false },
		{ "example.org:8", false },  { "user@example.org", false },
		{ "b\xc3\xbc.org", false },  { "exam ple.org", false },
		{ "example.org\r\n", false },
	};
	char label[65], longest[300];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, sts_domain_check(str_of(rows[i].domain)) == rows[i].want);
	memset(label, 'a', 64);
	assert_false(sts_domain_check(str_from(label, 64)));
	assert_true(sts_domain_check(str_from(label, 63)));
	memset(longest, 'a', sizeof longest);
	for (size_t i = 50; i < sizeof longest; i += 50)
		longest[i] = '.';
	assert_true(sts_domain_check(str_from(longest, 245)));
	assert_false(sts_domain_check(str_from(longest, 246)));
}

/* --- finding -------------------------------------------------------------------------------- */

static struct sts_found find(struct fixture *f)
{
	struct sts_found out;

	sts_find(f->remote, STR("Example.ORG"), &f->a, &out);
	return out;
}

/* What is in force after each step of a story, and how many fetches there were by then. */
struct step {
	const char *record, *body; /* NULL: as before */
	unsigned status;           /* 0: 200          */
	int64_t later_ms;
	const char *mode; /* NULL: nothing is in force */
	unsigned fetches;
	enum sts_trouble trouble;
};

static void story(const struct step *steps, size_t count)
{
	struct fixture f;
	int64_t shifted = 0;

	fixture_open(&f);
	for (size_t i = 0; i < count; i++) {
		const struct step *s = &steps[i];
		struct sts_found found;

		if (s->record != NULL)
			fixture_record(&f, s->record);
		if (s->body != NULL)
			f.body = s->body;
		f.status = s->status != 0 ? s->status : 200;
		clock_shift_real(s->later_ms);
		clock_shift_mono(s->later_ms);
		shifted += s->later_ms;
		found = find(&f);
		check_at(i, found.known == (s->mode != NULL));
		if (s->mode != NULL)
			check_str_at(i, str_of(mta_sts_name(found.policy.mode)), str_of(s->mode));
		check_at(i, atomic_load(&f.fetches) == s->fetches);
		check_at(i, found.trouble == s->trouble);
	}
	clock_shift_real(-shifted);
	fixture_close(&f);
}

#define STORY(...)                                                        \
	do {                                                              \
		static const struct step steps[] = { __VA_ARGS__ };       \
		story(steps, COUNT(steps));                               \
	} while (0)

static void test_kept_and_changed(void **state)
{
	(void)state;
	STORY(
		/* no record: nothing is asked */
		{ "v=spf1 -all", POLICY("enforce", "a", "86400"), .mode = NULL, .fetches = 0 },
		{ "v=STSv1; id=1", .mode = "enforce", .fetches = 1 },
		/* the same id: kept, whatever the host says by now */
		{ NULL, POLICY("testing", "a", "86400"), .mode = "enforce", .fetches = 1 },
		{ "v=STSv1; id=2", .mode = "testing", .fetches = 2 },
		/* RFC 8461 3.1: no record does not undo it */
		{ "", .mode = "testing", .fetches = 2 },
		{ "v=STSv1; id=3", POLICY("none", "a", "86400"), .mode = NULL, .fetches = 3 },
		{ NULL, .mode = NULL, .fetches = 3 }, );
}

static void test_expiry(void **state)
{
	(void)state;
	STORY(
		{ "v=STSv1; id=1", POLICY("enforce", "a", "1000"), .mode = "enforce",
		  .fetches = 1 },
		{ "", .later_ms = 999 * 1000, .mode = "enforce", .fetches = 1 },
		{ NULL, .later_ms = 1001, .mode = NULL, .fetches = 1 },
		/* expired: fetched again, though the id is the same */
		{ "v=STSv1; id=1", .mode = "enforce", .fetches = 2 },
		/* of a policy with no life at all at least this delivery hears */
		{ "v=STSv1; id=9", POLICY("enforce", "a", "0"), .mode = "enforce", .fetches = 3 },
		{ "", .mode = NULL, .fetches = 3 }, );
}

static void test_fetch_that_fails(void **state)
{
	(void)state;
	STORY(
		/* RFC 8461 3.3: as if there were none, and not asked again for a while */
		{ "v=STSv1; id=1", POLICY("enforce", "a", "86400"), 500, 0, NULL, 1,
		  STS_FETCH_ERROR },
		{ NULL, .mode = NULL, .fetches = 1 },
		{ NULL, .later_ms = STS_AGAIN_MS - 1000, .mode = NULL, .fetches = 1 },
		{ NULL, .later_ms = 1001, .mode = "enforce", .fetches = 2 },
		/* what is kept counts on while a new one cannot be had */
		{ "v=STSv1; id=2", "nonsense", 0, 0, "enforce", 3, STS_POLICY_INVALID },
		{ NULL, .mode = "enforce", .fetches = 3 },
		/* another id is another question */
		{ "v=STSv1; id=3", POLICY("testing", "a", "86400"), .mode = "testing",
		  .fetches = 4 }, );
}

static void test_dns_that_fails(void **state)
{
	struct fixture f;
	struct sts_found found;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "86400");
	fixture_record(&f, "v=STSv1; id=1");
	assert_true(find(&f).known);
	f.zone[0] = (struct dns_fake_row){ "_mta-sts.example.org", "*", "SERVFAIL" };
	assert_true(find(&f).known);
	sts_find(f.remote, STR("broken.example"), &f.a, &found);
	assert_false(found.known);
	sts_find(f.remote, STR("[192.0.2.1]"), &f.a, &found);
	assert_false(found.known);
	assert_int_equal(atomic_load(&f.fetches), 1);
	fixture_close(&f);
}

/* A clock that was a year ahead when the policy came makes it no longer than it is. */
static void test_clock_jumps(void **state)
{
	const int64_t year_ms = 365 * DAY_MS;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "86400");
	fixture_record(&f, "v=STSv1; id=1");
	clock_shift_real(year_ms);
	assert_true(find(&f).known);
	clock_shift_real(-year_ms);
	fixture_record(&f, "");
	assert_true(find(&f).known);
	fixture_close(&f);
}

/* --- many at once ----------------------------------------------------------------------------- */

static void *find_in_thread(void *arg)
{
	struct fixture *f = arg;
	struct arena a = { 0 };
	struct sts_found found;
	bool known;

	sts_find(f->remote, STR("example.org"), &a, &found);
	known = found.known;
	arena_deinit(&a);
	return known ? f : NULL;
}

static void crowd(bool good)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	struct fixture f;

	fixture_open(&f);
	f.body = good ? POLICY("enforce", "a", "86400") : "nonsense";
	atomic_store(&f.takes_ms, 100);
	fixture_record(&f, "v=STSv1; id=1");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, find_in_thread, &f), 0);
	for (int i = 0; i < THREADS; i++) {
		void *known;

		pthread_join(threads[i], &known);
		check_at(i, (known != NULL) == good);
	}
	assert_int_equal(atomic_load(&f.fetches), 1);
	fixture_close(&f);
}

static void test_one_fetches_for_all(void **state)
{
	(void)state;
	crowd(true);
	crowd(false);
}

/* --- fetched anew ----------------------------------------------------------------------------- */

static void later(int64_t *shifted, int64_t ms)
{
	clock_shift_real(ms);
	clock_shift_mono(ms);
	*shifted += ms;
}

static void test_refresh(void **state)
{
	int64_t shifted = 0;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "604800");
	fixture_record(&f, "v=STSv1; id=1");
	assert_true(find(&f).known);
	sts_refresh(f.remote);
	assert_int_equal(atomic_load(&f.fetches), 1); /* it is new */
	/* RFC 8461 10.2: once a day, though the record is gone */
	fixture_record(&f, "");
	for (unsigned day = 1; day <= 10; day++) {
		later(&shifted, DAY_MS);
		sts_refresh(f.remote);
		assert_int_equal(atomic_load(&f.fetches), 1 + day);
		assert_true(find(&f).known);
	}
	/* a host that cannot be reached takes a week to get rid of it */
	f.trouble = STS_WEBPKI_INVALID;
	later(&shifted, 6 * DAY_MS);
	sts_refresh(f.remote);
	assert_true(find(&f).known);
	later(&shifted, 2 * DAY_MS);
	assert_false(find(&f).known);
	clock_shift_real(-shifted);
	fixture_close(&f);
}

/* What is fetched in the background brings the new id with it; and what nobody uses expires. */
static void test_refresh_of_a_new_policy(void **state)
{
	int64_t shifted = 0;
	unsigned before;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "31557600");
	fixture_record(&f, "v=STSv1; id=1");
	assert_true(find(&f).known);
	fixture_record(&f, "v=STSv1; id=2");
	f.body = POLICY("testing", "a", "31557600");
	later(&shifted, DAY_MS);
	sts_refresh(f.remote);
	assert_int_equal(find(&f).policy.mode, MTA_STS_TESTING);
	assert_int_equal(atomic_load(&f.fetches), 2);
	later(&shifted, 31 * DAY_MS);
	before = atomic_load(&f.fetches);
	sts_refresh(f.remote);
	assert_int_equal(atomic_load(&f.fetches), before);
	assert_true(find(&f).known); /* kept all the same, and used again: */
	sts_refresh(f.remote);
	assert_int_equal(atomic_load(&f.fetches), before + 1);
	clock_shift_real(-shifted);
	fixture_close(&f);
}

enum { DEAD = 250, SLICE_MS = 300 };

/* Policies that are a day old: of hosts that are dead by now, and of one behind them. */
static enum err crowd_put(struct txn *t, void *arg)
{
	struct sts_kept k = { .id = STR("1"),
		              .text = STR(POLICY("enforce", "a", "604800")),
		              .fetched_ms = clock_real_ms() - DAY_MS,
		              .used_ms = clock_real_ms() };
	enum err e = OK;

	(void)arg;
	for (int i = 0; e == OK && i <= DEAD; i++) {
		char name[40];

		snprintf(name, sizeof name, i == DEAD ? "good.example" : "dead%03d.example", i);
		k.domain = str_of(name);
		e = sts_row_put(t, &k);
	}
	return e;
}

static enum err good_read(struct txn *t, void *arg)
{
	struct sts_kept *k = arg;

	return sts_row_get(t, STR("good.example"), txn_arena(t), k);
}

static bool good_is_new(struct fixture *f)
{
	struct sts_kept k = { 0 };

	assert_int_equal(store_read(f->ts.store, good_read, &k), OK);
	return clock_real_ms() - k.fetched_ms < DAY_MS / 2;
}

/* However many hosts hang, and however few of them a round gets to, the others have their turn, and
 * each of those too. */
static void test_dead_hosts(void **state)
{
	struct fixture f;
	unsigned rounds;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "604800");
	f.dead = "dead";
	assert_int_equal(store_write(f.ts.store, crowd_put, NULL, NULL), OK);
	sts_refresh(f.remote);
	assert_int_equal(atomic_load(&f.fetches), DEAD + 1);
	assert_true(good_is_new(&f));
	assert_int_equal(store_write(f.ts.store, crowd_put, NULL, NULL), OK);
	/* "good" did not fail: it is first */
	atomic_store(&f.takes_ms, 5);
	sts_refresh_begin(f.remote);
	assert_true(sts_refresh_some(f.remote, clock_mono_ms() + SLICE_MS));
	assert_true(good_is_new(&f));
	/* what a round does not get to is what the next one begins with */
	atomic_store(&f.fetches, 0);
	for (rounds = 0; rounds < DEAD && atomic_load(&f.fetches) < DEAD; rounds++) {
		unsigned before = atomic_load(&f.fetches);

		sts_refresh_begin(f.remote);
		assert_true(sts_refresh_some(f.remote, clock_mono_ms() + SLICE_MS));
		assert_true(atomic_load(&f.fetches) > before);
	}
	assert_true(rounds > 1);
	f.dead = NULL;
	sts_refresh(f.remote);
	sts_refresh(f.remote); /* nothing is due any more */
	assert_in_range(atomic_load(&f.fetches), DEAD, 3 * DEAD);
	fixture_close(&f);
}

/* --- too many --------------------------------------------------------------------------------- */

static enum err many_put(struct txn *t, void *arg)
{
	enum err e = OK;

	for (int i = 0; e == OK && i < LIMIT_sts_policies + 1; i++) {
		char name[40];
		struct sts_kept k = { .id = STR("1"),
			              .text = STR(POLICY("enforce", "a", "86400")),
			              .fetched_ms = clock_real_ms(),
			              .used_ms = clock_real_ms() };

		snprintf(name, sizeof name, "d%05d.example", i);
		k.domain = str_of(name);
		if (i == 777)
			k.used_ms -= 1000;
		e = sts_row_put(t, &k);
	}
	(void)arg;
	return e;
}

struct listing {
	struct arena a;
	struct sts_list list;
	struct str after;
	size_t max;
};

static enum err list(struct txn *t, void *arg)
{
	struct listing *l = arg;

	return sts_list(t, l->after, l->max, &l->a, &l->list);
}

static void test_one_too_many(void **state)
{
	struct listing l = { .max = 778, .after = STR("d00000.example") };
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(store_write(f.ts.store, many_put, NULL, NULL), OK);
	sts_refresh(f.remote);
	assert_int_equal(store_read(f.ts.store, list, &l), OK);
	/* from 1 on, without 777, the one used longest ago */
	assert_int_equal(l.list.count + l.list.more, LIMIT_sts_policies - 1);
	check_str(l.list.items[0].domain, STR("d00001.example"));
	check_str(l.list.items[776].domain, STR("d00778.example"));
	arena_deinit(&l.a);
	fixture_close(&f);
}

/* Who stops while a policy is fetched must not send as if there were none; one that is kept
 * counts. */
static void test_halted(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "86400");
	fixture_record(&f, "v=STSv1; id=1");
	f.trouble = STS_FETCH_ERROR;
	remotes_halt(f.remote);
	assert_true(find(&f).halted);
	assert_true(find(&f).halted); /* nor a moment after */
	fixture_record(&f, "");
	assert_false(find(&f).halted); /* there is none */
	fixture_record(&f, "v=STSv1; id=2");
	f.trouble = STS_FINE;
	assert_true(find(&f).known);
	fixture_record(&f, "v=STSv1; id=3");
	f.trouble = STS_FETCH_ERROR;
	assert_true(find(&f).known);
	assert_false(find(&f).halted);
	fixture_close(&f);
}

static enum err forget(struct txn *t, void *arg)
{
	(void)arg;
	return sts_forget(t, STR("EXAMPLE.org"));
}

static void test_forget(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "86400");
	fixture_record(&f, "v=STSv1; id=1");
	assert_int_equal(store_write(f.ts.store, forget, NULL, NULL), ERR_MISSING);
	assert_true(find(&f).known);
	assert_int_equal(store_write(f.ts.store, forget, NULL, NULL), OK);
	fixture_record(&f, "");
	assert_false(find(&f).known);
	fixture_close(&f);
}

static enum err spoil(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_STS, STR("example.org"), STR("\x09nonsense"));
}

/* A row that cannot be read is as none, fsck tells of it, and a fetch mends it. */
static void test_damaged_row(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	f.body = POLICY("enforce", "a", "86400");
	assert_int_equal(store_write(f.ts.store, spoil, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(&f), 1);
	assert_false(find(&f).known);
	fixture_record(&f, "v=STSv1; id=1");
	assert_true(find(&f).known);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_dead_hosts),
		cmocka_unit_test(test_too_many_hosts),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_kept_and_changed),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_fetch_that_fails),
		cmocka_unit_test(test_dns_that_fails),
		cmocka_unit_test(test_clock_jumps),
		cmocka_unit_test(test_one_fetches_for_all),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_refresh_of_a_new_policy),
		cmocka_unit_test(test_one_too_many),
		cmocka_unit_test(test_halted),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_damaged_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
