/* Logins: who gets in, what is remembered, who is locked out.
 * Slow: the waits between logins are real. */
#include "unit/directory/fixture.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/blocked.h"
#include "model/directory/login/known_network.h"
#include "model/directory/login/login.h"
#include "model/directory/login/rehash.h"
#include "model/directory/row.h"
#include "network/runtime/addr.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static struct temp_store ts;
static struct logins *logins;
static struct arena hashes;

static const char *hash_of(const char *password, struct password_cost cost)
{
	struct str hash;

	assert_int_equal(password_hash(str_of(password), cost, &hashes, &hash, NULL), OK);
	return str_z(&hashes, hash);
}

static int open_store(void **state)
{
	const struct change script[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ OWNER_ADD, "boss@example.org", hash_of("boss", cheap), OK },
		{ ACCOUNT_ADD, "ada@example.org", hash_of("p\xc3\xa4ss", cheap), OK },
		{ ACCOUNT_ADD, "off@example.org", hash_of("off", cheap), OK },
		{ DISABLE, "off@example.org", NULL, OK },
		{ ACCOUNT_ADD, "new@example.org", NULL, OK }, /* no password yet */
		{ ALIAS_ADD, "info@example.org", "ada@example.org", OK },
	};

	(void)state;
	event_fd_set(-1);
	password_setup(cheap, 2);
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, script, COUNT(script));
	logins = logins_new(ts.store);
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	logins_free(&logins);
	logins_free(&logins);
	temp_store_remove(&ts);
	arena_deinit(&hashes);
	return 0;
}

static struct addr peer(unsigned n)
{
	return (struct addr){ .family = ADDR_V4,
		              .ip = { 10, (unsigned char)(n >> 8), (unsigned char)n, 1 } };
}

struct attempt {
	enum err e;
	uint32_t account;
	bool owner;
	char address[64];
	struct why why;
};

static struct attempt try_full(unsigned from, const char *name, struct str password,
                               const char *authzid)
{
	struct addr p = peer(from);
	struct login_try try = {
		.id = STR("test"),
		.service = STR("imap"),
		.peer = &p,
		.name = str_of(name),
		.password = password,
		.authzid = str_of(authzid),
	};
	struct attempt result = { .account = 0 };
	struct arena a = { 0 };
	struct login login = { 0 };

	result.e = login_check(logins, &try, &a, &login, &result.why);
	result.account = login.account;
	result.owner = login.role == ROLE_OWNER;
	snprintf(result.address, sizeof(result.address), "%.*s", STR_ARG(login.address));
	arena_deinit(&a);
	return result;
}

static enum err try(unsigned from, const char *name, const char *password)
{
	return try_full(from, name, str_of(password), NULL).e;
}

