/* Contexts (RFC 5267): what a client makes of ADDTO and REMOVEFROM alone is what a new search
 * finds, whatever happens meanwhile, and it costs what changed.
 * Slow: it compares each step with a new search. */
#include "unit/imap/session_fixture.h"

#include "foundation/base/cur.h"

#include <errno.h>

enum { RESULTS = 5000 };

/* What the client follows: a tag and the rest of its command. */
struct followed {
	const char *command, *program; /* RETURN stands between them                 */
	bool uid;
	uint32_t items[RESULTS]; /* in their order: UIDs or numbers */
	size_t n;
	unsigned told; /* responses with updates */
	bool atts;     /* messages that come into it are fetched: ATTS */
};

#define ATTS "UPDATE (UID RFC822.SIZE) ALL"

static uint32_t fetched; /* the last UID, in any of them */
static unsigned fetches;

static struct followed follows[] = {
	{ .uid = true, .command = "UID SEARCH", .program = "UNSEEN", .atts = true },
	{ .command = "SEARCH", .program = "FLAGGED UNDELETED", .atts = true },
	{ .command = "SEARCH", .program = "ALL" },
	{ .uid = true, .command = "UID SEARCH", .program = "OR UID 9:* UID 2 SUBJECT a" },
	{ .uid = true, .command = "UID SEARCH", .program = "OR SEEN UID *" },
	{ .uid = true, .command = "UID SEARCH", .program = "TEXT hello NOT KEYWORD todo" },
	{ .uid = true, .command = "UID SORT", .program = "(SUBJECT) UTF-8 UNSEEN", .atts = true },
	{ .command = "SORT", .program = "(REVERSE SUBJECT SIZE) UTF-8 ALL" },
	{ .uid = true, .command = "UID SORT", .program = "(REVERSE ARRIVAL) UTF-8 UNSEEN" },
	{ .command = "SORT", .program = "(FROM REVERSE DATE) UTF-8 KEYWORD todo" },
};

/* --- the client's model ----------------------------------------------------------------- */

static void insert(struct followed *x, size_t at, uint32_t number)
{
	assert_true(x->n < RESULTS && at <= x->n);
	memmove(&x->items[at + 1], &x->items[at], (x->n - at) * sizeof(x->items[0]));
	x->items[at] = number;
	x->n++;
}

static void take_out(struct followed *x, size_t at)
{
	assert_true(at < x->n);
	memmove(&x->items[at], &x->items[at + 1], (x->n - at - 1) * sizeof(x->items[0]));
	x->n--;
}

static size_t place_of(const struct followed *x, uint32_t number)
{
	size_t at = 0;

	while (at < x->n && x->items[at] != number)
		at++;
	return at;
}

static void add(struct followed *x, uint32_t *position, uint32_t number)
{
	size_t at = 0;

	assert_int_equal(place_of(x, number), x->n); /* told twice? */
	while (*position == 0 && at < x->n && x->items[at] < number)
		at++;
	insert(x, *position ? (*position)++ - 1 : at, number);
}

static void drop(struct followed *x, uint32_t *position, uint32_t number)
{
	size_t at = place_of(x, number);

	assert_true(at < x->n);
	if (*position)
		assert_int_equal(at, *position - 1);
	take_out(x, at);
}

/* set: each number to fn. */
static void each(struct cur *c, struct followed *x, uint32_t position,
                 void (*fn)(struct followed *x, uint32_t *position, uint32_t number))
{
	do {
		uint32_t lo, hi;

		assert_true(cur_u32(c, &lo) && lo);
		hi = lo;
		if (cur_byte(c, ':'))
			assert_true(cur_u32(c, &hi) && hi > lo);
		for (uint32_t n = lo; n <= hi; n++)
			fn(x, &position, n);
	} while (cur_byte(c, ','));
}

/* "(" position SP set *(SP position SP set) ")" */
static void pairs(struct cur *c, struct followed *x,
                  void (*fn)(struct followed *x, uint32_t *position, uint32_t number))
{
	uint32_t position;

	assert_true(cur_byte(c, '('));
	do {
		assert_true(cur_u32(c, &position) && cur_byte(c, ' '));
		each(c, x, position, fn);
	} while (cur_byte(c, ' '));
	assert_true(cur_byte(c, ')'));
	x->told++;
}

