/* Recipients that lead to nobody by the time their message is delivered, among others that take it:
 * the sender is told, and so is the trace (RFC 5321 6.1). */
#include "unit/delivery/town.h"

#include "model/history/trace.h"

#define SMALL "Subject: small\r\n\r\nhello\r\n"

struct row {
	const char *rcpts[4];
	const char *told[3]; /* "address status" of each failure in the report; none: no report */
	const char *lost[3]; /* who has failed by the trace, and why                            */
	bool bob_off;        /* he is disabled                                                  */
};

/* pair@example.org, a list: ada and bob */
static enum err prepare(struct txn *t, void *arg)
{
	const struct row *row = arg;
	struct str members[] = { STR("ada@example.org"), STR("bob@example.org") };
	const struct alias pair = { .address = STR("pair@example.org"),
		                    .targets = members,
		                    .count = COUNT(members),
		                    .kind = ALIAS_LIST };
	struct account bob;
	enum err e = alias_set(t, &pair, NULL);

	if (e == OK)
		e = account_find(t, members[1], txn_arena(t), &bob);
	bob.mail = !row->bob_off;
	return e == OK ? account_change(t, &bob, NULL) : e;
}

static size_t occurs(struct str in, struct str what)
{
	size_t n = 0;
	ptrdiff_t at;

	for (; (at = str_find(in, what)) >= 0; n++)
		in = str_sub(in, (size_t)at + what.n, in.n);
	return n;
}

static void report_check(size_t i, const struct row *row, struct str report)
{
	struct arena a = { 0 };
	size_t n = 0;

	for (; n < COUNT(row->told) && row->told[n] != NULL; n++) {
		struct str want = str_of(row->told[n]);
		size_t blank = (size_t)str_find_byte(want, ' ');
		struct str address = str_sub(want, 0, blank);
		struct str status = str_sub(want, blank + 1, want.n);

		check_at(i, str_find(report, str_fmt(&a,
		                                     "Final-Recipient: rfc822; %.*s\r\n"
		                                     "Action: failed\r\nStatus: %.*s\r\n",
		                                     STR_ARG(address), STR_ARG(status))) > 0);
	}
	check_at(i, occurs(report, STR("Action: failed\r\n")) == n);
	arena_deinit(&a);
}

static enum err trace_check(struct txn *t, void *arg)
{
	const struct row *row = arg;
	struct trace_query query = { .text = STR("from-ada"), .max = 10 };
	struct trace_list list;
	struct trace *trace;
	size_t n = 0;

	assert_int_equal(trace_find(t, &query, txn_arena(t), &list), OK);
	assert_int_equal(list.count, 1);
	trace = &list.items[0];
	for (size_t i = 0; i < trace->step_count; i++) {
		const struct trace_step *step = &trace->steps[i];

		if (step->what != TRACE_FAILED)
			continue;
		assert_true(n < COUNT(row->lost) && row->lost[n] != NULL);
		check_str(str_fmt(txn_arena(t), "%.*s %.*s", STR_ARG(step->who),
		                  STR_ARG(step->detail)),
		          str_of(row->lost[n]));
		n++;
	}
	assert_true(n == COUNT(row->lost) || row->lost[n] == NULL);
	assert_int_equal(trace_state(trace), n != 0 ? TRACE_STATE_FAILED : TRACE_STATE_DELIVERED);
	return OK;
}

static void row_check(size_t i, struct row *row)
{
	struct town town;
	struct store *store;
	struct buf inbox;

	town_open(&town, STORE_MEMORY);
	town.submitter = 1;
	store = town.mail.temp.store;
	assert_int_equal(traces_open(store, town.live, &town.delivery.traces, NULL), OK);
	assert_int_equal(store_write(store, prepare, row, NULL), OK);
	check_at(i, town_deliver(&town, "ada@example.org", row->rcpts,
	                         STR("Message-ID: <from-ada@x>\r\n" SMALL)) == OK);
	buf_init(&inbox, 1 << 20);
	town_mail(&town, "ada", &inbox);
	report_check(i, row, buf_str(&inbox));
	assert_int_equal(store_read(store, trace_check, row), OK);
	buf_deinit(&inbox);
	town_fsck(&town);
	traces_close(&town.delivery.traces);
	town_close(&town);
}

