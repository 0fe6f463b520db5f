/* SEARCH, SORT and THREAD with the index answer as those without: the same sessions, messages and
 * programs, one store that is indexed now and then and one that never is.
 * Slow: it runs each search on two stores and on every state of the index. */
#include "unit/imap/fixture.h"

#include "model/search/indexer.h"

enum { ROUNDS = 40, SEARCHES = 25 };

static uint64_t seed = 7;

static uint32_t any(uint32_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static const char *const words[] = { "apple",
	                             "app",
	                             "pear",
	                             "Apple-pear",
	                             "x@example.org",
	                             "p",
	                             "le p",
	                             "e",
	                             "pp",
	                             "\xc3\xa9t\xc3\xa9",
	                             "hello",
	                             "ada",
	                             "none",
	                             "subject: app",
	                             "\xe6\xbc\xa2\xe5\xad\x97",
	                             "\xe6\xbc\xa2",
	                             "-",
	                             "apples",
	                             "aplpe",
	                             "\xe6\xbc\xa2\xe5\xad\x97\xe3\x81\x82",
	                             "pears apple" };

static struct str word(void)
{
	return str_of(words[any(COUNT(words))]);
}

static void key_put(struct buf *out, unsigned depth)
{
	static const char *const texts[] = {
		"SUBJECT",           "BODY",       "TEXT", "FROM", "CC", "TO", "HEADER X-Fruit",
		"HEADER Message-ID", "HEADER \"\""
	};
	static const char *const others[] = { "ALL",     "SEEN",        "UNSEEN",
		                              "2:5",     "SMALLER 400", "DELETED",
		                              "UID 3:*", "LARGER 350",  "SENTSINCE 8-Jul-1996" };
	struct str w = word();

	switch (any(depth ? 9 : 4)) {
	case 4:
		buf_put(out, STR("NOT "));
		key_put(out, depth - 1);
		return;
	case 5:
		buf_put(out, STR("OR "));
		key_put(out, depth - 1);
		buf_byte(out, ' ');
		key_put(out, depth - 1);
		return;
	case 7:
	case 8:
		buf_put(out, STR("FUZZY "));
		key_put(out, depth - 1);
		return;
	case 6:
		buf_byte(out, '(');
		key_put(out, depth - 1);
		buf_byte(out, ' ');
		key_put(out, depth - 1);
		buf_byte(out, ')');
		return;
	case 3:
		buf_put(out, str_of(others[any(COUNT(others))]));
		return;
	default:
		buf_fmt(out, "%s {%zu+}\r\n%.*s", texts[any(COUNT(texts))], w.n, STR_ARG(w));
	}
}

static void text_put(struct buf *out)
{
	buf_fmt(out, "Content-Type: text/%s; charset=utf-8\r\n\r\n", any(2) ? "plain" : "html");
	for (unsigned n = any(12); n > 0; n--)
		buf_fmt(out, "%.*s%s", STR_ARG(word()), any(3) ? " " : "\r\n");
}

/* A text, and a file whose name TEXT finds, or a message. */
static void multipart_put(struct buf *out)
{
	buf_put(out, STR("Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n"));
	text_put(out);
	if (any(2))
		buf_fmt(out,
		        "\r\n--cut\r\nContent-Type: image/png; name=\"%.*s\"\r\n"
		        "X-Fruit: %.*s\r\n\r\nhello\r\n--cut--\r\n",
		        STR_ARG(word()), STR_ARG(word()));
	else
		buf_fmt(out,
		        "\r\n--cut\r\nContent-Type: message/rfc822\r\nX-Fruit: %.*s\r\n\r\n"
		        "Subject: %.*s\r\n\r\npear\r\n--cut--\r\n",
		        STR_ARG(word()), STR_ARG(word()));
}

static void message_put(struct buf *out)
{
	buf_fmt(out, "From: Ada <ada@example.org>\r\nSubject: %.*s %.*s\r\n", STR_ARG(word()),
	        STR_ARG(word()));
	if (any(3))
		buf_fmt(out, "Date: %u Jul 1996 02:00:00 +0000\r\n", 1 + any(28));
	if (any(2))
		buf_fmt(out, "References: <%u@example.org> <%u@example.org>\r\n", any(30), any(30));
	if (any(2))
		buf_fmt(out, "Cc: %.*s <c@example.org>\r\n", STR_ARG(word()));
	if (any(3) == 0)
		buf_fmt(out, "Content-Language: %s\r\n", any(2) ? "de" : "en");
	if (any(2))
		buf_fmt(out, "X-Fruit: %.*s\r\n", STR_ARG(word()));
	buf_fmt(out, "Message-ID: <%u@example.org>\r\nMIME-Version: 1.0\r\n", any(30));
	if (any(3) == 0)
		multipart_put(out);
	else
		text_put(out);
}

static void append(struct conn *c, struct str message, unsigned day)
{
	struct buf out;

	buf_init(&out, message.n + 100);
	buf_fmt(&out, "p APPEND INBOX \"%02u-Aug-1996 01:00:00 +0000\" {%zu+}\r\n%.*s\r\n", day,
	        message.n, STR_ARG(message));
	fake_send(c, buf_str(&out), SIZE_MAX);
	buf_deinit(&out);
}

/* SEARCH, SORT or THREAD, up to the keys. */
static void command_put(struct buf *out)
{
	static const char *const heads[] = {
		"SEARCH ",
		"SEARCH RETURN (MIN MAX COUNT ALL) ",
		"SORT (DATE) UTF-8 ",
		"SORT (SUBJECT REVERSE FROM) UTF-8 ",
		"SORT RETURN (COUNT ALL) (REVERSE SUBJECT DISPLAYFROM CC) UTF-8 ",
		"SEARCH RETURN (RELEVANCY ALL) FUZZY ",
		"SEARCH RETURN (PARTIAL 2:4 RELEVANCY) FUZZY ",
		"SORT (RELEVANCY) UTF-8 FUZZY ",
		"SORT RETURN (ALL RELEVANCY) (REVERSE RELEVANCY SUBJECT) UTF-8 FUZZY ",
		"THREAD REFERENCES UTF-8 ",
		"THREAD REFS UTF-8 ",
		"THREAD ORDEREDSUBJECT UTF-8 ",
	};

	buf_fmt(out, "s %s%s", any(2) ? "UID " : "", heads[any(3) ? any(2) : any(COUNT(heads))]);
}

static void both(struct conn *c[2], struct str line)
{
	for (size_t i = 0; i < 2; i++) {
		buf_reset(&c[i]->sent);
		fake_send(c[i], line, SIZE_MAX);
	}
	if (!str_eq(buf_str(&c[0]->sent), buf_str(&c[1]->sent)))
		fail_msg("%.*s\nwith the index: %.*s\nwithout: %.*s", STR_ARG(line),
		         STR_ARG(buf_str(&c[0]->sent)), STR_ARG(buf_str(&c[1]->sent)));
}

static void round_of(struct imap_fixture f[2], struct conn *c[2], struct buf *text)
{
	struct indexer_config config = { .store = f[0].mail.temp.store,
		                         .limits = MESSAGE_LIMITS_DEFAULT,
		                         .batch = 1 + any(20),
		                         .message_bytes = 1 << 20,
		                         .message_words = any(2) ? 10 : 1000 };

	for (unsigned n = any(20); n > 0; n--) {
		unsigned day = 1 + any(28);

		buf_reset(text);
		message_put(text);
		for (size_t i = 0; i < 2; i++)
			append(c[i], buf_str(text), day);
	}
	if (any(3))
		assert_int_equal(index_account(&config, f[0].account), OK);
	both(c, STR("n NOOP\r\n"));
	buf_reset(text);
	buf_fmt(text, "f STORE %u +FLAGS (%s)\r\n", 1 + any(5), any(3) ? "\\Seen" : "\\Deleted");
	both(c, buf_str(text));
	if (any(4) == 0)
		both(c, STR("e EXPUNGE\r\n"));
	for (unsigned n = SEARCHES; n > 0; n--) {
		buf_reset(text);
		command_put(text);
		key_put(text, 3);
		buf_put(text, STR("\r\n"));
		both(c, buf_str(text));
	}
}

static void test_same_answers(void **state)
{
	struct imap_fixture f[2];
	struct conn *c[2];
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < 2; i++) {
		imap_fixture_open(&f[i]);
		c[i] = imap_fixture_login(&f[i], i);
		fake_send(c[i], STR("b SELECT INBOX\r\n"), SIZE_MAX);
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		round_of(f, c, &text);
	buf_deinit(&text);
	fake_close(c[0]);
	fake_close(c[1]);
	for (size_t i = 0; i < 2; i++)
		imap_fixture_close(&f[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
