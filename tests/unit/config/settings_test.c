/* Settings from the environment, and what a person is told about a wrong one. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void defaults_hold_and_foreign_variables_are_ignored(void **state)
{
	char *environment[] = { "PATH=/bin", "HOME", "ROOSTER=1", NULL };
	struct settings s;
	struct why why;

	(void)state;
	assert_int_equal(settings_read(&s, environment, &why), OK);
	check_str(s.data, STR("/data"));
	check_str(s.listen_imaps, STR("*:993"));
	assert_true(s.message_size == MIB(50));
	assert_true(s.queue_expire_s == 5 * 86400);
	assert_false(s.allow_plaintext_auth);
	assert_false(s.smtp_vrfy);
	assert_false(s.foreign_authors);
	assert_true(s.imap_message_limit == 0 && s.imap_save_limit == 0);
	assert_int_equal(s.origin[SETTING_data], ORIGIN_DEFAULT);
	settings_deinit(&s);
}

static void good_values(void **state)
{
	char *environment[] = { "ROOST_HOSTNAME=Mail.Example.ORG", "ROOST_MESSAGE_SIZE=512k",
		                "ROOST_ALLOW_PLAINTEXT_AUTH=ON", "ROOST_QUEUE_RETRY=90",
		                "ROOST_LISTEN_SMTP=127.0.0.1:2525, [::1]:2525",
		                "ROOST_LISTEN_IMAP=", NULL };
	struct settings s;
	struct why why;

	(void)state;
	assert_int_equal(settings_read(&s, environment, &why), OK);
	check_str(s.hostname, STR("mail.example.org"));
	assert_true(s.message_size == KIB(512));
	assert_true(s.allow_plaintext_auth);
	assert_true(s.queue_retry_s == 90);
	check_str(s.listen_smtp, STR("127.0.0.1:2525, [::1]:2525"));
	check_str(s.listen_imap, STR(""));
	assert_int_equal(s.origin[SETTING_hostname], ORIGIN_ENVIRONMENT);
	settings_deinit(&s);
}

static void bad_values_name_the_variable(void **state)
{
	static const struct {
		char *variable;
		const char *want; /* part of the sentence */
	} rows[] = {
		{ "ROOST_HOSTNAM=x", "ROOST_HOSTNAM is no setting; is ROOST_HOSTNAME meant?" },
		{ "ROOST_ZZZ=x", "ROOST_ZZZ is no setting; `roost settings`" },
		{ "ROOST_HOSTNAME=-a.b", "ROOST_HOSTNAME: \"-a.b\" is not valid" },
		{ "ROOST_HOSTNAME=a..b", "ROOST_HOSTNAME" },
		{ "ROOST_HOSTNAME=a b", "Use a host name, for example" },
		{ "ROOST_MESSAGE_SIZE=50X", "a size in bytes" },
		{ "ROOST_MESSAGE_SIZE=99999999999G", "ROOST_MESSAGE_SIZE" },
		{ "ROOST_MESSAGE_SIZE=-1", "ROOST_MESSAGE_SIZE" },
		{ "ROOST_MESSAGE_SIZE=1", "from 64K to 1G" },
		{ "ROOST_MESSAGE_SIZE=2G", "from 64K to 1G" },
		{ "ROOST_WORKERS=0", "ROOST_WORKERS: \"0\" is not valid. Use a number of 1" },
		{ "ROOST_CONNECTIONS=4294967297", "ROOST_CONNECTIONS" },
		{ "ROOST_DATA=", "ROOST_DATA: \"\" is not valid. Use a path" },
		{ "ROOST_STOP=5w", "a duration" },
		{ "ROOST_STOP=9223372036854775807", "at most 3650d" }, /* more in ms than fits */
		{ "ROOST_STOP=3651d", "at most 3650d" },
		{ "ROOST_QUEUE_RETRY=0", "from 1s to 3650d" }, /* no pause between attempts */
		{ "ROOST_QUEUE_EXPIRE=0s", "from 1s to 3650d" },
		{ "ROOST_TLS_SESSIONS=1000001", "a number of 0 to 1000000" },
		{ "ROOST_LISTEN_SMTP=25", "\"25\" has no port" },
		{ "ROOST_LISTEN_SMTP=*:25,*:70000", "\"*:70000\" has no port" },
		{ "ROOST_ALLOW_PLAINTEXT_AUTH=maybe", "on or off" },
		{ "ROOST_LOG_LEVEL=loud", "debug, info, warn or error" },
		{ "ROOST_SUBADDRESS=+-_=.",
		  "ROOST_SUBADDRESS: \"+-_=.\" is not valid. Use up to four characters" },
		{ "ROOST_SUBADDRESS=+a", "four characters such as" },
		{ "ROOST_SUBADDRESS=@", "four characters such as" },
		{ "ROOST_SMTP_OUT_PORT=0", "a port of 1 to 65535" },
		{ "ROOST_SMTP_OUT_PORT=65561", "a port of 1 to 65535" }, /* 25 in 16 bits */
		{ "ROOST_ADMIN=a\nb", "control characters" },
		{ "ROOST_CLIENT_CA=/a\n/b", "a path, or certificates as PEM text" },
		{ "ROOST_CLIENT_CA=-----BEGIN X-----\n\x01", "control characters" },
		{ "ROOST_ADMIN_PASSWORD_FILE=/nonexistent/file",
		  "ROOST_ADMIN_PASSWORD_FILE: cannot open" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *environment[] = { rows[i].variable, NULL };
		struct why why = { "" };
		struct settings s;

		check_at(i, settings_read(&s, environment, &why) != OK);
		if (str_find(str_of(why.text), str_of(rows[i].want)) < 0)
			fail_msg("row %zu: %s", i, why.text);
		settings_deinit(&s);
	}
}

