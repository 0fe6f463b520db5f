/* Passkeys of accounts: kept, counted, and what opens what when there are any. */
#include "unit/directory/fixture.h"
#include "unit/webauthn/authenticator.h"

#include "foundation/config/limits.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/login/login.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/passkey.h"
#include "network/runtime/addr.h"

enum { ADA = 1, BOB = 2 };

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1 };

static struct temp_store ts;
static struct logins *logins;
static struct authenticator phone;
static const struct webauthn_expected expected = {
	.site = { "mail.example.org", 16 },
	.origin = { "https://mail.example.org", 24 },
	.challenge = { "0123456789abcdef0123456789abcdef", 32 },
};

static int begin(void **state)
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
		{ APP_ADD, "ada@example.org", "phone", OK },
	};
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, script, COUNT(script));
	logins = logins_new(ts.store);
	authenticator_init(&phone);
	arena_deinit(&a);
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(fixture_fsck(ts.store, true), 0);
	authenticator_deinit(&phone);
	logins_free(&logins);
	temp_store_remove(&ts);
	return 0;
}

/* --- Changes ---------------------------------------------------------------------------- */

struct job {
	uint32_t account, id;
	struct passkey new;
	struct passkey_list list;
};

static enum err add(struct txn *t, void *arg)
{
	struct job *j = arg;

	return passkey_add(t, j->account, &j->new, &j->id, txn_why(t));
}

static enum err rm(struct txn *t, void *arg)
{
	struct job *j = arg;

	return passkey_rm(t, j->account, j->id, txn_why(t));
}

static enum err list(struct txn *t, void *arg)
{
	struct job *j = arg;

	return passkey_list(t, j->account, &phone.a, &j->list);
}

/* The phone's key becomes the account's, under this credential id. */
static enum err enroll(uint32_t account, const char *credential_id, const char *label)
{
	struct job j = { .account = account,
		         .new = { .label = str_of(label), .site = expected.site } };

	phone.id = str_of(credential_id);
	assert_int_equal(webauthn_register(&expected,
	                                   authenticator_client_data(&phone, "webauthn.create"),
	                                   authenticator_attestation(&phone), &phone.a,
	                                   &j.new.credential, NULL),
	                 OK);
	return store_write(ts.store, add, &j, NULL);
}

static enum err remove_one(uint32_t account, uint32_t id)
{
	struct job j = { .account = account, .id = id };

	return store_write(ts.store, rm, &j, NULL);
}

static struct passkey_list listed(uint32_t account)
{
	struct job j = { .account = account };

	assert_int_equal(store_read(ts.store, list, &j), OK);
	return j.list;
}

/* --- Logins ----------------------------------------------------------------------------- */

static enum err by_password(const char *service, const char *password, const char *code)
{
	struct addr peer = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };
	struct login_try try = { .id = STR("test"),
		                 .service = str_of(service),
		                 .peer = &peer,
		                 .name = STR("ada@example.org"),
		                 .password = str_of(password),
		                 .code = str_of(code) };
	struct login login;

	return login_check(logins, &try, &phone.a, &login, NULL);
}

/* With the handle of an account, from a network. */
static enum err by_passkey(uint32_t account, unsigned network, const struct webauthn_expected *to)
{
	struct addr peer = { .family = ADDR_V4, .ip = { 192, 0, (unsigned char)network, 1 } };
	struct login_try try = { .id = STR("test"), .service = STR("https"), .peer = &peer };
	char handle[PASSKEY_HANDLE];
	struct passkey_proof proof = { .handle = str_from(handle, sizeof handle),
		                       .credential_id = phone.id,
		                       .expected = to,
		                       .assertion = authenticator_assert(&phone) };
	struct login login = { 0 };
	struct why why = { "" };
	enum err e;

	passkey_handle(account, handle);
	e = passkey_login(logins, &try, &proof, &phone.a, &login, &why);
	assert_true(e == OK ? login.account == account && login.second_factor : why.text[0] != 0);
	return e;
}

static void opens_the_console_only_with_it(void **state)
{
	(void)state;
	assert_int_equal(by_password("imaps", "own password", ""), OK);
	assert_int_equal(by_password("https", "own password", ""), OK);
	assert_int_equal(enroll(ADA, "first", "phone"), OK);
	phone.count++;
	assert_int_equal(by_passkey(ADA, 2, &expected), OK);
	/* the password alone opens nothing any more, though it is remembered as right */
	assert_int_equal(by_password("imaps", "own password", ""), ERR_DENIED);
	assert_int_equal(by_password("submission", "own password", ""), ERR_DENIED);
	assert_int_equal(by_password("https", "own password", ""), ERR_CONFLICT);
	assert_int_equal(by_password("https", "own password", "123456"), ERR_CONFLICT);
	assert_int_equal(by_password("https", "not it", ""), ERR_DENIED);
	assert_int_equal(by_password("imaps", "abcd-efgh-ijkl-mnop", ""), OK);
	assert_int_equal(remove_one(ADA, 1), OK);
	assert_int_equal(by_password("imaps", "own password", ""), OK);
	assert_int_equal(by_password("https", "own password", ""), OK);
	phone.count++;
	assert_int_equal(by_passkey(ADA, 2, &expected), ERR_DENIED);
}

