/* Settings that change while others read them. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/config/live.h"

static struct setting_stored stored(const char *name, const char *value)
{
	return (struct setting_stored){ .name = str_of(name), .value = str_of(value) };
}

static void the_environment_wins_over_the_store_and_that_over_defaults(void **state)
{
	char *environment[] = { "ROOST_SUBADDRESS=-", NULL };
	struct setting_stored items[] = { stored("SUBADDRESS", "="), stored("STOP", "3s"),
		                          stored("SMARTHOST", "smtp://relay.example.net") };
	struct settings_stored all = { items, COUNT(items) };
	struct settings s;

	(void)state;
	assert_int_equal(settings_read_over(&s, environment, &all, NULL), OK);
	check_str(s.subaddress, STR("-"));
	assert_int_equal(s.origin[SETTING_subaddress], ORIGIN_ENVIRONMENT);
	assert_true(setting_locked(&s, SETTING_subaddress));
	assert_true(s.stop_s == 3);
	assert_int_equal(s.origin[SETTING_stop_s], ORIGIN_STORE);
	assert_false(setting_locked(&s, SETTING_stop_s));
	assert_true(setting_is_set(&s, SETTING_smarthost));
	assert_int_equal(s.origin[SETTING_data], ORIGIN_DEFAULT);
	assert_true(setting_locked(&s, SETTING_data));
	settings_deinit(&s);
}

static void what_is_stored_and_will_not_do_is_passed_over(void **state)
{
	char *environment[] = { NULL };
	struct setting_stored items[] = { stored("STOP", "soon"), stored("NO_SUCH", "1"),
		                          stored("DATA", "/elsewhere"), stored("WORKERS", "7") };
	struct settings_stored all = { items, COUNT(items) };
	struct settings s;

	(void)state;
	assert_int_equal(settings_read_over(&s, environment, &all, NULL), OK);
	assert_true(items[0].ignored && items[1].ignored && items[2].ignored);
	assert_false(items[3].ignored);
	assert_true(s.stop_s == 8 && s.workers == 7);
	check_str(s.data, STR("/data"));
	settings_deinit(&s);
}

static void a_reader_keeps_what_it_began_with(void **state)
{
	char *environment[] = { "ROOST_HOSTNAME=mx.example.org", NULL };
	struct setting_stored item = stored("MESSAGE_SIZE", "1M");
	struct settings_stored none = { 0 }, one = { &item, 1 };
	const struct settings *before, *after;
	struct live *l;

	(void)state;
	assert_int_equal(live_new(environment, &none, &l, NULL), OK);
	before = settings_ref(l);
	assert_int_equal(live_try(l, &one, &after, NULL), OK);
	assert_true(settings_ref(l) == before); /* tried is not published */
	settings_unref(before);
	live_publish(l, after);
	after = settings_ref(l);
	assert_true(before->message_size == MIB(50) && after->message_size == MIB(1));
	check_str(after->hostname, STR("mx.example.org"));
	assert_true(settings_first(l) == before);
	live_free(&l);
	assert_true(after->message_size == MIB(1)); /* who still has it may read it */
	settings_unref(before);
	settings_unref(after);
	settings_unref(NULL);
}

static void without_a_name_it_is_the_machine_s(void **state)
{
	char *environment[] = { NULL };
	struct settings_stored none = { 0 };
	const struct settings *s;
	struct live *l;

	(void)state;
	assert_int_equal(live_new(environment, &none, &l, NULL), OK);
	s = settings_ref(l);
	assert_true(s->hostname.n != 0);
	assert_int_equal(s->origin[SETTING_hostname], ORIGIN_DEFAULT);
	settings_unref(s);
	live_free(&l);
}

static void rows_are_found_by_the_names_people_use(void **state)
{
	enum setting_id id;
	struct why why;

	(void)state;
	assert_int_equal(setting_find(STR("ROOST_HOSTNAME"), &id, &why), OK);
	assert_int_equal(id, SETTING_hostname);
	assert_int_equal(setting_find(STR("queue_retry"), &id, &why), OK);
	assert_int_equal(id, SETTING_queue_retry_s);
	assert_int_equal(setting_find(STR("HOSTNAM"), &id, &why), ERR_MISSING);
	assert_true(str_find(str_of(why.text), STR("ROOST_HOSTNAME")) >= 0);
	assert_string_equal(setting_group(SETTING_data), "Server");
	assert_string_equal(setting_group(SETTING_listen_https), "Listeners");
	assert_string_equal(setting_group(SETTING_stop_s), "Network");
	assert_int_equal(setting_check(SETTING_stop_s, STR("soon"), &why), ERR_SYNTAX);
	assert_int_equal(setting_check(SETTING_stop_s, STR("9s"), &why), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_wins_over_the_store_and_that_over_defaults),
		cmocka_unit_test(what_is_stored_and_will_not_do_is_passed_over),
		cmocka_unit_test(a_reader_keeps_what_it_began_with),
		cmocka_unit_test(without_a_name_it_is_the_machine_s),
		cmocka_unit_test(rows_are_found_by_the_names_people_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