static void secrets_come_from_files_and_are_never_shown(void **state)
{
	char path[] = "/tmp/roost-settings-XXXXXX", variable[100];
	char *environment[] = { variable, NULL };
	char *both[] = { variable, "ROOST_ADMIN_PASSWORD=x", NULL };
	int fd = mkstemp(path);
	struct settings s;
	struct why why;
	struct buf b;

	(void)state;
	assert_true(fd >= 0 && write(fd, "hunter2\r\n", 9) == 9);
	close(fd);
	snprintf(variable, sizeof variable, "ROOST_ADMIN_PASSWORD_FILE=%s", path);
	assert_int_equal(settings_read(&s, environment, &why), OK);
	check_str(s.admin_password, STR("hunter2"));
	assert_int_equal(s.origin[SETTING_admin_password], ORIGIN_FILE);
	buf_init(&b, 100000);
	settings_put(&b, &s);
	assert_true(str_find(buf_str(&b), STR("hunter2")) < 0);
	assert_true(str_find(buf_str(&b), STR("ROOST_ADMIN_PASSWORD = (set)")) >= 0);
	buf_deinit(&b);
	settings_deinit(&s);
	assert_int_equal(settings_read(&s, both, &why), ERR_CONFLICT);
	settings_deinit(&s);
	unlink(path);
}

static void a_bad_secret_is_not_repeated(void **state)
{
	char *environment[] = { "ROOST_ADMIN_PASSWORD=hun\tter2", NULL };
	struct settings s;
	struct why why;

	(void)state;
	assert_int_equal(settings_read(&s, environment, &why), ERR_SYNTAX);
	assert_true(str_find(str_of(why.text), STR("ter2")) < 0);
	settings_deinit(&s);
}

static void old_names_work(void **state)
{
	char *environment[] = { "ROOST_DOCTOR_DELAY=7m", "ROOST_LOOK_DOMAIN=example.net", NULL };
	char *both[] = { "ROOST_DOCTOR_TEST_DOMAIN=a.example", "ROOST_LOOK_DOMAIN=b.example",
		         NULL };
	enum setting_id id;
	struct settings s;
	struct why why;

	(void)state;
	assert_int_equal(settings_read(&s, environment, &why), OK);
	check_str(s.doctor_test_domain, STR("example.net"));
	assert_true(s.renamed[SETTING_doctor_test_domain]);
	assert_false(s.renamed[SETTING_doctor_delay_s]);
	settings_deinit(&s);
	assert_int_equal(settings_read(&s, both, &why), ERR_CONFLICT);
	settings_deinit(&s);
	assert_int_equal(setting_find(STR("look_lists"), &id, &why), OK);
	assert_int_equal(id, SETTING_doctor_blocklists);
	assert_null(setting_old_name(SETTING_data));
}

static void every_limit_says_what_it_protects(void **state)
{
	(void)state;
	assert_true(limit_row_count > 30);
	for (size_t i = 0; i < limit_row_count; i++)
		check_at(i, limit_rows[i].value > 0 && limit_rows[i].protects[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold_and_foreign_variables_are_ignored),
		cmocka_unit_test(good_values),
		cmocka_unit_test(bad_values_name_the_variable),
		cmocka_unit_test(secrets_come_from_files_and_are_never_shown),
		cmocka_unit_test(a_bad_secret_is_not_repeated),
		cmocka_unit_test(old_names_work),
		cmocka_unit_test(every_limit_says_what_it_protects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
