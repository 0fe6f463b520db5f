/* Logins that send no password: SCRAM's proofs, tokens, certificates; and what is kept for them.
 * Slow: SCRAM keys take long under the sanitizers. */
#include "unit/directory/fixture.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/login.h"
#include "model/directory/login/salt.h"
#include "model/directory/row.h"
#include "network/runtime/addr.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE STR("n=x,r=1,r=12,s=c2FsdA==,i=16384,c=biws,r=12")
#define APP "abcd-efgh-ijkl-mnop"

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static struct temp_store ts;
static struct salts salts;
static struct logins *logins;
static struct arena kept;

/* What an account is made with: whole, or as it was before SCRAM. */
static const char *credential_of(const char *address, const char *password, bool whole)
{
	struct str text;

	if (whole)
		assert_int_equal(credential_make(&salts, str_of(password), str_of(address), &kept,
		                                 &text, NULL),
		                 OK);
	else
		assert_int_equal(password_hash(str_of(password), cheap, &kept, &text, NULL), OK);
	return str_z(&kept, text);
}

static void store_begin(void)
{
	event_fd_set(-1);
	temp_store_open(&ts, STORE_MEMORY);
}

static int open_with(bool whole)
{
	store_begin();
	assert_int_equal(salts_get(ts.store, STR("ada@example.org"), &salts, NULL), OK);
	const struct change script[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ OWNER_ADD, "boss@example.org", credential_of("Boss@example.org", "boss", true),
		  OK },
		{ ACCOUNT_ADD, "ada@example.org", credential_of("ada@example.org", "secret", whole),
		  OK },
		{ ACCOUNT_ADD, "off@example.org", credential_of("off@example.org", "off", true),
		  OK },
		{ DISABLE, "off@example.org", NULL, OK },
		{ ALIAS_ADD, "info@example.org", "ada@example.org", OK },
	};

	fixture_changes(ts.store, script, COUNT(script));
	logins = logins_new(ts.store);
	return 0;
}

static int open_store(void **state)
{
	(void)state;
	password_setup(cheap, 2);
	return open_with(true);
}

static int open_old_store(void **state)
{
	(void)state;
	password_setup(cheap, 2);
	return open_with(false);
}

static int close_store(void **state)
{
	(void)state;
	logins_free(&logins);
	temp_store_remove(&ts);
	arena_deinit(&kept);
	return 0;
}

static struct addr peer(unsigned n)
{
	return (struct addr){ .family = ADDR_V4,
		              .ip = { 10, (unsigned char)(n >> 8), (unsigned char)n, 1 } };
}

/* As a client does: the salt, the proof, and whether the server knew the password as well. */
static enum err prove(const char *service, unsigned from, enum scram_hash h, const char *name,
                      const char *password, const char *authzid)
{
	uint8_t salt[SCRAM_SALT_BYTES], salted[SCRAM_BYTES_MAX], proof[SCRAM_BYTES_MAX];
	uint8_t server_key[SCRAM_BYTES_MAX] = { 0 };
	struct addr p = peer(from);
	struct login_try try = { .id = STR("test"),
		                 .service = str_of(service),
		                 .peer = &p,
		                 .name = str_of(name),
		                 .authzid = str_of(authzid) };
	struct login_scram scram = { h, str_from((char *)salt, sizeof salt), MESSAGE,
		                     str_from((char *)proof, scram_bytes(h)) };
	struct scram_keys keys;
	struct arena a = { 0 };
	struct login login = { 0 };
	uint32_t iterations;
	enum err e;

	login_salt(logins, try.name, h, salt, &iterations);
	assert_int_equal(iterations, SCRAM_ITERATIONS);
	scram_salted(h, str_of(password), str_from((char *)salt, sizeof salt), iterations, salted);
	scram_proof(h, salted, MESSAGE, proof);
	e = login_scram(logins, &try, &scram, &a, &login, server_key, NULL);
	scram_keys(h, salted, &keys);
	assert_int_equal(e == OK, memcmp(server_key, keys.server, scram_bytes(h)) == 0);
	assert_int_equal(e == OK, login.account != 0);
	arena_deinit(&a);
	return e;
}

