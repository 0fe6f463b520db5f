/* The log: one line per event, whatever a peer put into it. */
#include "harness/check.h"

#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/observe/stamp.h"

#include <string.h>
#include <unistd.h>

static int log_pipe[2];

static int setup(void **state)
{
	(void)state;
	if (pipe(log_pipe) != 0)
		return -1;
	event_fd_set(log_pipe[1]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	event_fd_set(-1);
	close(log_pipe[0]);
	close(log_pipe[1]);
	return 0;
}

static struct str logged(char *out, size_t max)
{
	ssize_t n = read(log_pipe[0], out, max);

	assert_true(n > 0);
	return str_from(out, (size_t)n);
}

static void a_line_has_stamp_level_name_id_and_fields(void **state)
{
	char out[1000];
	struct str line;

	(void)state;
	event(rcpt_refused, STR("k3v7q"), ev_z("smtp"), ev_z("192.0.2.1"), ev_z("a@b"),
	      ev_z("c@d"), ev_int(550), ev_z("unknown user"));
	line = logged(out, sizeof out);
	check_str(str_sub(line, 24, line.n),
	          STR(" info rcpt_refused id=k3v7q service=smtp peer=192.0.2.1 from=a@b "
	              "rcpt=c@d code=550 why=\"unknown user\"\n"));
}

static void a_peer_cannot_forge_a_line(void **state)
{
	char out[1000];
	struct str line;

	(void)state;
	event(server_failed, STR(""), ev_z("x\n2026 error fatal why=\"forged\"\x1b[31m\xff"));
	line = logged(out, sizeof out);
	assert_int_equal(str_find_byte(line, '\n'), (ptrdiff_t)line.n - 1);
	assert_true(str_find_byte(line, '\x1b') < 0);
	assert_true(str_find(line, STR("why=\"x\\x0a2026 error fatal why=\\x22forged")) > 0);
}

static void long_values_are_cut(void **state)
{
	static char big[20000];
	char out[8000];

	(void)state;
	memset(big, '\n', sizeof big);
	event(setting_created, STR("i"), ev_str(str_from(big, sizeof big)),
	      ev_str(str_from(big, sizeof big)));
	struct str line = logged(out, sizeof out);
	assert_true(line.n <= 4096);
	assert_int_equal(line.p[line.n - 1], '\n');
}

static void levels_filter(void **state)
{
	enum event_level level;
	char out[1000];

	(void)state;
	event(connection_opened, STR("a"), ev_z("smtp"), ev_z("peer")); /* debug: dropped */
	event_level_set(EVENT_WARN);
	event(server_ready, STR(""), ev_int(1));
	event(certificate_expiring, STR(""), ev_z("seen"), ev_int(1));
	assert_true(str_find(logged(out, sizeof out),
	                     STR(" warn certificate_expiring expires=seen days=1\n")) > 0);
	event_level_set(EVENT_INFO);
	assert_true(event_level_parse(STR("error"), &level));
	assert_int_equal(level, EVENT_ERROR);
	assert_false(event_level_parse(STR("loud"), &level));
}

static void stamps(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ 951868800000, "2000-03-01T00:00:00.000Z" },
		{ 4107542400000, "2100-03-01T00:00:00.000Z" }, /* 2100 has no leap day */
		{ 1798761599001, "2026-12-31T23:59:59.001Z" },
	};
	char out[STAMP_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		stamp_utc(rows[i].ms, out);
		check_str_at(i, str_of(out), str_of(rows[i].want));
	}
}

static void metrics_are_prometheus_text(void **state)
{
	struct buf b;

	(void)state;
	metric_add(METRIC_login_ok, 2);
	metric_set(METRIC_connections, 5);
	buf_init(&b, 100000);
	metrics_put(&b);
	assert_true(buf_ok(&b));
	assert_true(str_find(buf_str(&b), STR("# TYPE roost_logins_total counter\n"
	                                      "roost_logins_total{result=\"ok\"} 2\n"
	                                      "roost_logins_total{result=\"failed\"} 0\n")) >= 0);
	assert_true(str_find(buf_str(&b), STR("\nroost_connections 5\n")) >= 0);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_has_stamp_level_name_id_and_fields, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_peer_cannot_forge_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(long_values_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(levels_filter, setup, teardown),
		cmocka_unit_test(stamps),
		cmocka_unit_test(metrics_are_prometheus_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