static void hear_esearch(struct cur *c)
{
	struct followed *x;
	uint32_t tag;

	assert_true(cur_u32(c, &tag) && cur_str(c, STR("\")")) && tag < COUNT(follows));
	x = &follows[tag];
	assert_int_equal(cur_str(c, STR(" UID")), x->uid);
	if (cur_str(c, STR(" ALL "))) {
		uint32_t end = 0;

		while (!cur_done(c)) { /* in the order of the results */
			assert_true(cur_u32(c, &end));
			insert(x, x->n, end);
			if (cur_byte(c, ':')) {
				uint32_t hi;

				assert_true(cur_u32(c, &hi));
				while (end < hi)
					insert(x, x->n, ++end);
			}
			(void)cur_byte(c, ',');
		}
	}
	if (cur_str(c, STR(" REMOVEFROM ")))
		pairs(c, x, drop);
	if (cur_str(c, STR(" ADDTO ")))
		pairs(c, x, add);
	assert_true(cur_done(c));
}

static void hear_expunge(uint32_t number)
{
	for (size_t i = 0; i < COUNT(follows); i++) {
		struct followed *x = &follows[i];

		if (x->uid)
			continue;
		assert_int_equal(place_of(x, number), x->n); /* RFC 5267 4.3.4: taken out before */
		for (size_t k = 0; k < x->n; k++)
			x->items[k] -= x->items[k] > number;
	}
}

/* RFC 5465 7: what came, before it is a result; never what is one, and none twice. */
static void hear_fetched(uint32_t uid)
{
	assert_true(uid > fetched && uid < RESULTS);
	fetched = uid;
	fetches++;
	for (size_t i = 0; i < COUNT(follows); i++)
		if (follows[i].uid && follows[i].atts)
			assert_int_equal(place_of(&follows[i], uid), follows[i].n);
}

static void hear_line(struct str line)
{
	struct cur c = cur_of(line);
	uint32_t number, uid;

	if (!cur_str(&c, STR("* ")))
		return;
	if (cur_str(&c, STR("ESEARCH (TAG \"")))
		hear_esearch(&c);
	else if (cur_u32(&c, &number) && cur_str(&c, STR(" EXPUNGE")))
		hear_expunge(number);
	else if (cur_str(&c, STR(" FETCH (UID ")) && cur_u32(&c, &uid) &&
	         cur_str(&c, STR(" RFC822.SIZE ")))
		hear_fetched(uid);
}

/* Of the session that follows; others say nothing of interest. */
static void hear(struct conn *c)
{
	struct str said = buf_str(&c->sent);
	ptrdiff_t end;

	if (c != &fake_conns[0])
		return;
	for (; (end = str_find(said, STR("\r\n"))) >= 0;
	     said = str_sub(said, (size_t)end + 2, said.n))
		hear_line(str_sub(said, 0, (size_t)end));
	buf_reset(&c->sent);
}

/* Whatever was said before is heard, and the answer. */
static void say(struct conn *c, const char *command, const char *end)
{
	hear(c);
	ask(c, command, end);
	hear(c);
}

/* --- what happens ----------------------------------------------------------------------- */

static const char *searching(struct arena *a, size_t i, const char *returns)
{
	return str_z(a, str_fmt(a, "%zu %s RETURN (%s) %s", i, follows[i].command, returns,
	                        follows[i].program));
}

static void follow_all(struct conn *c)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT(follows); i++) {
		follows[i].n = 0;
		follows[i].told = 0;
		say(c, searching(&a, i, follows[i].atts ? ATTS : "UPDATE ALL"), " completed\r\n");
	}
	arena_deinit(&a);
}

