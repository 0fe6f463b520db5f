/* Access rules that are rows of the store, beside those of the setting; and what checks have
 * done. */
#include "unit/policy/fixture.h"

#include "harness/temp_store.h"

#include "flow/policy/access/access.h"
#include "flow/policy/access/access_rows.h"
#include "flow/policy/fsck.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"

#include <string.h>

struct access_fixture {
	struct temp_store ts;
	struct fixture f;
};

static void set_up(struct access_fixture *x, const char *setting)
{
	struct policy_config config;

	temp_store_open(&x->ts, STORE_MEMORY);
	config = (struct policy_config){ .store = x->ts.store };
	x->f.settings.access = str_of(setting);
	fixture_open(&x->f, NULL, &config);
	fixture_connect(&x->f, "192.0.2.1");
	x->f.session->helo = STR("client.example");
	x->f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("spam.example") };
	x->f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
}

static void tear_down(struct access_fixture *x)
{
	fixture_leave(&x->f);
	fixture_close(&x->f);
	temp_store_remove(&x->ts);
}

struct doing {
	struct access_row *row;
	struct access_rows rows;
	struct arena *a;
	struct why why;
};

static enum err add(struct txn *t, void *arg)
{
	struct doing *d = arg;

	return access_row_add(t, d->row, &d->why);
}

static enum err list(struct txn *t, void *arg)
{
	struct doing *d = arg;

	return access_rows_list(t, d->a, &d->rows);
}

static enum err rm(struct txn *t, void *arg)
{
	struct doing *d = arg;
	struct access_row was;

	return access_row_remove(t, d->row->id, d->a, &was);
}

static struct access_row row_of(const char *verdict, const char *of, const char *match)
{
	return (struct access_row){ .verdict = str_of(verdict),
		                    .of = str_of(of),
		                    .match = str_of(match),
		                    .on = STR("mx"),
		                    .note = STR("for the test"),
		                    .until_ms = INT64_MAX };
}

static enum err row_add(struct access_fixture *x, struct access_row *row)
{
	struct doing d = { .row = row };
	enum err e = store_write(x->ts.store, add, &d, &d.why);

	if (e == OK)
		assert_int_equal(policy_access_changed(x->f.policy), OK);
	return e;
}

/* Each is asked at the stage at which it can be told, and counts at once. */
static void test_asked(void **state)
{
	static const struct {
		const char *verdict, *of, *match;
		enum policy_stage stage;
		enum policy_kind want;
	} rows[] = {
		{ "reject", "peer", "192.0.2.0/24", POLICY_CONNECT, POLICY_REJECT },
		{ "reject", "peer", "198.51.100.0/24,192.0.2.1", POLICY_CONNECT, POLICY_REJECT },
		{ "reject", "peer", "198.51.100.0/24", POLICY_CONNECT, POLICY_PASS },
		{ "tempfail", "helo", "*.EXAMPLE", POLICY_HELLO, POLICY_TEMPFAIL },
		{ "reject", "from", "*@spam.example", POLICY_MAIL, POLICY_REJECT },
		{ "accept", "from", "*@spam.example", POLICY_MAIL, POLICY_ACCEPT },
		{ "reject", "from", "*@spam.example", POLICY_RCPT, POLICY_PASS },
		{ "reject", "to", "ada@*", POLICY_RCPT, POLICY_REJECT },
		{ "tag", "to", "ada@*", POLICY_RCPT, POLICY_PASS },
		{ "block:1m", "to", "ada@*", POLICY_RCPT, POLICY_REJECT },
		{ "reject", "to", "bob@*", POLICY_RCPT, POLICY_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct access_row row = row_of(rows[i].verdict, rows[i].of, rows[i].match);
		struct access_fixture x = { 0 };

		set_up(&x, "");
		check_at(i, fixture_ask(&x.f, rows[i].stage) == POLICY_PASS);
		check_at(i, row_add(&x, &row) == OK);
		check_at(i, fixture_ask(&x.f, rows[i].stage) == rows[i].want);
		check_at(i, rows[i].want != POLICY_REJECT ||
		                    str_eq(x.f.verdict.text, STR("for the test")));
		tear_down(&x);
	}
}

/* The setting comes first; users are asked where a rule says so; what is over is over. */
static void test_which(void **state)
{
	struct access_row row = row_of("reject", "from", "*@spam.example");
	struct access_fixture x = { 0 };

	(void)state;
	set_up(&x, "tempfail from=x@*;reject to=ada@* on=submission");
	assert_int_equal(row_add(&x, &row), OK);
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_TEMPFAIL);
	assert_int_equal(fixture_ask(&x.f, POLICY_RCPT), POLICY_PASS);
	x.f.session->role = POLICY_SUBMISSION;
	x.f.session->account = 1;
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_PASS);
	assert_int_equal(fixture_ask(&x.f, POLICY_RCPT), POLICY_REJECT);
	row = row_of("reject", "from", "*@spam.example");
	row.on = STR("mx,submission");
	row.until_ms = clock_real_ms() + 60000;
	assert_int_equal(row_add(&x, &row), OK);
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_REJECT);
	clock_shift_real(61000);
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_PASS);
	clock_shift_real(-61000);
	tear_down(&x);
}

