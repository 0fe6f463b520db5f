/* The SMTP client with one message at a time: every answer at every step, where each recipient
 * ends up, and what of the message is on the wire.
 * Slow: it has one session for each answer at each step. */
#include "unit/smtp_out/out_fixture.h"

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

/* A report has a remote and its code only where that one said so (RFC 3464 2.3.5, 2.3.6). */
static void test_whose_words_they_are(void **state)
{
	static const struct {
		struct remote_manner manner;
		struct str message;
		unsigned flags;
		const char *text;
		bool said;
	} rows[] = {
		{ { .mail = "550 5.7.1 not you" }, BODY, 0, "said: 550 5.7.1 not you", true },
		{ { .end = "554 5.7.1 spam" }, BODY, 0, "said: 554 5.7.1 spam", true },
		{ { .ehlo = "250-x\r\n250 SIZE 10" }, BODY, 0, "]: the message is too big", false },
		{ { 0 },
		  STR("Subject: \xc3\xa4\r\n\r\nplain\r\n"),
		  ENVELOPE_8BIT | ENVELOPE_UTF8,
		  "]: the message has a header in UTF-8",
		  false },
	};
	static const char *const rcpts[] = { "a@remote.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, &rows[i].manner, 1);
		post_as(&f, rcpts, 1, rows[i].message, rows[i].flags);
		attempt(&f);
		expect_place(&f, i, rcpts[0], RETURNED);
		check_at(i, text_has(bobs_mail, &f.town, rows[i].text));
		check_at(i, text_has(bobs_mail, &f.town, " said: ") == rows[i].said);
		check_at(i, text_has(bobs_mail, &f.town, "Remote-MTA: ") == rows[i].said);
		check_at(i, text_has(bobs_mail, &f.town, "Diagnostic-Code: ") == rows[i].said);
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

/* Lines longer than RFC 5322 2.1.1 has them. */
#define X25 "xxxxxxxxxxxxxxxxxxxxxxxxx"
#define X75 X25 X25 X25
#define X1000 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X25
#define B "=\r\n" /* a soft break */
#define X1000_QP \
	X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X75 B X25
#define LONG STR("Subject: x\r\nMIME-Version: 1.0\r\n\r\n" X1000 "\r\n")
#define LONG_QP                                                                       \
	STR("Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-" \
	    "printable\r\n\r\n" X1000_QP "\r\n")
#define LONG_SIGNED                                                                        \
	STR("MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b" \
	    "\r\n\r\n" X1000 "\r\n--b\r\n\r\nsignature\r\n--b--\r\n")
#define X900 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75 X75
#define LONG_FIELD STR("Subject: " X75 " " X75 " " X900 "\r\n\r\nplain\r\n")
#define LONG_FOLDED STR("Subject: " X75 " " X75 "\r\n " X900 "\r\n\r\nplain\r\n")
#define LONG_UNFOLDABLE STR("X-Own: " X1000 "\r\n\r\nplain\r\n")

static void test_what_the_remote_takes(void **state)
{
	static const struct {
		struct remote_manner manner;
		unsigned flags;
		struct str message, sent; /* sent empty: returned */
		const char *said;
	} rows[] = {
		{ { .chunking = true, .binary = true },
		  ENVELOPE_BINARY | ENVELOPE_8BIT,
		  BINARY,
		  BINARY,
		  "MAIL FROM:<bob@example.org> BODY=BINARYMIME\r\n" },
		{ { .chunking = true },
		  ENVELOPE_BINARY | ENVELOPE_8BIT,
		  BINARY,
		  BASE64,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
		/* BINARYMIME without CHUNKING is nothing (RFC 3030 3) */
		{ { .binary = true, .no_8bit = true },
		  ENVELOPE_BINARY | ENVELOPE_8BIT,
		  BINARY,
		  BASE64,
		  "MAIL FROM:<bob@example.org>\r\n" },
		{ { 0 },
		  ENVELOPE_8BIT,
		  TEXT_8BIT,
		  TEXT_8BIT,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
		{ { .no_8bit = true },
		  ENVELOPE_8BIT,
		  TEXT_8BIT,
		  TEXT_QP,
		  "MAIL FROM:<bob@example.org>\r\n" },
		{ { 0 }, ENVELOPE_8BIT, SIGNED, SIGNED, "BODY=8BITMIME\r\n" },
		{ { .no_8bit = true }, ENVELOPE_8BIT, SIGNED, STR(""), "EHLO" },
		{ { .utf8 = true },
		  ENVELOPE_8BIT | ENVELOPE_UTF8,
		  HEADER_UTF8,
		  HEADER_UTF8,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME SMTPUTF8\r\n" },
		{ { 0 }, ENVELOPE_8BIT | ENVELOPE_UTF8, HEADER_UTF8, STR(""), "EHLO" },
		/* announced, but not needed (RFC 6531 3.4) */
		{ { 0 },
		  ENVELOPE_8BIT | ENVELOPE_UTF8,
		  TEXT_8BIT,
		  TEXT_8BIT,
		  "MAIL FROM:<bob@example.org> BODY=8BITMIME\r\n" },
		/* RFC 5321 4.5.3.1.6 */
		{ { 0 }, 0, LONG, LONG_QP, "MAIL FROM:<bob@example.org>\r\n" },
		{ { .chunking = true }, 0, LONG, LONG_QP, "MAIL FROM:<bob@example.org>\r\n" },
		{ { .chunking = true, .binary = true },
		  0,
		  LONG,
		  LONG,
		  "MAIL FROM:<bob@example.org> BODY=BINARYMIME\r\n" },
		{ { .chunking = true, .binary = true },
		  0,
		  LONG_SIGNED,
		  LONG_SIGNED,
		  "MAIL FROM:<bob@example.org> BODY=BINARYMIME\r\n" },
		{ { .chunking = true }, 0, LONG_SIGNED, STR(""), "EHLO" },
		{ { .chunking = true, .binary = true },
		  0,
		  LONG_FIELD,
		  LONG_FOLDED,
		  "MAIL FROM:<bob@example.org>\r\n" },
		{ { .chunking = true, .binary = true }, 0, LONG_UNFOLDABLE, STR(""), "EHLO" },
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

/* What its sender is told. */
static void test_lines_that_cannot_be_sent(void **state)
{
	static const struct {
		struct str message;
		const char *status, *words;
	} rows[] = {
		{ LONG_UNFOLDABLE, "Status: 5.6.0", "X-Own is" },
		{ LONG_SIGNED, "Status: 5.6.3", "is signed, encrypted" },
	};
	static const char *const rcpt[] = { "a@remote.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		open_with(&f, NULL, 0);
		post(&f, rcpt, 1, rows[i].message);
		attempt(&f);
		expect_place(&f, i, rcpt[0], RETURNED);
		check_at(i, text_has(bobs_mail, &f.town, rows[i].status));
		check_at(i, text_has(bobs_mail, &f.town, rows[i].words));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_answer_at_every_step),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_whose_words_they_are),
		cmocka_unit_test(test_the_message_arrives_as_it_is),
		cmocka_unit_test(test_the_message_in_one_chunk),
		cmocka_unit_test(test_what_the_remote_takes),
		cmocka_unit_test(test_lines_that_cannot_be_sent),
		cmocka_unit_test(test_addresses_beyond_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
