/* The SMTP client against remotes of every manner. The oracle: each recipient of a message is
 * in exactly one of three places: taken by the remote, returned to the sender, in the queue;
 * and nothing is taken twice. */
#include "unit/delivery/town.h"
#include "unit/smtp/remote.h"

#include "base/clock.h"
#include "config/limits.h"
#include "net/dns.h"
#include "smtp/out.h"
#include "smtp/out_batch.h"

static const struct dns_fake_row zone[] = {
	{ "remote.example", "A", "127.0.0.1" },
	{ "other.example", "A", "127.0.0.1" },
	{ NULL, NULL, NULL },
};

struct fixture {
	struct town town;
	struct remote remote;
	struct dns *dns;
	struct settings settings;
	struct live *live;
	struct smtp_out_config config;
	struct smtp_out *out;
	int64_t ahead_ms; /* of the real clock: what the queue is told */
};

static void open_with(struct fixture *f, const struct remote_manner *manners, size_t n)
{
	memset(f, 0, sizeof *f);
	town_open(&f->town, STORE_MEMORY);
	remote_open(&f->remote, manners, n);
	f->dns = dns_fake_new(zone, false);
	f->settings = town_settings;
	f->settings.smtp_out_port = f->remote.port;
	f->live = live_of(&f->settings);
	f->config = (struct smtp_out_config){ .store = f->town.mail.temp.store,
		                              .queue = f->town.queue,
		                              .dns = f->dns,
		                              .live = f->live };
}

static void close_all(struct fixture *f)
{
	assert_int_equal(txns_open(), 0);
	town_fsck(&f->town);
	remote_close(&f->remote);
	live_free(&f->live);
	dns_free(&f->dns);
	town_close(&f->town);
}

/* A message from bob, by delivery/ as a user would send it. */
static void post_as(struct fixture *f, const char *const *rcpts, size_t n, struct str body,
                    unsigned flags)
{
	struct arena a = { 0 };
	struct delivery_rcpt *to = arena_array(&a, struct delivery_rcpt, n);
	struct delivery_message m = { .from = { STR("bob"), STR("example.org") },
		                      .rcpts = to,
		                      .rcpt_count = n,
		                      .body = body,
		                      .flags = flags };

	for (size_t i = 0; i < n; i++)
		assert_true(mailaddr_of(str_of(rcpts[i]), &a, MAILADDR_UTF8, &to[i].address));
	assert_int_equal(delivery_accept(&f->town.delivery, &m, NULL), OK);
	arena_deinit(&a);
}

static void post(struct fixture *f, const char *const *rcpts, size_t n, struct str body)
{
	post_as(f, rcpts, n, body, str_find_byte(body, '\xc3') >= 0 ? QUEUE_8BIT : 0);
}

/* Try everything that is due once; the hours that queue/ lets pass between attempts pass. */
static void attempt_by(struct fixture *f, struct str destination)
{
	atomic_bool stopping = false;
	struct out_batch b = { .config = &f->config,
		               .settings = &f->settings,
		               .stopping = &stopping };
	struct arena a = { 0 };
	struct queue_want want = { .now_ms = clock_real_ms() + f->ahead_ms, .max = 20 };
	struct queue_batch batch;
	struct out_way way;

	assert_int_equal(queue_take(f->town.queue, &want, &a, &batch, NULL), OK);
	assert_true(batch.count != 0);
	assert_int_equal(out_way_find(&f->settings,
	                              str_eq(destination, STR("."))
	                                      ? batch.items[0].destination
	                                      : destination,
	                              &a, &way, NULL),
	                 OK);
	b.way = &way;
	out_batch_run(&b, &batch);
	out_way_deinit(&way);
	f->ahead_ms += 8 * 3600 * 1000;
	arena_deinit(&a);
}

/* By MX, or the smarthost. */
static void attempt(struct fixture *f)
{
	attempt_by(f, f->settings.smarthost.n != 0 ? STR_EMPTY : STR("."));
}

static bool text_has(size_t (*put)(struct town *, struct buf *), struct town *town,
                     const char *address)
{
	struct buf text;
	bool yes;

	buf_init(&text, 64 << 20);
	put(town, &text);
	yes = str_find(buf_str(&text), str_of(address)) >= 0;
	buf_deinit(&text);
	return yes;
}

static size_t bobs_mail(struct town *town, struct buf *out)
{
	return town_mail(town, "bob", out);
}

struct place {
	size_t taken;
	bool returned, queued;
};

