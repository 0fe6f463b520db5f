/* Settings in the store: changed all or none, refused before anything has changed, and undone
 * when nobody confirms. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/api/settings/settings_trial.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "model/store/kv.h"

#include <string.h>

static char *environment[] = { "ROOST_HOSTNAME=mx.example.org", NULL };

static struct fixture {
	struct temp_store ts;
	struct settings_store changes;
	const char *refuses; /* what check says, or NULL */
	unsigned applied;
	struct str before, now; /* of LISTEN_HTTP at the last apply */
	struct arena arena;
} fx;

static enum err check(void *arg, const struct settings *s, struct why *why)
{
	(void)arg, (void)s;
	return fx.refuses == NULL ? OK : fail(why, ERR_SYNTAX, "%s", fx.refuses);
}

static void apply(void *arg, const struct settings *before, const struct settings *now)
{
	(void)arg;
	fx.applied++;
	fx.before = str_dup(&fx.arena, before->listen_http);
	fx.now = str_dup(&fx.arena, now->listen_http);
}

static void open_live(void)
{
	struct settings_stored stored;

	assert_int_equal(settings_stored_read(fx.ts.store, &fx.arena, &stored), OK);
	fx.changes.store = fx.ts.store;
	assert_int_equal(live_new(environment, &stored, &fx.changes.live, NULL), OK);
}

static int make(void **state)
{
	(void)state;
	memset(&fx, 0, sizeof fx);
	temp_store_open(&fx.ts, STORE_LMDB);
	fx.changes = (struct settings_store){ .environment = environment,
		                              .check = check,
		                              .apply = apply };
	pthread_mutex_init(&fx.changes.lock, NULL);
	pthread_mutex_init(&fx.changes.troubles.lock, NULL);
	open_live();
	return 0;
}

static int drop(void **state)
{
	(void)state;
	live_free(&fx.changes.live);
	temp_store_remove(&fx.ts);
	arena_deinit(&fx.arena);
	return 0;
}

static void restart(void)
{
	live_free(&fx.changes.live);
	temp_store_reopen(&fx.ts);
	fx.changes.trial_until_ms = fx.changes.trial_began_us = 0;
	assert_int_equal(settings_trial_recover(fx.ts.store, NULL), OK);
	open_live();
}

static struct setting_edit to(enum setting_id id, const char *value)
{
	return (struct setting_edit){ .id = id,
		                      .value = str_of(value != NULL ? value : ""),
		                      .unset = value == NULL };
}

static enum err set(enum setting_id id, const char *value, struct why *why)
{
	struct setting_edit edit = to(id, value);

	return settings_change(&fx.changes, &edit, 1, NULL, NULL, why);
}

static bool is(enum setting_id id, const char *value, enum setting_origin origin)
{
	const struct settings *s = settings_ref(fx.changes.live);
	struct buf b;
	bool yes;

	buf_init(&b, 1000);
	setting_put(&b, s, id);
	yes = str_eq(buf_str(&b), str_of(value)) && s->origin[id] == origin;
	buf_deinit(&b);
	settings_unref(s);
	return yes;
}

/* --- changes -------------------------------------------------------------------------------- */

static void a_change_counts_and_stays(void **state)
{
	(void)state;
	assert_int_equal(set(SETTING_stop_s, "3s", NULL), OK);
	assert_int_equal(fx.applied, 1);
	assert_true(is(SETTING_stop_s, "3s", ORIGIN_STORE));
	restart();
	assert_true(is(SETTING_stop_s, "3s", ORIGIN_STORE));
	assert_int_equal(set(SETTING_stop_s, NULL, NULL), OK);
	assert_true(is(SETTING_stop_s, "8s", ORIGIN_DEFAULT));
	assert_int_equal(set(SETTING_stop_s, NULL, NULL), OK); /* again is fine */
	restart();
	assert_true(is(SETTING_stop_s, "8s", ORIGIN_DEFAULT));
}

/* Give the stored row of a setting its old name. */
static enum err row_age(struct txn *t, void *arg)
{
	struct str value;
	enum err e = kv_get(t, SPACE_SETTING, STR("=DOCTOR_TEST_DOMAIN"), &value);

	(void)arg;
	if (e == OK)
		e = kv_put(t, SPACE_SETTING, STR("=LOOK_DOMAIN"), str_dup(txn_arena(t), value));
	return e == OK ? kv_del(t, SPACE_SETTING, STR("=DOCTOR_TEST_DOMAIN")) : e;
}