static void who_gets_in(void **state)
{
	static const struct {
		const char *name, *password, *authzid;
		enum err want;
	} rows[] = {
		{ "ada@example.org", "secret", NULL, OK },
		{ " ADA@Example.Org", "secret", NULL, OK },
		{ "ada", "secret", NULL, OK },
		{ "boss@example.org", "boss", NULL, OK },
		{ "ada@example.org", "secret", "ada@example.org", OK },
		{ "ada@example.org", "secret", "boss@example.org", ERR_DENIED },
		{ "ada@example.org", "Secret", NULL, ERR_DENIED },
		{ "ada@example.org", "", NULL, ERR_DENIED },
		{ "ada@example.org", "boss", NULL, ERR_DENIED },
		{ "off@example.org", "off", NULL, ERR_DENIED },
		{ "info@example.org", "secret", NULL, ERR_DENIED }, /* an alias */
		{ "nobody@example.org", "secret", NULL, ERR_DENIED },
		{ "ada@elsewhere.example", "secret", NULL, ERR_DENIED },
		{ "", "secret", NULL, ERR_DENIED },
		{ "@", "secret", NULL, ERR_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, prove("imap", (unsigned)i, SCRAM_SHA_256, rows[i].name,
		                  rows[i].password, rows[i].authzid) == rows[i].want);
	/* No own password opens by SHA-1. */
	assert_int_equal(prove("imap", 90, SCRAM_SHA_1, "ada", "secret", NULL), ERR_DENIED);
	assert_true(logins_scram(logins));
}

/* Whoever asks learns nothing: a salt is there for any name, and stays. */
static void salts_tell_nothing(void **state)
{
	static const struct change rm[] = { { ACCOUNT_RM, "ada@example.org", NULL, OK } };
	static const char *const names[] = { "ada", "nobody", "info", "off", "", "a b@c" };
	uint8_t before[COUNT(names)][SCRAM_SALT_BYTES], after[SCRAM_SALT_BYTES];
	uint32_t iterations;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		login_salt(logins, str_of(names[i]), SCRAM_SHA_256, before[i], &iterations);
	login_salt(logins, STR("Nobody@example.org"), SCRAM_SHA_256, after, &iterations);
	assert_memory_equal(before[1], after, sizeof after);
	fixture_changes(ts.store, rm, 1);
	for (size_t i = 0; i < COUNT(names); i++) {
		login_salt(logins, str_of(names[i]), SCRAM_SHA_256, after, &iterations);
		check_at(i, memcmp(before[i], after, sizeof after) == 0);
	}
}

/* A name that exists is locked as one that does not; a known network is let in all the same. */
static void guesses_lock(void **state)
{
	static const char *const names[] = { "ada@example.org", "nobody@example.org" };

	(void)state;
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", "secret", NULL), OK);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada@example.org", "secret", NULL), OK);
	for (size_t who = 0; who < COUNT(names); who++) {
		for (int i = 0; i < LIMIT_login_failures_per_login; i++)
			check_at(i, prove("imap", 100 + 300 * (unsigned)i, SCRAM_SHA_256,
			                  names[who], "guess", NULL) == ERR_DENIED);
		check_at(who, prove("imap", 9999, SCRAM_SHA_256, names[who], "secret", NULL) ==
		                      ERR_RETRY);
	}
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada@example.org", "secret", NULL), OK);
}

struct made {
	uint32_t account;
	unsigned scopes;
	int64_t expires_ms;
};

static enum err app_put(struct txn *t, void *arg)
{
	const struct made *m = arg;
	struct app_password new = { .label = STR("phone"),
		                    .scopes = m->scopes,
		                    .expires_ms = m->expires_ms,
		                    .scram = credential_scram(&salts, CREDENTIAL_APP, STR(APP),
		                                              STR("ada@example.org"),
		                                              txn_arena(t)) };
	uint32_t id;