static struct place place_of(struct fixture *f, const char *address)
{
	struct arena a = { 0 };
	struct place p = { .taken = remote_times(&f->remote, address) };

	p.returned = text_has(bobs_mail, &f->town,
	                      str_z(&a, str_fmt(&a, "Final-Recipient: rfc822; %s", address)));
	p.queued = text_has(town_queue, &f->town, str_z(&a, str_fmt(&a, "<%s>", address)));
	arena_deinit(&a);
	return p;
}

static void one_place(struct fixture *f, const char *address, const char *when)
{
	struct place p = place_of(f, address);

	if (p.taken + p.returned + p.queued != 1)
		fail_msg("%s %s: taken %zu times, returned %d, queued %d", when, address, p.taken,
		         p.returned, p.queued);
}

static const char *const three[] = { "a@remote.example", "b550@remote.example",
	                             "c450@remote.example" };

#define BODY STR("Subject: x\r\n\r\n.dot\r\nhello\r\n")

/* --- every answer at every step ----------------------------------------------------- */

static const char *const answers[] = {
	"",
	"!",
	"250 ok",
	"!250 ok",
	"251 ok",
	"220 ok",
	"334 ",
	"354 go on",
	"421 4.3.2 bye",
	"!421 bye",
	"450 4.2.0 later",
	"451 later",
	"452 4.5.3 too many",
	"500 what",
	"550 5.7.1 no",
	"552 5.2.2 full",
	"554 5.7.1 no",
	"599 x",
	"999 x",
	"2",
	"garbage",
	"250-one\r\n250-two\r\n250 three",
	"550-5.7.1 one\r\n550 5.7.1 two",
	"250-one\r\n550 5.1.1 two",
	"250",
	"550",
	"250\tx",
	"!25",
};

/* how: bit 0 with pipelining, bit 1 with chunks. */
static void steps_try(size_t step, const char *answer, unsigned how)
{
	struct remote_manner m = { .no_pipelining = !(how & 1), .chunking = (how & 2) != 0 };
	const char **fields[] = {
		&m.greeting, &m.ehlo, &m.helo, &m.mail, &m.data, &m.end, &m.rset
	};
	struct arena a = { 0 };
	struct fixture f;
	const char *when;

	*fields[step] = answer;
	if (step == 2) /* HELO comes after EHLO was refused */
		m.ehlo = "500 what?";
	when = str_z(&a,
	             str_fmt(&a, "step %zu answer \"%s\" how %u", step, answer, how));
	open_with(&f, (struct remote_manner[]){ m, m }, 2);
	post(&f, three, COUNT(three), BODY);
	attempt(&f);
	for (size_t i = 0; i < COUNT(three); i++)
		one_place(&f, three[i], when);
	/* And then a good day. */
	remote_mend(&f.remote);
	if (town_queue(&f.town, NULL) != 0)
		attempt(&f);
	for (size_t i = 0; i < COUNT(three); i++) {
		one_place(&f, three[i], when);
		if (place_of(&f, three[i]).queued)
			fail_msg("%s: %s is still there", when, three[i]);
	}
	close_all(&f);
	arena_deinit(&a);
}

static void test_every_answer_at_every_step(void **state)
{
	(void)state;
	for (size_t step = 0; step < 7; step++)
		for (size_t i = 0; i < COUNT(answers); i++)
			for (unsigned how = 0; how < 4; how++)
				steps_try(step, answers[i], how);
}

/* --- where a recipient ends up ----------------------------------------------------- */

enum place_name { TAKEN, RETURNED, QUEUED };

static void expect_place(struct fixture *f, size_t row, const char *address, enum place_name want)
{
	struct place p = place_of(f, address);

	one_place(f, address, "expect_place");
	check_at(row, (want == TAKEN) == (p.taken == 1) && (want == RETURNED) == p.returned &&
	                      (want == QUEUED) == p.queued);
}

