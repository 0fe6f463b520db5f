/* The self-test: where our own port is, and what is made of what stands on the message. */
#include "harness/check.h"

#include "foundation/config/settings.h"
#include "model/history/trace.h"
#include "operations/doctor/self_test/self_arrival.h"
#include "operations/doctor/self_test/self_send.h"

#include <string.h>

static struct arena arena;

static struct addr addr_of(const char *text)
{
	struct addr a = { .family = ADDR_NONE };

	assert_true(*text == '\0' || addr_parse(str_of(text), &a) ||
	            addr_parse_ip(str_of(text), &a));
	return a;
}

static void where_the_port_is(void **state)
{
	static const struct {
		const char *listens[2], *own[2], *want; /* "": nowhere */
	} rows[] = {
		{ { "*:25", "" }, { "", "" }, "127.0.0.1:25" },
		{ { "*:25", "" }, { "192.0.2.1", "2001:db8::1" }, "192.0.2.1:25" },
		{ { "0.0.0.0:25", "" }, { "2001:db8::1", "192.0.2.1" }, "192.0.2.1:25" },
		{ { "[::]:25", "" }, { "192.0.2.1", "" }, "[::1]:25" },
		{ { "127.0.0.1:2525", "" }, { "192.0.2.1", "" }, "127.0.0.1:2525" },
		{ { "127.0.0.1:2525", "*:25" }, { "192.0.2.1", "" }, "127.0.0.1:2525" },
		{ { "", "" }, { "192.0.2.1", "" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addr listens[2], own[2], at = { .family = ADDR_NONE };
		char text[ADDR_TEXT_MAX];
		size_t n = 0, m = 0;

		for (size_t k = 0; k < 2; k++) {
			if (*rows[i].listens[k] != '\0')
				listens[n++] = addr_of(rows[i].listens[k]);
			if (*rows[i].own[k] != '\0')
				own[m++] = addr_of(rows[i].own[k]);
		}
		check_at(i, self_send_place(listens, n, own, m, &at) == (*rows[i].want != '\0'));
		check_at(i, *rows[i].want == '\0' ||
		                    str_eq(addr_text(&at, text), str_of(rows[i].want)));
	}
}

static const struct settings settings = { .hostname = STR("mx.example") };

static struct check judged(void (*judge)(const struct self_arrival *, struct checks *),
                           const struct self_arrival *s)
{
	struct checks out = { .count = 0 };

	judge(s, &out);
	assert_int_equal(out.count, 1);
	return out.items[0];
}

static struct self_arrival arrival_of(const char *header)
{
	return (struct self_arrival){ .settings = &settings,
		                      .header = str_of(header),
		                      .owner = STR("anna@example"),
		                      .peer = addr_of("127.0.0.1"),
		                      .outside = addr_of("192.0.2.1"),
		                      .a = &arena };
}

#define AR "Authentication-Results: "

static void what_was_found_out(void **state)
{
	static const struct {
		const char *header;
		enum dns_state want;
		const char *seen;
	} rows[] = {
		{ "", DNS_STATE_UNKNOWN, "not found" },
		{ "Subject: x\r\n\r\n", DNS_STATE_OK, "nothing: signatures" },
		{ AR "mx.example; dkim=pass header.s=k1; dmarc=pass\r\n\r\n", DNS_STATE_OK,
		  "dkim=pass (k1); dmarc=pass (it came from 127.0.0.1, so SPF" },
		{ AR "mx.example; dkim=pass; dmarc=fail\r\n\r\n", DNS_STATE_FAIL, "dmarc=fail" },
		{ AR "mx.example; dkim=permerror; dmarc=temperror\r\n\r\n", DNS_STATE_FAIL,
		  "dkim=permerror; dmarc=temperror" },
		{ AR "mx.example; dkim=temperror\r\n\r\n", DNS_STATE_UNKNOWN, "dkim=temperror" },
		{ AR "mx.example; none\r\n\r\n", DNS_STATE_OK,
		  "no check gave a result (it came from 127.0.0.1, so SPF" },
		{ AR "mx.example; none\r\n\r\n", DNS_STATE_OK, "192.0.2.1" },
		/* somebody else's, and what is none */
		{ AR "other.example; dkim=fail\r\n\r\n", DNS_STATE_OK, "nothing" },
		{ AR ";;;=\r\n" AR "mx.example; dkim=pass\r\n\r\n", DNS_STATE_OK, "dkim=pass" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct self_arrival s = arrival_of(rows[i].header);
		struct check c = judged(self_judge_results, &s);

		check_at(i, c.state == rows[i].want);
		check_at(i, str_find(c.seen, str_of(rows[i].seen)) >= 0);
	}
}

static void what_filters_said(void **state)
{
	static const struct {
		const char *header, *step;
		bool junk;
		enum dns_state want;
		const char *seen;
	} rows[] = {
		{ "Subject: x\r\n\r\n", "passed: dkim, milter", false, DNS_STATE_OK,
		  "passed: dkim" },
		{ "X-Spam-Score: 1.5\r\nX-Spam-Flag:\r\n NO\r\n\r\n", "", false, DNS_STATE_OK,
		  "X-Spam-Score: 1.5; X-Spam-Flag: NO" },
		{ "X-Roost-Check: access tag (x)\r\n\r\n", "", false, DNS_STATE_WARN,
		  "access tag" },
		{ "X-Spam-Score: 15\r\n\r\n", "hook: quarantine at end: 15", true, DNS_STATE_WARN,
		  "hook: quarantine at end: 15; X-Spam-Score: 15" },
		{ "Subject: x\r\n\r\n", "", false, DNS_STATE_OK, "none had anything to say" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct self_arrival s = arrival_of(rows[i].header);
		struct trace_step step = { .what = TRACE_CHECKED, .detail = str_of(rows[i].step) };
		struct trace trace = { .steps = &step, .step_count = *rows[i].step != '\0' };
		struct check c;

		s.trace = &trace;
		s.junk = rows[i].junk;
		c = judged(self_judge_filters, &s);
		check_at(i, c.state == rows[i].want && (c.advice.n != 0) == (c.state != 0));
		check_at(i, str_starts(c.seen, str_of(rows[i].seen)) ||
		                    str_find(c.seen, str_of(rows[i].seen)) >= 0);
	}
}

static void where_it_lies(void **state)
{
	static const struct {
		enum trace_what what; /* 0: nothing is traced */
		enum dns_state want;
		const char *seen;
	} rows[] = {
		{ 0, DNS_STATE_UNKNOWN, "was not found in a mailbox" },
		{ TRACE_CHECKED, DNS_STATE_UNKNOWN, "was not found in a mailbox" },
		{ TRACE_DELIVERED, DNS_STATE_OK, "in a mailbox: bob@example said" },
		{ TRACE_QUEUED, DNS_STATE_UNKNOWN, "queue" },
		{ TRACE_SENT, DNS_STATE_OK, "sent to a remote server" },
		{ TRACE_DELAYED, DNS_STATE_WARN, "defers it" },
		{ TRACE_FAILED, DNS_STATE_FAIL, "could not be delivered" },
		{ TRACE_FULL, DNS_STATE_FAIL, "no room" },
		{ TRACE_HELD, DNS_STATE_WARN, "held" },
		{ TRACE_DROPPED, DNS_STATE_FAIL, "dropped" },
		{ TRACE_DISCARDED, DNS_STATE_FAIL, "dropped" },
	};
	struct self_arrival s = arrival_of("Subject: x\r\n\r\n");
	struct check c;

	(void)state;
	s.took_ms = 63;
	c = judged(self_judge_delivery, &s);
	assert_true(c.state == DNS_STATE_OK);
	assert_true(str_starts(c.seen, STR("in INBOX of anna@example, 63 ms")));
	s.junk = true;
	c = judged(self_judge_delivery, &s);
	assert_true(c.state == DNS_STATE_WARN && str_starts(c.seen, STR("in Junk of")));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct trace_step step = { .what = rows[i].what,
			                   .who = STR("bob@example"),
			                   .detail = STR("said") };
		struct trace trace = { .steps = &step, .step_count = 1 };

		s = arrival_of("");
		s.trace = rows[i].what != 0 ? &trace : NULL;
		c = judged(self_judge_delivery, &s);
		check_at(i, c.state == rows[i].want);
		check_at(i, str_find(c.seen, str_of(rows[i].seen)) >= 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_the_port_is),
		cmocka_unit_test(what_was_found_out),
		cmocka_unit_test(what_filters_said),
		cmocka_unit_test(where_it_lies),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