/* The truth, by a new command of the same kind. */
static void check_all(struct conn *c, unsigned step)
{
	struct arena a = { 0 };

	say(c, "n NOOP", "n OK NOOP completed\r\n");
	for (size_t i = 0; i < COUNT(follows); i++) {
		static struct followed truth;
		struct followed *x = &follows[i], had;
		const char *command = searching(&a, i, "ALL");

		had = *x;
		x->n = 0;
		say(c, command, " completed\r\n");
		truth = *x;
		*x = had;
		if (x->n != truth.n || memcmp(x->items, truth.items, x->n * sizeof(x->items[0])))
			fail_msg("step %u, %s: %zu followed, %zu found", step, command, x->n,
			         truth.n);
	}
	arena_deinit(&a);
}

static unsigned seed;

static unsigned any(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Something changes: c's own doing, or another's. */
static void change(struct conn *c)
{
	static const char *const flags[] = { "\\Seen", "\\Flagged", "\\Deleted", "todo" };
	struct arena a = { 0 };
	unsigned what = any(12);

	if (what < 4)
		imap_fixture_deliver(&f, "INBOX", str_fmt(&a, "%c%u", 'a' + any(6), any(50)));
	else if (what < 6)
		say(c, "x UID EXPUNGE 1:*", " completed\r\n");
	else
		say(c,
		    str_z(&a, str_fmt(&a, "x UID STORE %u:%u %cFLAGS%s (%s)", 1 + any(60),
		                      1 + any(60), any(2) ? '+' : '-', any(2) ? ".SILENT" : "",
		                      flags[any(4)])),
		    " completed\r\n");
	arena_deinit(&a);
}

static void look(struct conn *c)
{
	switch (any(4)) {
	case 0:
		say(c, "y SEARCH ANSWERED", "y OK SEARCH completed\r\n"); /* tells no EXPUNGE */
		break;
	case 1:
		say(c, "y UID FETCH 1:* FLAGS", "y OK FETCH completed\r\n");
		break;
	case 2:
		say(c, "y NOOP", "y OK NOOP completed\r\n");
		break;
	default:
		break;
	}
}

static void test_model(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);

	(void)state;
	seed = 7;
	for (int i = 0; i < 8; i++)
		imap_fixture_deliver(&f, "INBOX", STR("a"));
	say(c, "s SELECT INBOX", "SELECT completed\r\n");
	ask(d, "s SELECT INBOX", "SELECT completed\r\n");
	follow_all(c);
	fetched = fetches = 0;
	for (unsigned step = 0; step < 600; step++) {
		bool idle = any(5) == 0;

		if (idle)
			say(c, "i IDLE", "\r\n");
		change(any(3) && !idle ? c : d);
		if (idle)
			say(c, "DONE", "i OK IDLE completed\r\n");
		look(c);
		if (step % 20 == 0)
			check_all(c, step);
	}
	check_all(c, 600);
	for (size_t i = 0; i < COUNT(follows); i++)
		check_at(i, follows[i].told > 10);
	assert_in_range(fetches, 20, 300);
	mail_store_fsck(&f.mail);
}

/* Each call of the store in turn fails once; what was not told then is told by the next command
 * that can. */
static void test_faults(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	bool fired = true;

	(void)state;
	seed = 3;
	fetched = 0;
	for (int i = 0; i < 6; i++)
		imap_fixture_deliver(&f, "INBOX", STR("a"));
	say(c, "s SELECT INBOX", "SELECT completed\r\n");
	ask(d, "s SELECT INBOX", "SELECT completed\r\n");
	follow_all(c);
	for (unsigned n = 1; fired; n++) {
		imap_fixture_deliver(&f, "INBOX", STR("b"));
		change(d);
		change(d);
		hear(c);
		fault_arm(n);
		say(c, "y NOOP", "\r\n");
		fired = fault_fired();
		fault_arm(0);
		check_all(c, n);
	}
}

/* --- costs ------------------------------------------------------------------------------ */

static void many(struct conn *c)
{
	say(c, "s SELECT INBOX", "SELECT completed\r\n");
	inbox_fill(c, "a many", 7);
}

/* 4096 messages and ten programs; one message comes, one changes its flags, one goes: only these
 * are read, and the few that a place in an order is found by. */
