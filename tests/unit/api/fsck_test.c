/* Each contradiction that can be made in the rows of sessions, tokens and the audit trail is
 * found. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/api/access/audit.h"
#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"

#include <string.h>

static struct temp_store ts;
static char said[200];

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg, (void)check;
	memcpy(said, sentence.p, MIN(sentence.n, sizeof said - 1));
	said[MIN(sentence.n, sizeof said - 1)] = '\0';
}

static uint64_t findings(void)
{
	struct fsck_report report = { .say = say };

	said[0] = '\0';
	assert_int_equal(fsck_run(ts.store, &admin_fsck, 1, &report, NULL), OK);
	return report.findings;
}

/* Account 1 with a session and a token; three entries in the trail. */
static enum err whole(struct txn *t, void *arg)
{
	const struct account_new ada = { .address = STR("ada@example.org") };
	const struct token token = { .label = STR("backup"),
		                     .scopes = BIT(API_SCOPE_ADMIN_READ),
		                     .created_ms = 1000 };
	const struct audit entry = { .who = STR("ada@example.org"), .what = STR("account.change") };
	struct ticket ticket = ticket_new(1);
	enum err e = domain_add(t, STR("example.org"), NULL);

	(void)arg;
	if (e == OK)
		e = account_add(t, &ada, NULL, NULL);
	if (e == OK)
		e = session_add(t, &ticket, 1000);
	if (e == OK)
		e = token_add(t, &ticket, &token, NULL);
	for (int i = 0; e == OK && i < 3; i++)
		e = audit_add(t, &entry);
	return e;
}

static int set_up(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, whole, NULL, NULL), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

/* --- damage ------------------------------------------------------------------------------ */

/* The key of a space's first row. */
static enum err row_key(struct txn *t, enum space space, struct str *key)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, space, STR_EMPTY);
	assert_true(kv_iter_next(&it));
	*key = str_dup(txn_arena(t), it.key);
	return kv_iter_end(&it);
}

static enum err cut(struct txn *t, enum space space)
{
	struct str key;
	enum err e = row_key(t, space, &key);

	return e != OK ? e : kv_put(t, space, key, STR("\x01"));
}

static enum err session_cut(struct txn *t)
{
	return cut(t, SPACE_SESSION);
}

static enum err token_cut(struct txn *t)
{
	return cut(t, SPACE_TOKEN);
}

static enum err audit_cut(struct txn *t)
{
	return cut(t, SPACE_AUDIT);
}

static enum err session_key_short(struct txn *t)
{
	return kv_put(t, SPACE_SESSION, STR("\x00\x00\x00\x01"), STR("\x01\x02\x03"));
}

static enum err session_of_nobody(struct txn *t)
{
	struct ticket ticket = ticket_new(9);

	return session_add(t, &ticket, 1000);
}

static enum err session_from_the_future(struct txn *t)
{
	struct str key;
	enum err e = row_key(t, SPACE_SESSION, &key);

	return e != OK ? e : kv_put(t, SPACE_SESSION, key, STR("\x01\x07\x06"));
}

static enum err token_of_nobody(struct txn *t)
{
	const struct token token = { .label = STR("x"), .scopes = BIT(API_SCOPE_SELF_READ) };
	struct ticket ticket = ticket_new(9);

	return token_add(t, &ticket, &token, NULL);
}

static enum err token_with_scopes(struct txn *t, unsigned scopes)
{
	struct str key;
	struct buf record;
	enum err e = row_key(t, SPACE_TOKEN, &key);

	buf_init(&record, 20);
	pack_u64(&record, 1);
	pack_str(&record, STR("x"));
	pack_u64(&record, scopes);
	for (int i = 0; i < 3; i++) /* made, expires, used */
		pack_u64(&record, 1000);
	if (e == OK)
		e = kv_put(t, SPACE_TOKEN, key, buf_str(&record));
	buf_deinit(&record);
	return e;
}

static enum err token_without_scope(struct txn *t)
{
	return token_with_scopes(t, 0);
}

static enum err token_with_another(struct txn *t)
{
	return token_with_scopes(t, BIT(API_SCOPES));
}

static enum err entry_taken_away(struct txn *t)
{
	return kv_del(t, SPACE_AUDIT, STR("\0\0\0\0\0\0\0\x02"));
}

static enum err entry_of_nobody(struct txn *t)
{
	const struct audit entry = { .what = STR("account.change") };

	return audit_add(t, &entry);
}

static enum err entry_key_long(struct txn *t)
{
	return kv_put(t, SPACE_AUDIT, STR("\0\0\0\0\0\0\0\x04x"), STR("\x01"));
}

static const struct {
	enum err (*fn)(struct txn *t);
	const char *says;
} damage[] = {
	{ session_cut, "a row of SESSION cannot be read" },
	{ session_key_short, "a row of SESSION cannot be read" },
	{ session_of_nobody, "a session is of account 9, which does not exist" },
	{ session_from_the_future, "a session of account 1 was used before it was made" },
	{ token_cut, "a row of TOKEN cannot be read" },
	{ token_of_nobody, "a token is of account 9, which does not exist" },
	{ token_without_scope, "a token of account 1 has scopes that do not exist" },
	{ token_with_another, "a token of account 1 has scopes that do not exist" },
	{ audit_cut, "a row of AUDIT cannot be read" },
	{ entry_taken_away, "the audit trail goes on with 3 after 1" },
	{ entry_of_nobody, "entry 4 of the audit trail does not say who did what" },
	{ entry_key_long, "a row of AUDIT cannot be read" },
};

static enum err damage_run(struct txn *t, void *arg)
{
	return damage[*(const size_t *)arg].fn(t);
}

static void damage_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(damage); i++) {
		if (i != 0)
			set_up(NULL);
		check_at(i, findings() == 0);
		assert_int_equal(store_write(ts.store, damage_run, &i, NULL), OK);
		check_at(i, findings() == 1);
		if (strcmp(said, damage[i].says) != 0)
			fail_msg("row %zu: \"%s\", want \"%s\"", i, said, damage[i].says);
		if (i + 1 < COUNT(damage))
			tear_down(NULL);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
