/* What an account has beside its password: app passwords, the second factor, recent logins. */
#include "unit/directory/fixture.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/otp.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/login/login.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/secret.h"
#include "network/runtime/addr.h"

#include <stdio.h>
#include <string.h>

#define APP "abcd-efgh-ijkl-mnop" /* of fixture.h */
#define SECRET STR("12345678901234567890")
enum { ADA = 1, DAY_MS = 86400000 };

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static struct temp_store ts;
static struct logins *logins;

static int open_store(void **state)
{
	struct arena a = { 0 };
	struct str hash;

	(void)state;
	event_fd_set(-1);
	password_setup(cheap, 2);
	assert_int_equal(password_hash(STR("own password"), cheap, &a, &hash, NULL), OK);
	const struct change script[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ OWNER_ADD, "ada@example.org", str_z(&a, hash), OK },
		{ ACCOUNT_ADD, "bob@example.org", NULL, OK },
	};
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, script, COUNT(script));
	logins = logins_new(ts.store);
	arena_deinit(&a);
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	logins_free(&logins);
	temp_store_remove(&ts);
	return 0;
}

static void change(enum change_what what, const char *a, const char *b)
{
	const struct change c = { what, a, b, OK };

	fixture_changes(ts.store, &c, 1);
}

/* From a network of its own. */
static enum err try_from(unsigned from, const char *service, const char *password, const char *code)
{
	struct addr peer = { .family = ADDR_V4, .ip = { 192, 0, (unsigned char)(1 + from), 1 } };
	struct login_try try = { .id = STR("test"),
		                 .service = str_of(service),
		                 .peer = &peer,
		                 .name = STR("ada@example.org"),
		                 .password = str_of(password),
		                 .code = str_of(code),
		                 .client = STR("tester") };
	struct arena a = { 0 };
	struct login login;
	enum err e = login_check(logins, &try, &a, &login, NULL);

	if (e == OK)
		assert_int_equal(login.account, ADA);
	arena_deinit(&a);
	return e;
}

static enum err try(const char *service, const char *password, const char *code)
{
	return try_from(1, service, password, code);
}

/* --- App passwords ---------------------------------------------------------------------- */

static struct app_password app;

static enum err app_set(struct txn *t, void *arg)
{
	(void)arg;
	return app_password_add(t, ADA, &app, STR(APP), &app.id, txn_why(t));
}

static enum err app_end(struct txn *t, void *arg)
{
	(void)arg;
	return app_password_rm(t, ADA, app.id, txn_why(t));
}

static void app_passwords_open_their_scope(void **state)
{
	static const struct {
		const char *service, *password;
		enum err want;
	} rows[] = {
		{ "imaps", APP, OK },
		{ "imap", "ABCD EFGH ijkl mnop", OK }, /* as people type it */
		{ "imap", "abcdefghijklmnop", OK },
		{ "imap", "abcdefghijklmno", ERR_DENIED },
		{ "imap", "abcd-efgh-ijkl-mnoq", ERR_DENIED },
		{ "submission", APP, ERR_DENIED },
		{ "submissions", APP, ERR_DENIED },
		{ "https", APP, ERR_DENIED },
		{ "imap", "own password", OK },
		{ "https", "own password", OK },
	};

	(void)state;
	app = (struct app_password){ .label = STR("phone"), .scopes = SCOPE_IMAP };
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, try(rows[i].service, rows[i].password, "") == rows[i].want);
}

/* At once, whatever a login has remembered. */
static void app_passwords_end(void **state)
{
	(void)state;
	app = (struct app_password){ .label = STR("phone"),
		                     .scopes = SCOPE_ALL,
		                     .expires_ms = clock_real_ms() + DAY_MS };
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), OK);
	assert_int_equal(try("imap", APP, ""), OK);
	clock_shift_real(DAY_MS);
	assert_int_equal(try("imap", APP, ""), ERR_DENIED);
	clock_shift_real(-DAY_MS);
	assert_int_equal(try("imap", APP, ""), OK);
	assert_int_equal(store_write(ts.store, app_end, NULL, NULL), OK);
	assert_int_equal(try("imap", APP, ""), ERR_DENIED);
	assert_int_equal(store_write(ts.store, app_end, NULL, NULL), ERR_MISSING);
}

static void app_passwords_have_a_form(void **state)
{
	char longest[LIMIT_label + 2];

	(void)state;
	memset(longest, 'x', sizeof longest);
	app = (struct app_password){ .scopes = SCOPE_ALL };
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), ERR_SYNTAX);
	app.label = STR("two\nlines");
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), ERR_SYNTAX);
	app.label = str_from(longest, LIMIT_label + 1);
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), ERR_SYNTAX);
	app.label = str_from(longest, LIMIT_label);
	app.scopes = 0;
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), ERR_SYNTAX);
	app.scopes = SCOPE_SMTP;
	for (int i = 0; i < LIMIT_app_passwords; i++)
		check_at(i, store_write(ts.store, app_set, NULL, NULL) == OK);
	assert_int_equal(store_write(ts.store, app_set, NULL, NULL), ERR_LIMIT);
}