static void test_cost(void **state)
{
	static const char *const points[] = { "kv_get", "kv_step" };
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);

	(void)state;
	fetched = 0;
	many(c);
	ask(d, "s SELECT INBOX", "SELECT completed\r\n");
	follow_all(c);
	for (size_t i = 0; i < COUNT(points); i++) {
		imap_fixture_deliver(&f, "INBOX", STR("b"));
		ask(d, i ? "x STORE 7 +FLAGS (todo \\Deleted)" : "x STORE 5 +FLAGS (\\Deleted)",
		    "STORE completed\r\n");
		ask(d, "x EXPUNGE", "EXPUNGE completed\r\n");
		hear(c);
		fault_arm_point(points[i], 600, EIO);
		say(c, "y NOOP", "y OK NOOP completed\r\n");
		check_at(i, !fault_fired());
		fault_arm(0);
		assert_int_equal(follows[2].n, 4096);
	}
	check_all(c, 0);
}

/* All of them change at once, and most go: it is told in portions. */
static void test_portions(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct buf all;

	(void)state;
	many(c);
	ask(d, "s SELECT INBOX", "SELECT completed\r\n");
	follow_all(c);
	buf_init(&all, 60000);
	buf_put(&all, STR("x UID STORE 1"));
	for (unsigned uid = 3; uid <= 4096; uid += 2)
		buf_fmt(&all, ",%u", uid);
	buf_put(&all, STR(" +FLAGS.SILENT (\\Deleted todo)"));
	buf_byte(&all, 0);
	ask(d, all.p, "STORE completed\r\n");
	buf_deinit(&all);
	ask(d, "x UID STORE 1000:3000 +FLAGS.SILENT (\\Seen \\Flagged)", "STORE completed\r\n");
	c->most = 0;
	say(c, "y SEARCH ANSWERED", "y OK SEARCH completed\r\n");
	assert_in_range(c->most, 1, 2 * CONN_OUT_SOFT);
	check_all(c, 1);
	ask(d, "x EXPUNGE", "EXPUNGE completed\r\n");
	c->most = 0;
	say(c, "y SEARCH ANSWERED", "y OK SEARCH completed\r\n");
	say(c, "y NOOP", "y OK NOOP completed\r\n");
	assert_in_range(c->most, 1, 2 * CONN_OUT_SOFT);
	assert_int_equal(follows[2].n, 2048);
	check_all(c, 2);
}

/* --- messages of results ---------------------------------------------------------------- */

/* A long one comes in while others come and go, and the client sends on: nothing stands in the
 * midst of it, and it is told to be a result behind it. stop: the server ends amid it. */
static void long_fetch(bool stop)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct buf big;
	struct str said;

	imap_fixture_deliver(&f, "INBOX", STR("a"));
	ask(c, "s SELECT INBOX", "SELECT completed\r\n");
	ask(d, "s SELECT INBOX", "SELECT completed\r\n");
	ask(c, "t UID SEARCH RETURN (UPDATE (BODY.PEEK[])) ALL", "SEARCH completed\r\n");
	ask(c, "i IDLE", "+ idling\r\n");
	buf_reset(&c->sent);
	append(d, big_message(&big, 900000));
	c->steps_left = 3;
	fake_run(c, 0);
	assert_in_range(c->sent.n, 1000, 800000);
	ask(d, "x STORE 1 +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
	ask(d, "x EXPUNGE", "EXPUNGE completed\r\n");
	append(d, STR("Subject: small\r\n\r\n"));
	c->steps_left = 0;
	if (stop)
		fake_run(c, CONN_STOP);
	else
		fake_send(c, STR("DONE\r\n"), SIZE_MAX);
	said = buf_str(&c->sent);
	assert_true(str_starts(said, STR("* 2 EXISTS\r\n* 1 RECENT\r\n* 2 FETCH (BODY[] {")));
	assert_int_equal(count(said, "BYE"), 0);
	assert_int_equal(str_find(said, buf_str(&big)) > 0, !stop);
	assert_int_equal(str_ends(said, STR(")\r\n* ESEARCH (TAG \"t\") UID REMOVEFROM (0 1)\r\n"
	                                    "* 1 EXPUNGE\r\n* 2 EXISTS\r\n* 0 RECENT\r\n"
	                                    "* 2 FETCH (BODY[] {18}\r\nSubject: small\r\n\r\n)\r\n"
	                                    "* ESEARCH (TAG \"t\") UID ADDTO (0 2:3)\r\n"
	                                    "i OK IDLE completed\r\n")),
	                 !stop);
	buf_deinit(&big);
}