static void test_lost(void **state)
{
	static struct row rows[] = {
		{ { "bob@example.org" }, { NULL }, { NULL }, false },
		{ { "nobody@example.org", "bob@example.org" },
		  { "nobody@example.org 5.1.1" },
		  { "nobody@example.org user unknown" },
		  false },
		{ { "bob@example.org", "off@example.org", "nobody@example.org" },
		  { "off@example.org 5.2.1", "nobody@example.org 5.1.1" },
		  { "off@example.org mailbox disabled", "nobody@example.org user unknown" },
		  false },
		{ { "nobody@example.org", "nobody@example.org", "bob@example.org" },
		  { "nobody@example.org 5.1.1" },
		  { "nobody@example.org user unknown" },
		  false },
		/* who is behind an alias is not the sender's business (RFC 3461 6.3 (e)) */
		{ { "half@example.org" },
		  { "half@example.org 5.2.1" },
		  { "off@example.org mailbox disabled" },
		  false },
		{ { "half@example.org", "off@example.org" },
		  { "half@example.org 5.2.1", "off@example.org 5.2.1" },
		  { "off@example.org mailbox disabled" },
		  false },
		/* a list's members are its owner's (RFC 5321 3.9.2) */
		{ { "pair@example.org" },
		  { NULL },
		  { "bob@example.org mailbox disabled" },
		  true },
		{ { "pair@example.org", "bob@example.org" },
		  { "bob@example.org 5.2.1" },
		  { "bob@example.org mailbox disabled" },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(i, &rows[i]);
}

static void told_check(size_t i, const struct row *row, struct str reports)
{
	struct arena a = { 0 };
	size_t n = 0;

	for (; n < COUNT(row->told) && row->told[n] != NULL; n++)
		check_at(i, str_find(reports, str_fmt(&a, "Final-Recipient: rfc822; %s\r\n"
		                                          "Action: failed\r\n",
		                                      row->told[n])) > 0);
	check_at(i, occurs(reports, STR("Action: failed\r\n")) == n);
	arena_deinit(&a);
}

/* board@example.org, a list of ada, notes and small, whose bounces bob gets */
static enum err board_set(struct txn *t, void *arg)
{
	struct str members[] = { STR("ada@example.org"), STR("notes@example.org"),
		                 STR("small@example.org") };
	const struct alias board = { .address = STR("board@example.org"),
		                     .targets = members,
		                     .count = COUNT(members),
		                     .kind = ALIAS_LIST,
		                     .owner = STR("bob@example.org") };

	(void)arg;
	return alias_set(t, &board, NULL);
}

/* RFC 5321 3.9.2: that a member takes no such message, or is full, is what the list's owner hears;
 * a recipient of its own is the sender's. Nobody answers a bounce. */
static void test_members_are_the_owners(void **state)
{
	static const struct {
		const char *from, *rcpts[3];
		size_t bob, ada;      /* mails in their inboxes */
		const char *sender[2], *owner[3];
	} rows[] = {
		{ "ada@example.org",
		  { "board@example.org" },
		  1, 1, { NULL },
		  { "notes@example.org", "small@example.org" } },
		{ "ada@example.org",
		  { "notes@example.org", "board@example.org" },
		  1, 2, { "notes@example.org" }, { "small@example.org" } },
		{ "", { "board@example.org" }, 0, 1, { NULL }, { NULL } },
	};
	const char *const small[] = { "small@example.org", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct row sender = { .told = { rows[i].sender[0] } };
		struct row owner = { .told = { rows[i].owner[0], rows[i].owner[1] } };
		struct arena a = { 0 };
		struct str body = str_fmt(&a, SMALL "%01500d\r\n", 0);
		struct buf inbox;
		struct town town;

		town_open(&town, STORE_MEMORY);
		assert_int_equal(store_write(town.mail.temp.store, board_set, NULL, NULL), OK);
		assert_int_equal(town_deliver(&town, "", small, body), OK);
		check_at(i, town_deliver(&town, rows[i].from, rows[i].rcpts, body) == OK);
		buf_init(&inbox, 1 << 20);
		check_at(i, town_mail(&town, "bob", &inbox) == rows[i].bob);
		told_check(i, &owner, buf_str(&inbox));
		buf_reset(&inbox);
		check_at(i, town_mail(&town, "ada", &inbox) == rows[i].ada);
		told_check(i, &sender, buf_str(&inbox));
		buf_deinit(&inbox);
		town_fsck(&town);
		town_close(&town);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_members_are_the_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