/* An account that may log in from one network only. */
static void test_login(void **state)
{
	static const struct {
		const char *rules, *login;
		enum policy_kind want;
	} rows[] = {
		{ "reject login=scanner@example.org", "scanner@example.org", POLICY_REJECT },
		{ "reject login=scanner@*", "ada@example.org", POLICY_PASS },
		{ "accept login=* peer=192.0.2.0/24;reject login=*", "ada@example.org",
		  POLICY_ACCEPT },
		{ "accept login=* peer=10.0.0.0/8;tempfail login=*", "ada@example.org",
		  POLICY_TEMPFAIL },
		{ "reject login=*@bücher.example", "ada@xn--bcher-kva.example", POLICY_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct access_fixture x = { 0 };

		set_up(&x, rows[i].rules);
		x.f.session->role = POLICY_SUBMISSION;
		x.f.session->account = 1;
		x.f.session->login = str_of(rows[i].login);
		check_at(i, fixture_ask(&x.f, POLICY_AUTH) == rows[i].want);
		check_at(i, fixture_ask(&x.f, POLICY_HELLO) == POLICY_PASS);
		tear_down(&x);
	}
}

static void test_form(void **state)
{
	static const struct {
		const char *verdict, *of, *match, *on;
	} rows[] = {
		{ "perhaps", "from", "*@x", "mx" },   { "reject", "sender", "*@x", "mx" },
		{ "reject", "from", "", "mx" },       { "reject", "peer", "nowhere", "mx" },
		{ "reject:5s", "from", "*@x", "mx" }, { "reject", "from", "*@x", "lmtp" },
		{ "reject", "login", "*", "mx" },     { "reject", "login", "*", "mx,submission" },
		{ "reject", "on", "mx", "mx" },       { "reject", "to", "*@büch*.example", "mx" },
	};
	char large[501];
	struct access_fixture x = { 0 };
	struct access_row row;

	(void)state;
	set_up(&x, "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		row = row_of(rows[i].verdict, rows[i].of, rows[i].match);
		row.on = str_of(rows[i].on);
		check_at(i, row_add(&x, &row) == ERR_SYNTAX);
	}
	memset(large, 'x', sizeof large);
	row = row_of("reject", "from", "x");
	row.match = str_from(large, sizeof large);
	assert_int_equal(row_add(&x, &row), ERR_SYNTAX);
	row.match.n--;
	assert_int_equal(row_add(&x, &row), OK);
	tear_down(&x);
}

/* As many as there may be; those that are over make room; what is removed counts no more. */
static void test_many(void **state)
{
	struct access_fixture x = { 0 };
	struct arena a = { 0 };
	struct access_row row;
	struct doing d = { .row = &row, .a = &a };
	uint64_t last = 0;

	(void)state;
	set_up(&x, "");
	for (size_t i = 0; i < LIMIT_access_rows; i++) {
		row = row_of("reject", "from", "*@spam.example");
		row.until_ms = i == 7 ? clock_real_ms() + 60000 : INT64_MAX;
		assert_int_equal(store_write(x.ts.store, add, &d, NULL), OK);
		check_at(i, row.id > last);
		last = row.id;
	}
	assert_int_equal(row_add(&x, &row), ERR_LIMIT);
	clock_shift_real(61000);
	assert_int_equal(row_add(&x, &row), OK);
	clock_shift_real(-61000);
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_REJECT);
	assert_int_equal(store_read(x.ts.store, list, &d), OK);
	assert_int_equal(d.rows.count, LIMIT_access_rows);
	for (size_t i = 0; i < d.rows.count; i++) {
		row = d.rows.items[i];
		assert_int_equal(store_write(x.ts.store, rm, &d, NULL), OK);
	}
	assert_int_equal(store_write(x.ts.store, rm, &d, NULL), ERR_MISSING);
	assert_int_equal(policy_access_changed(x.f.policy), OK);
	assert_int_equal(fixture_ask(&x.f, POLICY_MAIL), POLICY_PASS);
	arena_deinit(&a);
	tear_down(&x);
}

