/* tests/unit/jmap/email_body_test.c: header forms, parts and values of emails (RFC 8621 4.1). */
#include "harness/check.h"
#include "protocols/jmap/types/email_body.h"
#include "protocols/jmap/types/header_value.h"

#include <stdio.h>
#include <string.h>

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static void check_json(struct buf *out, const char *want)
{
	buf_byte(out, '\0');
	assert_string_equal(out->p, want);
	buf_reset(out);
}

static void header_forms(void **state)
{
	static const struct {
		const char *header;
		const char *property;
		const char *json;
	} rows[] = {
		/* The example of 4.1.2.3 and 4.1.2.4. */
		{ "From: \"  James Smythe\" <james@example.com>, Friends:\r\n"
		  "  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n  <john@example.com>;\r\n",
		  "header:From:asAddresses",
		  "[{\"name\":\"James Smythe\",\"email\":\"james@example.com\"},"
		  "{\"name\":null,\"email\":\"jane@example.com\"},"
		  "{\"name\":\"John Sm\xc3\xaeth\",\"email\":\"john@example.com\"}]" },
		{ "From: \"  James Smythe\" <james@example.com>, Friends:\r\n"
		  "  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n  <john@example.com>;\r\n",
		  "header:From:asGroupedAddresses",
		  "[{\"name\":null,\"addresses\":[{\"name\":\"James Smythe\",\"email\":"
		  "\"james@example.com\"}]},{\"name\":\"Friends\",\"addresses\":["
		  "{\"name\":null,\"email\":\"jane@example.com\"},"
		  "{\"name\":\"John Sm\xc3\xaeth\",\"email\":\"john@example.com\"}]}]" },
		{ "X: A:a@x;, b@x, B:;\r\n", "header:X:asGroupedAddresses",
		  "[{\"name\":\"A\",\"addresses\":[{\"name\":null,\"email\":\"a@x\"}]},"
		  "{\"name\":null,\"addresses\":[{\"name\":null,\"email\":\"b@x\"}]},"
		  "{\"name\":\"B\",\"addresses\":[]}]" },
		{ "To:\r\n", "header:To:asAddresses", "[]" },
		{ "X:  a\tb \r\n c\r\n", "header:x", "\"  a\\u0009b \\u000d\\u000a c\"" },
		{ "X: a\xff", "header:X:asRaw", "\" a\xef\xbf\xbd\"" },
		{ "X: one\r\nY: no\r\nx: two\r\n\r\nX: body\r\n", "header:X:asText", "\"two\"" },
		{ "X: one\r\nY: no\r\nx: two\r\n\r\nX: body\r\n", "header:X:all",
		  "[\" one\",\" two\"]" },
		{ "X: one\r\n", "header:Z:asDate:all", "[]" },
		{ "X: e\xcc\x81\r\n", "header:X:asText", "\"\xc3\xa9\"" }, /* NFC */
		{ "Message-ID: no id\r\n", "header:Message-ID:asMessageIds", "null" },
		{ "References: (a) <1@x>\r\n\t<2@x> (b)\r\n", "header:References:asMessageIds",
		  "[\"1@x\",\"2@x\"]" },
		{ "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n", "header:Date:asDate",
		  "\"1997-11-21T09:55:06-06:00\"" },
		{ "Date: Fri, 21 Nov 1997 09:55:06 +0530\r\n", "header:Date:asDate",
		  "\"1997-11-21T09:55:06+05:30\"" },
		{ "Date: Fri, 21 Nov 1997 09:55:06 -0000\r\n", "header:Date:asDate",
		  "\"1997-11-21T09:55:06Z\"" },
		{ "Date: soon\r\n", "header:Date:asDate", "null" },
		{ "List-Help: <http://a/\r\n b>, (or) <mailto:c>\r\n", "header:List-Help:asURLs",
		  "[\"http://a/b\",\"mailto:c\"]" },
		{ "List-Help: http://a\r\n", "header:List-Help:asURLs", "null" },
	};
	struct header_property what;
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_writer_init(&w, &out);
		assert_true(header_property_parse(str_of(rows[i].property), &what));
		header_property_put(&w, str_of(rows[i].header), &what);
		check_json(&out, rows[i].json);
	}
	buf_deinit(&out);
}

static void message_of(struct arena *a, struct str raw, struct email_message *out)
{
	struct message m;

	message_parse(a, raw, &limits, &m);
	*out = (struct email_message){ .arena = a,
		                       .size_bytes = (uint32_t)raw.n,
		                       .header_bytes = m.parts[0].header.len,
		                       .raw = raw };
	assert_true(structure_of(a, &m, &limits, &out->structure));
}

/* Part numbers of a list, as "1 4 ". */
static void list_check(const struct body_list *list, const char *want)
{
	char text[100] = "";

	for (size_t i = 0; i < list->n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%u ",
		         (unsigned)list->parts[i]);
	assert_string_equal(text, want);
}

