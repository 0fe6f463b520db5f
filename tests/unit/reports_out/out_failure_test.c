/* Failure reports: of what, what is told and what is not, and that nothing in a message makes more
 * of it than a value. */
#include "harness/check.h"

#include "flow/reports_out/reports_out_private.h"
#include "flow/reports_out/hide.h"
#include "flow/reports_out/letter.h"
#include "formats/message/arf.h"
#include "formats/message/header.h"
#include "formats/reports/arf.h"
#include "foundation/base/arena.h"

#include <stdlib.h>
#include <string.h>

#define ALICE "\"Alice A.\" <alice@example.org>"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
static const uint8_t key[OUT_FAILURE_KEY] = { 1, 2, 3 };
static const struct mailaddr to[] = { { STR("alice"), STR("example.org") },
	                              { STR("Bob"), STR("example.org") } };

static struct report_failure failure_of(const char *message)
{
	return (struct report_failure){
		.domain = STR("author.example"),
		.author = STR("author.example"),
		.ip = { .family = ADDR_V4, .ip = { 203, 0, 113, 8 } },
		.from = { STR("x"), STR("author.example") },
		.to = to,
		.to_count = COUNT(to),
		.envelope_id = STR("id 7"),
		.results = STR("mx.example.net; dmarc=fail header.from=author.example"),
		.message = str_of(message),
		.fate = REPORT_FATE_REJECT,
		.has_dkim = true,
		.has_spf = true,
		.dkim_failure = "bodyhash",
		.dkim_domain = STR("author.example"),
		.dkim_identity = STR("@author.example"),
		.dkim_selector = STR("k1"),
		.spf_failed = true,
		.spf_domain = STR("author.example"),
	};
}

/* --- of what -------------------------------------------------------------------------------- */