	return app_password_add(t, m->account, &new, STR(APP), &id, NULL);
}

static void app_passwords(void **state)
{
	static const struct change rm[] = { { APP_RM, "ada@example.org", "1", OK } };
	struct made m = { 2, SCOPE_IMAP, 0 };

	(void)state;
	assert_int_equal(store_write(ts.store, app_put, &m, NULL), OK);
	assert_int_equal(prove("imaps", 1, SCRAM_SHA_256, "ada", APP, NULL), OK);
	assert_int_equal(prove("imaps", 1, SCRAM_SHA_1, "ada", APP, NULL), OK);
	assert_int_equal(prove("imaps", 1, SCRAM_SHA_256, "ada", "secret", NULL), OK);
	assert_int_equal(prove("imaps", 2, SCRAM_SHA_1, "ada", "secret", NULL), ERR_DENIED);
	assert_int_equal(prove("submission", 1, SCRAM_SHA_256, "ada", APP, NULL), ERR_DENIED);
	assert_true(logins_scram(logins));
	fixture_changes(ts.store, rm, 1);
	assert_int_equal(prove("imaps", 1, SCRAM_SHA_256, "ada", APP, NULL), ERR_DENIED);
	m.expires_ms = clock_real_ms() - 1;
	assert_int_equal(store_write(ts.store, app_put, &m, NULL), OK);
	assert_int_equal(prove("imaps", 1, SCRAM_SHA_256, "ada", APP, NULL), ERR_DENIED);
}

static enum err factor_put(struct txn *t, void *arg)
{
	const struct factor_row row = { .account = 2,
		                        .on = true,
		                        .secret = STR("12345678901234567890") };

	(void)arg;
	return row_factor_put(t, &row);
}

/* With two-factor login the account's own password opens no mail, proven or sent. */
static void second_factor(void **state)
{
	struct made m = { 2, SCOPE_ALL, 0 };

	(void)state;
	assert_int_equal(store_write(ts.store, app_put, &m, NULL), OK);
	assert_int_equal(store_write(ts.store, factor_put, NULL, NULL), OK);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", "secret", NULL), ERR_DENIED);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", APP, NULL), OK);
}

static enum err send(const char *name, const char *password)
{
	struct addr p = peer(1);
	struct login_try try = { .id = STR("test"),
		                 .service = STR("imap"),
		                 .peer = &p,
		                 .name = str_of(name),
		                 .password = str_of(password) };
	struct arena a = { 0 };
	struct login login;
	enum err e = login_check(logins, &try, &a, &login, NULL);

	arena_deinit(&a);
	return e;
}

/* An account from before SCRAM keeps it from being offered until its password was sent once. */
static void old_accounts_catch_up(void **state)
{
	(void)state;
	assert_false(logins_scram(logins));
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", "secret", NULL), ERR_DENIED);
	assert_int_equal(send("ada", "guess"), ERR_DENIED);
	logins_free(&logins); /* waits for what is under way */
	logins = logins_new(ts.store);
	assert_false(logins_scram(logins));
	assert_int_equal(send("ada", "secret"), OK);
	logins_free(&logins);
	logins = logins_new(ts.store);
	assert_true(logins_scram(logins));
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", "secret", NULL), OK);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_1, "ada", "secret", NULL), ERR_DENIED);
}

/* The same for an app password, however it was typed. */
static enum err app_put_old(struct txn *t, void *arg)
{
	const struct app_password new = { .label = STR("old phone"), .scopes = SCOPE_ALL };
	uint32_t id;

	(void)arg;
	return app_password_add(t, 2, &new, STR(APP), &id, NULL);
}

