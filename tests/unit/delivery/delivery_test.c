/* From accepted bytes to mailboxes and queue: where each recipient leads, what full mailboxes
 * do, and that a failure anywhere leaves nothing behind.
 * Slow: it delivers to a thousand accounts. */
#include "unit/delivery/town.h"

#include "flow/delivery/plan.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "model/queue/admin.h"

#include <string.h>

static const enum store_backend backends[] = { STORE_MEMORY, STORE_LMDB };

static struct str big_body(struct arena *a, size_t n)
{
	char *p = arena_alloc(a, n);

	memset(p, 'x', n);
	memcpy(p, "Subject: big\r\n\r\n", 16);
	return str_from(p, n);
}

/* ada, bob, small, queue: how many messages lie there */
struct counts {
	size_t ada, bob, small, queue;
};

static struct counts counts_of(struct town *town)
{
	return (struct counts){ town_mail(town, "ada", NULL), town_mail(town, "bob", NULL),
		                town_mail(town, "small", NULL), town_queue(town, NULL) };
}

#define SMALL "Subject: small\r\n\r\nhello\r\n"

static void test_where_it_goes(void **state)
{
	static const struct {
		const char *from, *rcpts[6];
		size_t body;
		enum err e;
		struct counts want;
	} rows[] = {
		{ "x@far.example", { "ada@example.org" }, 0, OK, { 1, 0, 0, 0 } },
		/* nobody gets it twice, by whatever way */
		{ "x@far.example",
		  { "ada@example.org", "ADA+t@example.org", "both@example.org",
		    "mixed@example.org" },
		  0,
		  OK,
		  { 1, 1, 0, 1 } },
		{ "x@far.example",
		  { "mixed@example.org", "away@example.org" },
		  0,
		  OK,
		  { 1, 0, 0, 1 } },
		{ "x@far.example",
		  { "away@example.org", "far@remote.example" },
		  0,
		  OK,
		  { 0, 0, 0, 1 } },
		{ "x@far.example", { "any@catch.example" }, 0, OK, { 0, 1, 0, 0 } },
		/* who vanished since RCPT: a report, as long as somebody is there (RFC 5321 6.1) */
		{ "x@far.example",
		  { "nobody@example.org", "bob@example.org" },
		  0,
		  OK,
		  { 0, 1, 0, 1 } },
		{ "ada@example.org",
		  { "nobody@example.org", "off@example.org", "bob@example.org" },
		  0,
		  OK,
		  { 1, 1, 0, 0 } },
		{ "ada@example.org",
		  { "nobody@example.org", "far@remote.example" },
		  0,
		  OK,
		  { 1, 0, 0, 1 } },
		{ "", { "nobody@example.org", "bob@example.org" }, 0, OK, { 0, 1, 0, 0 } },
		/* half of an alias' people: who is no user hears nothing of that */
		{ "ada@example.org", { "half@example.org" }, 0, OK, { 0, 1, 0, 0 } },
		{ "ada@example.org", { "gap@example.org" }, 0, OK, { 0, 0, 0, 1 } },
		{ "x@far.example", { "off@example.org", "notes@example.org" }, 1001, ERR_DENIED,
		  { 0, 0, 0, 0 } },
		{ "x@far.example", { "nobody@example.org" }, 0, ERR_MISSING, { 0, 0, 0, 0 } },
		{ "x@far.example", { "off@example.org" }, 0, ERR_MISSING, { 0, 0, 0, 0 } },
		/* full mailboxes: a report by the queue, or to a mailbox here, or to nobody */
		{ "x@far.example", { "squeeze@example.org" }, 0, OK, { 1, 0, 1, 1 } },
		{ "x@far.example", { "squeeze@example.org" }, 4000, OK, { 1, 0, 0, 1 } },
		{ "bob@example.org", { "squeeze@example.org" }, 4000, OK, { 1, 1, 0, 0 } },
		{ "ada@example.org", { "squeeze@example.org" }, 4000, OK, { 2, 0, 0, 0 } },
		{ "", { "squeeze@example.org" }, 4000, OK, { 1, 0, 0, 0 } },
		{ "nobody@example.org", { "squeeze@example.org" }, 4000, OK, { 1, 0, 0, 0 } },
		/* the sender's own mailbox is full too: there is nobody to tell */
		{ "tiny@example.org", { "squeeze@example.org" }, 4000, OK, { 1, 0, 0, 0 } },
		{ "x@far.example",
		  { "small@example.org", "far@remote.example" },
		  4000,
		  OK,
		  { 0, 0, 0, 2 } },
		/* one that takes only smaller ones is told like a full one */
		{ "x@far.example", { "notes@example.org" }, 1000, OK, { 0, 0, 0, 0 } },
		{ "x@far.example",
		  { "notes@example.org", "ada@example.org" },
		  1001,
		  OK,
		  { 1, 0, 0, 1 } },
		{ "bob@example.org",
		  { "notes@example.org", "ada@example.org" },
		  1001,
		  OK,
		  { 1, 1, 0, 0 } },
		{ "", { "notes@example.org", "ada@example.org" }, 1001, OK, { 1, 0, 0, 0 } },
		{ "notes@example.org",
		  { "notes@example.org", "ada@example.org" },
		  1001,
		  OK,
		  { 1, 0, 0, 0 } },
		{ "x@far.example", { "notes@example.org" }, 1001, ERR_DENIED, { 0, 0, 0, 0 } },
		{ "x@far.example",
		  { "notes@example.org", "tiny@example.org" },
		  1001,
		  ERR_DENIED,
		  { 0, 0, 0, 0 } },
		/* more than they may keep at all: the peer is told, so no report */
		{ "x@far.example",
		  { "small@example.org", "tiny@example.org" },
		  4000,
		  ERR_DENIED,
		  { 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t b = 0; b < COUNT(backends); b++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct arena a = { 0 };
			struct counts got;
			struct town town;

			town_open(&town, backends[b]);
			check_at(i, town_deliver(&town, rows[i].from, rows[i].rcpts,
			                    rows[i].body != 0 ? big_body(&a, rows[i].body)
			                                      : STR(SMALL)) == rows[i].e);
			got = counts_of(&town);
			check_at(i, memcmp(&got, &rows[i].want, sizeof got) == 0);
			town_fsck(&town);
			town_close(&town);
			arena_deinit(&a);
		}
}

/* RFC 3463 3.3: there may be room later, or never; with others it is in the report. */
static void test_full(void **state)
{
	static const char *const small[] = { "small@example.org", NULL };
	static const char *const both[] = { "small@example.org", "tiny@example.org", NULL };
	struct arena a = { 0 };
	struct town town;

	(void)state;
	town_open(&town, STORE_MEMORY);
	assert_int_equal(town_deliver(&town, "", small, big_body(&a, 2000)), OK);
	assert_int_equal(town_deliver(&town, "", small, big_body(&a, 2000)), ERR_LIMIT);
	assert_int_equal(town_deliver(&town, "", both, big_body(&a, 2000)), ERR_LIMIT);
	/* with what is put in front of it */
	assert_int_equal(town_deliver(&town, "", small, big_body(&a, SMALL_QUOTA)), ERR_DENIED);
	assert_int_equal(town_mail(&town, "small", NULL), 1);
	town_fsck(&town);
	town_close(&town);
	arena_deinit(&a);
}

static enum err draft_put(struct txn *t, void *arg)
{
	return delivery_put(arg, t);
}

/* Who commits may run it more than once: nobody is left out before delivery_again is asked. */
static void test_full_stays_full(void **state)
{
	static const char *const small[] = { "small@example.org", NULL };
	struct envelope_rcpt to[] = {
		{ .address = { STR("ada"), STR("example.org") } },
		{ .address = { STR("small"), STR("example.org") } },
	};
	struct delivery_message m = { .envelope = { .sender = { STR("bob"), STR("example.org") },
		                                    .rcpts = to } };
	struct delivery_draft *x;
	struct arena a = { 0 };
	struct town town;

	(void)state;
	town_open(&town, STORE_MEMORY);
	m.body = big_body(&a, 2000);
	assert_int_equal(town_deliver(&town, "", small, m.body), OK);
	for (m.envelope.rcpt_count = 1; m.envelope.rcpt_count <= COUNT(to);
	     m.envelope.rcpt_count++) {
		bool alone = m.envelope.rcpt_count == 1;

		m.envelope.rcpts = alone ? &to[1] : to;
		assert_int_equal(delivery_begin(&town.delivery, &m, &x, NULL), OK);
		for (int i = 0; i < 3; i++)
			assert_int_equal(store_write(town.mail.temp.store, draft_put, x, NULL),
			                 ERR_LIMIT);
		assert_int_equal(delivery_again(x, NULL), alone ? ERR_LIMIT : OK);
		if (!alone)
			assert_int_equal(store_write(town.mail.temp.store, draft_put, x, NULL),
			                 OK);
		delivery_end(&x, !alone);
	}
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	assert_int_equal(town_mail(&town, "bob", NULL), 1); /* the report */
	town_fsck(&town);
	town_close(&town);
	arena_deinit(&a);
}

/* The local copy has a Return-Path and the trace; what goes on has the trace only. */
static void test_what_is_stored(void **state)
{
	static const char *const rcpts[] = { "mixed@example.org", NULL };
	struct town town;
	struct buf raw;

	(void)state;
	town_open(&town, STORE_MEMORY);
	buf_init(&raw, 1 << 20);
	assert_int_equal(town_deliver(&town, "x@far.example", rcpts, STR(SMALL)), OK);
	town_mail(&town, "ada", &raw);
	check_str(buf_str(&raw), STR("Return-Path: <x@far.example>\r\n"
	                             "Received: from x by y; (date)\r\n" SMALL));
	buf_deinit(&raw);
	town_fsck(&town);
	town_close(&town);
}

/* RFC 5321 4.4: one return path, ours, whatever the message had; its body is not looked at. */
static void test_one_return_path(void **state)
{
	static const struct {
		const char *body, *stored;
	} rows[] = {
		{ "Return-Path: <old@x>\r\nSubject: s\r\n\r\nb\r\n", "Subject: s\r\n\r\nb\r\n" },
		{ "A: 1\r\nreturn-path :\r\n <old@x>\r\nB: 2\r\nRETURN-PATH:\r\n\r\nb",
		  "A: 1\r\nB: 2\r\n\r\nb" },
		{ "Return-Path: <a@x>\r\nReturn-Path: <b@x>\r\n", "" },
		{ "Return-Paths: x\r\n\r\nReturn-Path: <b@x>\r\n",
		  "Return-Paths: x\r\n\r\nReturn-Path: <b@x>\r\n" },
		{ "\r\nReturn-Path: <b@x>\r\n", "\r\nReturn-Path: <b@x>\r\n" },
		{ "", "" },
	};
	static const char *const rcpts[] = { "ada@example.org", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct town town;
		struct buf raw;

		town_open(&town, STORE_MEMORY);
		buf_init(&raw, 1 << 20);
		check_at(i, town_deliver(&town, "x@far.example", rcpts,
		                         str_of(rows[i].body)) == OK);
		town_mail(&town, "ada", &raw);
		check_str_at(i, buf_str(&raw),
		             str_fmt(&a,
		                     "Return-Path: <x@far.example>\r\n"
		                     "Received: from x by y; (date)\r\n%s",
		                     rows[i].stored));
		buf_deinit(&raw);
		town_fsck(&town);
		town_close(&town);
		arena_deinit(&a);
	}
}

/* Many recipients cost memory in proportion. */
static void test_many_recipients(void **state)
{
	enum { MANY = 1000 };
	struct arena a = { 0 };
	struct envelope_rcpt *to = arena_array(&a, struct envelope_rcpt, MANY);
	struct delivery_message m = { .envelope = { .rcpts = to,
		                                    .rcpt_count = MANY },
		                      .body = STR(SMALL) };
	struct town town;
	struct plan plan;

	(void)state;
	town_open(&town, STORE_MEMORY);
	for (size_t i = 0; i < MANY; i++)
		to[i].address = (struct mailaddr){ str_fmt(&a, "u%zu", i), STR("remote.example") };
	assert_int_equal(plan_make(&plan, &town.delivery, &m, NULL), OK);
	assert_int_equal(plan.remote_count, MANY);
	assert_true(plan.arena.used_bytes < 2 << 20);
	plan_deinit(&plan);
	town_close(&town);
	arena_deinit(&a);
}

/* Memory in proportion to recipients and targets, not to their product, when all lead to the same
 * list; each recipient has his line in the report all the same. */
static void test_many_to_one_list(void **state)
{
	enum { MANY = 100 };
	struct arena a = { 0 };
	struct envelope_rcpt *to = arena_array(&a, struct envelope_rcpt, MANY);
	struct delivery_message m = { .envelope = { .sender = { STR("bob"), STR("example.org") },
		                                    .rcpts = to,
		                                    .rcpt_count = MANY },
		                      .body = STR(SMALL) };
	struct town town;
	struct plan plan;
	struct buf raw;

	(void)state;
	town_open(&town, STORE_MEMORY);
	assert_int_equal(store_write(town.mail.temp.store, town_crowd_add, NULL, NULL), OK);
	for (size_t i = 0; i < MANY; i++) {
		to[i].address.local = str_fmt(&a, "crowd+%zu", i);
		to[i].address.domain = STR("example.org");
		to[i].notify = DSN_SUCCESS;
	}
	assert_int_equal(plan_make(&plan, &town.delivery, &m, NULL), OK);
	assert_int_equal(plan.local_count, 2);
	assert_int_equal(plan.remote_count, LIMIT_list_members - 2);
	assert_true(plan.lead_count <= 3 * MANY + 2);
	assert_true(plan.arena.used_bytes < 1 << 20);
	plan_deinit(&plan);

	assert_int_equal(delivery_accept(&town.delivery, &m, NULL), OK);
	buf_init(&raw, 4 << 20);
	assert_int_equal(town_mail(&town, "bob", &raw), 2);
	for (size_t i = 0; i < MANY; i++)
		check_at(i, str_find(buf_str(&raw),
		                     str_fmt(&a,
		                             "Final-Recipient: rfc822; crowd+%zu@example.org\r\n"
		                             "Action: expanded\r\n",
		                             i)) > 0);
	buf_deinit(&raw);
	assert_int_equal(town_mail(&town, "ada", NULL), 1);
	town_fsck(&town);
	town_close(&town);
	arena_deinit(&a);
}

/* Every fallible call fails once: nothing has happened then, and nothing is broken. */
static void test_faults(void **state)
{
	static const char *const rcpts[] = { "squeeze@example.org", "bob@example.org",
		                             "far@remote.example", NULL };
	struct arena a = { 0 };
	struct str bodies[] = { STR(SMALL), big_body(&a, 300000) };
	unsigned most = 0, again = 0;

	(void)state;
	for (size_t b = 0; b < COUNT(backends); b++)
		for (size_t k = 0; k < COUNT(bodies); k++)
			for (unsigned n = 1;; n++) {
				struct counts got;
				struct town town;
				bool fired, lost;
				enum err e;

				town_open(&town, backends[b]);
				fault_arm(n);
				e = town_deliver(&town, "x@far.example", rcpts, bodies[k]);
				fired = fault_fired();
				lost = strcmp(fault_name(), "blob_put") == 0;
				fault_arm(0);
				got = counts_of(&town);
				/* all of it, or nothing: whatever a fault was mended by */
				check_at(n,
				         e == OK ? got.ada == 1 && got.bob == 1 && got.queue == 2
				                 : got.ada + got.bob + got.small + got.queue == 0);
				check_at(n, fired || e == OK);
				/* a blob that went away is prepared again */
				check_at(n, !lost || e == OK);
				again += lost;
				town_fsck(&town);
				town_close(&town);
				if (!fired)
					break;
				most = MAX(most, n);
			}
	assert_true(most > 2);
	assert_true(again > 2);
	arena_deinit(&a);
}

enum { FULL_PEOPLE = 1000 };

static enum err full_people_add(struct txn *t, void *arg)
{
	struct town *town = arg;
	enum err e = OK;

	for (unsigned i = 0; e == OK && i < FULL_PEOPLE; i++) {
		struct account_new new = {
			.address = str_fmt(txn_arena(t), "full%030u@example.org", i),
			.password_hash = town->hash,
			.quota_bytes = 10,
		};
		struct mail_txn m = { .mailboxes = &town->mail.mailboxes, .t = t };

		e = account_add(t, &new, &m.account, NULL);
		if (e == OK)
			e = mail_provision(&m);
	}
	return e;
}

/* The report of many full mailboxes names them all and is whole, and is not made once for
 * each of them. */
static void test_many_full_mailboxes(void **state)
{
	static const char *rcpts[FULL_PEOPLE + 2];
	struct arena a = { 0 };
	struct town town;
	struct buf raw;
	int64_t began;

	(void)state;
	town_open(&town, STORE_MEMORY);
	assert_int_equal(store_write(town.mail.temp.store, full_people_add, &town, NULL), OK);
	for (unsigned i = 0; i < FULL_PEOPLE; i++)
		rcpts[i] = str_z(&a, str_fmt(&a, "full%030u@example.org", i));
	rcpts[FULL_PEOPLE] = "ada@example.org";
	began = clock_mono_ms();
	assert_int_equal(town_deliver(&town, "bob@example.org", rcpts, STR(SMALL)), OK);
	assert_true(clock_mono_ms() - began < 3000);
	buf_init(&raw, 4 << 20);
	assert_int_equal(town_mail(&town, "bob", &raw), 1);
	for (unsigned i = 0; i < FULL_PEOPLE; i++)
		check_at(i, str_find(buf_str(&raw),
		                     str_fmt(&a, "Final-Recipient: rfc822; %s\r\n", rcpts[i])) > 0);
	assert_true(str_ends(buf_str(&raw), STR("--\r\n")));
	buf_deinit(&raw);
	town_fsck(&town);
	town_close(&town);
	arena_deinit(&a);
}

/* One after the other, as by LMTP: what was prepared for the first is put for all, also when it
 * goes away in between, and whatever fails. */
static void test_prepared_once(void **state)
{
	static const char *const to[] = { "ada@example.org", "bob@example.org",
		                          "small@example.org", "far@remote.example",
		                          "away@example.org" };
	struct arena a = { 0 };
	struct str bodies[] = { STR(SMALL), big_body(&a, 300000) };
	unsigned lost = 0;

	(void)state;
	for (size_t k = 0; k < COUNT(bodies); k++)
		for (unsigned n = 1;; n++) {
			struct delivery_prepared prepared = { 0 };
			struct email_new *first = NULL;
			struct town town;
			size_t done[COUNT(to)] = { 0 };
			struct counts got;
			bool fired;

			town_open(&town, STORE_MEMORY);
			fault_arm(n);
			for (size_t i = 0; i < COUNT(to); i++) {
				struct envelope_rcpt rcpt = { 0 };
				struct delivery_message m = { .envelope = { .rcpts = &rcpt,
					                                    .rcpt_count = 1 },
					                      .prepared = &prepared,
					                      .body = bodies[k] };

				assert_true(mailaddr_of(str_of(to[i]), &a, 0, &rcpt.address));
				done[i] = delivery_accept(&town.delivery, &m, NULL) == OK;
				first = i == 0 ? prepared.email : first;
			}
			fired = fault_fired();
			lost += strcmp(fault_name(), "blob_put") == 0;
			fault_arm(0);
			check_at(n, fired || (first != NULL && first == prepared.email &&
			                      prepared.copies.count != 0));
			check_at(n, fired || done[2] == (k == 0));
			delivery_prepared_deinit(&prepared);
			got = counts_of(&town);
			check_at(n, got.ada == done[0] && got.bob == done[1] &&
			                    got.small == done[2] && got.queue == done[3] + done[4]);
			town_fsck(&town);
			town_close(&town);
			if (!fired)
				break;
		}
	assert_true(lost > 2);
	arena_deinit(&a);
}

/* RFC 3461 6.3 (d), (e): a report names the address that was written, before it was rewritten, and
 * has no original one that nobody gave; 5.2.1 (d): a server that gets it next is told it. */
static void test_rewritten(void **state)
{
	static const struct {
		const char *address, *orcpt, *queue;
	} rows[] = {
		{ "bob@example.org", "", "" },
		{ "off@example.org", "", "" },
		{ "x@remote.example", "",
		  "remote.example: from <ada@example.org> to <x@remote.example>"
		  " notify=SUCCESS,FAILURE orcpt=rfc822;old+2Btag@example.org\n" },
		{ "x@remote.example", "rfc822;given@example.org",
		  "remote.example: from <ada@example.org> to <x@remote.example>"
		  " notify=SUCCESS,FAILURE orcpt=rfc822;given@example.org\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_rcpt to[] = {
			{ .written = { STR("old+tag"), STR("example.org") },
			  .orcpt = str_of(rows[i].orcpt),
			  .notify = DSN_SUCCESS | DSN_FAILURE },
			{ .address = { STR("ada"), STR("example.org") }, .notify = DSN_NEVER },
		};
		struct delivery_message m = { .envelope = { .sender = to[1].address,
			                                    .rcpts = to,
			                                    .rcpt_count = COUNT(to) },
			                      .body = STR(SMALL) };
		bool told = rows[i].queue[0] == '\0';
		struct arena a = { 0 };
		struct town town;
		struct buf got;

		town_open(&town, STORE_MEMORY);
		assert_true(mailaddr_of(str_of(rows[i].address), &a, 0, &to[0].address));
		check_at(i, delivery_accept(&town.delivery, &m, NULL) == OK);
		buf_init(&got, 1 << 20);
		town_mail(&town, "ada", &got);
		check_at(i, told == (str_find(buf_str(&got),
		                              STR("Final-Recipient: rfc822; old+tag@example.org"
		                                  "\r\n")) > 0));
		check_at(i, str_find(buf_str(&got), str_of(rows[i].address)) < 0);
		check_at(i, str_find(buf_str(&got), STR("Original-Recipient")) < 0);
		buf_reset(&got);
		town_queue(&town, &got);
		check_str_at(i, buf_str(&got), str_of(rows[i].queue));
		buf_deinit(&got);
		town_fsck(&town);
		town_close(&town);
		arena_deinit(&a);
	}
}

struct waiting {
	size_t held, free;
};

static enum err waiting_count(struct txn *t, void *arg)
{
	struct waiting *w = arg;
	struct queue_list list;
	enum err e = queue_list(t, 0, 100, txn_arena(t), &list);

	for (size_t i = 0; e == OK && i < list.count; i++)
		*(list.items[i].held ? &w->held : &w->free) += list.items[i].envelope.rcpt_count;
	return e;
}

/* Mail for one recipient is put aside, that for the others is not: not even when it leads to the
 * same place. A "!" stands before those that are in quarantine. */
static void test_quarantine_of_one(void **state)
{
	static const struct {
		const char *rcpts[3];
		size_t ada, bob; /* in their INBOX */
		struct waiting want;
	} rows[] = {
		{ { "!ada@example.org", "bob@example.org" }, 0, 1, { 0, 0 } },
		{ { "bob@example.org", "!ada@example.org" }, 0, 1, { 0, 0 } },
		{ { "!ada@example.org", "!bob@example.org" }, 0, 0, { 0, 0 } },
		{ { "!ada@example.org", "both@example.org" }, 1, 1, { 0, 0 } },
		{ { "both@example.org", "!ada@example.org" }, 1, 1, { 0, 0 } },
		{ { "!x@remote.example", "y@remote.example" }, 0, 0, { 1, 1 } },
		{ { "y@remote.example", "!x@remote.example" }, 0, 0, { 1, 1 } },
		{ { "!far@remote.example", "away@example.org" }, 0, 0, { 0, 1 } },
		{ { "far@remote.example", "!away@example.org" }, 0, 0, { 0, 1 } },
		{ { "!far@remote.example", "!away@example.org" }, 0, 0, { 1, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope_rcpt to[3] = { 0 };
		struct delivery_message m = { .envelope.rcpts = to, .body = STR(SMALL) };
		struct waiting got = { 0 };
		struct arena a = { 0 };
		struct town town;

		town_open(&town, STORE_MEMORY);
		for (; rows[i].rcpts[m.envelope.rcpt_count] != NULL; m.envelope.rcpt_count++) {
			struct envelope_rcpt *r = &to[m.envelope.rcpt_count];
			struct str text = str_of(rows[i].rcpts[m.envelope.rcpt_count]);

			if (str_starts(text, STR("!")))
				r->actions = actions_quarantine(&a, STR("doubtful"));
			text = str_sub(text, r->actions != NULL, text.n);
			assert_true(mailaddr_of(text, &a, 0, &r->address));
		}
		check_at(i, delivery_accept(&town.delivery, &m, NULL) == OK);
		check_at(i, town_mail(&town, "ada", NULL) == rows[i].ada);
		check_at(i, town_mail(&town, "bob", NULL) == rows[i].bob);
		check_at(i, store_read(town.mail.temp.store, waiting_count, &got) == OK);
		check_at(i, got.held == rows[i].want.held && got.free == rows[i].want.free);
		town_fsck(&town);
		town_close(&town);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_stays_full),
		cmocka_unit_test(test_where_it_goes),       cmocka_unit_test(test_what_is_stored),
		cmocka_unit_test(test_one_return_path),     cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_many_full_mailboxes), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_quarantine_of_one),   cmocka_unit_test(test_many_to_one_list),
		cmocka_unit_test(test_rewritten),           cmocka_unit_test(test_prepared_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
