/* Messages made of JSON: which tree they are, what is in them, and what is refused. */
#include "harness/check.h"

#include "formats/message/decode.h"
#include "formats/message/mime.h"
#include "unit/submission/laws.h"

#define TEXT "\"from\":\"ada@example.org\",\"to\":[\"bob@example.net\"],\"text\":\"hi\""

/* "mixed(alternative(plain,html),pdf)" */
static void tree_put(struct buf *out, const struct message *m, uint32_t i)
{
	const struct part *p = &m->parts[i];

	buf_put(out, message_subtype(m, p));
	if (p->kind != PART_MULTIPART)
		return;
	buf_byte(out, '(');
	for (uint32_t c = p->first_child; c != PART_NONE; c = m->parts[c].next) {
		buf_put(out, c == p->first_child ? STR("") : STR(","));
		tree_put(out, m, c);
	}
	buf_byte(out, ')');
}

static void trees(void **state)
{
#define PDF "{\"name\":\"a.pdf\",\"type\":\"application/pdf\",\"content\":\"AAEC/w==\"}"
#define PNG "{\"type\":\"image/png\",\"content\":\"AAEC\",\"content_id\":\"logo@x\"}"
#define EML "{\"type\":\"message/rfc822\",\"content\":\"QTogYg0KDQpjDQo=\"}"
	static const struct {
		const char *more, *tree;
	} rows[] = {
		{ "\"text\":\"hi\"", "plain" },
		{ "\"html\":\"<p>hi\"", "html" },
		{ "\"text\":\"hi\",\"html\":\"<p>hi\"", "alternative(plain,html)" },
		{ "\"text\":\"hi\",\"attachments\":[" PDF "]", "mixed(plain,pdf)" },
		{ "\"attachments\":[" PDF "," PDF "]", "mixed(pdf,pdf)" },
		{ "\"html\":\"<p>\",\"attachments\":[" PNG "]", "related(html,png)" },
		{ "\"text\":\"a\",\"html\":\"<p>\",\"attachments\":[" PNG "," PDF "]",
		  "mixed(alternative(plain,related(html,png)),pdf)" },
		/* without html nothing refers to it */
		{ "\"text\":\"a\",\"attachments\":[" PNG "]", "mixed(plain,png)" },
		{ "\"text\":\"a\",\"attachments\":[" EML "]", "mixed(plain,rfc822)" },
	};
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct buf out, tree;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	buf_init(&tree, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str text =
			str_fmt(&a, "{\"from\":\"a@b\",\"to\":[\"c@d\"],%s}", rows[i].more);
		struct why why = { "" };
		struct send_wishes w;
		struct message m;
		struct letter l;

		if (!laws_letter(text, &a, &l, &w, &out, &why))
			fail_msg("row %zu: %s", i, why.text);
		message_parse(&a, buf_str(&out), &limits, &m);
		buf_reset(&tree);
		tree_put(&tree, &m, 0);
		check_str_at(i, buf_str(&tree), str_of(rows[i].tree));
		arena_deinit(&a);
	}
	buf_deinit(&tree);
	buf_deinit(&out);
}

