/* What goes with MAIL and RCPT to a server that has announced this and that. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "model/queue/entry.h"
#include "protocols/smtp_out/params.h"
#include "protocols/smtp_out/route_resolve.h"

#define NOW_MS 1795237200000LL

static struct out_extensions announced(const char *const *lines)
{
	struct out_extensions ext = { 0 };

	for (; *lines != NULL; lines++)
		out_params_extension(&ext, str_of(*lines));
	return ext;
}

static void mail(void **state)
{
	static const struct {
		const char *ehlo[4];
		struct queue_item item;
		const char *want;
	} rows[] = {
		/* to nobody what he has not asked for (RFC 3461 5.2.2 (a)) */
		{ { NULL },
		  { .envelope.flags = ENVELOPE_RET_FULL,
		    .envelope.envid = STR("QQ"),
		    .envelope.priority = 3 },
		  "" },
		{ { "DSN", NULL },
		  { .envelope.flags = ENVELOPE_RET_FULL, .envelope.envid = STR("a+2Bb") },
		  " RET=FULL ENVID=a+2Bb" },
		{ { "dsn", NULL }, { .envelope.flags = ENVELOPE_RET_HDRS }, " RET=HDRS" },
		{ { "DSN", NULL }, { .envelope.flags = 0 }, "" },
		{ { "DSNX", "XDSN", NULL }, { .envelope.flags = ENVELOPE_RET_HDRS }, "" },
		{ { "DELIVERBY", NULL },
		  { .envelope.by_mode = ENVELOPE_BY_RETURN, .envelope.by_ms = NOW_MS + 98900 },
		  " BY=98;R" }, /* RFC 2852 6 */
		{ { "DELIVERBY 30", NULL },
		  { .envelope.by_mode = ENVELOPE_BY_NOTIFY,
		    .envelope.by_ms = NOW_MS - 5000,
		    .envelope.by_trace = true },
		  " BY=-5;NT" },
		{ { "DSN", NULL },
		  { .envelope.by_mode = ENVELOPE_BY_NOTIFY, .envelope.by_ms = NOW_MS },
		  "" },
		{ { "MT-PRIORITY MIXER", NULL }, { .envelope.priority = -4 }, " MT-PRIORITY=-4" },
		{ { "MT-PRIORITY", NULL }, { .envelope.priority = 0 }, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct out_extensions ext = announced(rows[i].ehlo);
		struct buf b;

		buf_init(&b, 1000);
		out_params_mail_put(&b, &ext, &rows[i].item, NOW_MS);
		check_str_at(i, buf_str(&b), str_of(rows[i].want));
		buf_deinit(&b);
	}
}