static void test_outcomes(void **state)
{
	static const struct {
		struct remote_manner first, second;
		enum place_name a; /* b550 is returned and c450 queued whenever a is taken */
		unsigned connections;
	} rows[] = {
		{ { 0 }, { 0 }, TAKEN, 1 },
		{ { .greeting = "554 no mail here" }, { 0 }, QUEUED, 1 },
		{ { .greeting = "421 busy" }, { 0 }, QUEUED, 1 },
		{ { .ehlo = "502 what?" }, { 0 }, TAKEN, 1 },
		{ { .ehlo = "421 busy" }, { 0 }, QUEUED, 1 },
		{ { .ehlo = "550 go away", .helo = "550 go away" }, { 0 }, QUEUED, 1 },
		{ { .mail = "550 5.7.1 not you" }, { 0 }, RETURNED, 1 },
		{ { .mail = "421 busy" }, { 0 }, QUEUED, 1 },
		{ { .mail = "" }, { 0 }, QUEUED, 1 },
		{ { .data = "554 5.6.0 no" }, { 0 }, RETURNED, 1 },
		{ { .data = "250 odd" }, { 0 }, QUEUED, 1 },
		{ { .data = "334 odd" }, { 0 }, QUEUED, 1 },
		{ { .end = "554 5.7.1 spam" }, { 0 }, RETURNED, 1 },
		{ { .end = "452 4.3.1 full" }, { 0 }, QUEUED, 1 },
		{ { .end = "354 odd" }, { 0 }, QUEUED, 1 },
		{ { .end = "" }, { 0 }, QUEUED, 1 },
		/* STARTTLS that fails is tried again without (RFC 7435) */
		{ { .ehlo = "250-x\r\n250 STARTTLS" }, { 0 }, TAKEN, 2 },
		{ { .ehlo = "250-x\r\n250 STARTTLS", .starttls = "220 go\r\ngarbage garbage" },
		  { 0 },
		  TAKEN,
		  2 },
		{ { .ehlo = "250-x\r\n250 STARTTLS", .starttls = "!220 go" }, { 0 }, TAKEN, 2 },
		{ { .ehlo = "250-x\r\n250 STARTTLS", .starttls = "" }, { 0 }, QUEUED, 1 },
		/* a host may be called what it likes */
		{ { .ehlo = "250-STARTTLS\r\n250 8BITMIME" }, { 0 }, TAKEN, 1 },
		/* RFC 1870 */
		{ { .ehlo = "250-x\r\n250 SIZE 10" }, { 0 }, RETURNED, 1 },
		{ { .ehlo = "250-x\r\n250 SIZE 0" }, { 0 }, TAKEN, 1 },
		{ { .ehlo = "250-x\r\n250 SIZE" }, { 0 }, TAKEN, 1 },
		{ { .ehlo = "250-x\r\n250 SIZE 1000" }, { 0 }, TAKEN, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner both[] = { rows[i].first, rows[i].second };
		struct fixture f;

		open_with(&f, both, 2);
		post(&f, three, COUNT(three), BODY);
		attempt(&f);
		expect_place(&f, i, three[0], rows[i].a);
		if (rows[i].a == TAKEN) {
			expect_place(&f, i, three[1], RETURNED);
			expect_place(&f, i, three[2], QUEUED);
		}
		check_at(i, atomic_load(&f.remote.connections) == rows[i].connections);
		close_all(&f);
	}
}

/* --- the message on the wire ----------------------------------------------------- */

static void test_the_message_arrives_as_it_is(void **state)
{
	static const char *const rcpt[] = { "a@remote.example" };
	struct buf body;
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	buf_init(&body, 8 << 20);
	buf_put(&body, STR("Subject: \xc3\xa4\r\n\r\n.\r\n..\r\n.x\r\n"));
	while (body.n < 3 << 20) /* over many pieces of the store */
		buf_fmt(&body, ".line %zu\r\n", body.n);
	buf_put(&body, STR("no end"));
	post(&f, rcpt, 1, buf_str(&body));
	attempt(&f);
	assert_int_equal(remote_times(&f.remote, rcpt[0]), 1);
	assert_true(remote_heard(&f.remote, "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n"));
	/* every line of ours began with a dot or not; the remote got one dot more */
	assert_true(str_starts(buf_str(&f.remote.last),
	                       STR("Subject: \xc3\xa4\r\n\r\n..\r\n...\r\n..x\r\n..line ")));
	assert_true(str_ends(buf_str(&f.remote.last), STR("\r\nno end\r\n")));
	buf_deinit(&body);
	close_all(&f);
}

static void expect_sent(struct fixture *f, const char *command, struct str message)
{
	if (!remote_heard(&f->remote, command))
		fail_msg("not said: %s", command);
	check_str(buf_str(&f->remote.last), message);
}

static void test_the_message_in_one_chunk(void **state)
{
	static const char *const rcpt[] = { "a@remote.example" };
	struct remote_manner m = { .chunking = true };
	struct buf body;
	struct fixture f;

	(void)state;
	open_with(&f, &m, 1);
	buf_init(&body, 8 << 20);
	buf_put(&body, STR("Subject: \xc3\xa4\r\n\r\n.\r\n..\r\n"));
	while (body.n < 3 << 20)
		buf_fmt(&body, ".line %zu\r\n", body.n);
	buf_put(&body, STR("no end"));
	post(&f, rcpt, 1, buf_str(&body));
	attempt(&f);
	assert_int_equal(remote_times(&f.remote, rcpt[0]), 1);
	assert_false(remote_heard(&f.remote, "DATA"));
	check_str(buf_str(&f.remote.last), buf_str(&body));
	buf_deinit(&body);
	close_all(&f);
}

/* --- what the remote cannot take ------------------------------------------------------------ */

#define BINARY STR("Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r.\n\xff")
#define BASE64                                                                              \
	STR("Content-Type: image/x\r\nContent-Transfer-Encoding: base64\r\nMIME-Version: " \
	    "1.0\r\n\r\nAA0uCv8=\r\n")
#define SIGNED                                                                               \
	STR("MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n" \
	    "\xc3\xa4\r\n--b\r\n\r\nsignature\r\n--b--\r\n")
#define TEXT_8BIT STR("Subject: x\r\n\r\nplain and \xc3\xa4\r\n")
#define TEXT_QP                                                                                \
	STR("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\nplain and =C3=A4\r\n")
#define HEADER_UTF8 STR("Subject: \xc3\xa4\r\n\r\nplain\r\n")

static void test_what_the_remote_takes(void **state)
{
	static const struct {
		struct remote_manner manner;
		unsigned flags;
		struct str message, sent; /* sent empty: returned */
		const char *said;
	} rows[] = {
		{ { .chunking = true, .binary = true }, QUEUE_BINARY | QUEUE_8BIT, BINARY, BINARY,
		  "MAIL FROM:<bob@example.org> BODY=BINARYMIME\r\n" },
		{ { .chunking = true }, QUEUE_BINARY | QUEUE_8BIT, BINARY, BASE64,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
		/* BINARYMIME without CHUNKING is nothing (RFC 3030 3) */
		{ { .binary = true, .no_8bit = true }, QUEUE_BINARY | QUEUE_8BIT, BINARY, BASE64,
		  "MAIL FROM:<bob@example.org>\r\n" },
		{ { 0 }, QUEUE_8BIT, TEXT_8BIT, TEXT_8BIT,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
		{ { .no_8bit = true }, QUEUE_8BIT, TEXT_8BIT, TEXT_QP,
		  "MAIL FROM:<bob@example.org>\r\n" },
		{ { 0 }, QUEUE_8BIT, SIGNED, SIGNED, "BODY=8BITMIME\r\n" },
		{ { .no_8bit = true }, QUEUE_8BIT, SIGNED, STR(""), "EHLO" },
		{ { .utf8 = true }, QUEUE_8BIT | QUEUE_UTF8, HEADER_UTF8, HEADER_UTF8,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME SMTPUTF8\r\n" },
		{ { 0 }, QUEUE_8BIT | QUEUE_UTF8, HEADER_UTF8, STR(""), "EHLO" },
		/* announced, but not needed (RFC 6531 3.4) */
		{ { 0 }, QUEUE_8BIT | QUEUE_UTF8, TEXT_8BIT, TEXT_8BIT,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
	};
	static const char *const rcpt[] = { "a@remote.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, &rows[i].manner, 1);
		post_as(&f, rcpt, 1, rows[i].message, rows[i].flags);
		attempt(&f);
		expect_place(&f, i, rcpt[0], rows[i].sent.n != 0 ? TAKEN : RETURNED);
		expect_sent(&f, rows[i].said, rows[i].sent);
		close_all(&f);
	}
}

/* RFC 6531 3.4: who can be named gets the message, the others come back. */
static void test_addresses_beyond_ascii(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "j\xc3\xb6rg@remote.example" };

	(void)state;
	for (unsigned how = 0; how < 4; how++) {
		struct remote_manner m = { .no_pipelining = how & 1, .utf8 = (how & 2) != 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		post(&f, rcpts, 2, BODY);
		attempt(&f);
		check_at(how, remote_times(&f.remote, rcpts[0]) == 1);
		check_at(how, (remote_times(&f.remote, rcpts[1]) == 1) == m.utf8);
		check_at(how, remote_heard(&f.remote, "j\xc3\xb6rg") == m.utf8);
		check_at(how, remote_heard(&f.remote, " SMTPUTF8\r\n") == m.utf8);
		check_at(how, text_has(bobs_mail, &f.town, "5.6.7") == !m.utf8);
		check_at(how, town_queue(&f.town, NULL) == 0);
		close_all(&f);
	}
}

/* --- several messages on one connection ----------------------------------------------------- */

static void many_post(struct fixture *f, size_t n)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < n; i++) {
		const char *rcpt = str_z(&a, str_fmt(&a, "u%zux@remote.example", i));

		post(f, &rcpt, 1, BODY);
	}
	arena_deinit(&a);
}

static void many_expect(struct fixture *f, size_t n)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < n; i++)
		check_at(i, remote_times(&f->remote,
		                         str_z(&a, str_fmt(&a, "u%zux@remote.example", i))) == 1);
	arena_deinit(&a);
	assert_int_equal(town_queue(&f->town, NULL), 0);
}

static void test_one_connection_for_many(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	many_post(&f, 60);
	attempt(&f);
	many_expect(&f, 60);
	assert_int_equal(atomic_load(&f.remote.connections), 1);
	assert_int_equal(atomic_load(&f.remote.quits), 1);
	close_all(&f);
}

/* A remote so slow that the lease ends meanwhile: somebody else sends the message then, so it
 * must not be ended here. */
static void test_slower_than_the_lease(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const struct {
		int64_t takes_s;
		enum place_name place;
	} rows[] = {
		{ LIMIT_queue_lease_s / 2, TAKEN },
		{ LIMIT_queue_lease_s - 60, QUEUED }, /* the answer could come too late */
		{ LIMIT_queue_lease_s + 60, QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, NULL, 0);
		f.remote.data_takes_ms = rows[i].takes_s * 1000;
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		clock_shift_real(-rows[i].takes_s * 1000);
		expect_place(&f, i, rcpts[0], rows[i].place);
		close_all(&f);
	}
}

/* A server that takes one message for each connection, and ends it in one way or another. */
static void test_connections_that_end(void **state)
{
	static const char *const ends[] = { "!250 ok, and goodbye" };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		open_with(&f, (struct remote_manner[]){ { .end = ends[i] } }, 1);
		many_post(&f, 10);
		attempt(&f);
		many_expect(&f, 10);
		assert_int_equal(atomic_load(&f.remote.connections), 10);
		close_all(&f);
	}
}