static void rows_with_old_names_work(void **state)
{
	(void)state;
	assert_int_equal(set(SETTING_doctor_test_domain, "a.example", NULL), OK);
	assert_int_equal(store_write(fx.ts.store, row_age, NULL, NULL), OK);
	restart();
	assert_true(is(SETTING_doctor_test_domain, "a.example", ORIGIN_STORE));
	assert_int_equal(set(SETTING_doctor_test_domain, "b.example", NULL), OK);
	restart();
	assert_true(is(SETTING_doctor_test_domain, "b.example", ORIGIN_STORE));
	assert_int_equal(store_write(fx.ts.store, row_age, NULL, NULL), OK);
	assert_int_equal(set(SETTING_doctor_test_domain, NULL, NULL), OK);
	restart();
	assert_true(is(SETTING_doctor_test_domain, "gmail.com", ORIGIN_DEFAULT));
}

static void what_will_not_do_changes_nothing(void **state)
{
	static const struct {
		enum setting_id id;
		const char *value;
		enum err e;
		const char *words;
	} rows[] = {
		{ SETTING_stop_s, "soon", ERR_SYNTAX, "STOP" },
		{ SETTING_hostname, "other.example.org", ERR_DENIED, "environment" },
		{ SETTING_hostname, NULL, ERR_DENIED, "environment" },
		{ SETTING_data, "/elsewhere", ERR_DENIED, "only in the environment" },
		{ SETTING_setup_token, "x", ERR_DENIED, "only in the environment" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, set(rows[i].id, rows[i].value, &why) == rows[i].e);
		check_at(i, strstr(why.text, rows[i].words) != NULL);
	}
	fx.refuses = "nobody could live with that";
	assert_int_equal(set(SETTING_stop_s, "3s", NULL), ERR_SYNTAX);
	assert_int_equal(fx.applied, 0);
	restart();
	assert_true(is(SETTING_stop_s, "8s", ORIGIN_DEFAULT));
}

static enum err refuse(struct txn *t, void *arg)
{
	(void)arg;
	return fail(txn_why(t), ERR_CONFLICT, "not now");
}

static void all_or_none(void **state)
{
	const struct setting_edit good[] = { to(SETTING_stop_s, "3s"), to(SETTING_workers, "9") };
	const struct setting_edit bad[] = { to(SETTING_stop_s, "4s"), to(SETTING_workers, "x") };
	struct why why = { "" };

	(void)state;
	assert_int_equal(settings_change(&fx.changes, good, 2, refuse, NULL, &why), ERR_CONFLICT);
	check_str(str_of(why.text), STR("not now"));
	assert_true(is(SETTING_stop_s, "8s", ORIGIN_DEFAULT));
	assert_int_equal(settings_change(&fx.changes, good, 2, NULL, NULL, NULL), OK);
	assert_int_equal(settings_change(&fx.changes, bad, 2, NULL, NULL, NULL), ERR_SYNTAX);
	assert_true(is(SETTING_stop_s, "3s", ORIGIN_STORE));
	assert_true(is(SETTING_workers, "9", ORIGIN_STORE));
}

/* A command beside the server writes; the server is told to look. */
static void another_process_changes_them(void **state)
{
	struct settings_store command = { .store = fx.ts.store,
		                          .environment = environment,
		                          .check = check };
	struct setting_edit edit = to(SETTING_listen_http, "*:1");

	(void)state;
	pthread_mutex_init(&command.lock, NULL);
	assert_int_equal(settings_change(&command, &edit, 1, NULL, NULL, NULL), OK);
	assert_int_equal(fx.applied, 0);
	assert_int_equal(settings_reload(&fx.changes, NULL), OK);
	assert_int_equal(fx.applied, 1);
	check_str(fx.before, STR("*:8080"));
	check_str(fx.now, STR("*:1"));
	assert_true(settings_trial_left_ms(&fx.changes) == 0); /* who is there needs no trial */
}

/* --- on trial ------------------------------------------------------------------------------- */

static void what_nobody_confirms_is_undone(void **state)
{
	int64_t wait_ms;

	(void)state;
	assert_true(settings_trial_check(&fx.changes) == -1);
	assert_int_equal(set(SETTING_listen_http, "*:1", NULL), OK);
	clock_shift_mono(60000);
	assert_int_equal(set(SETTING_listen_http, "*:2", NULL), OK); /* the time begins anew */
	assert_int_equal(set(SETTING_stop_s, "3s", NULL), OK);       /* and this is no trial */
	wait_ms = settings_trial_check(&fx.changes);
	assert_true(wait_ms > 119000 && wait_ms <= 120000);
	clock_shift_mono(119000);
	assert_true(settings_trial_check(&fx.changes) > 0);
	assert_true(is(SETTING_listen_http, "*:2", ORIGIN_STORE));
	clock_shift_mono(1000);
	assert_true(settings_trial_check(&fx.changes) == -1);
	assert_true(is(SETTING_listen_http, "*:8080", ORIGIN_DEFAULT));
	assert_true(is(SETTING_stop_s, "3s", ORIGIN_STORE));
	check_str(fx.before, STR("*:2"));
	check_str(fx.now, STR("*:8080"));
	restart();
	assert_true(is(SETTING_listen_http, "*:8080", ORIGIN_DEFAULT));
}

