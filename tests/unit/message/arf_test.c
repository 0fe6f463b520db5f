/* Feedback reports (RFC 5965): what is one, and what is mail like any other. */
#include "harness/check.h"

#include "formats/message/arf.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <string.h>

#define TOP                                                                        \
	"From: <abuse@provider.example>\r\nSubject: FW: hello\r\nMIME-Version: 1.0\r\n" \
	"Content-Type: multipart/report; report-type=feedback-report;\r\n boundary=\"b\"\r\n\r\n"
#define TEXT "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
#define REPORT "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
#define FIELDS "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
#define ORIGINAL                                                                \
	"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <x@here>\r\n" \
	"Subject: hello\r\n\r\nbody\r\n--b--\r\n"
#define HEADERS                                                                         \
	"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <x@here>\r\n" \
	"--b--\r\n"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static void what_is_one(void **state)
{
	static const struct {
		const char *raw;
		bool ok;
	} rows[] = {
		{ TOP TEXT REPORT FIELDS ORIGINAL, true },
		{ TOP TEXT REPORT FIELDS HEADERS, true },
		{ TOP TEXT REPORT FIELDS "Incidents: 3\r\nSource-IP: 192.0.2.1\r\n" ORIGINAL,
		  true },
		{ TOP TEXT REPORT FIELDS "X-Own: 1\r\nX-Own: 2\r\n" ORIGINAL, true },
		/* RFC 5965 3.1: each of the three, once */
		{ TOP TEXT REPORT "User-Agent: x\r\nVersion: 1\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT "Feedback-Type: abuse\r\nVersion: 1\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT "Feedback-Type: abuse\r\nUser-Agent: x\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT FIELDS "Version: 1\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT FIELDS "Feedback-Type: fraud\r\n" ORIGINAL, false },
		/* 3.2: not twice, and the old name of a date counts as that date */
		{ TOP TEXT REPORT FIELDS "Incidents: 1\r\nIncidents: 1\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT FIELDS "Arrival-Date: x\r\nReceived-Date: x\r\n" ORIGINAL,
		  false },
		{ TOP TEXT REPORT FIELDS "Incidents: many\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT FIELDS "Incidents: 4294967296\r\n" ORIGINAL, false },
		{ TOP TEXT REPORT "Feedback-Type: a b/c\r\nUser-Agent: x\r\n"
		                  "Version: 1\r\n" ORIGINAL,
		  true },
		{ TOP TEXT REPORT "Feedback-Type: a/b\r\nUser-Agent: x\r\nVersion: 1\r\n" ORIGINAL,
		  false },
		{ TOP TEXT REPORT "Feedback-Type: x\r\nUser-Agent: x\r\nVersion: one\r\n" ORIGINAL,
		  false },
		/* 2: all three parts */
		{ TOP TEXT REPORT FIELDS "\r\n--b--\r\n", false },
		{ TOP TEXT ORIGINAL, false },
		{ "Content-Type: multipart/mixed; boundary=b\r\n\r\n" TEXT REPORT FIELDS ORIGINAL,
		  false },
		{ "Content-Type: multipart/report; report-type=delivery-status; "
		  "boundary=b\r\n\r\n" TEXT REPORT FIELDS ORIGINAL,
		  false },
		{ "Subject: nothing of the kind\r\n\r\nFeedback-Type: abuse\r\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct arf arf;

		check_at(i, arf_parse(&a, str_of(rows[i].raw), &limits, &arf) == rows[i].ok);
		arena_deinit(&a);
	}
}

static void what_it_says(void **state)
{
	static const char raw[] = TOP TEXT REPORT FIELDS
		"Original-Mail-From: <ada@here.example>\r\n"
		"Original-Rcpt-To: <far@provider.example>\r\n"
		"Original-Rcpt-To: near@provider.example\r\n"
		"Original-Rcpt-To: no address\r\n"
		"Incidents: 7\r\n" ORIGINAL;
	struct arena a = { 0 };
	struct arf arf;

	(void)state;
	assert_true(arf_parse(&a, str_of(raw), &limits, &arf));
	check_str(arf.type, STR("abuse"));
	check_str(arf.agent, STR("SomeGenerator/1.0"));
	assert_int_equal(arf.incidents, 7);
	check_str(arf.from.local, STR("ada"));
	assert_int_equal(arf.rcpt_count, 2);
	check_str(arf.rcpts[0].local, STR("far"));
	check_str(arf.rcpts[1].domain, STR("provider.example"));
	assert_true(str_find(arf.original, STR("Message-ID: <x@here>")) == 0);
	assert_true(str_find(arf.original, STR("body")) < 0);
	arena_deinit(&a);
}

static void cut_anywhere(void **state)
{
	static const char raw[] = TOP TEXT REPORT FIELDS ORIGINAL;
	size_t needed = sizeof(TOP TEXT REPORT FIELDS) - 1;

	(void)state;
	for (size_t n = 0; n < sizeof raw; n++) {
		struct arena a = { 0 };
		struct arf arf;

		check_at(n, !arf_parse(&a, str_from(raw, n), &limits, &arf) || n > needed);
		arena_deinit(&a);
	}
}

/* One more than ARF_RCPTS_MAX: the others count. */
static void too_many_recipients(void **state)
{
	struct arena a = { 0 };
	struct arf arf;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, STR(TOP TEXT REPORT FIELDS));
	for (int i = 0; i <= ARF_RCPTS_MAX; i++)
		buf_fmt(&b, "Original-Rcpt-To: <u%d@provider.example>\r\n", i);
	buf_put(&b, STR(ORIGINAL));
	assert_true(arf_parse(&a, buf_str(&b), &limits, &arf));
	assert_int_equal(arf.rcpt_count, ARF_RCPTS_MAX);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_one),
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(too_many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