static void who_gets_in(void **state)
{
	static const struct {
		const char *name, *password, *authzid;
		enum err want;
		uint32_t account;
	} rows[] = {
		{ "ada@example.org", "p\xc3\xa4ss", "", OK, 2 },
		{ "ADA@Example.Org", "p\xc3\xa4ss", "", OK, 2 },
		{ " ada@example.org ", "p\xc3\xa4ss", "", OK, 2 },
		{ "ada", "p\xc3\xa4ss", "", OK, 2 }, /* the only domain */
		{ "ada@example.org", "p\xc3\xa4ss", "ada@example.org", OK, 2 },
		{ "boss@example.org", "boss", "", OK, 1 },
		{ "boss@example.org", "boss", "ada@example.org", ERR_DENIED, 0 },
		{ "ada@example.org", "pass", "", ERR_DENIED, 0 },
		{ "ada@example.org", "p\xc3\xa4ss ", "", ERR_DENIED, 0 },
		{ "ada@example.org", "", "", ERR_DENIED, 0 },
		{ "ada+x@example.org", "p\xc3\xa4ss", "", ERR_DENIED, 0 },
		{ "info@example.org", "p\xc3\xa4ss", "", ERR_DENIED, 0 }, /* an alias */
		{ "off@example.org", "off", "", ERR_DENIED, 0 },
		{ "new@example.org", "", "", ERR_DENIED, 0 },
		{ "new@example.org", "x", "", ERR_DENIED, 0 },
		{ "nobody@example.org", "x", "", ERR_DENIED, 0 },
		{ "ada@elsewhere.example", "p\xc3\xa4ss", "", ERR_DENIED, 0 },
		{ "", "x", "", ERR_DENIED, 0 },
		{ "@", "x", "", ERR_DENIED, 0 },
		{ "ada@", "x", "", ERR_DENIED, 0 },
		{ "postmaster", "x", "", ERR_DENIED, 0 },
		{ "ada@example.org", "\xff", "", ERR_DENIED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		/* A peer of its own each, and twice: by hash and from memory. */
		for (int again = 0; again < 2; again++) {
			struct attempt r = try_full((unsigned)i, rows[i].name,
			                            str_of(rows[i].password), rows[i].authzid);

			check_at(i, r.e == rows[i].want);
			check_at(i, r.account == rows[i].account);
			check_at(i, r.owner == (rows[i].account == 1));
			if (r.e == OK)
				check_at(i, strchr(r.address, '@') != NULL);
			else
				check_str_at(i, str_of(r.why.text),
				             STR("name or password is wrong"));
		}
	}
	assert_int_equal(try_full(99, "ada@example.org", str_from("p\xc3\xa4ss\0", 6), NULL).e,
	                 ERR_DENIED);
}

static void local_part_needs_one_domain(void **state)
{
	static const struct change second[] = { { DOMAIN_ADD, "b.example", NULL, OK } };

	(void)state;
	fixture_changes(ts.store, second, 1);
	assert_int_equal(try(1, "ada", "p\xc3\xa4ss"), ERR_DENIED);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
}

/* A new password, a disabled account, a removed one: at once, in spite of the memory. */
static void changes_end_what_is_remembered(void **state)
{
	const struct change passwd[] = { { PASSWD, "ada@example.org", hash_of("two", cheap), OK } };
	static const struct change disable[] = { { DISABLE, "ada@example.org", NULL, OK } };
	static const struct change enable[] = { { ENABLE, "ada@example.org", NULL, OK } };
	static const struct change rm[] = { { ACCOUNT_RM, "ada@example.org", NULL, OK } };

	(void)state;
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	assert_int_equal(try(1, "ada@example.org", "two"), ERR_DENIED);
	fixture_changes(ts.store, passwd, 1);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), ERR_DENIED);
	assert_int_equal(try(1, "ada@example.org", "two"), OK);
	fixture_changes(ts.store, disable, 1);
	assert_int_equal(try(1, "ada@example.org", "two"), ERR_DENIED);
	fixture_changes(ts.store, enable, 1);
	assert_int_equal(try(1, "ada@example.org", "two"), OK);
	fixture_changes(ts.store, rm, 1);
	assert_int_equal(try(1, "ada@example.org", "two"), ERR_DENIED);
}

/* Of the processor, which does not depend on what else the machine does. */
static int64_t thread_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t login_us(const char *name, const char *password)
{
	int64_t start = thread_us();

	(void)try(1, name, password);
	return thread_us() - start;
}

/* The memory is what makes a second login cheap, and an unknown name is not. */
static void cost(void **state)
{
	const struct password_cost dear = { .memory_kib = 32768, .passes = 3 };
	const struct change passwd[] = { { PASSWD, "ada@example.org", hash_of("dear", dear), OK } };
	int64_t first, second, unknown, expired;

	(void)state;
	password_setup(dear, 2);
	fixture_changes(ts.store, passwd, 1);
	first = login_us("ada@example.org", "dear");
	second = login_us("ada@example.org", "dear");
	unknown = login_us("nobody@example.org", "dear");
	clock_shift_mono((int64_t)LIMIT_login_cache_s * 1000 + 1);
	expired = login_us("ada@example.org", "dear");
	assert_true(second * 5 < first);
	assert_true(unknown * 3 > first);
	assert_true(expired * 3 > first);
}

struct stored {
	struct arena a;
	struct credential_row row;
};

static enum err stored_read(struct txn *t, void *arg)
{
	struct stored *s = arg;

	return row_credential_get(t, 2, CREDENTIAL_PASSWORD, &s->a, &s->row);
}

/* Does ada's password have the usual cost? */
static bool stored_is_usual(void)
{
	struct stored s = { .a = { 0 } };
	bool usual;

	assert_int_equal(store_read(ts.store, stored_read, &s), OK);
	usual = !password_stale(s.row.text, password_usual());
	arena_deinit(&s.a);
	return usual;
}

static void logins_renew(void)
{
	logins_free(&logins); /* waits for a rehash */
	logins = logins_new(ts.store);
}

/* A login, and nothing less, brings the stored hash to the usual cost. */
static void stale_hash_is_made_anew(void **state)
{
	static const struct password_cost other = { .memory_kib = 128, .passes = 2 };

	(void)state;
	password_setup(other, 2);
	assert_int_equal(try(1, "ada@example.org", "wrong"), ERR_DENIED);
	logins_renew();
	assert_false(stored_is_usual());
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	logins_renew();
	assert_true(stored_is_usual());
	assert_int_equal(try(1, "ada@example.org", "wrong"), ERR_DENIED);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
}