static void secrets(void **state)
{
	struct arena a = { 0 };
	struct str one = secret_new(&a), other = secret_new(&a);

	(void)state;
	assert_int_equal(one.n, SECRET_CHARS + 3);
	assert_false(str_eq(one, other));
	assert_int_equal(secret_hash(&a, one).n, SECRET_HASH);
	assert_false(str_eq(secret_hash(&a, one), secret_hash(&a, other)));
	assert_int_equal(secret_hash(&a, STR("")).n, 0);
	assert_int_equal(secret_hash(&a, STR("abcd-efgh-ijkl-mno1")).n, 0);
	assert_int_equal(secret_hash(&a, STR("abcd-efgh-ijkl-mnopq")).n, 0);
	arena_deinit(&a);
}

/* What was refused meanwhile is no wrong password afterwards. */
static void enabled_again(void **state)
{
	(void)state;
	change(OWNER_ADD, "eve@example.org", "h");
	change(DISABLE, "ada@example.org", NULL);
	assert_int_equal(try("imap", "own password", ""), ERR_DENIED);
	change(ENABLE, "ada@example.org", NULL);
	assert_int_equal(try("imap", "own password", ""), OK);
}

/* --- The second factor ------------------------------------------------------------------ */

/* The code of now, and of steps before and after. */
static const char *code(int steps)
{
	static char text[4][12];
	static unsigned next;
	char *to = text[next++ % COUNT(text)];

	snprintf(to, sizeof text[0], "%06" PRIu32,
	         otp_value(SECRET, otp_step(clock_real_ms()) + (uint64_t)steps, FACTOR_DIGITS));
	return to;
}

static const struct str recovery[FACTOR_RECOVERY_CODES] = {
	{ "rrrr-rrrr-rrrr-aaaa", 19 }, { "rrrr-rrrr-rrrr-bbbb", 19 }, { "rrrr-rrrr-rrrr-cccc", 19 },
	{ "rrrr-rrrr-rrrr-dddd", 19 }, { "rrrr-rrrr-rrrr-eeee", 19 }, { "rrrr-rrrr-rrrr-ffff", 19 },
	{ "rrrr-rrrr-rrrr-gggg", 19 }, { "rrrr-rrrr-rrrr-hhhh", 19 }, { "rrrr-rrrr-rrrr-iiii", 19 },
	{ "rrrr-rrrr-rrrr-jjjj", 19 },
};

static enum err turn_on(struct txn *t, void *arg)
{
	return factor_turn_on(t, ADA, str_of(arg), clock_real_ms(), recovery, txn_why(t));
}

static void factor_on(void)
{
	change(FACTOR_BEGIN, "ada@example.org", NULL);
	/* Begun is not on: who loses the secret now loses nothing. */
	assert_int_equal(try("imap", "own password", ""), OK);
	assert_int_equal(try("https", "own password", ""), OK);
	assert_int_equal(store_write(ts.store, turn_on, "12345", NULL), ERR_DENIED);
	assert_int_equal(store_write(ts.store, turn_on, (void *)(uintptr_t)code(-2), NULL),
	                 ERR_DENIED);
	assert_int_equal(store_write(ts.store, turn_on, (void *)(uintptr_t)code(0), NULL), OK);
	assert_int_equal(store_write(ts.store, turn_on, (void *)(uintptr_t)code(1), NULL),
	                 ERR_CONFLICT);
}

static void programs_need_app_passwords(void **state)
{
	(void)state;
	change(APP_ADD, "ada@example.org", "phone");
	factor_on();
	assert_int_equal(try("imap", "own password", ""), ERR_DENIED);
	assert_int_equal(try("submission", "own password", ""), ERR_DENIED);
	assert_int_equal(try("imap", "own password", code(1)), ERR_DENIED);
	assert_int_equal(try("imap", APP, ""), OK);
	assert_int_equal(try("submission", APP, ""), OK);
	change(FACTOR_OFF, "ada@example.org", NULL);
	assert_int_equal(try("imap", "own password", ""), OK); /* nothing is remembered */
}

static void codes_are_taken_once(void **state)
{
	(void)state;
	factor_on();
	clock_shift_real(2 * OTP_STEP_S * 1000);
	assert_int_equal(try("https", "own password", ""), ERR_MISSING);
	assert_int_equal(try("https", "wrong", code(0)), ERR_DENIED);
	assert_int_equal(try("https", "own password", code(2)), ERR_DENIED);
	assert_int_equal(try("https", "own password", code(0)), OK);
	assert_int_equal(try("https", "own password", code(0)), ERR_DENIED);  /* replay */
	assert_int_equal(try("https", "own password", code(-1)), ERR_DENIED); /* older  */
	assert_int_equal(try("https", "own password", code(1)), OK);          /* a clock ahead */
	clock_shift_real(-2 * OTP_STEP_S * 1000);
}

