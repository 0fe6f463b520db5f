/* What a domain administrator may watch: his domains, and nothing that tells of others. */
#include "harness/check.h"

#include "console/api/access/scope.h"
#include "foundation/observe/recent.h"
#include "model/history/trace.h"
#include "model/queue/entry.h"

#include <string.h>

static struct domain domains[] = { { .name = STR("mine.example") },
	                           { .name = STR("other.example") } };
static const struct scope scope = { .mine = STR("mine.example second.example"),
	                            .ours = { domains, COUNT(domains) } };

static struct mailaddr at(const char *domain)
{
	return (struct mailaddr){ STR("x"), str_of(domain) };
}

static void entries(void **state)
{
	static const struct {
		const char *from;
		uint32_t submitter;
		const char *to[2];
		bool his;
	} rows[] = {
		{ "mine.example", 1, { "far.example", "far.example" }, true },
		{ "Mine.Example", 1, { "other.example", "far.example" }, true },
		{ "mine.example", 0, { "far.example", "far.example" }, false }, /* forged, maybe */
		{ "other.example", 2, { "far.example", "far.example" }, false },
		{ "other.example", 2, { "mine.example", "second.example" }, true },
		{ "far.example", 0, { "mine.example", "other.example" }, false },
		{ "", 0, { "far.example", "far.example" }, false },
		{ "sub.mine.example", 1, { "far.example", "far.example" }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_rcpt to[] = { { .address = at(rows[i].to[0]) },
			                      { .address = at(rows[i].to[1]) } };
		const struct queue_item item = { .envelope = { .sender = at(rows[i].from),
			                                       .submitter = rows[i].submitter,
			                                       .rcpts = to,
			                                       .rcpt_count = 2 } };

		check_at(i, scope_queue(&scope, &item) == rows[i].his);
		check_at(i, scope_queue(&(struct scope){ .all = true }, &item));
	}
}

/* Recipients and steps are told in one line: "a@b, c@d: what a@b detail; ..." */
static struct str told(struct arena *a, const struct trace *trace)
{
	struct str s = STR_EMPTY;

	for (size_t i = 0; i < trace->to_count; i++)
		s = str_fmt(a, "%.*s%s%.*s", STR_ARG(s), i != 0 ? ", " : "", STR_ARG(trace->to[i]));
	for (size_t i = 0; i < trace->step_count; i++)
		s = str_fmt(a, "%.*s; %s %.*s %.*s", STR_ARG(s),
		            trace_what_name(trace->steps[i].what), STR_ARG(trace->steps[i].who),
		            STR_ARG(trace->steps[i].detail));
	return s;
}

static void traces(void **state)
{
	static const struct {
		const char *service, *from, *to[2];
		struct trace_step steps[2];
		const char *told; /* NULL: it is not shown */
	} rows[] = {
		/* all of it is his */
		{ "smtp",
		  "a@far.example",
		  { "b@mine.example", "c@second.example" },
		  { { .what = TRACE_DELIVERED,
		      .who = STR("b@mine.example"),
		      .detail = STR("INBOX") },
		    { .what = TRACE_FULL, .who = STR("c@second.example") } },
		  "b@mine.example, c@second.example; delivered b@mine.example INBOX; "
		  "full c@second.example " },
		/* of what others got too, only his */
		{ "smtp",
		  "a@far.example",
		  { "b@mine.example", "c@other.example" },
		  { { .what = TRACE_DELIVERED,
		      .who = STR("b@mine.example"),
		      .detail = STR("INBOX") },
		    { .what = TRACE_DELIVERED,
		      .who = STR("c@other.example"),
		      .detail = STR("Secret") } },
		  "b@mine.example; delivered b@mine.example INBOX" },
		/* a name of his that leads to others: how it went, but not to whom */
		{ "smtp",
		  "a@far.example",
		  { "door@mine.example", "door@mine.example" },
		  { { .what = TRACE_DELIVERED,
		      .who = STR("c@other.example"),
		      .detail = STR("Secret") },
		    { .what = TRACE_QUEUED, .count = 1, .detail = STR("queue entry 7") } },
		  "door@mine.example, door@mine.example; delivered  ; queued  queue entry 7" },
		/* his sender is told what a bounce would tell */
		{ "submission",
		  "b@mine.example",
		  { "c@other.example", "d@far.example" },
		  { { .what = TRACE_DELIVERED,
		      .who = STR("c@other.example"),
		      .detail = STR("Secret") },
		    { .what = TRACE_FAILED,
		      .who = STR("d@far.example"),
		      .detail = STR("550 no") } },
		  "c@other.example, d@far.example; delivered  ; failed d@far.example 550 no" },
		/* a sender that nobody proved is nobody's */
		{ "smtp",
		  "b@mine.example",
		  { "c@other.example", "c@other.example" },
		  { { .what = TRACE_REFUSED, .detail = STR("no") }, { .what = TRACE_REFUSED } },
		  NULL },
		{ "submissions",
		  "c@other.example",
		  { "d@far.example", "d@far.example" },
		  { { .what = TRACE_QUEUED, .count = 2 }, { .what = TRACE_QUEUED } },
		  NULL },
		{ "submissions",
		  "b@mine.example.evil",
		  { "d@far.example", "d@far.example" },
		  { { .what = TRACE_QUEUED, .count = 2 }, { .what = TRACE_QUEUED } },
		  NULL },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str to[] = { str_of(rows[i].to[0]), str_of(rows[i].to[1]) };
		struct trace_step steps[2];
		struct trace trace = { .service = str_of(rows[i].service),
			               .from = str_of(rows[i].from),
			               .peer = STR("192.0.2.1"),
			               .to = to,
			               .to_count = 2,
			               .steps = steps,
			               .step_count = 2 };

		memcpy(steps, rows[i].steps, sizeof steps);
		check_at(i, scope_trace(&scope, &trace) == (rows[i].told != NULL));
		if (rows[i].told != NULL && !str_eq(told(&a, &trace), str_of(rows[i].told)))
			fail_msg("row %zu: %.*s", i, STR_ARG(told(&a, &trace)));
	}
	arena_deinit(&a);
}

/* From where people of other domains send is theirs; how many there are too. */
static void others_leave_no_mark(void **state)
{
	struct str to[] = { STR("b@mine.example") };
	struct trace_step steps[] = { { .what = TRACE_DELIVERED, .who = to[0] } };
	struct trace trace = { .service = STR("submission"),
		               .from = STR("c@other.example"),
		               .peer = STR("192.0.2.1"),
		               .session = STR("abc"),
		               .to = to,
		               .to_count = 1,
		               .to_more = 9,
		               .steps = steps,
		               .step_count = 1 };

	(void)state;
	assert_true(scope_trace(&scope, &trace));
	assert_int_equal(trace.peer.n + trace.session.n + trace.to_more, 0);
}

static void events(void **state)
{
	static const struct {
		const char *name, *first, *second;
		bool his;
	} rows[] = {
		{ "rcpt_refused", "a@far.example", "typo@mine.example", true },
		{ "rcpt_refused", "a@far.example", "typo@MINE.example", true },
		{ "rcpt_refused", "b@mine.example", "c@other.example", false },
		{ "mail_delivered", "c@other.example", "", false },
		{ "login_failed", "b@mine.example", "the password of c@other.example.", false },
		{ "login_failed", "b@mine.example", "said of d@far.example.", true },
		{ "login_failed", "mine.example", "", false }, /* no address */
		{ "login_failed", "b@mine.example.evil", "@", false },
		{ "queue_added", "b@mine.example", "d@far.example", false },
		{ "ready", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct recent_event e = { .name = rows[i].name, .field_count = 2 };

		e.fields[0].value.text = str_of(rows[i].first);
		e.fields[1].value.text = str_of(rows[i].second);
		check_at(i, scope_event(&scope, &e) == rows[i].his);
		check_at(i, scope_event(&(struct scope){ .all = true }, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(traces),
		cmocka_unit_test(others_leave_no_mark),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