/* Who refuses DATA is still in the transaction, and would say so at the next message's MAIL:
 * that is not about that message. */
static void test_data_refused_is_not_about_the_next_message(void **state)
{
	static const struct {
		const char *data;
		enum place_name place;
	} rows[] = { { "451 4.7.1 not now", QUEUED }, { "554 5.7.1 no", RETURNED } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, &(struct remote_manner){ .data = rows[i].data }, 1);
		many_post(&f, 2);
		attempt(&f);
		expect_place(&f, i, "u0x@remote.example", rows[i].place);
		expect_place(&f, i, "u1x@remote.example", rows[i].place);
		check_at(i, !text_has(bobs_mail, &f.town, "nested"));
		assert_int_equal(atomic_load(&f.remote.connections), 1);
		close_all(&f);
	}
}

/* What is said of RSET is not about the recipients after it: they take another connection. */
static void test_more_recipients_than_one_transaction_takes(void **state)
{
	struct arena a = { 0 };
	const char *rcpts[250];
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i] =
			str_z(&a, str_fmt(&a, "u%zu%s@remote.example", i, i < 100 ? "x550" : "x"));
	for (int good = 0; good < 2; good++) {
		open_with(&f, (struct remote_manner[]){ { .rset = good ? NULL : "550 5.7.1 no" } },
		          1);
		post(&f, rcpts, COUNT(rcpts), BODY);
		attempt(&f);
		for (size_t i = 0; i < COUNT(rcpts); i++)
			expect_place(&f, i, rcpts[i], i < 100 ? RETURNED : TAKEN);
		assert_int_equal(atomic_load(&f.remote.rsets), 1);
		assert_int_equal(atomic_load(&f.remote.connections), good ? 1 : 2);
		close_all(&f);
	}
	arena_deinit(&a);
}

