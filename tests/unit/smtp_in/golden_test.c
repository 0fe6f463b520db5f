/* Transcripts of tests/golden/smtp (form: harness/transcript.h) against the SMTP server.
 * Session 1 is a stranger on port 25, unless the file opens it.
 *
 *	! open 2 submission tls   a connection: see in_fixture_connect
 *	! user 2                  one of ada, who has greeted and logged in
 *	! timeout 2, ! stop 2     what the runtime may say
 *	! inbox ada               prints what lies there, dates and names masked
 *	! count ada               prints how many messages lie there
 *	! queue                   prints what waits to go out
 *	! check 1 rcpt reject 550 5.7.1 no   what a check says from now on (scripted.h)
 *	! trace                   prints the steps of the traces */
#include "unit/smtp_in/in_fixture.h"
#include "unit/smtp_out/scripted.h"

#include "harness/transcript.h"

#include "flow/policy/policy.h"
#include "foundation/config/limits.h"
#include "model/history/trace.h"
#include "protocols/smtp_in/commands.h"
#include "protocols/smtp_in/extensions.h"
#include "protocols/smtp_in/params.h"

static struct in_fixture fixture;

static void *server_open(void)
{
	static const struct policy_config config = { .checks = scripted_checks,
		                                     .check_count = COUNT(scripted_checks) };

	in_fixture_open(&fixture, STORE_MEMORY);
	if (policy_open(&config, &fixture.policy, NULL) != OK ||
	    traces_open(fixture.town.mail.temp.store, fixture.town.live,
	                &fixture.town.delivery.traces, NULL) != OK)
		abort();
	fixture.config.policy = fixture.policy;
	return &fixture;
}

static void server_close(void *server)
{
	struct in_fixture *f = server;

	town_fsck(&f->town);
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	traces_close(&f->town.delivery.traces);
	assert_true(policy_close(&f->policy, 0));
	in_fixture_close(f);
	scripted_reset();
}

static struct conn *session(struct in_fixture *f, size_t i)
{
	return fake_conns[i].used ? &fake_conns[i] : in_fixture_connect(f, i, STR("mx"));
}

static void session_send(void *server, size_t i, struct str bytes, size_t piece)
{
	fake_send(session(server, i), bytes, piece);
}

static bool session_said(void *server, size_t i, struct str *all, bool *closed)
{
	(void)server;
	if (!fake_conns[i].used)
		return false;
	*all = buf_str(&fake_conns[i].sent);
	*closed = fake_conns[i].closed;
	return true;
}

static void user_open(struct in_fixture *f, size_t i)
{
	struct conn *c = in_fixture_connect(f, i, STR("submission tls"));

	fake_send(c, STR("EHLO laptop\r\nAUTH PLAIN AGFkYUBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n"),
	          SIZE_MAX);
	assert_true(str_find(buf_str(&c->sent), STR("\r\n235 ")) > 0);
	buf_reset(&c->sent);
}

/* An empty who is the queue. */
static void inbox_print(struct in_fixture *f, const char *who, struct buf *printed)
{
	struct buf raw;

	buf_init(&raw, 16 << 20);
	if (who[0] != '\0')
		town_mail(&f->town, who, &raw);
	else
		town_queue(&f->town, &raw);
	town_masked_put(printed, buf_str(&raw));
	buf_deinit(&raw);
}

static enum err steps_print(struct txn *t, void *arg)
{
	const struct trace_query query = { .max = 100 };
	struct buf *printed = arg;
	struct trace_list list;
	enum err e = trace_find(t, &query, txn_arena(t), &list);

	for (size_t i = e ? 0 : list.count; i-- != 0;) {
		const struct trace *trace = &list.items[i];

		buf_fmt(printed, "<%.*s> %s\n", STR_ARG(trace->from),
		        trace_state_name(trace_state(trace)));
		for (size_t n = 0; n < trace->step_count; n++)
			buf_fmt(printed, "%s <%.*s> %.*s\n",
			        trace_what_name(trace->steps[n].what),
			        STR_ARG(trace->steps[n].who), STR_ARG(trace->steps[n].detail));
	}
	return e;
}

static void traces_print(struct in_fixture *f, struct buf *printed)
{
	if (traces_flush(f->town.delivery.traces, NULL) != OK ||
	    store_read(f->town.mail.temp.store, steps_print, printed) != OK)
		fail_msg("no traces");
}

