/* tests/unit/jmap/email_compose_test.c: messages of Email objects (RFC 8621 4.6). */
#include "harness/check.h"
#include "protocols/jmap/types/email_compose.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <string.h>

#define HEAD "\"messageId\": [\"1@x\"], \"sentAt\": \"2026-11-21T06:58:05+02:00\""
#define HEAD_BYTES \
	"Message-ID: <1@x>\r\n" \
	"Date: Sat, 21 Nov 2026 06:58:05 +0200\r\n"
#define TEXT_VALUE "\"bodyValues\": {\"1\": {\"value\": \"Hi\\n\"}}"

static const struct compose_blob blobs[] = {
	{ { "B1", 2 }, { "PNG\0", 4 } },
	{ { "B2", 2 }, { "Subject: \xc3\xa4\r\n\r\nx\r\n", 18 } },
};

static enum err compose(struct arena *a, const char *json, struct buf *out, struct composing *c)
{
	*c = (struct composing){ .blobs = blobs,
		                 .blob_count = COUNT(blobs),
		                 .domain = STR("example.org"),
		                 .now_ms = 1000,
		                 .arena = a };
	assert_true(json_parse(a, str_of(json), &c->email));
	buf_init(out, 1 << 20);
	return email_compose(c, out);
}

static void exact(void **state)
{
	static const struct {
		const char *json, *message;
	} rows[] = {
		{ "{" HEAD ", \"subject\": \"A\u00e9\", "
		  "\"textBody\": [{\"partId\": \"1\"}], " TEXT_VALUE "}",
		  HEAD_BYTES "Subject: =?utf-8?b?QcOp?=\r\n"
			     "MIME-Version: 1.0\r\n"
			     "Content-Type: text/plain; charset=\"utf-8\"\r\n"
			     "Content-Transfer-Encoding: 7bit\r\n\r\nHi\r\n" },
		{ "{" HEAD ", \"from\": [{\"name\": \"J\u00f6\", \"email\": \"j@x.org\"}], "
		  "\"to\": [{\"email\": \"draft\"}, {\"name\": null, \"email\": \"a b@x\"}], "
		  "\"header:X-A:asURLs\": [\"http://x\", \"mailto:a@b\"], "
		  "\"header:X-B:all\": [\" one\", \"two\\r\\n three\"], "
		  "\"header:X-C:asGroupedAddresses\": [{\"name\": \"G\", \"addresses\": "
		  "[{\"email\": \"g@x\"}]}], \"cc\": null}",
		  HEAD_BYTES "From: =?utf-8?b?SsO2?= <j@x.org>\r\n"
			     "To: draft, \"a b\"@x\r\n"
			     "X-A: <http://x>, <mailto:a@b>\r\n"
			     "X-B: one\r\n"
			     "X-B:two\r\n three\r\n"
			     "X-C: G: g@x;\r\n"
			     "MIME-Version: 1.0\r\n"
			     "Content-Type: text/plain; charset=\"utf-8\"\r\n"
			     "Content-Transfer-Encoding: 7bit\r\n\r\n\r\n" },
		{ "{" HEAD ", \"bodyStructure\": {\"type\": \"image/png\", \"blobId\": \"B1\", "
		  "\"cid\": \"p@x\", \"disposition\": \"inline\", \"name\": \"a.png\", "
		  "\"language\": [\"en\", \"de\"], \"location\": \"http://l\"}}",
		  HEAD_BYTES "MIME-Version: 1.0\r\n"
			     "Content-Type: image/png\r\n"
			     "Content-Disposition: inline; filename=\"a.png\"\r\n"
			     "Content-Language: en, de\r\n"
			     "Content-ID: <p@x>\r\n"
			     "Content-Location: http://l\r\n"
			     "Content-Transfer-Encoding: base64\r\n\r\nUE5HAA==\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct composing c;
		struct buf out;

		assert_int_equal(compose(&a, rows[i].json, &out, &c), OK);
		buf_byte(&out, '\0');
		assert_string_equal(out.p, rows[i].message);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

/* The order of types in the message. */
static void trees(void **state)
{
	static const struct {
		const char *json, *types;
	} rows[] = {
		{ "\"textBody\": [{\"partId\": \"1\"}], \"htmlBody\": [{\"partId\": \"1\"}], "
		  "\"attachments\": [{\"blobId\": \"B1\", \"type\": \"image/png\", "
		  "\"cid\": \"c\", \"disposition\": \"inline\"}, "
		  "{\"blobId\": \"B2\", \"type\": \"message/rfc822\"}]",
		  "multipart/mixed 8bit multipart/alternative text/plain "
		  "multipart/related text/html image/png message/rfc822 8bit " },
		{ "\"htmlBody\": [{\"partId\": \"1\", \"type\": \"text/html\"}]", "text/html " },
		{ "\"attachments\": [{\"blobId\": \"B1\"}]",
		  "multipart/mixed application/octet-stream " },
		{ "\"bodyStructure\": {\"subParts\": [{\"type\": \"multipart/digest\", "
		  "\"subParts\": [{\"type\": \"message/rfc822\", \"blobId\": \"B2\"}]}, "
		  "{\"partId\": \"1\", "
		  "\"header:X-P\": \" y\"}]}",
		  "multipart/mixed 8bit multipart/digest 8bit message/rfc822 8bit text/plain " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct composing c;
		struct buf out, seen;
		struct cur at;
		struct str line;

		struct str json = str_fmt(&a, "{%s, " TEXT_VALUE "}", rows[i].json);

		assert_int_equal(compose(&a, str_z(&a, json), &out, &c), OK);
		buf_init(&seen, 1000);
		at = cur_of(buf_str(&out));
		while (cur_line(&at, &line)) {
			struct str type = str_sub(line, 14, line.n);
			ptrdiff_t end = str_find_byte(type, ';');

			if (str_starts(line, STR("Content-Type: ")))
				buf_put(&seen, end < 0 ? type : str_sub(type, 0, (size_t)end));
			else if (str_eq(line, STR("Content-Transfer-Encoding: 8bit")))
				buf_put(&seen, STR("8bit"));
			else
				continue;
			buf_byte(&seen, ' ');
		}
		buf_byte(&seen, '\0');
		assert_string_equal(seen.p, rows[i].types);
		buf_deinit(&seen);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *json, *property;
	} rows[] = {
		{ "{\"headers\": []}", "headers" },
		{ "{\"from\": [], \"header:From\": \" x\"}", "header:From" },
		{ "{\"header:from:asAddresses\": [], \"header:From\": \" x\"}", "header:From" },
		{ "{\"header:Content-Type\": \" text/plain\"}", "header:Content-Type" },
		{ "{\"subject\": 1}", "subject" },
		{ "{\"to\": [{\"name\": \"x\"}]}", "to" },
		{ "{\"to\": {}}", "to" },
		{ "{\"messageId\": [\"<a@b>\"]}", "messageId" },
		{ "{\"references\": [\"a b\"]}", "references" },
		{ "{\"sentAt\": \"yesterday\"}", "sentAt" },
		{ "{\"header:X\": \"a\\nb\"}", "header:X" },
		{ "{\"header:X\": \"a\\r\\nX: b\"}", "header:X" },
		{ "{\"header:X\": \"a\\u0000\"}", "header:X" },
		{ "{\"header:X:all\": \"a\"}", "header:X:all" },
		{ "{\"textBody\": []}", "textBody" },
		{ "{\"textBody\": [{\"partId\": \"1\"}]}", "bodyValues" },
		{ "{\"textBody\": [{\"partId\": \"1\", \"type\": \"text/html\"}], " TEXT_VALUE
		  "}",
		  "textBody" },
		{ "{\"textBody\": [{\"partId\": \"1\", \"charset\": \"x\"}], " TEXT_VALUE "}",
		  "textBody" },
		{ "{\"textBody\": [{\"partId\": \"1\", \"blobId\": \"B1\"}], " TEXT_VALUE "}",
		  "textBody" },
		{ "{\"htmlBody\": [{\"partId\": \"1\"}], \"bodyStructure\": {\"partId\": \"1\"}, "
		  TEXT_VALUE "}",
		  "bodyStructure" },
		{ "{\"bodyStructure\": {\"type\": \"multipart/mixed\"}}", "bodyStructure" },
		{ "{\"bodyStructure\": {\"subParts\": []}}", "bodyStructure" },
		{ "{\"bodyStructure\": {\"partId\": \"1\", \"x\": 1}, " TEXT_VALUE "}",
		  "bodyStructure" },
		{ "{\"bodyStructure\": {\"partId\": \"1\", "
		  "\"header:Content-Transfer-Encoding\": \" 8bit\"}, " TEXT_VALUE "}",
		  "bodyStructure" },
		{ "{\"subject\": \"a\", \"bodyStructure\": {\"partId\": \"1\", "
		  "\"header:Subject\": \" b\"}, " TEXT_VALUE "}",
		  "bodyStructure" },
		{ "{\"bodyStructure\": {\"blobId\": \"B1\", \"type\": \"message/rfc822\"}}",
		  "bodyStructure" },
		{ "{\"attachments\": [{\"blobId\": \"B1\", \"type\": \"a b\"}]}",
		  "attachments" },
		{ "{\"attachments\": [1]}", "attachments" },
		{ "{\"textBody\": [{\"partId\": \"1\"}], "
		  "\"bodyValues\": {\"1\": {\"value\": \"\", \"isTruncated\": true}}}",
		  "bodyValues" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct composing c;
		struct buf out;

		assert_int_equal(compose(&a, rows[i].json, &out, &c), ERR_SYNTAX);
		assert_string_equal(str_z(&a, c.refusal.property), rows[i].property);
		assert_true(c.refusal.why.text[0] != '\0');
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact),
		cmocka_unit_test(trees),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