static void old_app_passwords_catch_up(void **state)
{
	(void)state;
	assert_int_equal(store_write(ts.store, app_put_old, NULL, NULL), OK);
	assert_false(logins_scram(logins));
	assert_int_equal(send("ada", "ABCD efgh ijklmnop"), OK);
	logins_free(&logins);
	logins = logins_new(ts.store);
	assert_true(logins_scram(logins));
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "ada", APP, NULL), OK);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_1, "ada", APP, NULL), OK);
}

/* --- old salts ----------------------------------------------------------------------------- */

/* A password as stores from before there was a key have it: for both hashes, for the old salts. */
static struct str old_words(const char *password, const char *address)
{
	const struct salts before = { .key = { 7 }, .old = true }; /* no key of this store */

	return credential_scram(&before, CREDENTIAL_APP, str_of(password), str_of(address), &kept);
}

static const char *old_credential(const char *address, const char *password)
{
	struct str words = old_words(password, address);

	return str_z(&kept, str_fmt(&kept, "%s %.*s", credential_of(address, password, false),
	                            STR_ARG(words)));
}

static enum err old_app_put(struct txn *t, void *arg)
{
	const struct app_password new = { .label = STR("phone"),
		                          .scopes = SCOPE_ALL,
		                          .scram = old_words(APP, "ada@example.org") };
	uint32_t id;

	(void)arg;
	return app_password_add(t, 2, &new, STR(APP), &id, NULL);
}

static int open_store_of_old_salts(void **state)
{
	(void)state;
	password_setup(cheap, 2);
	store_begin();
	const struct change script[] = {
		{ DOMAIN_ADD, "example.org", NULL, OK },
		{ OWNER_ADD, "boss@example.org", old_credential("boss@example.org", "boss"), OK },
		{ ACCOUNT_ADD, "ada@example.org", old_credential("ada@example.org", "secret"), OK },
	};
	fixture_changes(ts.store, script, COUNT(script));
	assert_int_equal(store_write(ts.store, old_app_put, NULL, NULL), OK);
	assert_int_equal(salts_open(ts.store, NULL), OK);
	assert_int_equal(salts_get(ts.store, STR("ada@example.org"), &salts, NULL), OK);
	logins = logins_new(ts.store);
	return 0;
}

static bool salt_is_old(const char *name)
{
	uint8_t told[SCRAM_SALT_BYTES], old[SCRAM_SALT_BYTES];
	struct arena a = { 0 };
	uint32_t iterations;

	login_salt(logins, str_of(name), SCRAM_SHA_256, told, &iterations);
	scram_salt(NULL, SCRAM_SHA_256, str_fmt(&a, "%s@example.org", name), old);
	arena_deinit(&a);
	return memcmp(told, old, sizeof old) == 0;
}

/* How many of 64 names that are no account's have the old salts. */
static unsigned strangers_of_old_salts(void)
{
	unsigned count = 0;
	char name[16];

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof name, "stranger%d", i);
		count += salt_is_old(name);
	}
	return count;
}

/* As a restart does: what is under way ends, and the passwords are looked at anew. */
static void restart(void)
{
	logins_free(&logins);
	logins = logins_new(ts.store);
	assert_true(logins_scram(logins));
}

/* Until all passwords of an account were sent once, it keeps the old salts, and all of them work.
 * Strangers' names follow. */