static void what_is_confirmed_stays(void **state)
{
	int64_t old_us = clock_mono_us();
	struct why why = { "" };
	struct str *names;
	size_t count;

	(void)state;
	assert_int_equal(settings_trial_confirm(&fx.changes, old_us, NULL, NULL, &why),
	                 ERR_MISSING);
	assert_int_equal(set(SETTING_listen_https, "", NULL), OK);
	assert_int_equal(settings_trial_names(&fx.changes, &fx.arena, &names, &count), OK);
	assert_int_equal(count, 1);
	check_str(names[0], STR("LISTEN_HTTPS"));
	assert_int_equal(settings_trial_confirm(&fx.changes, old_us, NULL, NULL, &why),
	                 ERR_CONFLICT);
	clock_shift_mono(1);
	assert_int_equal(settings_trial_confirm(&fx.changes, clock_mono_us(), refuse, NULL, &why),
	                 ERR_CONFLICT);
	assert_true(settings_trial_left_ms(&fx.changes) > 0); /* all or none here as well */
	assert_int_equal(settings_trial_confirm(&fx.changes, clock_mono_us(), NULL, NULL, &why),
	                 OK);
	assert_true(settings_trial_left_ms(&fx.changes) == 0);
	clock_shift_mono(1000000);
	assert_true(settings_trial_check(&fx.changes) == -1);
	restart();
	assert_true(is(SETTING_listen_https, "", ORIGIN_STORE));
}

static void an_end_undoes_it_and_an_earlier_value_comes_back(void **state)
{
	(void)state;
	assert_int_equal(set(SETTING_listen_http, "*:1", NULL), OK);
	clock_shift_mono(1);
	assert_int_equal(settings_trial_confirm(&fx.changes, clock_mono_us(), NULL, NULL, NULL),
	                 OK);
	assert_int_equal(set(SETTING_listen_http, "*:2", NULL), OK);
	assert_int_equal(set(SETTING_trusted_proxies, "192.0.2.1", NULL), OK);
	restart();
	assert_true(is(SETTING_listen_http, "*:1", ORIGIN_STORE));
	assert_true(is(SETTING_trusted_proxies, "", ORIGIN_DEFAULT));
	assert_int_equal(settings_trial_undo(&fx.changes, NULL, NULL, NULL), ERR_MISSING);
}

/* What was before cannot be had any more: what is there stays, and it is tried again. */
static void an_undo_that_fails_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(set(SETTING_listen_http, "*:1", NULL), OK);
	clock_shift_mono(121000);
	fx.refuses = "somebody has that port";
	assert_true(settings_trial_check(&fx.changes) > 0);
	assert_true(is(SETTING_listen_http, "*:1", ORIGIN_STORE));
	fx.refuses = NULL;
	assert_true(settings_trial_check(&fx.changes) == -1);
	assert_true(is(SETTING_listen_http, "*:8080", ORIGIN_DEFAULT));
}

/* --- what could not be taken up -------------------------------------------------------------- */

static void troubles_come_and_go(void **state)
{
	struct str texts[SETTINGS_TROUBLES_MAX];
	struct why why = { "port 25 is taken" }, other = { "port 26 is taken" };

	(void)state;
	settings_trouble_set(&fx.changes.troubles, SETTING_listen_smtp, NULL);
	settings_trouble_set(&fx.changes.troubles, SETTING_listen_smtp, &why);
	settings_trouble_set(&fx.changes.troubles, SETTING_listen_smtp, &other);
	for (enum setting_id id = SETTING_acme; id < SETTING_acme + 20; id++)
		settings_trouble_set(&fx.changes.troubles, id, &why);
	assert_int_equal(settings_troubles_get(&fx.changes.troubles, &fx.arena, texts),
	                 SETTINGS_TROUBLES_MAX);
	check_str(texts[0], STR("port 26 is taken"));
	for (enum setting_id id = 0; id < SETTINGS; id++)
		settings_trouble_set(&fx.changes.troubles, id, NULL);
	assert_int_equal(settings_troubles_get(&fx.changes.troubles, &fx.arena, texts), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_counts_and_stays),
		TEST(rows_with_old_names_work),
		TEST(what_will_not_do_changes_nothing),
		TEST(all_or_none),
		TEST(another_process_changes_them),
		TEST(what_nobody_confirms_is_undone),
		TEST(what_is_confirmed_stays),
		TEST(an_end_undoes_it_and_an_earlier_value_comes_back),
		TEST(an_undo_that_fails_is_tried_again),
		TEST(troubles_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