/* type: "P" plain, "H" html, "I" image, "X" other; "(m" begins a multipart. */
static void lists(void **state)
{
	static const struct {
		const char *message, *text, *html, *attachments;
		bool has_attachment;
	} rows[] = {
		{ "Content-Type: text/plain\n\nx", "0 ", "0 ", "", false },
		{ "Content-Type: text/html\n\nx", "0 ", "0 ", "", false },
		{ "Content-Type: application/pdf\n\nx", "", "", "0 ", true },
		{ "Content-Type: image/png\nContent-Disposition: inline\n\nx", "0 ", "0 ", "",
		  false },
		{ "Content-Type: text/plain\nContent-Disposition: attachment\n\nx", "", "", "0 ",
		  true },
		{ "Content-Type: message/rfc822\n\nSubject: x\n\ny", "", "", "0 ", true },
		/* Both alternatives, then one that has no text. */
		{ "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\n"
		  "Content-Type: text/html\n\ny\n--b--\n", "1 ", "2 ", "", false },
		{ "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
		  "Content-Type: text/html\n\ny\n--b--\n", "1 ", "1 ", "", false },
		{ "Content-Type: multipart/alternative; boundary=b\n\n--b\n\ny\n--b--\n", "1 ",
		  "1 ", "", false },
		/* A text with a name after the first is an attachment. */
		{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n"
		  "Content-Type: text/plain; name=a.txt\n\ny\n--b\n\nz\n--b--\n", "1 3 ", "1 3 ",
		  "2 ", true },
		/* An image of the HTML is not offered for download. */
		{ "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
		  "x\n--b\nContent-Type: image/png\nContent-ID: <a>\n\ny\n--b--\n", "1 ", "1 ",
		  "2 ", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct email_message m;
		struct body_lists l;

		message_of(&a, str_of(rows[i].message), &m);
		body_lists_of(&a, &m.structure, &l);
		list_check(&l.text, rows[i].text);
		list_check(&l.html, rows[i].html);
		list_check(&l.attachments, rows[i].attachments);
		assert_true(body_has_attachment(&m.structure, &l) == rows[i].has_attachment);
		arena_deinit(&a);
	}
}

static void values(void **state)
{
	static const struct {
		const char *message;
		uint64_t max;
		const char *json;
	} rows[] = {
		{ "\na\r\nb\rc\r\n", 0,
		  "{\"value\":\"a\\u000ab\\u000dc\\u000a\",\"isEncodingProblem\":false,"
		  "\"isTruncated\":false}" },
		{ "Content-Type: text/plain; charset=utf-8\n\n\xc3\xa4\xc3\xb6", 3,
		  "{\"value\":\"\xc3\xa4\",\"isEncodingProblem\":false,\"isTruncated\":true}" },
		{ "Content-Type: text/plain; charset=utf-8\n\n\xc3\xa4\xc3\xb6", 4,
		  "{\"value\":\"\xc3\xa4\xc3\xb6\",\"isEncodingProblem\":false,"
		  "\"isTruncated\":false}" },
		{ "Content-Type: text/html; charset=utf-8\n\nab<a href=x>c", 6,
		  "{\"value\":\"ab\",\"isEncodingProblem\":false,\"isTruncated\":true}" },
		{ "Content-Type: text/plain; charset=utf-8\n\na\xff", 0,
		  "{\"value\":\"a\xef\xbf\xbd\",\"isEncodingProblem\":true,"
		  "\"isTruncated\":false}" },
		{ "Content-Type: text/plain; charset=odd\n\na", 0,
		  "{\"value\":\"a\",\"isEncodingProblem\":true,\"isTruncated\":false}" },
		{ "Content-Transfer-Encoding: odd\n\na", 0,
		  "{\"value\":\"a\",\"isEncodingProblem\":true,\"isTruncated\":false}" },
		{ "Content-Type: text/plain; charset=iso-8859-2\n"
		  "Content-Transfer-Encoding: base64\n\nsQ==", 0,
		  "{\"value\":\"\xc4\x85\",\"isEncodingProblem\":false,\"isTruncated\":false}" },
		{ "\n\xe4", 0, /* no charset, and not ASCII */
		  "{\"value\":\"\xc3\xa4\",\"isEncodingProblem\":true,\"isTruncated\":false}" },
	};
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct body_wanted wanted = { .text_values = true,
			                            .value_bytes_max = rows[i].max };
		struct arena a = { 0 };
		struct email_message m;
		struct body_lists l;
		char want[500];

		message_of(&a, str_of(rows[i].message), &m);
		body_lists_of(&a, &m.structure, &l);
		json_writer_init(&w, &out);
		assert_true(body_values_put(&w, &m, &wanted, &l) == OK);
		snprintf(want, sizeof want, "{\"0\":%s}", rows[i].json);
		check_json(&out, want);
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

/* The tree is written without recursion, and not deeper than JSON may be. */
static void deep_tree(void **state)
{
	const struct body_wanted wanted = { .properties = ~0u };
	struct arena a = { 0 };
	struct buf message, out;
	struct json_writer w;
	struct email_message m;
	struct json v;

	(void)state;
	buf_init(&message, 1 << 16);
	buf_init(&out, 1 << 20);
	for (unsigned i = 0; i < 30; i++)
		buf_fmt(&message, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	buf_put(&message, STR("\ntext\n"));
	message_of(&a, buf_str(&message), &m);
	assert_int_equal(m.structure.n, 31);
	json_writer_init(&w, &out);
	assert_true(body_structure_put(&w, &m, &wanted) == OK);
	assert_int_equal(w.depth, 0);
	assert_true(json_parse(&a, buf_str(&out), &v));
	buf_deinit(&message);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_forms),
		cmocka_unit_test(lists),
		cmocka_unit_test(values),
		cmocka_unit_test(deep_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