static void old_salts_go(void **state)
{
	static const struct {
		const char *sent; /* PLAIN's password of ada, before the rest */
		bool old;
	} rows[] = { { NULL, true }, { "secret", true }, { "secret", true }, { APP, false } };
	static const char *const passwords[] = { "secret", APP };
	struct change passwd = { PASSWD, "boss@example.org", NULL, OK };
	unsigned strangers;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		restart();
		check_at(i, rows[i].sent == NULL || send("ada", rows[i].sent) == OK);
		restart();
		check_at(i, salt_is_old("ada") == rows[i].old);
		check_at(i, salt_is_old("boss"));
		for (size_t j = 0; j < COUNT(passwords); j++)
			check_at(i,
			         prove("imap", 1, SCRAM_SHA_256, "ada", passwords[j], NULL) == OK);
		check_at(i, prove("imap", 1, SCRAM_SHA_1, "ada", APP, NULL) == OK);
		check_at(i, prove("imap", 1, SCRAM_SHA_1, "ada", "secret", NULL) == ERR_DENIED);
		strangers = strangers_of_old_salts();
		check_at(i, rows[i].old ? strangers == 64 : strangers > 0 && strangers < 64);
		check_at(i, strangers_of_old_salts() == strangers);
	}
	passwd.b = credential_of("boss@example.org", "new", true);
	fixture_changes(ts.store, &passwd, 1);
	restart();
	assert_false(salt_is_old("boss"));
	assert_int_equal(strangers_of_old_salts(), 0);
	assert_int_equal(prove("imap", 1, SCRAM_SHA_256, "boss", "new", NULL), OK);
}

static enum err words_read(struct txn *t, void *arg)
{
	struct credential_row row;
	enum err e = row_credential_get(t, 1, CREDENTIAL_PASSWORD, &kept, &row);

	*(struct str *)arg = row.scram;
	return e;
}

/* The first start removes what own passwords have for SHA-1, which needs no password; and what is
 * for the old salts goes with the last that needs it. */
static void keys_that_go(void **state)
{
	struct change passwd = { PASSWD, "boss@example.org", NULL, OK };
	struct salts boss;
	struct str words, text;

	(void)state;
	assert_int_equal(store_read(ts.store, words_read, &words), OK);
	assert_true(str_starts(words, STR("SCRAM-SHA-256$")));
	assert_int_equal(str_find(words, STR("SCRAM-SHA-1$")), -1);
	assert_true(credential_whole(words, CREDENTIAL_OWN, NULL, STR("boss@example.org")));
	assert_int_equal(salts_get(ts.store, STR("Boss@example.org"), &boss, NULL), OK);
	assert_true(boss.old);
	assert_int_equal(
		credential_make(&boss, STR("new"), STR("boss@example.org"), &kept, &text, NULL),
		OK);
	passwd.b = str_z(&kept, text);
	fixture_changes(ts.store, &passwd, 1);
	assert_int_equal(store_read(ts.store, words_read, &words), OK);
	assert_true(credential_whole(words, CREDENTIAL_OWN, boss.key, STR("boss@example.org")));
	assert_false(credential_whole(words, CREDENTIAL_OWN, NULL, STR("boss@example.org")));
	assert_int_equal(salts_get(ts.store, STR("boss@example.org"), &boss, NULL), OK);
	assert_false(boss.old);
}

/* A salt cannot be made from what is known outside of this installation. */
static void salts_differ_between_installations(void **state)
{
	uint8_t one[SCRAM_SALT_BYTES], other[SCRAM_SALT_BYTES];
	uint32_t iterations;

	login_salt(logins, STR("ada"), SCRAM_SHA_256, one, &iterations);
	close_store(state);
	open_with(true);
	login_salt(logins, STR("ada"), SCRAM_SHA_256, other, &iterations);
	assert_memory_not_equal(one, other, sizeof one);
}

/* --- tokens ------------------------------------------------------------------------------- */

static enum err fake_verify(void *arg, const struct token_claim *claim, struct arena *a,
                            struct str *address, struct why *why)
{
	++*(int *)arg;
	if (str_eq(claim->token, STR("down")))
		return ERR_IO;
	if (!str_eq(claim->token, STR("good")) || !str_eq(claim->service, STR("imap")))
		return fail(why, ERR_DENIED, "no such token");
	*address = str_dup(a, STR("Ada@example.org"));
	return OK;
}

static const struct token_verifier fake = { .verify = fake_verify };