static bool obey(void *server, struct str verb, size_t i, struct str rest, struct buf *printed)
{
	struct in_fixture *f = server;
	struct arena a = { 0 };
	const char *who = str_z(&a, rest);

	if (str_eq(verb, STR("open")))
		in_fixture_connect(f, i, rest);
	else if (str_eq(verb, STR("user")))
		user_open(f, i);
	else if (str_eq(verb, STR("timeout")))
		fake_run(session(f, i), CONN_TIMEOUT);
	else if (str_eq(verb, STR("stop")))
		fake_run(session(f, i), CONN_STOP);
	else if (str_eq(verb, STR("inbox")))
		inbox_print(f, who, printed);
	else if (str_eq(verb, STR("count")))
		buf_fmt(printed, "%zu\n", town_mail(&f->town, who, NULL));
	else if (str_eq(verb, STR("queue")))
		inbox_print(f, "", printed);
	else if (str_eq(verb, STR("trace")))
		traces_print(f, printed);
	else if (!str_eq(verb, STR("check")) || !scripted_obey(rest))
		i = SIZE_MAX;
	arena_deinit(&a);
	return i != SIZE_MAX;
}

static void test_transcripts(void **state)
{
	static const struct transcript_host host = { .open = server_open,
		                                     .close = server_close,
		                                     .send = session_send,
		                                     .said = session_said,
		                                     .directive = obey };

	(void)state;
	transcripts_run("smtp", &host);
}

/* However much a peer pipelines, a step answers so little of it that the rest waits with the
 * peer while the peer does not read. */
static void test_answers_come_in_steps(void **state)
{
	struct in_fixture *f = server_open();
	struct conn *c = in_fixture_connect(f, 0, STR("mx"));
	struct buf lines;

	(void)state;
	buf_init(&lines, CONN_INPUT_MAX);
	for (int i = 0; i < 1000; i++)
		buf_put(&lines, STR("EHLO client.example\r\n"));
	c->most = 0;
	fake_send(c, buf_str(&lines), SIZE_MAX);
	assert_false(c->closed);
	assert_in_range(c->most, 1, CONN_OUT_SOFT);
	buf_deinit(&lines);
	server_close(f);
}

static void test_rows_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < in_row_count; i++)
		check_at(i, str_cmp(str_of(in_rows[i - 1].verb), str_of(in_rows[i].verb)) < 0);
}

static void test_rows_are_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("smtp", &a);

	(void)state;
	for (size_t i = 0; i < in_row_count; i++)
		if (str_find(text, str_fmt(&a, ": %s", in_rows[i].verb)) < 0)
			fail_msg("no transcript has %s", in_rows[i].verb);
	arena_deinit(&a);
}

static void params_covered(struct str text, const struct in_param *rows, size_t count,
                           struct arena *a)
{
	for (size_t i = 0; i < count; i++)
		if (str_find(text, str_fmt(a, " %s", rows[i].keyword)) < 0)
			fail_msg("no transcript has %s", rows[i].keyword);
}

static void test_parameters_are_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("smtp", &a);

	(void)state;
	params_covered(text, in_mail_params, in_mail_param_count, &a);
	params_covered(text, in_rcpt_params, in_rcpt_param_count, &a);
	for (size_t i = 0; i < in_extension_count; i++)
		if (str_find(text, str_fmt(&a, "250-%s", in_extensions[i].keyword)) < 0 &&
		    str_find(text, str_fmt(&a, "250 %s", in_extensions[i].keyword)) < 0)
			fail_msg("no transcript has the extension %s", in_extensions[i].keyword);
	arena_deinit(&a);
}

static enum err crowd_add(struct txn *t, void *arg)
{
	const struct str more[] = { STR("many@example.org"), STR("one.more@remote.example") };
	enum err e = alias_add(t, STR("many@example.org"), arg, LIMIT_smtp_expn, NULL);

	return e ? e : alias_add(t, STR("crowd@example.org"), more, COUNT(more), NULL);
}

/* EXPN tells of as many members as LIMIT_smtp_expn, not of one more. */
static void test_a_list_too_long_to_tell(void **state)
{
	struct in_fixture *f = server_open();
	struct arena a = { 0 };
	struct str *members = arena_array(&a, struct str, LIMIT_smtp_expn);

	(void)state;
	for (size_t i = 0; i < LIMIT_smtp_expn; i++)
		members[i] = str_fmt(&a, "m%zu@remote.example", i);
	assert_int_equal(store_write(f->town.mail.temp.store, crowd_add, members, NULL), OK);
	user_open(f, 1);
	fake_send(&fake_conns[1], STR("EXPN many@example.org\r\n"), SIZE_MAX);
	assert_true(str_find(buf_str(&fake_conns[1].sent), STR("250 2.1.5 <m")) > 0);
	buf_reset(&fake_conns[1].sent);
	fake_send(&fake_conns[1], STR("EXPN crowd@example.org\r\n"), SIZE_MAX);
	check_str(buf_str(&fake_conns[1].sent), STR("550 5.3.4 too many members to list\r\n"));
	arena_deinit(&a);
	server_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
		cmocka_unit_test(test_answers_come_in_steps),
		cmocka_unit_test(test_rows_are_sorted),
		cmocka_unit_test(test_rows_are_covered),
		cmocka_unit_test(test_parameters_are_covered),
		cmocka_unit_test(test_a_list_too_long_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