static void rcpt(void **state)
{
	static const struct {
		const char *ehlo[3];
		enum envelope_by by;
		struct envelope_rcpt rcpt;
		bool utf8;
		const char *want;
	} rows[] = {
		{ { NULL }, ENVELOPE_BY_NONE, { .notify = DSN_SUCCESS }, false, "" },
		{ { "DSN", NULL }, ENVELOPE_BY_NONE, { .notify = 0 }, false, "" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NONE,
		  { .notify = DSN_SUCCESS | DSN_DELAY, .orcpt = STR("rfc822;a+2Bb@c.d") },
		  false,
		  " NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c.d" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NONE,
		  { .notify = DSN_NEVER },
		  false,
		  " NOTIFY=NEVER" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NONE,
		  { .orcpt = STR("utf-8;\xe4\xb8\xad@c.d") },
		  true,
		  " ORCPT=utf-8;\xe4\xb8\xad@c.d" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NONE,
		  { .orcpt = STR("utf-8;\xe4\xb8\xad@c.d") },
		  false,
		  " ORCPT=utf-8;\\x{4E2D}@c.d" },
		/* RFC 2852 4.1.4.2 */
		{ { "DSN", NULL },
		  ENVELOPE_BY_NOTIFY,
		  { .notify = 0 },
		  false,
		  " NOTIFY=FAILURE,DELAY" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NOTIFY,
		  { .notify = DSN_SUCCESS },
		  false,
		  " NOTIFY=SUCCESS,DELAY" },
		{ { "DSN", NULL },
		  ENVELOPE_BY_NOTIFY,
		  { .notify = DSN_NEVER },
		  false,
		  " NOTIFY=NEVER" },
		{ { "DSN", "DELIVERBY", NULL }, ENVELOPE_BY_NOTIFY, { .notify = 0 }, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct out_extensions ext = announced(rows[i].ehlo);
		struct queue_item item = { .envelope = { .by_mode = rows[i].by, .by_ms = NOW_MS } };
		struct buf b;

		buf_init(&b, 1000);
		out_params_rcpt_put(&b, &ext, &item, &rows[i].rcpt, rows[i].utf8);
		check_str_at(i, buf_str(&b), str_of(rows[i].want));
		buf_deinit(&b);
	}
}

/* RFC 2852 4.1.4.1 */
static void in_time(void **state)
{
	static const struct {
		const char *ehlo[2];
		enum envelope_by by;
		int64_t left_ms;
		bool ok;
	} rows[] = {
		{ { NULL }, ENVELOPE_BY_NONE, 0, true },
		{ { NULL }, ENVELOPE_BY_NOTIFY, 60000, true },
		{ { NULL }, ENVELOPE_BY_RETURN, 60000, false },
		{ { "DELIVERBY", NULL }, ENVELOPE_BY_RETURN, 60000, true },
		{ { "DELIVERBY 60", NULL }, ENVELOPE_BY_RETURN, 60000, true },
		{ { "DELIVERBY 61", NULL }, ENVELOPE_BY_RETURN, 60000, false },
		{ { "DELIVERBY 61,x=y", NULL }, ENVELOPE_BY_RETURN, 60000, false },
		{ { "DELIVERBY 61", NULL }, ENVELOPE_BY_NOTIFY, 60000, true },
		{ { "DELIVERBY ,x", NULL }, ENVELOPE_BY_RETURN, 1000, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct out_extensions ext = announced(rows[i].ehlo);
		struct queue_item item = { .envelope = { .by_mode = rows[i].by,
			                                 .by_ms = NOW_MS + rows[i].left_ms } };
		struct envelope_reply reply = { 0 };

		check_at(i, out_params_fit(&ext, &item, NOW_MS, &reply) == rows[i].ok);
		check_at(i, rows[i].ok || reply.text.n != 0);
	}
}

/* RFC 9422 4.2, 4.3 */
static void batches(void **state)
{
	static struct envelope_rcpt rcpts[LIMIT_smtp_out_rcpts + 50];
	const char *const none[] = { NULL };
	const char *const ten[] = { "LIMITS RCPTMAX=10 MAILMAX=3", NULL };
	const char *const two[] = { "LIMITS RCPTDOMAINMAX=2", NULL };
	struct queue_item item = { .envelope.rcpts = rcpts, .envelope.rcpt_count = COUNT(rcpts) };
	struct queue_item later = { .envelope = { .rcpts = rcpts + 1,
		                                  .rcpt_count = COUNT(rcpts) - 1 } };
	struct queue_item last = { .envelope = { .rcpts = rcpts + COUNT(rcpts) - 3,
		                                 .rcpt_count = 3 } };
	struct out_way fives = { .manner = { .rcpts = 5 } };
	struct out_route by_fives = { .way = &fives };
	struct out_session s = { .messages = 2 };

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i].address.domain = i % 4 == 0   ? STR("a.example")
		                          : i % 4 == 1 ? STR("b.example")
		                                       : STR("c.example");
	s.ext = announced(none);
	assert_int_equal(out_params_most(&s, &item), LIMIT_smtp_out_rcpts);
	assert_int_equal(out_params_most(&s, &last), 3);
	s.ext = announced(ten);
	assert_int_equal(out_params_most(&s, &item), 10);
	assert_int_equal(out_params_most(&s, &last), 3);
	s.route = &by_fives;
	assert_int_equal(out_params_most(&s, &item), 5);
	s.route = NULL;
	assert_false(out_params_spent(&s));
	s.messages = 3;
	assert_true(out_params_spent(&s));
	s.ext = announced(two);
	assert_int_equal(out_params_most(&s, &item), 2);
	assert_int_equal(out_params_most(&s, &later), 3); /* b c c, then a */
	assert_false(out_params_spent(&s));
	s.messages = LIMIT_smtp_out_messages;
	assert_true(out_params_spent(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail),
		cmocka_unit_test(rcpt),
		cmocka_unit_test(in_time),
		cmocka_unit_test(batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