/* RFC 9422 4.1: each part of a message counts as one on its connection. */
static void test_one_transaction_a_connection(void **state)
{
	struct remote_manner one = { .ehlo = "250-remote.example\r\n250 LIMITS MAILMAX=1" };
	struct arena a = { 0 };
	const char *rcpts[250];
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++)
		rcpts[i] = str_z(&a, str_fmt(&a, "u%zux@remote.example", i));
	open_with(&f, &one, 1);
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt(&f);
	for (size_t i = 0; i < COUNT(rcpts); i++)
		expect_place(&f, i, rcpts[i], TAKEN);
	assert_int_equal(atomic_load(&f.remote.connections), 3);
	close_all(&f);
	arena_deinit(&a);
}

/* RFC 5321 4.5.3.1.10: a 552 to RCPT may mean that there are too many. */
static void test_too_many_recipients(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b552@remote.example" };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	post(&f, rcpts, 2, BODY);
	attempt(&f);
	expect_place(&f, 0, rcpts[0], TAKEN);
	expect_place(&f, 1, rcpts[1], QUEUED);
	close_all(&f);
	open_with(&f, NULL, 0);
	post(&f, rcpts + 1, 1, BODY);
	attempt(&f);
	expect_place(&f, 2, rcpts[1], RETURNED);
	close_all(&f);
}