/* One at a time, and never over a password that was set meanwhile. */
static void rehash_overwrites_nothing(void **state)
{
	static const struct password_cost other = { .memory_kib = 128, .passes = 2 };
	static const struct change rm[] = { { ACCOUNT_RM, "ada@example.org", NULL, OK } };
	struct rehash *r = rehash_new(ts.store);
	const struct rehash_of of = { .account = 2,
		                      .number = CREDENTIAL_PASSWORD,
		                      .stored = str_of(hash_of("old", cheap)),
		                      .password = STR("old"),
		                      .address = STR("ada@example.org"),
		                      .stale = true };

	(void)state;
	password_setup(other, 2);
	for (int i = 0; i < 3; i++)
		rehash_start(r, &of);
	rehash_free(&r);
	rehash_free(&r);
	assert_false(stored_is_usual());
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	fixture_changes(ts.store, rm, 1);
	logins_renew();
	assert_int_equal(fixture_fsck(ts.store, true), 0);
}

static char *guess(int n)
{
	static char text[20];

	snprintf(text, sizeof(text), "guess%d", n);
	return text;
}

static void network_is_locked(void **state)
{
	(void)state;
	for (int i = 0; i < LIMIT_login_failures_per_address; i++) {
		char name[40];

		snprintf(name, sizeof(name), "nobody%d@example.org", i);
		check_at(i, try(7, name, "x") == ERR_DENIED);
	}
	/* Right or wrong, nothing is looked at. */
	assert_int_equal(try(7, "ada@example.org", "p\xc3\xa4ss"), ERR_RETRY);
	assert_int_equal(try(7, "ada@example.org", "wrong"), ERR_RETRY);
	assert_int_equal(try(8, "ada@example.org", "p\xc3\xa4ss"), OK);
	clock_shift_mono((int64_t)LIMIT_login_lock_s * 1000 + 1000);
	assert_int_equal(try(7, "ada@example.org", "p\xc3\xa4ss"), OK);
}

/* Guessed at from everywhere, an account locks for everybody but those who were in. */
static void login_is_locked(void **state)
{
	static const char *const names[] = { "ada@example.org", "nobody@example.org" };

	(void)state;
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	for (size_t who = 0; who < COUNT(names); who++) {
		/* An unknown name locks as one that exists. */
		for (int i = 0; i < LIMIT_login_failures_per_login; i++)
			check_at(i, try(100 + (unsigned)i, names[who], guess(i)) == ERR_DENIED);
		check_at(who, try(200, names[who], guess(99)) == ERR_RETRY);
	}
	assert_int_equal(try(200, "ADA@example.org", "p\xc3\xa4ss"), ERR_RETRY);
	assert_int_equal(try(200, "boss@example.org", "boss"), OK);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	clock_shift_mono((int64_t)LIMIT_login_lock_s * 1000 + 1000);
	assert_int_equal(try(200, "ada@example.org", "p\xc3\xa4ss"), OK);
}

/* Strangers lock a login for strangers, also after a restart. */
static void known_network_outlives_a_restart(void **state)
{
	(void)state;
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	logins_renew();
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(100 + (unsigned)i, "ada@example.org", guess(i)) == ERR_DENIED);
	assert_int_equal(try(200, "ada@example.org", "p\xc3\xa4ss"), ERR_RETRY);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	/* A failure there does not count against the login. */
	logins_renew();
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(1, "ada@example.org", guess(i)) == ERR_DENIED);
	assert_int_equal(try(200, "ada@example.org", "p\xc3\xa4ss"), OK);
}

/* Its own failures slow a known network down; the right password is not refused there. Takes two
 * waits of LIMIT_login_known_slow_ms. */
static void known_network_is_slowed_down(void **state)
{
	int64_t begun_ms;

	(void)state;
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	logins_renew();
	for (int i = 0; i < LIMIT_login_failures_per_address; i++) {
		char name[40];

		snprintf(name, sizeof(name), "nobody%d@example.org", i);
		check_at(i, try(1, name, "x") == ERR_DENIED);
	}
	begun_ms = clock_mono_ms();
	assert_int_equal(try(1, "ada@example.org", "guess"), ERR_DENIED);
	assert_true(clock_mono_ms() - begun_ms >= LIMIT_login_known_slow_ms);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
	begun_ms = clock_mono_ms();
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK); /* verified lately */
	assert_true(clock_mono_ms() - begun_ms < LIMIT_login_known_slow_ms);
	assert_int_equal(try(1, "boss@example.org", "boss"), ERR_RETRY); /* not known for boss */
}

static struct str network_of(unsigned n, char to[static KNOWN_NETWORK_KEY])
{
	struct addr a = peer(n);

	return known_network_key(&a, to);
}

/* More networks than are kept: the one that was used least lately goes. */
static enum err networks_put(struct txn *t, void *arg)
{
	const int64_t day_ms = 86400 * 1000;
	char key[KNOWN_NETWORK_KEY];
	enum err e = OK;

