/* How much may come from whom; accounts that are held; networks that are blocked. */
#include "unit/delivery/town.h"
#include "unit/policy/fixture.h"

#include "flow/policy/blocks/block_networks.h"
#include "flow/policy/blocks/hold.h"
#include "flow/policy/limits.h"
#include "flow/policy/limits_rules.h"
#include "foundation/base/clock.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"

#include <stdio.h>
#include <string.h>

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "account messages=5/1h recipients=20/1d new-recipients=3/1d then=hold", true },
		{ "network for=192.0.2.* recipients=off then=block:1d text=\"too much\"", true },
		{ "address messages=1/10m then=delay:5s", true },
		{ "everybody messages=1/1h", false },
		{ "messages=1/1h", false },
		{ "address messages=1", false },
		{ "address messages=0/1h", false },
		{ "address messages=1/0s", false },
		{ "address messages=1/x", false },
		{ "address messages=1/1h then=perhaps", false },
		{ "address messages=1/1h then=reject:5s", false },
		{ "address messages=1/1h then=hold", false },
		{ "address new-recipients=1/1h", false },
		{ "address letters=1/1h", false },
		{ "address messages=1/1h on=submission", true },
		{ "address messages=1/1h on=lmtp", false },
		{ "sender-domain for=bücher.* messages=1/1h", true },
		{ "sender-domain for=büch* messages=1/1h", false },
		/* what would never count */
		{ "recipient recipients=1/1d", false },
		{ "recipient-domain recipients=1/1d", false },
		{ "recipient messages=1/1d recipients=off", true },
		{ "address for=198.51.100.0/24 messages=1/1d", false },
		{ "network for=2001:db8::/64 messages=1/1d", false },
		{ "network for=198.51.100.0 messages=1/1d", true },
		{ "account messages=1/1d on=mx", false },
		{ "account messages=1/1d on=mx,submission", false },
		{ "account messages=1/1d on=submission", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, (limits_check(str_of(rows[i].text), &why) == OK) == rows[i].ok);
		check_at(i, rows[i].ok || strstr(why.text, "ROOST_LIMITS: line 1") != NULL);
	}
}

struct limits {
	struct fixture f;
	struct town town;
};

static void set_up(struct limits *l, const char *rules)
{
	struct policy_config config;

	town_open(&l->town, STORE_MEMORY);
	config = (struct policy_config){ .store = l->town.mail.temp.store,
		                         .notify = delivery_notify,
		                         .notify_arg = &l->town.delivery };
	l->f.settings.limits = str_of(rules);
	fixture_open(&l->f, NULL, &config);
	fixture_connect(&l->f, "192.0.2.1");
	l->f.session->helo = STR("client.example");
	l->f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("spam.example") };
	l->f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
}

static void tear_down(struct limits *l)
{
	fixture_leave(&l->f);
	fixture_close(&l->f);
	town_close(&l->town);
}

/* How many of these commands pass before one does not. */
static size_t passes(struct limits *l, enum policy_stage stage, size_t most)
{
	size_t n = 0;

	while (n < most && fixture_ask(&l->f, stage) == POLICY_PASS)
		n++;
	return n;
}