static enum err token(const char *text, const char *user, const char *authzid)
{
	struct addr p = peer(1);
	struct login_try try = {
		.id = STR("test"), .service = STR("imap"), .peer = &p, .authzid = str_of(authzid)
	};
	struct token_claim claim = { .token = str_of(text),
		                     .user = str_of(user),
		                     .service = try.service };
	struct arena a = { 0 };
	struct login login = { 0 };
	enum err e = login_token(logins, &try, &claim, &a, &login, NULL);

	assert_int_equal(login.account, e == OK ? 2 : 0);
	arena_deinit(&a);
	return e;
}

static void tokens(void **state)
{
	static const struct {
		const char *token, *user, *authzid;
		enum err want;
	} rows[] = {
		{ "good", NULL, NULL, OK },
		{ "good", "ada@example.org", "ADA@example.org", OK },
		{ "good", "boss@example.org", NULL, ERR_DENIED },
		{ "good", NULL, "boss@example.org", ERR_DENIED },
		{ "bad", NULL, NULL, ERR_DENIED },
		{ "down", NULL, NULL, ERR_RETRY },
	};
	int asked = 0;

	(void)state;
	assert_false(logins_tokens(logins));
	logins_tokens_set(logins, &fake, &asked);
	assert_true(logins_tokens(logins));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, token(rows[i].token, rows[i].user, rows[i].authzid) == rows[i].want);
	assert_int_equal(asked, COUNT(rows));
	/* Guessing locks the network for passwords only: nobody guesses a proof. */
	for (int i = 0; i < LIMIT_login_failures_per_address; i++)
		(void)token("bad", NULL, NULL);
	asked = 0;
	assert_int_equal(token("good", NULL, NULL), OK);
	assert_int_equal(asked, 1);
}

static void certificates(void **state)
{
	static const struct {
		const char *addresses[3], *authzid;
		enum err want;
		const char *who;
	} rows[] = {
		{ { "ada@example.org" }, NULL, OK, "ada@example.org" },
		{ { "ADA@EXAMPLE.org" }, "ada@example.org", OK, "ada@example.org" },
		{ { "ada@example.org" }, "ADA@example.org", OK, "ada@example.org" },
		{ { "ada@example.org" }, "boss@example.org", ERR_DENIED, NULL },
		{ { "ada@example.org" }, "ada", ERR_DENIED, NULL },
		{ { "off@example.org" }, NULL, ERR_DENIED, NULL },
		{ { "nobody@example.org" }, NULL, ERR_DENIED, NULL },
		{ { "info@example.org" }, NULL, ERR_DENIED, NULL },
		{ { "ada@example.org, boss@example.org" }, NULL, ERR_DENIED, NULL },
		{ { "" }, NULL, ERR_DENIED, NULL },
		/* RFC 4422 A.1: of several the client says which */
		{ { "ada@example.org", "boss@example.org" }, NULL, ERR_DENIED, NULL },
		{ { "ada@example.org", "boss@example.org" },
		  "boss@example.org",
		  OK,
		  "boss@example.org" },
		{ { "ada@example.org", "boss@example.org" },
		  "ada@example.org",
		  OK,
		  "ada@example.org" },
		{ { "ada@example.org", "nobody@example.org" },
		  "nobody@example.org",
		  ERR_DENIED,
		  NULL },
		{ { "ada@example.org", "off@example.org" }, "off@example.org", ERR_DENIED, NULL },
	};
	struct addr p = peer(1);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct login_try try = { .id = STR("test"),
			                 .service = STR("imap"),
			                 .peer = &p,
			                 .authzid = str_of(rows[i].authzid) };
		struct arena a = { 0 };
		struct login login = { 0 };
		struct str addresses[3];
		struct certificate_claim claim = { addresses, 0, INT64_C(1) << 50 };

		for (; claim.count < 3 && rows[i].addresses[claim.count] != NULL; claim.count++)
			addresses[claim.count] = str_of(rows[i].addresses[claim.count]);
		check_at(i,
		         login_certificate(logins, &try, &claim, &a, &login, NULL) == rows[i].want);
		check_str_at(i, login.address, str_of(rows[i].who));
		check_at(i, rows[i].want != OK || login.expires_ms == claim.expires_ms);
		arena_deinit(&a);
	}
}