	(void)arg;
	for (unsigned i = 0; e == OK && i < LIMIT_login_networks; i++)
		e = known_network_put(t, 1, network_of(i, key), i * day_ms);
	if (e == OK)
		e = known_network_put(t, 1, network_of(0, key), LIMIT_login_networks * day_ms);
	if (e == OK)
		e = known_network_put(t, 1, network_of(1000, key),
		                      LIMIT_login_networks * day_ms);
	return e;
}

static enum err networks_check(struct txn *t, void *arg)
{
	const int64_t now_ms = (int64_t)LIMIT_login_networks * 86400 * 1000;
	char key[KNOWN_NETWORK_KEY];
	struct addr far = { .family = ADDR_V6, .ip = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9 } };
	struct addr local = { .family = ADDR_NONE };

	(void)arg;
	check_str(known_network_key(&far, key), str_from("6\x20\x01\x0d\xb8\0\0\0\x01", 9));
	assert_int_equal(known_network_key(&local, key).n, 0);
	assert_int_equal(known_network_find(t, 1, network_of(0, key), now_ms), OK);
	assert_int_equal(known_network_find(t, 1, network_of(1, key), now_ms), ERR_MISSING);
	assert_int_equal(known_network_find(t, 1, network_of(2, key), now_ms), OK);
	assert_int_equal(known_network_find(t, 1, network_of(1000, key), now_ms), OK);
	assert_int_equal(known_network_find(t, 2, network_of(0, key), now_ms), ERR_MISSING);
	assert_int_equal(known_network_find(t, 1, network_of(0, key),
	                                    now_ms + (int64_t)LIMIT_login_known_s * 1000 + 1),
	                 ERR_MISSING);
	return OK;
}

static void networks_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(store_write(ts.store, networks_put, NULL, NULL), OK);
	assert_int_equal(store_read(ts.store, networks_check, NULL), OK);
	assert_int_equal(fixture_fsck(ts.store, true), 0);
}

static void unlocked_by_hand(void **state)
{
	(void)state;
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(7, "ada@example.org", guess(i)) == ERR_DENIED);
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(7, "nobody@example.org", guess(i)) == ERR_DENIED);
	assert_int_equal(try(7, "boss@example.org", "boss"), ERR_RETRY);
	assert_int_equal(try(8, "ada@example.org", "p\xc3\xa4ss"), ERR_RETRY);
	logins_unlock(logins);
	assert_int_equal(try(7, "ada@example.org", guess(0)), ERR_DENIED);
	assert_int_equal(try(8, "ada@example.org", "p\xc3\xa4ss"), OK);
}

static void blocked_ones_are_told_and_let_go(void **state)
{
	struct arena a = { 0 };
	struct blocked *list;

	(void)state;
	assert_int_equal(logins_blocked(logins, &a, &list), 0);
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(7, "ADA@example.org", guess(i)) == ERR_DENIED);
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try(7, "nobody@example.org", guess(i)) == ERR_DENIED);
	assert_int_equal(logins_blocked(logins, &a, &list), 3);
	check_str(list[0].address, STR("ada@example.org"));
	assert_false(list[0].network);
	assert_true(list[1].network != list[2].network);
	assert_true(list[0].until_ms - list[0].since_ms == (int64_t)LIMIT_login_lock_s * 1000);
	assert_false(logins_unblock(logins, STR("eve@example.org")));
	assert_true(logins_unblock(logins, STR("ADA@example.org")));
	assert_int_equal(try(8, "ada@example.org", "p\xc3\xa4ss"), OK);
	assert_int_equal(try(7, "boss@example.org", "boss"), ERR_RETRY); /* the network */
	assert_int_equal(logins_blocked(logins, &a, &list), 2);
	for (int i = 0; i < 2; i++)
		assert_true(logins_unblock(logins, list[i].address));
	assert_int_equal(try(7, "boss@example.org", "boss"), OK);
	assert_int_equal(logins_blocked(logins, &a, &list), 0);
	arena_deinit(&a);
}

/* A phone with the old password does not lock out the house. */
static void same_wrong_password_counts_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * LIMIT_login_failures_per_address; i++)
		check_at(i, try(1, "ada@example.org", "old") == ERR_DENIED);
	assert_int_equal(try(1, "ada@example.org", "p\xc3\xa4ss"), OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_gets_in),
		TEST(local_part_needs_one_domain),
		TEST(changes_end_what_is_remembered),
		TEST(cost),
		TEST(stale_hash_is_made_anew),
		TEST(rehash_overwrites_nothing),
		TEST(network_is_locked),
		TEST(login_is_locked),
		TEST(known_network_outlives_a_restart),
		TEST(known_network_is_slowed_down),
		TEST(networks_are_bounded),
		TEST(unlocked_by_hand),
		TEST(blocked_ones_are_told_and_let_go),
		TEST(same_wrong_password_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