static void test_what_is_counted(void **state)
{
	static const struct {
		const char *rules;
		enum policy_stage stage;
		size_t pass;
		enum policy_kind then;
	} rows[] = {
		{ "address messages=3/1h", POLICY_MAIL, 3, POLICY_TEMPFAIL },
		{ "address messages=3/1h then=reject", POLICY_MAIL, 3, POLICY_REJECT },
		{ "address messages=3/1h", POLICY_RCPT, 9, POLICY_PASS },
		{ "address recipients=3/1h", POLICY_RCPT, 3, POLICY_TEMPFAIL },
		{ "network messages=3/1h", POLICY_MAIL, 3, POLICY_TEMPFAIL },
		{ "network for=192.0.2.0 messages=3/1h", POLICY_MAIL, 3, POLICY_TEMPFAIL },
		{ "network for=10.* messages=3/1h", POLICY_MAIL, 9, POLICY_PASS },
		{ "helo for=CLIENT.* messages=2/1h", POLICY_MAIL, 2, POLICY_TEMPFAIL },
		{ "sender for=x@spam.example messages=2/1h", POLICY_MAIL, 2, POLICY_TEMPFAIL },
		{ "sender-domain messages=2/1h", POLICY_MAIL, 2, POLICY_TEMPFAIL },
		{ "recipient messages=2/1h", POLICY_RCPT, 2, POLICY_TEMPFAIL },
		{ "recipient-domain messages=2/1h", POLICY_RCPT, 2, POLICY_TEMPFAIL },
		{ "recipient messages=2/1h", POLICY_MAIL, 9, POLICY_PASS },
		{ "network unknown=2/1h", POLICY_RCPT, 9, POLICY_PASS }, /* he is known */
		/* exceptions come first */
		{ "sender for=x@* messages=off;sender messages=2/1h", POLICY_MAIL, 9, POLICY_PASS },
		{ "address messages=3/1h then=tag", POLICY_MAIL, 9, POLICY_PASS },
		{ "account messages=1/1h", POLICY_MAIL, 9, POLICY_PASS },
		/* a soft row does not keep harder ones of other kinds from counting */
		{ "address messages=1/1d then=tag;sender-domain messages=2/1d then=reject",
		  POLICY_MAIL, 2, POLICY_REJECT },
		{ "address messages=1/1d then=delay;sender-domain messages=4/1d", POLICY_MAIL, 4,
		  POLICY_TEMPFAIL },
		{ "address recipients=1/1d then=quarantine;recipient messages=3/1d then=reject",
		  POLICY_RCPT, 3, POLICY_REJECT },
		/* the hardest is said, wherever it stands */
		{ "address messages=2/1d then=reject;sender messages=2/1d", POLICY_MAIL, 2,
		  POLICY_REJECT },
		{ "address messages=2/1d;sender messages=2/1d then=reject", POLICY_MAIL, 2,
		  POLICY_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct limits l = { 0 };

		set_up(&l, rows[i].rules);
		check_at(i, passes(&l, rows[i].stage, 9) == rows[i].pass);
		check_at(i, l.f.verdict.kind == rows[i].then);
		tear_down(&l);
	}
}

/* Rows are about other servers, or about users, or about both. */
static void test_where(void **state)
{
	static const struct {
		const char *rules;
		unsigned role;
		size_t pass;
	} rows[] = {
		{ "sender messages=2/1h", POLICY_MX, 2 },
		{ "sender messages=2/1h", POLICY_SUBMISSION, 9 },
		{ "sender messages=2/1h on=submission", POLICY_MX, 9 },
		{ "sender messages=2/1h on=submission", POLICY_SUBMISSION, 2 },
		{ "address messages=2/1h on=mx,submission", POLICY_MX, 2 },
		{ "helo messages=2/1h on=mx,submission", POLICY_SUBMISSION, 2 },
		{ "sender messages=1/1h;sender messages=3/1h on=submission", POLICY_SUBMISSION, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct limits l = { 0 };

		set_up(&l, rows[i].rules);
		l.f.session->role = rows[i].role;
		if (rows[i].role == POLICY_SUBMISSION) {
			l.f.session->account = 1;
			l.f.session->login = STR("bob@example.org");
		}
		check_at(i, passes(&l, POLICY_MAIL, 9) == rows[i].pass);
		tear_down(&l);
	}
}

static void test_delay(void **state)
{
	struct limits l = { 0 };

	(void)state;
	set_up(&l, "address messages=1/1h then=delay:7s");
	assert_int_equal(fixture_ask(&l.f, POLICY_MAIL), POLICY_PASS);
	assert_int_equal(l.f.verdict.delay_ms, 0);
	assert_int_equal(fixture_ask(&l.f, POLICY_MAIL), POLICY_PASS);
	assert_int_equal(l.f.verdict.delay_ms, 7000);
	tear_down(&l);
}

/* Who goes on is not greeted the next time, until that is over. */
static void test_block(void **state)
{
	struct limits l = { 0 };

	(void)state;
	set_up(&l, "address messages=1/1h then=block:1m");
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_PASS);
	assert_int_equal(passes(&l, POLICY_MAIL, 9), 1);
	assert_int_equal(l.f.verdict.code, 421);
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_REJECT);
	fixture_leave(&l.f);
	fixture_connect(&l.f, "192.0.2.2");
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_PASS);
	fixture_leave(&l.f);
	fixture_connect(&l.f, "192.0.2.1");
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_REJECT);
	clock_shift_real(61000);
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_PASS);
	clock_shift_real(-61000);
	tear_down(&l);
}