static const struct policy_done *done_find(const struct policy_done *all, size_t count,
                                           const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	fail_msg("no check %s", name);
	return NULL;
}

/* What each check has said in the last day. */
static void test_done(void **state)
{
	struct access_fixture x = { .f.settings.helo_check = STR("off") };
	const struct policy_done *access;
	struct policy_done *all;
	struct arena a = { 0 };
	size_t n;

	(void)state;
	set_up(&x, "reject from=*@spam.example");
	for (int i = 0; i < 3; i++)
		fixture_ask(&x.f, POLICY_MAIL);
	fixture_ask(&x.f, POLICY_RCPT);
	for (int hours = 0; hours < 24; hours += 23) {
		clock_shift_real((int64_t)hours * 3600 * 1000);
		n = policy_done_all(x.f.policy, &x.f.settings, &a, &all);
		access = done_find(all, n, "access");
		assert_true(access->on && !done_find(all, n, "helo")->on);
		assert_int_equal(access->counts[POLICY_REJECT], 3);
		assert_int_equal(access->counts[POLICY_PASS], 1);
		clock_shift_real((int64_t)-hours * 3600 * 1000);
	}
	clock_shift_real((int64_t)24 * 3600 * 1000);
	fixture_ask(&x.f, POLICY_MAIL);
	n = policy_done_all(x.f.policy, &x.f.settings, &a, &all);
	assert_int_equal(done_find(all, n, "access")->counts[POLICY_REJECT], 1);
	clock_shift_real((int64_t)-24 * 3600 * 1000);
	arena_deinit(&a);
	tear_down(&x);
}

/* Domains are typed as people read them, and compared as SMTP has them. */
static void test_scripts(void **state)
{
	static const char *const settings[] = { "reject from=*@*.bücher.example", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(settings); i++) {
		struct access_row row = row_of("reject", "from", "*@*.bücher.example");
		struct access_fixture x = { 0 };

		set_up(&x, settings[i]);
		x.f.session->envelope.sender.domain = STR("x.xn--bcher-kva.example");
		check_at(i, settings[i][0] != '\0' || row_add(&x, &row) == OK);
		check_at(i, fixture_ask(&x.f, POLICY_MAIL) == POLICY_REJECT);
		tear_down(&x);
	}
}

/* A check is on when its own setting says something; who is blocked by hand stays so. */
static void test_on(void **state)
{
	static const struct {
		const char *setting;
		size_t at;
	} rows[] = {
		{ "none", 0 },
		{ "LIMITS", offsetof(struct settings, limits) },
		{ "ACCESS", offsetof(struct settings, access) },
		{ "FCRDNS", offsetof(struct settings, fcrdns) },
		{ "HELO_CHECK", offsetof(struct settings, helo_check) },
		{ "SENDER_DOMAIN", offsetof(struct settings, sender_domain) },
		{ "DNSBL", offsetof(struct settings, dnsbl) },
		{ "GREYLIST", offsetof(struct settings, greylist) },
		{ "MILTERS", offsetof(struct settings, milters) },
		{ "SPF", offsetof(struct settings, spf) },
		{ "HOOKS", offsetof(struct settings, hooks) },
		{ "GREETING_DELAY", offsetof(struct settings, greeting_delay) },
	};
	struct access_fixture x = { 0 };
	struct arena a = { 0 };
	struct policy_done *all;

	(void)state;
	set_up(&x, "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct settings s = { .greeting_delay = STR("0s") };
		size_t n;

		if (rows[i].at != 0)
			*(struct str *)((char *)&s + rows[i].at) = STR("2s");
		n = policy_done_all(x.f.policy, &s, &a, &all);
		for (size_t k = 0; k < n; k++)
			check_at(i, all[k].on == (strcmp(all[k].name, "blocked") == 0 ||
			                          all[k].setting[0] == '\0' ||
			                          strcmp(all[k].setting, rows[i].setting) == 0));
	}
	arena_deinit(&a);
	tear_down(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked), cmocka_unit_test(test_which),
		cmocka_unit_test(test_login), cmocka_unit_test(test_form),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_done),  cmocka_unit_test(test_on),
		cmocka_unit_test(test_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