static void recovery_codes_are_taken_once(void **state)
{
	(void)state;
	factor_on();
	assert_int_equal(try("https", "own password", "rrrr-rrrr-rrrr-zzzz"), ERR_DENIED);
	assert_int_equal(try("https", "own password", "RRRRRRRRRRRRaaaa"), OK);
	assert_int_equal(try("https", "own password", "rrrr-rrrr-rrrr-aaaa"), ERR_DENIED);
	assert_int_equal(try("https", "own password", "rrrr-rrrr-rrrr-jjjj"), OK);
}

/* Who knows the password gets few guesses at the code, also from a network that is known. */
static void guessed_codes_lock(void **state)
{
	(void)state;
	factor_on();
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		check_at(i, try_from(7, "https", "own password", "000000") == ERR_DENIED);
	assert_int_equal(try_from(7, "https", "own password", code(1)), ERR_RETRY);
	for (int i = 0; i < LIMIT_login_failures_per_address; i++)
		check_at(i, try("https", "own password", "000000") == ERR_DENIED);
	assert_int_equal(try("https", "own password", code(1)), ERR_RETRY);
}

/* --- Recent logins ---------------------------------------------------------------------- */

struct seen {
	struct arena a;
	struct login_recent_list list;
	struct app_password_list apps;
};

static enum err seen_read(struct txn *t, void *arg)
{
	struct seen *s = arg;
	enum err e = login_recent_list(t, ADA, &s->a, &s->list);

	return e != OK ? e : app_password_list(t, ADA, &s->a, &s->apps);
}

/* What was written when all that waits is. */
static struct seen seen(void)
{
	struct seen s = { .a = { 0 } };

	logins_free(&logins);
	assert_int_equal(store_read(ts.store, seen_read, &s), OK);
	logins = logins_new(ts.store);
	return s;
}

static void logins_are_noted(void **state)
{
	struct seen s;

	(void)state;
	change(APP_ADD, "ada@example.org", "phone");
	assert_int_equal(try("imap", "own password", ""), OK);
	assert_int_equal(try("imap", "own password", ""), OK);
	s = seen();
	assert_int_equal(s.list.count, 1);
	assert_int_equal(s.list.items[0].count, 2);
	assert_true(s.list.items[0].ok);
	check_str_at(0, s.list.items[0].service, STR("imap"));
	check_str_at(0, s.list.items[0].peer, STR("192.0.2.1"));
	check_str_at(0, s.list.items[0].client, STR("tester"));
	assert_int_equal(s.apps.items[0].last_used_ms, 0);
	arena_deinit(&s.a);

	clock_shift_real(1000);
	assert_int_equal(try("imap", APP, ""), OK);
	clock_shift_real(1000);
	assert_int_equal(try("imap", "wrong", ""), ERR_DENIED);
	s = seen();
	assert_int_equal(s.list.count, 3); /* newest first */
	assert_false(s.list.items[0].ok);
	assert_int_equal(s.list.items[1].app_password, 1);
	assert_int_equal(s.apps.items[0].last_used_ms, s.list.items[1].last_ms);
	assert_int_equal(fixture_fsck(ts.store, true), 0);
	arena_deinit(&s.a);
	clock_shift_real(-2000);
}

/* Failures from everywhere leave the good ones. */
static void noted_logins_are_few(void **state)
{
	struct seen s;
	unsigned ok = 0, failed = 0;

	(void)state;
	assert_int_equal(try("imap", "own password", ""), OK);
	for (unsigned i = 0; i < LIMIT_logins_kept + 5; i++) {
		logins_unlock(logins);
		check_at(i, try_from(10 + i, "imap", "wrong", "") == ERR_DENIED);
	}
	s = seen();
	for (size_t i = 0; i < s.list.count; i++)
		*(s.list.items[i].ok ? &ok : &failed) += 1;
	assert_int_equal(ok, 1);
	assert_int_equal(failed, LIMIT_logins_kept);
	arena_deinit(&s.a);
}

static void goes_with_its_account(void **state)
{
	(void)state;
	change(OWNER_ADD, "eve@example.org", "h");
	change(APP_ADD, "ada@example.org", "phone");
	change(FACTOR_BEGIN, "ada@example.org", NULL);
	assert_int_equal(try("imap", APP, ""), OK);
	change(ACCOUNT_RM, "ada@example.org", NULL); /* with what waits to be written */
	assert_int_equal(seen().list.count, 0);
	assert_int_equal(fixture_fsck(ts.store, true), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(app_passwords_open_their_scope),
		TEST(app_passwords_end),
		TEST(app_passwords_have_a_form),
		cmocka_unit_test(secrets),
		TEST(enabled_again),
		TEST(programs_need_app_passwords),
		TEST(codes_are_taken_once),
		TEST(recovery_codes_are_taken_once),
		TEST(guessed_codes_lock),
		TEST(logins_are_noted),
		TEST(noted_logins_are_few),
		TEST(goes_with_its_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