/* A block stays what is said: its reply is the one that ends the connection. */
static void test_block_first(void **state)
{
	struct limits l = { 0 };

	(void)state;
	set_up(&l, "address messages=1/1h then=block:1m;sender messages=1/1h then=reject");
	assert_int_equal(passes(&l, POLICY_MAIL, 9), 1);
	assert_int_equal(l.f.verdict.code, 421);
	tear_down(&l);
}

/* Who asks for names that there are not is counted, whatever else the rows of its kind say, and is
 * blocked in the end. */
static void test_unknown(void **state)
{
	static const char *const rules[] = {
		"network unknown=3/1h then=block:1m",
		"network messages=5/1h;network unknown=3/1h then=block:1m",
		"address recipients=1/1h unknown=3/1h then=block:1m",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct limits l = { 0 };

		set_up(&l, rules[i]);
		l.f.session->rcpt_unknown = true;
		check_at(i, passes(&l, POLICY_RCPT, 9) == 3);
		check_at(i, l.f.verdict.code == 421);
		l.f.session->rcpt_unknown = false;
		check_at(i, fixture_ask(&l.f, POLICY_CONNECT) == POLICY_REJECT);
		tear_down(&l);
	}
}

/* A rule blocks what it has counted, where it has counted it; private addresses are never blocked:
 * everybody may sit behind one. */
static void test_what_is_blocked(void **state)
{
	static const struct {
		const char *rules;
		unsigned role;
		const char *peer, *other;
		unsigned other_role;
		bool blocked;
	} rows[] = {
		{ "address messages=1/1h", POLICY_MX, "192.0.2.1", "192.0.2.2", POLICY_MX, false },
		{ "network messages=1/1h", POLICY_MX, "192.0.2.1", "192.0.2.2", POLICY_MX, true },
		{ "network messages=1/1h", POLICY_MX, "192.0.2.1", "192.0.3.1", POLICY_MX, false },
		{ "address messages=1/1h", POLICY_MX, "2001:db8::1", "2001:db8::2", POLICY_MX,
		  true },
		{ "address messages=1/1h", POLICY_MX, "2001:db8::1", "2001:db8:0:1::1", POLICY_MX,
		  false },
		{ "address messages=1/1h", POLICY_MX, "192.0.2.1", "192.0.2.1", POLICY_SUBMISSION,
		  false },
		{ "address on=submission messages=1/1h", POLICY_SUBMISSION, "192.0.2.1",
		  "192.0.2.1", POLICY_SUBMISSION, true },
		{ "address on=submission messages=1/1h", POLICY_SUBMISSION, "192.0.2.1",
		  "192.0.2.1", POLICY_MX, true },
		{ "address messages=1/1h", POLICY_MX, "172.17.0.1", "172.17.0.1", POLICY_MX,
		  false },
		{ "address messages=1/1h", POLICY_MX, "fd00::1", "fd00::1", POLICY_MX, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct limits l = { 0 };
		char rules[64];

		snprintf(rules, sizeof rules, "%s then=block:1m", rows[i].rules);
		set_up(&l, rules);
		assert_true(addr_parse_ip(str_of(rows[i].peer), &l.f.session->peer));
		l.f.session->role = rows[i].role;
		check_at(i, passes(&l, POLICY_MAIL, 9) == 1 && l.f.verdict.code == 421);
		fixture_leave(&l.f);
		fixture_connect(&l.f, rows[i].other);
		l.f.session->role = rows[i].other_role;
		fixture_ask(&l.f, POLICY_CONNECT);
		check_at(i, (l.f.verdict.kind == POLICY_REJECT) == rows[i].blocked);
		tear_down(&l);
	}
}

/* Who is in a network that somebody has blocked is greeted at no port. */
static void test_network_by_hand(void **state)
{
	static const struct {
		const char *peer;
		unsigned role;
		bool blocked;
	} rows[] = {
		{ "192.0.3.200", POLICY_MX, true },
		{ "192.0.2.1", POLICY_SUBMISSION, true },
		{ "192.0.4.1", POLICY_MX, false },
		{ "2001:db8:1::1", POLICY_MX, false },
	};
	char name[BLOCK_NETWORK_NAME_MAX];
	struct limits l = { 0 };
	struct network n;

	(void)state;
	set_up(&l, "");
	assert_true(network_parse(STR("192.0.2.0/23"), &n));
	assert_int_equal(blocks_put(l.town.mail.temp.store, BLOCK_PREFIX,
	                            block_network_name(&n, name), STR("spam"), INT64_MAX, NULL),
	                 OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture_leave(&l.f);
		fixture_connect(&l.f, rows[i].peer);
		l.f.session->role = rows[i].role;
		fixture_ask(&l.f, POLICY_CONNECT);
		check_at(i, (l.f.verdict.kind == POLICY_REJECT) == rows[i].blocked);
		if (rows[i].blocked)
			check_str_at(i, l.f.verdict.text, STR("192.0.2.0/23 is blocked: spam"));
	}
	tear_down(&l);
}

/* All that has a name ends with it. */
static void test_unblock(void **state)
{
	struct limits l = { 0 };
	struct store *store;

	(void)state;
	set_up(&l, "network messages=1/1h then=block:1m");
	store = l.town.mail.temp.store;
	assert_int_equal(passes(&l, POLICY_MAIL, 9), 1);
	l.f.session->role = POLICY_SUBMISSION;
	policy_block_session(l.f.policy, l.f.session, true, STR("spam"), INT64_MAX);
	l.f.session->role = POLICY_MX;
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_REJECT);
	assert_int_equal(blocks_remove(store, STR("192.0.2.0/24"), NULL), OK);
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_PASS);
	assert_int_equal(blocks_remove(store, STR("192.0.2.0/24"), NULL), ERR_MISSING);
	tear_down(&l);
}