/* A 421 to RCPT ends the connection (RFC 5321 3.8): those after it wait, whatever was said
 * before. */
static void test_421_amid_recipients(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b550@remote.example",
		                             "c421@remote.example", "d@remote.example",
		                             "e550@remote.example" };

	(void)state;
	for (size_t n = 2; n <= COUNT(rcpts); n++)
		for (int stepwise = 0; stepwise < 2; stepwise++) {
			struct fixture f;

			open_with(&f, &(struct remote_manner){ .no_pipelining = stepwise }, 1);
			post(&f, rcpts + 1, n - 1, BODY);
			attempt(&f);
			for (size_t i = 1; i < n; i++)
				expect_place(&f, i, rcpts[i], i == 1 ? RETURNED : QUEUED);
			close_all(&f);
		}
}

/* A reply without end does not hold a thread or its memory. */
static void test_endless_reply(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	struct fixture f;
	struct buf endless;

	(void)state;
	buf_init(&endless, 1 << 20);
	while (endless.n < 36000)
		buf_put(&endless, STR("250-AUTH and on\r\n"));
	buf_put(&endless, STR("250-\0"));
	open_with(&f, (struct remote_manner[]){ { .ehlo = endless.p } }, 1);
	post(&f, rcpts, 1, BODY);
	attempt(&f);
	expect_place(&f, 0, rcpts[0], QUEUED);
	close_all(&f);
	buf_deinit(&endless);
}

/* --- smarthost ----------------------------------------------------- */

