/* Logins that last: what ends them, and what does not. */
#include "unit/directory/fixture.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/login/live_login.h"
#include "network/runtime/addr.h"

#include <time.h>

enum { OWN = BIT(0), APP_1 = BIT(1), APP_2 = BIT(2), OTHER = BIT(3), LOGINS = 4 };

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

struct fixture {
	struct temp_store ts;
	struct logins *logins;
	struct arena a;
	struct live_login live[LOGINS];
	const char *hash;
};

static enum err app_passwords_add(struct txn *t, void *arg)
{
	struct app_password new = { .label = STR("phone"), .scopes = SCOPE_IMAP };
	uint32_t id;
	enum err e = app_password_add(t, 2, &new, STR("aaaa-aaaa-aaaa-aaaa"), &id, NULL);

	new.expires_ms = *(int64_t *)arg;
	return e != OK ? e : app_password_add(t, 2, &new, STR("bbbb-bbbb-bbbb-bbbb"), &id, NULL);
}

static struct login log_in(struct fixture *f, const char *name, const char *password)
{
	struct addr peer = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };
	struct login_try try = { .id = STR("test"),
		                 .service = STR("imap"),
		                 .peer = &peer,
		                 .name = str_of(name),
		                 .password = str_of(password) };
	struct login login;

	assert_int_equal(login_check(f->logins, &try, &f->a, &login, NULL), OK);
	return login;
}

static void add(struct fixture *f, unsigned i, const struct login *login)
{
	live_login_add(logins_live(f->logins), &f->live[i], login, (struct waker){ 0 });
}

/* Account 1 is bob, 2 is ada, who has two app passwords. */
static void fixture_open(struct fixture *f, int64_t expires_ms)
{
	struct str hash;

	*f = (struct fixture){ .hash = NULL };
	event_fd_set(-1);
	password_setup(cheap, 2);
	assert_int_equal(password_hash(STR("secret"), cheap, &f->a, &hash, NULL), OK);
	f->hash = str_z(&f->a, hash);
	const struct change script[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ OWNER_ADD, "bob@example.org", f->hash, OK },
		{ ACCOUNT_ADD, "ada@example.org", f->hash, OK },
	};
	temp_store_open(&f->ts, STORE_MEMORY);
	fixture_changes(f->ts.store, script, COUNT(script));
	assert_int_equal(store_write(f->ts.store, app_passwords_add, &expires_ms, NULL), OK);
	f->logins = logins_new(f->ts.store);

	const struct login logins[LOGINS] = {
		log_in(f, "ada", "secret"),
		log_in(f, "ada", "aaaa-aaaa-aaaa-aaaa"),
		log_in(f, "ada", "bbbb-bbbb-bbbb-bbbb"),
		log_in(f, "bob", "secret"),
	};
	for (unsigned i = 0; i < LOGINS; i++)
		add(f, i, &logins[i]);
}

static void fixture_close(struct fixture *f)
{
	for (unsigned i = 0; i < LOGINS; i++)
		live_login_remove(&f->live[i]);
	logins_free(&f->logins);
	temp_store_remove(&f->ts);
	arena_deinit(&f->a);
}

static unsigned ended(const struct fixture *f)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < LOGINS; i++)
		bits |= live_login_ended(&f->live[i]) ? BIT(i) : 0;
	return bits;
}

/* Which have ended within the second that is promised; waits longer for those that should. */
static unsigned ended_soon(const struct fixture *f, unsigned want)
{
	int64_t deadline_ms = clock_mono_ms() + (want != 0 ? 10000 : 2 * LIVE_LOOK_MS);

	while (clock_mono_ms() < deadline_ms && (want == 0 || (ended(f) & want) != want))
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	return ended(f);
}

static enum err factor_on(struct txn *t, void *arg)
{
	static const char secret[20] = "12345678901234567890";
	struct str recovery[FACTOR_RECOVERY_CODES];
	enum err e = factor_begin(t, 2, str_from(secret, sizeof secret), NULL);

	(void)arg;
	for (size_t i = 0; i < COUNT(recovery); i++)
		recovery[i] = STR("cccc-cccc-cccc-cccc");
	/* RFC 6238 appendix B: at 59 s, the last six of 94287082. */
	return e != OK ? e : factor_turn_on(t, 2, STR("287082"), 59000, recovery, NULL);
}

static void what_ends_them(void **state)
{
	static const struct {
		struct change change;
		unsigned want;
	} rows[] = {
		{ { PASSWD, "ada@example.org", "another", OK }, OWN },
		{ { APP_RM, "ada@example.org", "1", OK }, APP_1 },
		{ { APP_RM, "ada@example.org", "2", OK }, APP_2 },
		{ { DISABLE, "ada@example.org", NULL, OK }, OWN | APP_1 | APP_2 },
		{ { ACCOUNT_RM, "ada@example.org", NULL, OK }, OWN | APP_1 | APP_2 },
		{ { ROLE_SET, "ada@example.org", "example.org", OK }, 0 },
		{ { APP_ADD, "ada@example.org", "tablet", OK }, 0 },
		{ { FACTOR_BEGIN, "ada@example.org", NULL, OK }, 0 },
		{ { ACCOUNT_ADD, "eve@example.org", NULL, OK }, 0 },
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture_open(&f, 0);
		fixture_changes(f.ts.store, &rows[i].change, 1);
		check_at(i, ended_soon(&f, rows[i].want) == rows[i].want);
		fixture_close(&f);
	}
}

static void second_factor_ends_own_password(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 0);
	assert_int_equal(store_write(f.ts.store, factor_on, NULL, NULL), OK);
	assert_int_equal(ended_soon(&f, OWN), OWN);
	fixture_close(&f);
}

static void app_password_expires(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, clock_real_ms() + 1500);
	assert_int_equal(ended(&f), 0);
	assert_int_equal(ended_soon(&f, APP_2), APP_2);
	fixture_close(&f);
}

/* A change between a login's check and the moment at which it is added is not missed; nor is an
 * app password taken for a later one with its number. */
static void nothing_is_missed(void **state)
{
	const struct change script[] = {
		{ APP_RM, "ada@example.org", "2", OK },
		{ APP_ADD, "ada@example.org", "again", OK },
	};
	struct fixture f;
	struct login before;

	(void)state;
	fixture_open(&f, 0);
	before = log_in(&f, "ada", "bbbb-bbbb-bbbb-bbbb");
	for (unsigned i = 0; i < LOGINS; i++)
		live_login_remove(&f.live[i]);
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL); /* another millisecond */
	fixture_changes(f.ts.store, script, COUNT(script));
	add(&f, 2, &before);
	assert_int_equal(ended_soon(&f, APP_2), APP_2);
	fixture_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ends_them),
		cmocka_unit_test(second_factor_ends_own_password),
		cmocka_unit_test(app_password_expires),
		cmocka_unit_test(nothing_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