/* --- accounts ------------------------------------------------------------------------ */

static void log_in(struct limits *l)
{
	l->f.session->role = POLICY_SUBMISSION;
	l->f.session->account = 1;
	l->f.session->login = STR("bob@example.org");
}

static void write_to(struct limits *l, int i)
{
	static char name[32];

	snprintf(name, sizeof name, "friend%d", i);
	l->f.session->rcpt = (struct mailaddr){ str_of(name), STR("remote.example") };
}

/* A stolen password writes to a few strangers, then to nobody, whatever it tries. */
static void test_stolen(void **state)
{
	struct limits l = { 0 };
	struct blocked b;
	struct arena a = { 0 };
	struct buf mail;
	size_t sent = 0;

	(void)state;
	set_up(&l, "account new-recipients=20/1d messages=100/1h then=hold");
	log_in(&l);
	for (int i = 0; i < 10000; i++) {
		write_to(&l, i);
		if (fixture_ask(&l.f, POLICY_MAIL) == POLICY_PASS &&
		    fixture_ask(&l.f, POLICY_RCPT) == POLICY_PASS &&
		    fixture_ask(&l.f, POLICY_DATA) == POLICY_PASS)
			sent++;
	}
	assert_int_equal(sent, 20);
	assert_int_equal(l.f.verdict.kind, POLICY_REJECT);
	assert_int_equal(l.f.verdict.code, 550);
	/* Known ones too, and an accept does not help. */
	write_to(&l, 3);
	l.f.session->accepted = true;
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_REJECT);
	assert_int_equal(fixture_ask(&l.f, POLICY_DATA), POLICY_REJECT);
	assert_int_equal(fixture_ask(&l.f, POLICY_END), POLICY_REJECT);
	/* Postmaster, who is ada, and bob were told, once each. */
	buf_init(&mail, 1 << 20);
	assert_int_equal(town_mail(&l.town, "ada", &mail), 1);
	assert_true(str_find(buf_str(&mail), STR("roost blocked rm bob@example.org")) > 0);
	assert_int_equal(town_mail(&l.town, "bob", NULL), 1);
	buf_deinit(&mail);
	/* It ends when somebody ends it, not by time. */
	clock_shift_real((int64_t)100 * 24 * 3600 * 1000);
	assert_int_equal(fixture_ask(&l.f, POLICY_MAIL), POLICY_REJECT);
	assert_int_equal(blocks_remove(l.town.mail.temp.store, STR("bob@example.org"), NULL), OK);
	assert_int_equal(fixture_ask(&l.f, POLICY_MAIL), POLICY_PASS);
	clock_shift_real((int64_t)-100 * 24 * 3600 * 1000);
	assert_int_equal(blocks_get(l.town.mail.temp.store, BLOCK_SENDING, STR("bob@example.org"),
	                            &a, &b),
	                 ERR_MISSING);
	arena_deinit(&a);
	tear_down(&l);
}