static void what_a_login_leaves(void **state)
{
	struct passkey_list before, after;

	(void)state;
	assert_int_equal(enroll(ADA, "first", "phone"), OK);
	before = listed(ADA);
	assert_int_equal(before.count, 1);
	check_str(before.items[0].label, STR("phone"));
	check_str(before.items[0].site, expected.site);
	assert_int_equal(before.items[0].last_used_ms, 0);
	phone.count = 7;
	assert_int_equal(by_passkey(ADA, 2, &expected), OK);
	after = listed(ADA);
	assert_int_equal(after.items[0].credential.count, 7);
	assert_true(after.items[0].last_used_ms >= before.items[0].created_ms);
	/* the same once more, and an older one: a copy of the authenticator */
	assert_int_equal(by_passkey(ADA, 2, &expected), ERR_DENIED);
	phone.count = 6;
	assert_int_equal(by_passkey(ADA, 2, &expected), ERR_DENIED);
	assert_int_equal(listed(ADA).items[0].credential.count, 7);
	phone.count = 8;
	assert_int_equal(by_passkey(ADA, 2, &expected), OK);
}

static void others_stay_out(void **state)
{
	const struct webauthn_expected renamed = {
		.site = STR("new.example.org"),
		.origin = STR("https://new.example.org"),
		.challenge = expected.challenge,
	};
	const struct change disable = { DISABLE, "ada@example.org", NULL, OK };
	const struct change owner = { OWNER_ADD, "eve@example.org", NULL, OK };
	struct str id;

	(void)state;
	assert_int_equal(enroll(ADA, "of ada", "phone"), OK);
	assert_int_equal(enroll(BOB, "of bob", "phone"), OK);
	id = phone.id;
	phone.count++;
	assert_int_equal(by_passkey(ADA, 2, &expected),
	                 ERR_DENIED); /* bob's passkey, ada's handle */
	assert_int_equal(by_passkey(0, 2, &expected), ERR_DENIED);
	assert_int_equal(by_passkey(99, 2, &expected), ERR_DENIED);
	phone.id = STR("of nobody");
	assert_int_equal(by_passkey(BOB, 2, &expected), ERR_DENIED);
	phone.id = id;
	assert_int_equal(by_passkey(BOB, 2, &expected), OK);
	/* under another name of the server, where the browser should not have offered it */
	phone.site = renamed.site;
	phone.origin = renamed.origin;
	phone.count++;
	assert_int_equal(by_passkey(BOB, 2, &renamed), ERR_DENIED);
	phone.site = expected.site;
	phone.origin = expected.origin;
	/* an account that may not log in */
	fixture_changes(ts.store, &owner, 1);
	fixture_changes(ts.store, &disable, 1);
	phone.id = STR("of ada");
	phone.count++;
	assert_int_equal(by_passkey(ADA, 2, &expected), ERR_DENIED);
}

/* Failures count for the network they come from, and for nobody's name; no lock keeps a passkey
 * out. */
static void guessing_locks_the_network(void **state)
{
	(void)state;
	assert_int_equal(enroll(ADA, "first", "phone"), OK);
	phone.flags = UP; /* not verified */
	for (unsigned i = 0; i < LIMIT_login_failures_per_address; i++)
		assert_int_equal(by_passkey(ADA, 4, &expected), ERR_DENIED);
	phone.flags = UP | UV;
	phone.count++;
	assert_int_equal(by_passkey(ADA, 4, &expected), OK); /* nobody guesses a key */
	phone.count++;
	assert_int_equal(by_passkey(ADA, 3, &expected), OK);
	assert_int_equal(by_password("https", "own password", ""), ERR_CONFLICT);
}

static void adding(void **state)
{
	char id[] = "id 00";
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(enroll(ADA, "first", "phone"), OK);
	assert_int_equal(enroll(ADA, "first", "again"), ERR_CONFLICT);
	assert_int_equal(enroll(BOB, "first", "mine too"), ERR_CONFLICT);
	assert_int_equal(enroll(99, "x", "phone"), ERR_MISSING);
	assert_int_equal(enroll(ADA, "x", ""), ERR_SYNTAX);
	assert_int_equal(enroll(ADA, "x", "two\nlines"), ERR_SYNTAX);
	assert_int_equal(enroll(ADA, "x", str_z(&a, str_fmt(&a, "%0*d", LIMIT_label + 1, 0))),
	                 ERR_SYNTAX);
	for (unsigned i = 1; i < LIMIT_passkeys; i++) {
		id[3] = (char)('0' + i / 10);
		id[4] = (char)('0' + i % 10);
		assert_int_equal(enroll(ADA, id, "phone"), OK);
	}
	assert_int_equal(enroll(ADA, "one more", "phone"), ERR_LIMIT);
	assert_int_equal(remove_one(ADA, 3), OK);
	assert_int_equal(remove_one(ADA, 3), ERR_MISSING);
	assert_int_equal(remove_one(BOB, 1), ERR_MISSING);
	assert_int_equal(enroll(ADA, "one more", "phone"), OK);
	assert_int_equal(listed(ADA).items[LIMIT_passkeys - 1].id, LIMIT_passkeys + 1);
	arena_deinit(&a);
}

static void go_with_the_account(void **state)
{
	const struct change rm_bob = { ACCOUNT_RM, "bob@example.org", NULL, OK };

	(void)state;
	assert_int_equal(enroll(BOB, "first", "phone"), OK);
	fixture_changes(ts.store, &rm_bob, 1); /* fsck looks */
	assert_int_equal(listed(BOB).count, 0);
	assert_int_equal(enroll(ADA, "first", "phone"), OK);
}

#define passkey_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		passkey_test(opens_the_console_only_with_it),
		passkey_test(what_a_login_leaves),
		passkey_test(others_stay_out),
		passkey_test(guessing_locks_the_network),
		passkey_test(adding),
		passkey_test(go_with_the_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