static void test_smarthost_login(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b@other.example" };
	static const struct {
		const char *ehlo, *auth, *heard;
		enum place_name place;
	} rows[] = {
		{ "250-x\r\n250 AUTH PLAIN LOGIN", NULL, "AUTH PLAIN AHVAaABwJQ==\r\n", TAKEN },
		{ "250-x\r\n250 AUTH LOGIN", "334 VXNlcm5hbWU6", "AUTH LOGIN\r\n", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", "535 5.7.8 no", "AUTH PLAIN", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", "334 more", "*\r\n", QUEUED },
		{ "250-x\r\n250 AUTH GSSAPI", NULL, "QUIT", QUEUED },
		{ "250-x\r\n250 SIZE 1000", NULL, "EHLO", QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo, .auth = rows[i].auth };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.smarthost =
			str_fmt(&a, "smtp://u%%40h:p%%25@127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, 2, BODY);
		attempt(&f);
		if (town_queue(&f.town, NULL) != 0 && rows[i].place == TAKEN)
			attempt(&f);
		expect_place(&f, i, rcpts[0], rows[i].place);
		if (i != 4)
			check_at(i, remote_heard(&f.remote, rows[i].heard));
		close_all(&f);
		arena_deinit(&a);
	}
}

/* A server without keys for SCRAM refuses a password that is right; one that says nothing sound, or
 * that something else is wrong for now, gets nothing more. */
static void test_smarthost_refuses_scram(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const char both[] = "250-x\r\n250 AUTH SCRAM-SHA-256 PLAIN";
	static const struct {
		const char *ehlo, *scram, *plain;
		bool tried;
		enum place_name place;
	} rows[] = {
		{ both, "535 5.7.8 no", NULL, true, TAKEN },
		{ both, "504 5.5.4 no", NULL, true, TAKEN },
		{ both, "535 5.7.8 no", "535 5.7.8 no", true, QUEUED },
		{ both, "454 4.7.0 later", NULL, false, QUEUED },
		{ both, "421 4.7.0 bye", NULL, false, QUEUED },
		{ both, "334 bm8=", NULL, false, QUEUED }, /* "no"; then "*", and 504 */
		{ both, "235 2.7.0 come in", NULL, false, QUEUED },
		{ "250-x\r\n250 AUTH SCRAM-SHA-256", "535 5.7.8 no", NULL, false, QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo,
			                   .auth = rows[i].plain,
			                   .auth_scram = rows[i].scram };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.smarthost =
			str_fmt(&a, "smtp://u%%40h:p%%25@127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		expect_place(&f, i, rcpts[0], rows[i].place);
		check_at(i, remote_heard(&f.remote, "AUTH SCRAM-SHA-256 biwsbj11QGgs"));
		check_at(i, remote_heard(&f.remote, "AUTH PLAIN") == rows[i].tried);
		close_all(&f);
		arena_deinit(&a);
	}
}

/* --- ways of ROOST_ROUTES ----------------------------------------------------- */

/* Each recipient has an answer of his own, and one that does not come is no answer. */
static void test_lmtp(void **state)
{
	static const char *const rcpts[] = { "a@remote.example",    "full@remote.example",
		                             "b550@remote.example", "bad@remote.example",
		                             "aa@remote.example",   "gone@remote.example",
		                             "zz@remote.example" };
	static const enum place_name places[] = { TAKEN, QUEUED, RETURNED, RETURNED,
		                                  TAKEN, QUEUED, QUEUED };

	(void)state;
	for (int stepwise = 0; stepwise < 2; stepwise++) {
		struct remote_manner m = { .lmtp = true, .no_pipelining = stepwise };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.routes = STR("via=lists");
		f.settings.relays =
			str_fmt(&a, "name=lists to=lmtp://127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, COUNT(rcpts), BODY);
		attempt_by(&f, STR("@lists"));
		for (size_t i = 0; i < COUNT(rcpts); i++)
			expect_place(&f, i, rcpts[i], places[i]);
		assert_true(remote_heard(&f.remote, "LHLO "));
		assert_false(remote_heard(&f.remote, "HELO "));
		close_all(&f);
		arena_deinit(&a);
	}
}

/* The first host refuses connections: the second one gets the mail, with the route's name and at
 * most so many recipients at a time. */
static void test_relay_that_fails_over(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b@remote.example",
		                             "c@remote.example" };
	struct arena a = { 0 };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	f.settings.routes = STR("via=isp hello=out.example.org recipients=2 source=127.0.0.7");
	f.settings.relays = str_fmt(&a,
	                            "name=isp to=smtp://127.0.0.1:1 priority=1\n"
	                            "name=isp to=smtp://127.0.0.1:%u priority=2",
	                            f.remote.port);
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt_by(&f, STR("@isp"));
	for (size_t i = 0; i < COUNT(rcpts); i++)
		expect_place(&f, i, rcpts[i], TAKEN);
	assert_true(remote_heard(&f.remote, "EHLO out.example.org\r\n"));
	assert_true(remote_heard(&f.remote, "RCPT TO:<b@remote.example>\r\nDATA"));
	assert_int_equal(atomic_load(&f.remote.connections), 1);
	close_all(&f);
	arena_deinit(&a);
}

/* A token goes where it is asked for. */
static void test_relay_with_a_token(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const struct {
		const char *ehlo, *auth, *heard;
		enum place_name place;
	} rows[] = {
		{ "250-x\r\n250 AUTH PLAIN XOAUTH2", NULL,
		  "AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRvawEB\r\n", TAKEN },
		{ "250-x\r\n250 AUTH OAUTHBEARER", NULL,
		  "AUTH OAUTHBEARER bixhPXUsAWF1dGg9QmVhcmVyIHRvawEB\r\n", TAKEN },
		{ "250-x\r\n250 AUTH OAUTHBEARER", "334 e30=", "\r\nAQ==\r\n", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", NULL, "QUIT", QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo, .auth = rows[i].auth };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.routes = STR("via=isp");
		f.settings.relays =
			str_fmt(&a, "name=isp to=smtp://127.0.0.1:%u user=u token=tok",
		                f.remote.port);
		post(&f, rcpts, 1, BODY);
		attempt_by(&f, STR("@isp"));
		expect_place(&f, i, rcpts[0], rows[i].place);
		if (i != 3) /* QUIT may still be on its way */
			check_at(i, remote_heard(&f.remote, rows[i].heard));
		close_all(&f);
		arena_deinit(&a);
	}
}

/* --- the runner ----------------------------------------------------- */

/* As main/ wires it. */
static void runner_start(struct fixture *f)
{
	struct queue_host host;

	delivery_host_init(&host, &f->town.delivery);
	queue_host_set(f->town.queue, &host);
	assert_int_equal(smtp_out_start(&f->config, &f->out, NULL), OK);
}

static bool within_s(struct fixture *f, unsigned s, bool (*done)(struct fixture *))
{
	for (unsigned i = 0; i < s * 200; i++) {
		if (done(f))
			return true;
		usleep(5000);
	}
	return false;
}

static bool queue_is_empty(struct fixture *f)
{
	return town_queue(&f->town, NULL) == 0;
}

static bool five_are_open(struct fixture *f)
{
	return atomic_load(&f->remote.open) >= 5;
}

static void test_runner(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	atomic_store(&f.remote.gated, true);
	runner_start(&f);
	many_post(&f, 150);
	smtp_out_wake(f.out);
	assert_true(within_s(&f, 10, five_are_open));
	usleep(100000);
	assert_int_equal(atomic_load(&f.remote.open_most), 5); /* PACE_BEGIN */
	/* Stuck with a slow remote: stopping does not wait for ever. */
	assert_false(smtp_out_stop(&f.out, clock_mono_ms() + 50));
	assert_non_null(f.out);
	atomic_store(&f.remote.gated, false);
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	assert_null(f.out);
	/* Begun before: each is either gone or there again, nothing twice. */
	runner_start(&f);
	assert_true(within_s(&f, 30, queue_is_empty));
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	many_expect(&f, 150);
	close_all(&f);
}

/* Who answers slowly gets few at a time, so others need not wait for the end of a long batch. */
static void test_few_messages_by_many_sessions(void **state)
{
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	atomic_store(&f.remote.gated, true);
	runner_start(&f);
	many_post(&f, 20);
	smtp_out_wake(f.out);
	assert_true(within_s(&f, 10, five_are_open));
	atomic_store(&f.remote.gated, false);
	assert_true(within_s(&f, 30, queue_is_empty));
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	many_expect(&f, 20);
	close_all(&f);
}

/* Such settings are refused before they count (smtp_out_check); what slips through must not
 * cost any mail. */
static void test_runner_waits_with_a_bad_smarthost(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	struct queue_config queue_again = { 0 };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	live_free(&f.live);
	post(&f, rcpts, 1, BODY);
	f.settings.smarthost = STR("gopher://x");
	f.config.live = f.live = live_of(&f.settings);
	queue_again.store = f.config.store;
	queue_again.live = f.live;
	queue_close(&f.town.queue);
	assert_int_equal(queue_open(&f.town.queue, &queue_again, NULL), OK);
	f.config.queue = f.town.queue;
	runner_start(&f);
	smtp_out_wake(f.out);
	usleep(100000);
	assert_true(smtp_out_stop(&f.out, clock_mono_ms() + 20000));
	assert_int_equal(town_queue(&f.town, NULL), 1);
	assert_int_equal(atomic_load(&f.remote.connections), 0);
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_answer_at_every_step),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_the_message_arrives_as_it_is),
		cmocka_unit_test(test_the_message_in_one_chunk),
		cmocka_unit_test(test_what_the_remote_takes),
		cmocka_unit_test(test_addresses_beyond_ascii),
		cmocka_unit_test(test_one_connection_for_many),
		cmocka_unit_test(test_connections_that_end),
		cmocka_unit_test(test_slower_than_the_lease),
		cmocka_unit_test(test_data_refused_is_not_about_the_next_message),
		cmocka_unit_test(test_more_recipients_than_one_transaction_takes),
		cmocka_unit_test(test_one_transaction_a_connection),
		cmocka_unit_test(test_too_many_recipients),
		cmocka_unit_test(test_421_amid_recipients),
		cmocka_unit_test(test_endless_reply),
		cmocka_unit_test(test_smarthost_login),
		cmocka_unit_test(test_smarthost_refuses_scram),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_relay_that_fails_over),
		cmocka_unit_test(test_relay_with_a_token),
		cmocka_unit_test(test_runner),
		cmocka_unit_test(test_few_messages_by_many_sessions),
		cmocka_unit_test(test_runner_waits_with_a_bad_smarthost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