/* All of a message whose bytes do not depend on chance. */
static void a_plain_one(void **state)
{
	static const struct str json = STR(
		"{\"from\":\"Ada <ada@example.org>\","
		"\"to\":[\"Bob B\xc3\xb6hm <bob@example.net>\"],"
		"\"cc\":[\"\\\"C, D\\\" <c@example.net>\"],\"bcc\":[\"e@example.net\"],"
		"\"reply_to\":[\"ada@b\xc3\xbc"
		"cher.example\"],\"subject\":\"Gr\xc3\xbc\xc3\x9f"
		"e\","
		"\"headers\":{\"X-Order\":\"17\",\"List-Unsubscribe\":\"<https://x.example/u>\"},"
		"\"text\":\"one\\ntwo\"}");
	static const struct str want = STR("Date: Thu, 1 Jan 1970 00:00:01 +0000\r\n"
	                                   "From: Ada <ada@example.org>\r\n"
	                                   "Reply-To: ada@xn--bcher-kva.example\r\n"
	                                   "To: =?utf-8?b?Qm9iIELDtmht?= <bob@example.net>\r\n"
	                                   "Cc: \"C, D\" <c@example.net>\r\n"
	                                   "Message-ID: <1@example.org>\r\n"
	                                   "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"
	                                   "X-Order: 17\r\n"
	                                   "List-Unsubscribe: <https://x.example/u>\r\n"
	                                   "MIME-Version: 1.0\r\n"
	                                   "Content-Type: text/plain; charset=\"utf-8\"\r\n"
	                                   "Content-Transfer-Encoding: 7bit\r\n\r\none\r\ntwo\r\n");
	struct arena a = { 0 };
	struct send_wishes w;
	struct letter l;
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	assert_true(laws_letter(json, &a, &l, &w, &out, NULL));
	check_str(buf_str(&out), want);
	assert_int_equal(w.rcpts.count, 3);
	check_str(mailaddr_text(&a, &w.rcpts.items[2].address), STR("e@example.net"));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void wishes(void **state)
{
	static const struct str json =
		STR("{" TEXT ",\"send_at\":\"2030-01-02T03:04:05+01:00\",\"priority\":\"high\","
	            "\"envelope_from\":\"ada+b@example.org\",\"notify\":\"success,failure\","
	            "\"tag\":\"bill\",\"metadata\":{\"order\":\"17\"},\"idempotency_key\":\"k\","
	            "\"cc\":[\"bob@example.net\"]}");
	struct arena a = { 0 };
	struct send_wishes w;
	struct letter l;
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	assert_true(laws_letter(json, &a, &l, &w, &out, NULL));
	assert_int_equal(w.send_at_ms, 1893549845000);
	assert_int_equal(w.priority, 3);
	assert_int_equal(w.notify, 6);
	assert_int_equal(w.rcpts.count, 1); /* none twice */
	check_str(w.envelope_from.local, STR("ada+b"));
	check_str(w.tag, STR("bill"));
	check_str(w.metadata, STR("{\"order\":\"17\"}"));
	check_str(w.key, STR("k"));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void refusals(void **state)
{
#define FROM "\"from\":\"a@b\",\"to\":[\"c@d\"]"
	static const struct {
		const char *json, *why;
	} rows[] = {
		{ "{}", "from" },
		{ "{\"from\":\"a\",\"to\":[\"c@d\"],\"text\":\"x\"}", "from" },
		{ "{\"from\":\"a@b, e@f\",\"to\":[\"c@d\"],\"text\":\"x\"}", "from" },
		{ "{\"from\":\"a@b\\r\\nBcc: e@f\",\"to\":[\"c@d\"],\"text\":\"x\"}", "from" },
		{ "{\"from\":\"Ada\\u0000 <a@b>\",\"to\":[\"c@d\"],\"text\":\"x\"}", "from" },
		{ "{\"from\":\"a@b\",\"text\":\"x\"}", "say who gets it" },
		{ "{\"from\":\"a@b\",\"to\":[],\"text\":\"x\"}", "say who gets it" },
		{ "{\"from\":\"a@b\",\"to\":[\"c@d\",\"e\"],\"text\":\"x\"}", "address 2 of to" },
		{ "{\"from\":\"a@b\",\"to\":[\"c@d\\ne@f\"],\"text\":\"x\"}", "address 1 of to" },
		{ "{\"from\":\"a@b\",\"to\":[\"undisclosed:;\"],\"text\":\"x\"}", "address 1" },
		{ "{\"from\":\"a@b\",\"bcc\":[5],\"text\":\"x\"}", "address 1 of bcc" },
		{ "{" FROM "}", "say something" },
		{ "{" FROM ",\"text\":\"x\\u0000\"}", "NUL" },
		{ "{" FROM ",\"text\":\"x\",\"subject\":\"a\\nBcc: e@f\"}", "subject" },
		{ "{" FROM ",\"text\":\"x\",\"envelope_from\":\"x\"}", "envelope_from" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"X\":\"a\\r\\nBcc: e@f\"}}", "one line" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"X\\r\\nBcc\":\"e@f\"}}", "name of a" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"X Y\":\"z\"}}", "name of a" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"X:\":\"z\"}}", "name of a" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"\":\"z\"}}", "name of a" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"bcc\":\"e@f\"}}", "not for you" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"Content-Type\":\"e\"}}", "not for you" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"DKIM-signature\":\"e\"}}",
		  "not for you" },
		{ "{" FROM ",\"text\":\"x\",\"headers\":{\"Resent-To\":\"e@f\"}}", "not for you" },
		{ "{" FROM ",\"text\":\"x\",\"priority\":\"urgent\"}", "priority" },
		{ "{" FROM ",\"text\":\"x\",\"notify\":\"never,success\"}", "notify" },
		{ "{" FROM ",\"text\":\"x\",\"tag\":\"a\\nb\"}", "tag" },
		{ "{" FROM ",\"text\":\"x\",\"idempotency_key\":\"a\\tb\"}", "idempotency_key" },
		{ "{" FROM ",\"attachments\":[{\"name\":\"a\\nb\",\"content\":\"\"}]}", "name" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"AA\"}]}", "base64" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"!\"}]}", "base64" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"type\":\"png\"}]}", "type" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"type\":\"a/b\\r\\nX: y\"}]}",
		  "type" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"type\":\"a/b; x=y\"}]}", "type" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"type\":\"multipart/mixed\"}]}",
		  "type" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"type\":\"message/partial\"}]}",
		  "type" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"\",\"content_id\":\"<a@b>\"}]}",
		  "content_id" },
		{ "{" FROM ",\"attachments\":[{\"content\":\"QQo=\",\"type\":\"message/rfc822\"}]}",
		  "CRLF" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct why why = { "" };
		struct send_wishes w;
		struct letter l;

		check_at(i, !laws_letter(str_of(rows[i].json), &a, &l, &w, &out, &why));
		if (str_find(str_of(why.text), str_of(rows[i].why)) < 0)
			fail_msg("row %zu: \"%s\"", i, why.text);
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

/* One past each maximum, and at it. */
static void maxima(void **state)
{
	static const struct {
		const char *before, *item, *between, *after;
		size_t most;
	} rows[] = {
		{ "{\"from\":\"a@b\",\"text\":\"x\",\"to\":[", "\"r%zu@d\"", ",", "]}", 100 },
		{ "{" TEXT ",\"headers\":{", "\"X-%zu\":\"y\"", ",", "}}", 20 },
		{ "{" TEXT ",\"attachments\":[", "{\"name\":\"%zu\",\"content\":\"\"}", ",", "]}",
		  10 },
	};
	struct buf text, out;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&out, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t more = 0; more < 2; more++) {
			struct arena a = { 0 };
			struct send_wishes w;
			struct letter l;

			buf_reset(&text);
			buf_put(&text, str_of(rows[i].before));
			for (size_t n = 0; n < rows[i].most + more; n++) {
				buf_put(&text, n == 0 ? STR("") : str_of(rows[i].between));
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
				buf_fmt(&text, rows[i].item, n);
#pragma clang diagnostic pop
			}
			buf_put(&text, str_of(rows[i].after));
			check_at(i, laws_letter(buf_str(&text), &a, &l, &w, &out, NULL) == !more);
			arena_deinit(&a);
		}
	buf_deinit(&text);
	buf_deinit(&out);
}

/* Whatever a text is, the reader of the message gets it back. */
static void texts_come_back(void **state)
{
	static const char *const rows[] = {
		"plain",
		"a\\r\\nb\\n",
		"From here\\n.\\n..x",
		"blank \\n",
		"tab\\t\\n",
		"\\u00e9",
		"=3D",
		"\\r",
		"a\\rb",
		"\xf0\x9f\x98\x80\\n\\n\\n",
	};
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct buf out, got;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	buf_init(&got, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str text =
			str_fmt(&a, "{\"from\":\"a@b\",\"to\":[\"c@d\"],\"text\":\"%s\"}", rows[i]);
		struct str want = STR_EMPTY;
		struct send_wishes w;
		struct json body;
		struct message m;
		struct letter l;
		struct buf lines;

		check_at(i, laws_letter(text, &a, &l, &w, &out, NULL));
		assert_true(json_parse(&a, text, &body));
		assert_true(json_str(json_get(body, "text"), &want));
		buf_init(&lines, 1000);
		for (size_t n = 0; n < want.n; n++) {
			bool cr = want.p[n] == '\r', pair = n + 1 < want.n && want.p[n + 1] == '\n';

			if (cr && pair)
				continue;
			buf_put(&lines,
			        cr || want.p[n] == '\n' ? STR("\r\n") : str_from(want.p + n, 1));
		}
		if (!str_ends(buf_str(&lines), STR("\r\n")))
			buf_put(&lines, STR("\r\n"));
		message_parse(&a, buf_str(&out), &limits, &m);
		buf_reset(&got);
		decode_bytes(&got, m.parts[0].encoding_kind, message_str(&m, m.parts[0].body));
		check_str_at(i, buf_str(&got), buf_str(&lines));
		buf_deinit(&lines);
		arena_deinit(&a);
	}
	buf_deinit(&got);
	buf_deinit(&out);
}

/* SMTPUTF8 is asked for when a local part needs it, and not for a name or a domain. */
static void utf8_addresses(void **state)
{
	static const struct {
		const char *to;
		bool utf8;
	} rows[] = {
		{ "B\xc3\xb6hm <b@d.example>", false },
		{ "b@b\xc3\xbc"
		  "cher.example",
		  false },
		{ "b\xc3\xb6hm@d.example", true },
	};
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct str text = str_fmt(&a, "{\"from\":\"a@b\",\"to\":[\"%s\"],\"text\":\"x\"}",
		                          rows[i].to);
		struct send_wishes w;
		struct letter l;

		check_at(i, laws_letter(text, &a, &l, &w, &out, NULL));
		check_at(i, letter_is_utf8(&l) == rows[i].utf8);
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),          cmocka_unit_test(a_plain_one),
		cmocka_unit_test(wishes),         cmocka_unit_test(refusals),
		cmocka_unit_test(maxima),         cmocka_unit_test(texts_come_back),
		cmocka_unit_test(utf8_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