static void kinds(void **state)
{
	enum { DMARC = BIT(OUT_FAILURE_DMARC), DKIM = BIT(OUT_FAILURE_DKIM),
	       SPF = BIT(OUT_FAILURE_SPF) };
	static const struct {
		unsigned fo;
		bool by_dkim, by_spf, has_dkim, has_spf, dkim_failed, spf_failed;
		unsigned want;
	} rows[] = {
		/* RFC 7489 6.3, fo */
		{ DMARC_FO_ALL, false, false, true, true, true, true, DMARC },
		{ DMARC_FO_ALL, true, false, true, true, false, true, 0 },
		{ DMARC_FO_ALL, false, true, true, true, true, false, 0 },
		{ DMARC_FO_ANY, true, false, true, true, false, true, DMARC },
		{ DMARC_FO_ANY, false, true, true, true, false, false, DMARC },
		{ DMARC_FO_ANY, true, true, true, true, true, true, 0 },
		{ DMARC_FO_DKIM, true, true, true, true, true, true, DKIM },
		{ DMARC_FO_SPF, true, true, true, true, true, true, SPF },
		{ DMARC_FO_DKIM | DMARC_FO_SPF, true, true, true, true, true, true, DKIM | SPF },
		{ DMARC_FO_DKIM | DMARC_FO_SPF, true, true, true, true, false, false, 0 },
		{ DMARC_FO_ALL | DMARC_FO_DKIM | DMARC_FO_SPF, false, false, true, true, true,
		  true, DMARC },
		{ DMARC_FO_ALL | DMARC_FO_SPF, true, false, true, true, false, true, SPF },
		/* what was not asked, or DNS has not said, has not failed */
		{ DMARC_FO_ALL, false, false, false, true, false, true, 0 },
		{ DMARC_FO_ALL, false, false, true, false, true, false, 0 },
		{ DMARC_FO_ANY, true, false, true, false, false, false, 0 },
		{ DMARC_FO_ANY, false, true, false, true, false, false, 0 },
		{ 0, false, false, true, true, true, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report_failure f = { .by_dkim = rows[i].by_dkim,
			                    .by_spf = rows[i].by_spf,
			                    .has_dkim = rows[i].has_dkim,
			                    .has_spf = rows[i].has_spf,
			                    .dkim_failure = rows[i].dkim_failed ? "signature"
			                                                        : NULL,
			                    .spf_failed = rows[i].spf_failed };

		check_at(i, report_failure_kinds(&f, rows[i].fo) == rows[i].want);
	}
}

/* --- names ---------------------------------------------------------------------------------- */

static struct str hidden(struct arena *a, const char *text, bool all)
{
	struct out_hide h = { key, to, COUNT(to) };
	struct buf b;
	struct str s;

	buf_init(&b, 65536);
	out_hide_put(&b, &h, str_of(text), all);
	s = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return s;
}

/* The name of alice@example.org is hidden in each, and what is around it stays. */
static void names(void **state)
{
	static const struct {
		const char *in, *before, *behind;
		bool all;
	} rows[] = {
		{ "alice@example.org", "", "@example.org", false },
		{ "for <alice@example.org>; x", "for <", "@example.org>; x", false },
		{ "(ALICE@Example.ORG)", "(", "@Example.ORG)", false },
		{ "<list-alice=example.org@l.example>", "<", "=example.org@l.example>", false },
		{ "\"alice\"@example.org", "", "@example.org", false },
		{ "a b+alice@example.org.", "a ", "@example.org.", false },
		{ "for <alice@other.example>", "for <", "@other.example>", true },
		{ "alice@", "", "@", true },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str got = hidden(&a, rows[i].in, rows[i].all);
		struct str before = str_of(rows[i].before), behind = str_of(rows[i].behind);

		check_at(i, str_starts(got, before) && str_ends(got, behind));
		check_at(i, got.n == before.n + OUT_HIDE_NAME + behind.n);
		check_at(i, str_find(str_lower(&a, got), STR("alice")) < 0);
	}
	check_str(str_sub(hidden(&a, "alice@example.org", false), 0, OUT_HIDE_NAME),
	          str_sub(hidden(&a, "Alice@EXAMPLE.org", true), 0, OUT_HIDE_NAME));
	arena_deinit(&a);
}

static void no_names(void **state)
{
	static const char *const rows[] = {
		"x@author.example", "header.d=example.org", "@example.org", "=example.org",
		"a=example.org", "alice", "", "@", "=", "example.org",
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, hidden(&a, rows[i], false), str_of(rows[i]));
	arena_deinit(&a);
}

/* --- the report ----------------------------------------------------------------------------- */

struct made {
	struct arena a;
	struct out_failure failure;
	struct buf fields, raw;
	struct message m;
	struct wire_arf arf;
	struct arf strict;
};

static void made_end(struct made *x)
{
	buf_deinit(&x->fields);
	buf_deinit(&x->raw);
	arena_deinit(&x->a);
}

/* Write it, and have both of our readers read it. */
static void make(struct made *x, const struct report_failure *f, enum out_failure_kind kind)
{
	struct out_failure_about about = { .host = STR("mx.example.net"),
		                           .agent = STR("Roost/1"),
		                           .spf = STR("v=spf1 exp=\"a\\b\" -all"),
		                           .incidents = 3,
		                           .failure = &x->failure };
	struct out_letter_part parts[2] = { { .type = STR("message/feedback-report") },
		                            { .type = STR("text/rfc822-headers") } };
	struct out_letter l = { .organization = STR("mx.example.net"),
		                .from = { STR("postmaster"), STR("example.net") },
		                .to = { STR("ruf"), STR("author.example") },
		                .id = STR("<1@mx.example.net>"),
		                .multipart = STR("report; report-type=feedback-report"),
		                .text = STR("words\r\n"),
		                .parts = parts,
		                .part_count = 2 };

	*x = (struct made){ .arf = { .incidents = 0 } };
	out_failure_make(f, kind, 1700006400000, key, &x->a, &x->failure);
	buf_init(&x->fields, OUT_FAILURE_FIELDS);
	out_failure_fields_put(&x->fields, &about, &x->a);
	assert_true(buf_ok(&x->fields));
	parts[0].content = buf_str(&x->fields);
	parts[1].content = x->failure.header;
	l.subject = out_failure_subject(&x->failure, &x->a);
	buf_init(&x->raw, out_letter_max(&l));
	out_letter_put(&x->raw, &l, &x->a);
	assert_true(buf_ok(&x->raw));
	message_parse(&x->a, buf_str(&x->raw), &limits, &x->m);
	assert_true(wire_arf_parse(&x->m, &x->a, &x->arf));
	assert_true(arf_parse(&x->a, buf_str(&x->raw), &limits, &x->strict));
}

/* Printable ASCII in lines that are not too long. */
static void check_lines(struct str raw)
{
	struct cur c = cur_of(raw);
	struct str line;

	while (!cur_done(&c)) {
		assert_true(cur_line(&c, &line));
		assert_true(line.n <= 998);
		for (size_t i = 0; i < line.n; i++)
			assert_true(line.p[i] == '\t' || (line.p[i] >= ' ' && line.p[i] <= '~'));
	}
}

static struct str header_value(struct made *x, const char *name)
{
	struct header_field f;

	return header_find(x->failure.header, str_of(name), &f) ? header_unfold(&x->a, f.value)
	                                                         : STR_EMPTY;
}

static void read_again(void **state)
{
	struct report_failure f = failure_of(
		"Received: from a by b for <alice@example.org>\r\n"
		"From: Carol <carol@author.example>\r\nTo: " ALICE ", eve@x.example\r\n"
		"Cc: undisclosed-recipients:;\r\nDelivered-To: alice@example.org\r\n"
		"Subject: =?utf-8?q?caf=C3=A9?= for\r\n alice@example.org\r\n"
		"DKIM-Signature: v=1; d=author.example; z =From:x|To:Alice=20<alice@example.org>;"
		"\r\n\tb=YWJj\r\n"
		"X-Secret: alice\r\nMessage-ID: <m1@author.example>\r\n\r\nthe body\r\n");
	struct made x;

	(void)state;
	make(&x, &f, OUT_FAILURE_DMARC);
	check_lines(buf_str(&x.raw));
	check_str(x.arf.type, STR("auth-failure"));
	check_str(x.arf.agent, STR("Roost/1"));
	check_str(x.arf.failure, STR("dmarc"));
	check_str(x.arf.delivery, STR("reject"));
	check_str(x.arf.source_ip, STR("203.0.113.8"));
	check_str(x.arf.mail_from, STR("x@author.example"));
	check_str(x.arf.results, f.results);
	check_str(x.arf.dkim_domain, STR("author.example"));
	check_str(x.arf.dkim_selector, STR("k1"));
	check_str(x.arf.spf, STR("txt : author.example : \"v=spf1 exp=\\\"a\\\\b\\\" -all\""));
	check_str(x.arf.domains[0], STR("author.example"));
	check_str(x.arf.from, STR("Carol <carol@author.example>"));
	check_str(x.arf.message_id, STR("<m1@author.example>"));
	assert_int_equal(x.arf.arrived_ms, 1700006400000);
	assert_int_equal(x.arf.incidents, 3);
	assert_int_equal(x.strict.incidents, 3);
	assert_int_equal(x.strict.rcpt_count, 2);
	/* RFC 6590 3: another name, the same everywhere */
	assert_true(str_ends(x.arf.to[0], STR("@example.org")));
	assert_true(str_starts(header_value(&x, "To"), x.arf.to[0]));
	assert_true(str_find(header_value(&x, "Received"), x.arf.to[0]) > 0);
	assert_true(str_find(buf_str(&x.fields), STR("Identity-Alignment: none\r\n")) > 0);
	assert_true(str_find(buf_str(&x.fields), STR("Original-Envelope-Id: id 7\r\n")) > 0);
	/* RFC 6376 3.5: copies of the fields are not in it */
	check_str(header_value(&x, "DKIM-Signature"), STR("v=1; d=author.example; b=YWJj"));
	static const char *const secrets[] = { "alice", "Alice", "eve@", "X-Secret", "Delivered",
		                               "the body", "Bob", "bob" };
	for (size_t i = 0; i < COUNT(secrets); i++)
		check_at(i, str_find(buf_str(&x.raw), str_of(secrets[i])) < 0);
	made_end(&x);
}

static void each_kind(void **state)
{
	static const struct {
		bool by_dkim, by_spf;
		enum out_failure_kind kind;
		const char *failure, *aligned;
	} rows[] = {
		{ false, false, OUT_FAILURE_DMARC, "dmarc", "none" },
		{ true, false, OUT_FAILURE_SPF, "spf", "dkim" },
		{ false, true, OUT_FAILURE_DKIM, "bodyhash", "spf" },
		{ true, true, OUT_FAILURE_DKIM, "bodyhash", "dkim, spf" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report_failure f = failure_of("Subject: x\r\n\r\n");
		struct made x;

		f.by_dkim = rows[i].by_dkim;
		f.by_spf = rows[i].by_spf;
		f.ip = (struct addr){ .family = ADDR_V6, .ip = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
		make(&x, &f, rows[i].kind);
		check_str_at(i, x.arf.failure, str_of(rows[i].failure));
		check_str_at(i, x.arf.source_ip, STR("IPv6:2001:db8::1"));
		check_at(i, str_find(buf_str(&x.fields),
		                     str_fmt(&x.a, "Identity-Alignment: %s\r\n",
		                             rows[i].aligned)) > 0);
		made_end(&x);
	}
}

/* The return path of a list names who is on it. */
static void return_path_of_others(void **state)
{
	struct report_failure f = failure_of("Subject: x\r\n\r\n");
	struct made x;

	(void)state;
	f.from = (struct mailaddr){ STR("list+alice=example.org"), STR("l.example") };
	f.results = STR("mx; spf=pass smtp.mailfrom=list+alice=example.org@l.example; dmarc=fail");
	make(&x, &f, OUT_FAILURE_DMARC);
	assert_true(str_find(buf_str(&x.raw), STR("alice")) < 0);
	assert_true(str_find(x.arf.results, STR("smtp.mailfrom=")) > 0);
	assert_true(str_ends(x.arf.mail_from, STR("@l.example")));
	made_end(&x);
	f.from = (struct mailaddr){ STR_EMPTY, STR_EMPTY };
	make(&x, &f, OUT_FAILURE_DMARC);
	check_str(x.failure.mail_from, STR("<>"));
	made_end(&x);
}

/* --- hostile -------------------------------------------------------------------------------- */

#define EVIL "x\r\nFeedback-Type: abuse\r\n\r\n--b\r\n\nReported-Domain: evil.example\n\xff\x01"

static void values_stay_values(void **state)
{
	struct report_failure f = failure_of(
		"Subject: a\nb\r\n --x\r\n\tFeedback-Type: abuse\r\nFrom: " "\xc3\xa9\x7f\r\n"
		"Message-ID: <a\rb@c>\r\nnonsense\r\n\r\n");
	struct str evil = STR(EVIL);
	struct made x;

	(void)state;
	f.author = f.results = f.dkim_domain = f.dkim_identity = evil;
	f.dkim_selector = f.spf_domain = f.envelope_id = evil;
	f.from = (struct mailaddr){ evil, evil };
	f.to = &(const struct mailaddr){ evil, evil };
	f.to_count = 1;
	make(&x, &f, OUT_FAILURE_DMARC);
	check_lines(buf_str(&x.raw));
	check_str(x.arf.type, STR("auth-failure"));
	assert_int_equal(x.arf.domain_count, 1);
	assert_int_equal(header_count(buf_str(&x.fields), STR("Feedback-Type")), 1);
	assert_int_equal(header_count(x.failure.header, STR("Feedback-Type")), 0);
	assert_int_equal(header_count(x.failure.header, STR("Subject")), 1);
	made_end(&x);
}

static void huge(void **state)
{
	enum { SIZE = 2 << 20 };
	char *text = malloc(SIZE);
	struct arena a = { 0 };
	struct made x;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = "From: a@b,\r\nSubject: @example.org \r\n\t"[i % 38];
	struct report_failure f = failure_of("");

	f.message = str_from(text, SIZE);
	make(&x, &f, OUT_FAILURE_DMARC);
	assert_true(x.failure.header.n <= OUT_FAILURE_HEADER_MAX && x.failure.header.n > 8000);
	check_lines(buf_str(&x.raw));
	made_end(&x);
	memset(text, 'a', SIZE);
	memcpy(text, "From: ", 6);
	memcpy(text + 4000, "\r\nSubject: ok\r\nReceived: ", 26);
	memset(text + 9000, '@', SIZE - 9000);
	make(&x, &f, OUT_FAILURE_DMARC);
	check_str(x.failure.header, STR("Subject: ok\r\n")); /* a word of 4000 letters is no line */
	made_end(&x);
	f.results = f.dkim_identity = f.envelope_id = str_from(text, 65536);
	f.author = f.spf_domain = str_from(text, 65536);
	make(&x, &f, OUT_FAILURE_DMARC);
	check_lines(buf_str(&x.raw));
	assert_int_equal(x.arf.results.n, 0);
	made_end(&x);
	arena_deinit(&a);
	free(text);
}

/* Whatever the message is, cut anywhere. */
static void cut(void **state)
{
	struct str whole = STR("Received: from x\r\n for <alice@example.org>\r\nSubject: y\r\n"
	                       "To: \"a\r\n b\" <alice@example.org>, g: c@d;\r\n\r\nbody");
	struct arena a = { 0 };

	(void)state;
	for (size_t n = 0; n <= whole.n; n++) {
		struct report_failure f = failure_of("");
		struct out_failure out;
		struct cur c;
		struct header_field field;

		f.message = str_sub(whole, 0, n);
		out_failure_make(&f, OUT_FAILURE_DMARC, 0, key, &a, &out);
		check_at(n, str_find(out.header, STR("alice@")) < 0);
		c = cur_of(out.header);
		while (header_next(&c, &field))
			check_at(n, field.name.n != 0);
		check_at(n, cur_done(&c));
		arena_reset(&a);
	}
	arena_deinit(&a);
}

static void subjects(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "hello", "FW: hello" },
		{ "", "FW: a message that says it is of author.example" },
		{ "  ", "FW: a message that says it is of author.example" },
	};
	struct arena a = { 0 };
	struct out_failure f = { .author = STR("author.example") };
	char longer[400];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		f.subject = str_of(rows[i].in);
		check_str_at(i, out_failure_subject(&f, &a), str_of(rows[i].out));
	}
	memset(longer, 'x', sizeof longer);
	longer[100] = ' ';
	f.subject = str_from(longer, sizeof longer);
	assert_int_equal(out_failure_subject(&f, &a).n, 4 + 100);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),     cmocka_unit_test(names),
		cmocka_unit_test(no_names),  cmocka_unit_test(read_again),
		cmocka_unit_test(each_kind), cmocka_unit_test(return_path_of_others),
		cmocka_unit_test(huge),      cmocka_unit_test(values_stay_values),
		cmocka_unit_test(cut),       cmocka_unit_test(subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
