/* tests/unit/imap/session_fixture.h: sessions to be talked to line by line, over the server of
 * fixture.h. Include in one file of a program. */
#ifndef UNIT_IMAP_SESSION_FIXTURE_H
#define UNIT_IMAP_SESSION_FIXTURE_H
#include "unit/imap/fixture.h"

#include "foundation/base/fault.h"

static struct imap_fixture f;

static inline int setup(void **state)
{
	(void)state;
	imap_fixture_open(&f);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	imap_fixture_close(&f);
	return 0;
}

/* Send, and see that the answer ends as it should. Forgets what was said before. */
static inline struct str ask(struct conn *c, const char *command, const char *end)
{
	struct arena a = { 0 };
	struct str said;

	buf_reset(&c->sent);
	fake_send(c, str_fmt(&a, "%s\r\n", command), SIZE_MAX);
	arena_deinit(&a);
	said = buf_str(&c->sent);
	if (!str_ends(said, str_of(end)))
		fail_msg("%s: \"...%.*s\", want \"%s\"", command,
		         STR_ARG(str_sub(said, said.n > 200 ? said.n - 200 : 0, said.n)), end);
	return said;
}

/* Double the messages of INBOX, which c has selected, n times, after the delivery of 32: an email
 * has a maximum of copies. */
static inline void inbox_fill(struct conn *c, const char *subject, unsigned n)
{
	for (unsigned i = 0; i < 32; i++)
		imap_fixture_deliver(&f, "INBOX", str_of(subject));
	ask(c, "b NOOP", "NOOP completed\r\n");
	while (n-- > 0)
		ask(c, "b UID COPY 1:* INBOX", "COPY completed\r\n");
}

static inline size_t count(struct str s, const char *what)
{
	size_t n = 0;
	ptrdiff_t at;

	for (; (at = str_find(s, str_of(what))) >= 0; n++)
		s = str_sub(s, (size_t)at + 1, s.n);
	return n;
}

/* A message with n bytes of body in which every line is different. */
static inline struct str big_message(struct buf *b, size_t n)
{
	buf_init(b, n + 1000);
	buf_put(b, STR("Subject: big\r\n\r\n"));
	for (size_t line = 0; b->n < n; line++)
		buf_fmt(b, "line %zu of a big message, %zx\r\n", line, line * 2654435761u);
	return buf_str(b);
}

static inline void append(struct conn *c, struct str raw)
{
	struct arena a = { 0 };

	buf_reset(&c->sent);
	fake_send(c, str_fmt(&a, "p APPEND INBOX {%zu+}\r\n", raw.n), SIZE_MAX);
	fake_send(c, raw, 10000);
	fake_send(c, STR("\r\n"), 1);
	arena_deinit(&a);
	if (count(buf_str(&c->sent), "p OK [APPENDUID") != 1)
		fail_msg("APPEND: %.*s", STR_ARG(buf_str(&c->sent)));
}

static inline enum err quota_read(const struct mail_txn *m, void *arg)
{
	return mail_quota_get(m, arg);
}

static inline uint64_t used_bytes(void)
{
	struct mail_quota q;

	assert_int_equal(mail_read(&f.mail, f.account, quota_read, &q), OK);
	return q.used_bytes;
}

/* A test that has the server to itself. */
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