/* --- CRAM-MD5 ------------------------------------------------------------------------------ */

struct cram_made {
	unsigned scopes;
	bool word; /* made while it was on */
	int64_t expires_ms;
};

static enum err cram_put(struct txn *t, void *arg)
{
	const struct cram_made *m = arg;
	struct app_password new = { .label = STR("old phone"),
		                    .scopes = m->scopes,
		                    .expires_ms = m->expires_ms,
		                    .scram = STR("SCRAM-SHA-1$junk") };
	struct cram_keys keys;
	struct account ada;
	uint32_t id;

	assert_int_equal(account_find(t, STR("ada@example.org"), txn_arena(t), &ada), OK);
	cram_keys(STR(APP), &keys);
	if (m->word)
		new.scram = credential_cram_add(new.scram, &keys, txn_arena(t));
	return app_password_add(t, ada.id, &new, STR(APP), &id, NULL);
}

static enum err cram_prove(const char *service, const char *name, const char *password)
{
	const struct str challenge = STR("<1.2@mail.example.org>");
	uint8_t digest[CRAM_BYTES];
	struct addr p = peer(1);
	struct login_try try = {
		.id = STR("test"), .service = str_of(service), .peer = &p, .name = str_of(name)
	};
	struct login_cram claim = { challenge, str_from((char *)digest, CRAM_BYTES) };
	struct arena a = { 0 };
	struct login login = { 0 };
	struct cram_keys k;
	enum err e;

	cram_keys(str_of(password), &k);
	cram_digest(&k, challenge, digest);
	e = login_cram(logins, &try, &claim, &a, &login, NULL);
	assert_int_equal(e == OK, login.account != 0 && login.app_password != 0);
	arena_deinit(&a);
	return e;
}

static void cram(void **state)
{
	static const struct {
		struct cram_made made;
		const char *service, *name, *password;
		enum err want;
	} rows[] = {
		{ { SCOPE_ALL, true, 0 }, "imap", "ada@example.org", APP, OK },
		{ { SCOPE_ALL, true, 0 }, "submission", "ADA", APP, OK },
		{ { SCOPE_IMAP, true, 0 }, "submission", "ada@example.org", APP, ERR_DENIED },
		{ { SCOPE_ALL, true, 1 }, "imap", "ada@example.org", APP, ERR_DENIED },
		{ { SCOPE_ALL, false, 0 }, "imap", "ada@example.org", APP, ERR_DENIED },
		{ { SCOPE_ALL, true, 0 }, "imap", "ada@example.org", "abcd", ERR_DENIED },
		/* the account's own password has no verifier for it */
		{ { SCOPE_ALL, true, 0 }, "imap", "ada@example.org", "secret", ERR_DENIED },
		{ { SCOPE_ALL, true, 0 }, "imap", "boss@example.org", APP, ERR_DENIED },
		{ { SCOPE_ALL, true, 0 }, "imap", "nobody@example.org", APP, ERR_DENIED },
		{ { SCOPE_ALL, true, 0 }, "imap", "", APP, ERR_DENIED },
	};

	assert_false(logins_cram(logins));
	logins_cram_set(logins, true);
	assert_true(logins_cram(logins));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cram_made made = rows[i].made;

		close_store(state);
		open_with(true);
		assert_int_equal(store_write(ts.store, cram_put, &made, NULL), OK);
		check_at(i, cram_prove(rows[i].service, rows[i].name, rows[i].password) ==
		                    rows[i].want);
	}
	for (int i = 0; i < LIMIT_login_failures_per_login; i++)
		(void)cram_prove("imap", "ada@example.org", "guess");
	assert_int_equal(cram_prove("imap", "ada@example.org", APP), ERR_RETRY);
}

