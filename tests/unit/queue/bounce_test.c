/* Bounces as they are sent: golden files, compared byte by byte with what is random taken
 * out, and read back by an independent parser (check_bounce.py).
 *
 * After a wanted change: `make golden-accept`, and look at the difference. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "model/queue/dsn/bounce.h"
#include "model/queue/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                   \
	"Received: from pc by here.example; Sat, 21 Nov 2026 04:00:00 +0000\r\n" \
	"From: Ada <ada@here.example>\r\n"                                       \
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from\r\n here\r\n"                 \
	"Message-ID: <abc@here.example>\r\n"                                     \
	"\r\n"

/* 2026-11-21 05:00:00 UTC */
#define NOW_MS 1795237200000LL

static const struct {
	const char *name;
	struct mailaddr sender;
	const char *envid;
	unsigned flags;
	const char *original;
	size_t count;
	enum envelope_by by;
	unsigned needs; /* flags of the report */
	struct {
		struct mailaddr address;
		const char *orcpt;
		struct envelope_reply reply;
		bool expired;
		enum bounce_action action;
		bool late;
	} rcpts[5];
} rows[] = {
#define S(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}
#define AT(local, domain)           \
	{                           \
		S(local), S(domain) \
	}
	{ "failed",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  HEADER "body\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("Bob", "there.example"),
	      NULL,
	      { 550, S("5.1.1"), S("No such user here"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "delayed",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  HEADER "body\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 0, S(""), S("connection refused"), S("mx.there.example") },
	      false,
	      BOUNCE_DELAYED,
	      false } } },
	{ "many",
	  AT("ada", "here.example"),
	  "QQ314159",
	  0,
	  HEADER "body\r\n",
	  3,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("a", "there.example"),
	      "rfc822;A@there.example",
	      { 554, S("2.0.0"),
	        S("a reply that is much longer than one line of the text for people and so has "
	          "to be broken at its blanks; "
	          "https://there.example/a/word/that/is/longer/than/a/line/0123456789/0123456789/"
	          "0123456789/0123456789 and more"),
	        S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false },
	    { AT("b", "there.example"),
	      NULL,
	      { 451, S("4.3.0"), S("try later"), S("mx.there.example") },
	      true,
	      BOUNCE_FAILED,
	      false },
	    { AT("o d", "there.example"),
	      NULL,
	      { 0, S(""), S("there.example does not exist"), S("") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "hostile",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  "Subject: a\r\n --boundary\r\nBad: \xff\xfe\x01\r\nBare: x\ny\r\n\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 550, S("junk"),
	        S("gr\xc3\xbc\xc3\x9f"
	          "e (\"\\ : ;"),
	        S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "utf8",
	  AT("j\xc3\xb6rg", "here.example"),
	  NULL,
	  ENVELOPE_UTF8,
	  HEADER "body\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  ENVELOPE_UTF8 | ENVELOPE_8BIT,
	  { { AT("\xe7\x94\xa8\xe6\x88\xb7+x", "there.example"),
	      NULL,
	      { 550, S("5.6.7"), S("no SMTPUTF8"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "whole",
	  AT("ada", "here.example"),
	  NULL,
	  ENVELOPE_RET_FULL,
	  HEADER "the body\r\ncomes back\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 552, S("5.3.4"), S("too big"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "success",
	  AT("ada", "here.example"),
	  "a+2Bb+20c",
	  ENVELOPE_RET_FULL,
	  HEADER "body\r\n",
	  3,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("bob", "here.example"),
	      "rfc822;Bob+2Bx@here.example",
	      { 0, S(""), S(""), S("") },
	      false,
	      BOUNCE_DELIVERED,
	      false },
	    { AT("all", "here.example"),
	      NULL,
	      { 0, S(""), S(""), S("") },
	      false,
	      BOUNCE_EXPANDED,
	      false },
	    { AT("far", "there.example"),
	      NULL,
	      { 250, S("2.0.0"), S("Ok: queued as 4711"), S("mx.there.example [192.0.2.1]") },
	      false,
	      BOUNCE_RELAYED,
	      false } } },
	{ "mixed",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  HEADER "body\r\n",
	  3,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("far", "there.example"),
	      NULL,
	      { 250, S(""), S("fine"), S("mx.there.example") },
	      false,
	      BOUNCE_RELAYED,
	      false },
	    { AT("full", "there.example"),
	      NULL,
	      { 552, S("5.2.2"), S("over quota"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false },
	    { AT("slow", "there.example"),
	      NULL,
	      { 0, S("4.4.1"), S("timeout"), S("mx.there.example") },
	      false,
	      BOUNCE_DELAYED,
	      false } } },
	{ "late",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  HEADER "body\r\n",
	  1,
	  ENVELOPE_BY_RETURN,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 451, S("4.3.0"), S("try later"), S("mx.there.example") },
	      true,
	      BOUNCE_FAILED,
	      true } } },
	{ "late-notice",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  HEADER "body\r\n",
	  1,
	  ENVELOPE_BY_NOTIFY,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 451, S("4.3.0"), S("try later"), S("mx.there.example") },
	      false,
	      BOUNCE_DELAYED,
	      true } } },
	/* RFC 8689 5: RET=FULL does not count */
	{ "requiretls",
	  AT("ada", "here.example"),
	  NULL,
	  ENVELOPE_RET_FULL | ENVELOPE_REQUIRETLS,
	  HEADER "the body stays\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  ENVELOPE_REQUIRETLS,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 550, S("5.7.30"), S("no REQUIRETLS"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	/* RFC 6533: an ASCII sender, who used SMTPUTF8 */
	{ "global",
	  AT("ada", "here.example"),
	  NULL,
	  ENVELOPE_UTF8,
	  "Subject: gr\xc3\xbc\xc3\x9f"
	  "e\r\nMessage-ID: <abc@here.example>\r\n\r\nbody\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("\xe7\x94\xa8\xe6\x88\xb7", "there.example"),
	      "utf-8;\\x{7528}\\x{6237}@there.example",
	      { 550, S("5.6.7"), S("kein Gr\xc3\xbc\xc3\x9f"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "whole-8bit",
	  AT("ada", "here.example"),
	  NULL,
	  ENVELOPE_RET_FULL | ENVELOPE_8BIT,
	  HEADER "gr\xc3\xbc\xc3\x9f"
	         "e\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  ENVELOPE_8BIT,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 552, S("5.3.4"), S("too big"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "whole-global",
	  AT("j\xc3\xb6rg", "here.example"),
	  NULL,
	  ENVELOPE_RET_FULL | ENVELOPE_UTF8,
	  "Subject: gr\xc3\xbc\xc3\x9f"
	  "e\r\nMessage-ID: <abc@here.example>\r\n\r\nthe body\r\n",
	  1,
	  ENVELOPE_BY_NONE,
	  ENVELOPE_UTF8 | ENVELOPE_8BIT,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 550, S("5.1.1"), S("no"), S("mx.there.example") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
	{ "nothing",
	  AT("ada", "here.example"),
	  NULL,
	  0,
	  "",
	  1,
	  ENVELOPE_BY_NONE,
	  0,
	  { { AT("bob", "there.example"),
	      NULL,
	      { 0, S(""), S(""), S("") },
	      false,
	      BOUNCE_FAILED,
	      false } } },
};

static void row_put(struct buf *out, size_t row, unsigned *flags)
{
	struct queue_item item = {
		.id = 5,
		.envelope.sender = rows[row].sender,
		.envelope.envid = str_of(rows[row].envid),
		.envelope.flags = rows[row].flags,
		.created_ms = NOW_MS - 14400000,
		.envelope.by_mode = rows[row].by,
		.envelope.by_ms = NOW_MS - 60000,
		.envelope.not_before_ms = rows[row].by != ENVELOPE_BY_NONE ? NOW_MS - 1800000 : 0,
	};
	struct envelope_rcpt rcpts[5];
	struct bounce_rcpt bounced[5];
	struct bounce b = {
		.item = &item,
		.rcpts = bounced,
		.rcpt_count = rows[row].count,
		.original = str_of(rows[row].original),
		.original_whole = true,
		.hostname = STR("mx.here.example"),
		.now_ms = NOW_MS,
		.last_attempt_ms = NOW_MS + 417600000,
	};

	for (size_t i = 0; i < rows[row].count; i++) {
		rcpts[i] = (struct envelope_rcpt){ .address = rows[row].rcpts[i].address,
			                           .orcpt = str_of(rows[row].rcpts[i].orcpt) };
		bounced[i] = (struct bounce_rcpt){ .rcpt = &rcpts[i],
			                           .reply = rows[row].rcpts[i].reply,
			                           .expired = rows[row].rcpts[i].expired,
			                           .action = rows[row].rcpts[i].action,
			                           .late = rows[row].rcpts[i].late };
	}
	bounce_put(out, &b, flags);
}

/* Replace every needle by as many "x". */
static void blank_out(struct buf *b, struct str needle)
{
	struct str rest = buf_str(b);
	ptrdiff_t at;

	while ((at = str_find(rest, needle)) >= 0) {
		memset(b->p + (rest.p - b->p) + at, 'x', needle.n);
		rest = str_sub(rest, (size_t)at + needle.n, rest.n);
	}
}

/* The text between two marks, the first time they come. */
static struct str between(struct arena *a, struct str text, struct str from, struct str to)
{
	ptrdiff_t start = str_find(text, from);
	struct str rest;

	assert_true(start >= 0);
	rest = str_sub(text, (size_t)start + from.n, text.n);
	assert_true(str_find(rest, to) > 0);
	return str_dup(a, str_sub(rest, 0, (size_t)str_find(rest, to)));
}

static void randomness_remove(struct buf *b)
{
	struct arena a = { 0 };
	struct str text = buf_str(b);
	struct str boundary = between(&a, text, STR("boundary=\""), STR("\""));
	struct str id = between(&a, text, STR("Message-ID: <"), STR("@"));

	assert_true(boundary.n >= 20 && id.n >= 20);
	blank_out(b, boundary);
	blank_out(b, id);
	arena_deinit(&a);
}

static const char *source_path(char to[static 600], const char *name)
{
	const char *root = getenv("ROOST_SOURCE");

	snprintf(to, 600, "%s/tests/unit/queue/%s", root != NULL ? root : ".", name);
	return to;
}

static void golden_compare(size_t row, struct str got)
{
	char name[100], path[600];
	struct buf want;
	FILE *file;

	snprintf(name, sizeof(name), "golden/%s.eml", rows[row].name);
	if (getenv("ROOST_GOLDEN_ACCEPT") != NULL) {
		file = fopen(source_path(path, name), "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(got.p, 1, got.n, file), got.n);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(source_path(path, name), "rb");
	assert_non_null(file);
	buf_init(&want, 100000);
	buf_commit(&want, fread(buf_room(&want, 50000), 1, 50000, file));
	fclose(file);
	check_str_at(row, got, buf_str(&want));
	buf_deinit(&want);
}

/* What holds for every message that is sent: RFC 5321 2.3.8 and 4.5.3.1.6. */
static void check_lines(size_t row, struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\n')
			check_at(row, i > 0 && text.p[i - 1] == '\r');
		if (c == '\r')
			check_at(row, i + 1 < text.n && text.p[i + 1] == '\n');
		line = c == '\n' || c == '\r' ? 0 : line + 1;
		check_at(row, line <= 998 && c != '\0');
	}
	check_at(row, str_ends(text, STR("--\r\n")));
}

static void golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned flags = 99;
		struct buf b;

		buf_init(&b, 1 << 20);
		row_put(&b, i, &flags);
		assert_true(buf_ok(&b));
		check_lines(i, buf_str(&b));
		check_at(i, flags == rows[i].needs);
		if (!(flags & ENVELOPE_8BIT))
			for (size_t j = 0; j < b.n; j++)
				check_at(i, (unsigned char)b.p[j] < 0x80);
		randomness_remove(&b);
		golden_compare(i, buf_str(&b));
		buf_deinit(&b);
	}
}

/* Whatever the message and the remote bring: RFC 5322 2.1.1; and programs read the status as it is
 * (RFC 3464 2.1). */
static void lines_are_short(void **state)
{
	(void)state;
	for (size_t n = 980; n < 1010; n++) {
		struct arena a = { 0 };
		char *word = arena_alloc(&a, n);
		struct queue_item item = { .envelope = { .sender = AT("ada", "here.example"),
			                                 .flags = ENVELOPE_RET_FULL },
			                   .created_ms = NOW_MS };
		struct envelope_rcpt rcpt = { .address = AT("bob", "there.example") };
		struct bounce_rcpt bounced = { .rcpt = &rcpt, .action = BOUNCE_FAILED };
		struct bounce b = { .item = &item,
			            .rcpts = &bounced,
			            .rcpt_count = 1,
			            .original_whole = true,
			            .hostname = STR("mx.here.example"),
			            .now_ms = NOW_MS };
		unsigned flags;
		struct buf out;

		memset(word, 'x', n);
		bounced.reply = (struct envelope_reply){ 550, S("5.7.1"), str_from(word, n),
			                                 S("mx.there.example") };
		b.original = str_fmt(&a, "Message-ID: <%.*s>\r\nSubject: %.*s\r\n\r\nx\r\n",
		                     (int)n - 2, word, (int)n, word);
		buf_init(&out, 1 << 20);
		bounce_put(&out, &b, &flags);
		assert_true(buf_ok(&out));
		check_lines(n, buf_str(&out));
		check_at(n, str_find(buf_str(&out),
		                     STR("Content-Type: message/delivery-status\r\n"
		                         "Content-Transfer-Encoding: 7bit\r\n")) >= 0);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

/* Python's email package reads the golden files, and finds in them what went in. */
static void read_back(void **state)
{
	char path[600], command[700];

	(void)state;
	snprintf(command, sizeof(command), "/usr/bin/python3 %s",
	         source_path(path, "check_bounce.py"));
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(lines_are_short),
		cmocka_unit_test(read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