static void test_long_fetch(void **state)
{
	(void)state;
	long_fetch(false);
}

static void test_stop_amid_fetch(void **state)
{
	(void)state;
	long_fetch(true);
}

/* --- limits ----------------------------------------------------------------------------- */

static void test_limits(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct buf long_one;

	(void)state;
	ask(c, "s SELECT INBOX", "SELECT completed\r\n");
	for (int i = 0; i < LIMIT_imap_contexts; i++)
		assert_int_equal(
			count(ask(c, str_z(&a, str_fmt(&a, "t%d SEARCH RETURN (UPDATE) ALL", i)),
		                  "OK SEARCH completed\r\n"),
		              "NOUPDATE"),
			0);
	check_str(ask(c, "more UID SEARCH RETURN (UPDATE COUNT) ALL", "completed\r\n"),
	          STR("* NO [NOUPDATE \"more\"] Too many contexts\r\n"
	              "* ESEARCH (TAG \"more\") UID COUNT 0\r\nmore OK SEARCH completed\r\n"));
	ask(c, "more SORT RETURN (UPDATE) (SIZE) UTF-8 ALL", "more OK SORT completed\r\n");
	ask(c, "x CANCELUPDATE \"more\"", "x NO No search context has this tag\r\n");
	ask(c, "x CANCELUPDATE \"t3\"", "x OK CANCELUPDATE completed\r\n");
	buf_init(&long_one, 60000);
	buf_put(&long_one, STR("long SEARCH RETURN (UPDATE) UNSEEN SUBJECT x"));
	while (long_one.n < LIMIT_imap_context)
		buf_byte(&long_one, 'x');
	buf_byte(&long_one, 'x');
	buf_byte(&long_one, 0);
	assert_int_equal(count(ask(c, long_one.p, "long OK SEARCH completed\r\n"), "NOUPDATE"), 1);
	buf_cut(&long_one, LIMIT_imap_context);
	buf_byte(&long_one, 0);
	assert_int_equal(count(ask(c, long_one.p, "long OK SEARCH completed\r\n"), "NOUPDATE"), 0);
	buf_deinit(&long_one);
	arena_deinit(&a);
}

/* Of results that are many the last begun gives way: at its command, and when results grow. */
static void test_results_limit(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	f.server.context_results = 64; /* a range of UIDs is 8, one in an order 4 */
	for (int i = 0; i < 10; i++)
		imap_fixture_deliver(&f, "INBOX", STR("x"));
	ask(c, "s SELECT INBOX", "SELECT completed\r\n");
	ask(c, "a UID SEARCH RETURN (UPDATE) ALL", "a OK SEARCH completed\r\n");
	assert_int_equal(
		count(ask(c, "b UID SORT RETURN (UPDATE) (SIZE) UTF-8 ALL", "completed\r\n"),
	              "NOUPDATE"),
		0);
	assert_int_equal(
		count(ask(c, "c UID SORT RETURN (UPDATE) (SIZE) UTF-8 ALL", "completed\r\n"),
	              "* NO [NOUPDATE \"c\"] Too many results\r\n"),
		1);
	imap_fixture_deliver(&f, "INBOX", STR("x"));
	assert_int_equal(count(ask(c, "n NOOP", "n OK NOOP completed\r\n"),
	                       "* NO [NOUPDATE \"b\"] Too many results\r\n"),
	                 1);
	imap_fixture_deliver(&f, "INBOX", STR("x"));
	check_str(ask(c, "m NOOP", "m OK NOOP completed\r\n"),
	          STR("* 12 EXISTS\r\n* 12 RECENT\r\n* ESEARCH (TAG \"a\") UID ADDTO (0 12)\r\n"
	              "m OK NOOP completed\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_model),    TEST(test_faults), TEST(test_cost),
		TEST(test_portions), TEST(test_limits), TEST(test_results_limit),
		TEST(test_long_fetch), TEST(test_stop_amid_fetch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