/* Whom one writes to again is not new. */
static void test_known(void **state)
{
	struct limits l = { 0 };

	(void)state;
	set_up(&l, "account new-recipients=5/1d");
	log_in(&l);
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 5; i++) {
			write_to(&l, i);
			assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
		}
	write_to(&l, 5);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	tear_down(&l);
}

struct queueing {
	struct queue *queue;
	struct blob_draft *draft;
};

static enum err queue_put(struct txn *t, void *arg)
{
	const struct queueing *q = arg;
	struct envelope_rcpt rcpt = { .address = { STR("far"), STR("remote.example") } };
	struct queue_new new = { .draft = q->draft,
		                 .envelope = { .rcpts = &rcpt,
		                               .rcpt_count = 1 } };
	enum err e = OK;

	for (new.envelope.submitter = 1; e == OK &&new.envelope.submitter <= 2;
	     new.envelope.submitter++)
		e = queue_add(q->queue, t, &new, NULL);
	return e;
}

static enum err held_count(struct txn *t, void *arg)
{
	struct queue_list list;
	size_t *held = arg;
	enum err e = queue_list(t, 0, 100, txn_arena(t), &list);

	for (size_t i = 0; e == OK && i < list.count; i++)
		*held += list.items[i].held;
	return e;
}

/* What the account has in the queue stays there; that of others goes. */
static void test_queue_held(void **state)
{
	const struct str body = STR("Subject: x\r\n\r\nx\r\n");
	struct queueing q = { 0 };
	struct limits l = { 0 };
	size_t held = 0;

	(void)state;
	set_up(&l, "account messages=1/1d then=hold");
	log_in(&l);
	q.queue = l.town.queue;
	assert_int_equal(blob_prepare(l.town.mail.temp.store, &body, 1, &q.draft, NULL), OK);
	assert_int_equal(store_write(l.town.mail.temp.store, queue_put, &q, NULL), OK);
	blob_draft_free(&q.draft);
	assert_int_equal(passes(&l, POLICY_MAIL, 9), 1);
	assert_int_equal(store_read(l.town.mail.temp.store, held_count, &held), OK);
	assert_int_equal(held, 1);
	tear_down(&l);
}

static enum policy_need twice_need(const struct policy_run *r)
{
	(void)r;
	return POLICY_QUICK;
}

static void twice_run(struct policy_run *r)
{
	hold_sending(r, STR("too much"), INT64_MAX);
	hold_sending(r, STR("too much"), INT64_MAX);
}

/* Several sessions may find at one time that it is too much: one notice, to bob and postmaster. */
static void test_held_once(void **state)
{
	static const struct policy_check twice = { .name = "twice",
		                                   .stages = BIT(POLICY_MAIL),
		                                   .roles = POLICY_SUBMISSION,
		                                   .need = twice_need,
		                                   .run = twice_run };
	struct limits l = { 0 };

	(void)state;
	town_open(&l.town, STORE_MEMORY);
	fixture_open(&l.f, NULL,
	             &(struct policy_config){ .store = l.town.mail.temp.store,
	                                      .notify = delivery_notify,
	                                      .notify_arg = &l.town.delivery,
	                                      .checks = &twice,
	                                      .check_count = 1 });
	fixture_connect(&l.f, "192.0.2.1");
	log_in(&l);
	assert_int_equal(fixture_ask(&l.f, POLICY_MAIL), POLICY_REJECT);
	assert_int_equal(town_mail(&l.town, "bob", NULL), 1);
	assert_int_equal(town_mail(&l.town, "ada", NULL), 1);
	tear_down(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),  cmocka_unit_test(test_what_is_counted),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_delay),  cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_first),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_what_is_blocked),
		cmocka_unit_test(test_network_by_hand),
		cmocka_unit_test(test_unblock),
		cmocka_unit_test(test_stolen), cmocka_unit_test(test_known),
		cmocka_unit_test(test_queue_held), cmocka_unit_test(test_held_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