static void cram_words(void **state)
{
	struct cram_keys k, read;
	struct arena a = { 0 };
	struct str words;

	(void)state;
	cram_keys(STR("x"), &k);
	words = credential_cram_add(STR_EMPTY, &k, &a);
	assert_true(credential_cram(words, &read));
	assert_memory_equal(&k, &read, sizeof k);
	words = credential_cram_add(STR("SCRAM-SHA-256$1:a$b:c SCRAM-SHA-1$1:a$b:c"), &k, &a);
	memset(&read, 0, sizeof read);
	assert_true(credential_cram(words, &read));
	assert_memory_equal(&k, &read, sizeof k);
	for (size_t n = 0; n < words.n; n++)
		check_at(n, !credential_cram(str_sub(words, 0, n), &read));
	arena_deinit(&a);
}

/* --- what is kept -------------------------------------------------------------------------- */

static void words(void **state)
{
	static const struct {
		const char *password;
		bool good;
	} rows[] = {
		{ "pencil", true },         { "p\xc3\xa4ss w", true }, { "a\tb", false },
		{ "a\nb", false },          { "\xff", false },         { "", false },
		{ "a\xe2\x80\x8b", false }, /* U+200B, invisible */
		{ "a\x7f", false },
	};
	const struct salts some = { .key = { 1 } };
	uint8_t salt[SCRAM_SALT_BYTES];
	struct scram_keys keys;
	struct arena a = { 0 };
	struct str text, scram;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum err e = credential_make(&some, str_of(rows[i].password),
		                             STR("Ada@example.org"), &a, &text, &why);

		check_at(i, e == (rows[i].good ? OK : ERR_SYNTAX));
		if (!rows[i].good)
			continue;
		scram = str_sub(text, (size_t)str_find_byte(text, ' ') + 1, text.n);
		check_at(i, str_starts(text, STR("$argon2id$")));
		check_at(i, str_starts(scram, STR("SCRAM-SHA-256$16384:")));
		check_at(i,
		         credential_whole(scram, CREDENTIAL_OWN, some.key, STR("ada@example.org")));
		check_at(i, !credential_whole(scram, CREDENTIAL_APP, some.key,
		                              STR("ada@example.org")));
		check_at(i, !credential_whole(scram, CREDENTIAL_OWN, NULL, STR("ada@example.org")));
		check_at(i, !credential_whole(scram, CREDENTIAL_OWN, some.key,
		                              STR("bob@example.org")));
		/* Cut anywhere, it is not whole. */
		for (size_t n = 0; n < scram.n; n++)
			check_at(n, !credential_whole(str_sub(scram, 0, n), CREDENTIAL_OWN,
			                              some.key, STR("ada@example.org")));
	}
	scram_salt(some.key, SCRAM_SHA_256, STR("ada@example.org"), salt);
	assert_false(credential_keys(STR("SCRAM-SHA-256$4096:c2FsdA==$AA==:AA=="), SCRAM_SHA_256,
	                             str_from((char *)salt, sizeof salt), &keys));
	assert_int_equal(credential_make(&some, STR("pencil"), STR("no address"), &a, &text, NULL),
	                 OK);
	assert_int_equal(str_find_byte(text, ' '), -1);
	arena_deinit(&a);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)
#define TEST_OLD(f) cmocka_unit_test_setup_teardown(f, open_old_store, close_store)
#define TEST_OLD_SALTS(f) cmocka_unit_test_setup_teardown(f, open_store_of_old_salts, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_gets_in),
		TEST(salts_tell_nothing),
		TEST(guesses_lock),
		TEST(app_passwords),
		TEST(second_factor),
		TEST_OLD(old_accounts_catch_up),
		TEST(old_app_passwords_catch_up),
		TEST_OLD_SALTS(old_salts_go),
		TEST_OLD_SALTS(keys_that_go),
		TEST(salts_differ_between_installations),
		TEST(tokens),
		TEST(certificates),
		TEST(cram),
		cmocka_unit_test(cram_words),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
