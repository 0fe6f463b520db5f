/* The grammar between messages of an APPEND, and that of URLs. */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/imap_wire/append.h"
#include "formats/imap_wire/url.h"
#include "foundation/base/arena.h"

#include <string.h>

/* --- texts ------------------------------------------------------------------ */

/* Steps as letters: begin, url, data, end. NULL: not accepted. */
static const struct text_row {
	enum imap_append_at at;
	bool literal;
	const char *text;
	const char *steps;
	enum imap_append_at behind;
} texts[] = {
	{ APPEND_AT_MESSAGE, true, " ", "bd", APPEND_AT_MESSAGE },
	{ APPEND_AT_MESSAGE, true, " (\\Seen k) ", "bd", APPEND_AT_MESSAGE },
	{ APPEND_AT_MESSAGE, true, " \" 1-Feb-1994 12:00:00 +0000\" ", "bd", APPEND_AT_MESSAGE },
	{ APPEND_AT_MESSAGE, true, " () \" 1-Feb-1994 12:00:00 +0000\" UTF8 (", "bd",
	  APPEND_AT_UTF8 },
	{ APPEND_AT_MESSAGE, true, " CATENATE (TEXT ", "bd", APPEND_AT_PART },
	{ APPEND_AT_MESSAGE, true, " catenate (url /x url \"y\" text ", "buud", APPEND_AT_PART },
	{ APPEND_AT_MESSAGE, true, " CATENATE (URL x) (\\Seen) ", "buebd", APPEND_AT_MESSAGE },
	{ APPEND_AT_PART, true, ") ", "ebd", APPEND_AT_MESSAGE },
	{ APPEND_AT_PART, true, " URL x TEXT ", "ud", APPEND_AT_PART },
	{ APPEND_AT_PART, true, " URL x) CATENATE (TEXT ", "uebd", APPEND_AT_PART },
	{ APPEND_AT_UTF8, true, ") UTF8 (", "ebd", APPEND_AT_UTF8 },
	{ APPEND_AT_MESSAGE, false, "", "", 0 },
	{ APPEND_AT_MESSAGE, false, " ", "", 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE (URL x)", "bue", 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE (URL x) (k) CATENATE (URL {1}\r\ny URL z)",
	  "buebuue", 0 },
	{ APPEND_AT_PART, false, ")", "e", 0 },
	{ APPEND_AT_PART, false, " URL \"a b\") ", "ue", 0 },
	{ APPEND_AT_UTF8, false, ")", "e", 0 },
	{ APPEND_AT_MESSAGE, true, "", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, "  ", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " (\\Seen)", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " (\\Seen) \"yesterday\" ", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " CATENATE (", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " CATENATE (URL ", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " CATENATE (TEXT", NULL, 0 },
	{ APPEND_AT_MESSAGE, true, " UTF8 ", NULL, 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE ()", NULL, 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE (URL x", NULL, 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE (URL x URL)", NULL, 0 },
	{ APPEND_AT_MESSAGE, false, " CATENATE (TEXT x)", NULL, 0 },
	{ APPEND_AT_MESSAGE, false, " abc", NULL, 0 },
	{ APPEND_AT_PART, false, "", NULL, 0 },
	{ APPEND_AT_PART, false, " )", NULL, 0 },
	{ APPEND_AT_PART, true, ")", NULL, 0 },
	{ APPEND_AT_UTF8, false, "", NULL, 0 },
	{ APPEND_AT_UTF8, true, " TEXT ", NULL, 0 },
};

static void text_cut(struct str text, void *arg)
{
	size_t i = *(size_t *)arg;
	const struct text_row *row = &texts[i];
	struct arena a = { 0 };
	struct imap_append_text out;
	struct cur c = cur_of(text);
	bool ok = imap_append_text_parse(&c, &a, row->at, row->literal, &out);

	check_at(i, !ok || cur_done(&c));
	if (text.n == strlen(row->text)) {
		check_at(i, ok == (row->steps != NULL));
		check_at(i, !ok || out.n == strlen(row->steps));
		for (size_t k = 0; ok && k < out.n; k++)
			check_at(i, row->steps[k] == "bude"[out.steps[k].op]);
		check_at(i, !ok || !row->literal || out.at == row->behind);
	}
	arena_deinit(&a);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		exact_each(str_of(texts[i].text), true, text_cut, &i);
}

/* --- URLs ------------------------------------------------------------------- */

#define TOKEN "91354a473744909de610943775f92038"
#define JOE "imap://joe@example.com/"

static const struct url_row {
	const char *text;
	const char *mailbox; /* NULL: not accepted */
	uint32_t uidvalidity, uid;
	const char *user;
	enum imap_url_access access;
	const char *access_user;
	const char *token;
} urls[] = {
	{ "/INBOX/;UID=20", "INBOX", 0, 20, "", 0, "", "" },
	{ "inbox/;uid=20", "INBOX", 0, 20, "", 0, "", "" },
	{ "/a/b/;UIDVALIDITY=3/;UID=20", "a/b/", 3, 20, "", 0, "", "" },
	{ "/a/b;UIDVALIDITY=3/;UID=20", "a/b", 3, 20, "", 0, "", "" },
	{ "/caf%C3%A9%20x/;UID=4294967295", "caf\xc3\xa9 x", 0, UINT32_MAX, "", 0, "", "" },
	{ ";UID=7/;SECTION=1.2", "", 0, 7, "", 0, "", "" },
	{ ";UID=7/;SECTION=1.2.MIME/;PARTIAL=3.4", "", 0, 7, "", 0, "", "" },
	{ ";UID=7/;PARTIAL=3", "", 0, 7, "", 0, "", "" },
	{ JOE "INBOX/;uid=20/;section=1.2", "INBOX", 0, 20, "joe", 0, "", "" },
	{ "IMAP://joe;AUTH=*@[::1]:143/x/;uid=2", "x", 0, 2, "joe", 0, "", "" },
	{ "imap://example.com/x/;uid=2", "x", 0, 2, "", 0, "", "" },
	{ "imap://joe%40example.org@host/x/;uid=2", "x", 0, 2, "joe@example.org", 0, "", "" },
	{ JOE "x/;uid=2;urlauth=anonymous", "x", 0, 2, "joe", URL_ACCESS_ANONYMOUS, "", "" },
	{ JOE "x/;uid=2;URLAUTH=submit+fred", "x", 0, 2, "joe", URL_ACCESS_SUBMIT, "fred", "" },
	{ JOE "x/;uid=2;EXPIRE=2030-01-01T00:00:00Z;urlauth=user+a%40b:internal:" TOKEN, "x", 0, 2,
	  "joe", URL_ACCESS_USER, "a@b", TOKEN },
	{ JOE "x/;uid=2/;section=1/;partial=0.9;urlauth=authuser:INTERNAL:" TOKEN, "x", 0, 2, "joe",
	  URL_ACCESS_AUTHUSER, "", TOKEN },
	{ "", NULL, 0, 0, "", 0, "", "" },
	{ "/", NULL, 0, 0, "", 0, "", "" },
	{ "/INBOX", NULL, 0, 0, "", 0, "", "" },
	{ "/INBOX?SUBJECT", NULL, 0, 0, "", 0, "", "" },
	{ "/;UID=20", NULL, 0, 0, "", 0, "", "" },
	{ "//x/;UID=20", NULL, 0, 0, "", 0, "", "" },
	{ "imap://", NULL, 0, 0, "", 0, "", "" },
	{ JOE, NULL, 0, 0, "", 0, "", "" },
	{ JOE ";UID=20", NULL, 0, 0, "", 0, "", "" },
	{ "http://h/x/;UID=1", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=0", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=4294967296", NULL, 0, 0, "", 0, "", "" },
	{ "/x%00/;UID=1", NULL, 0, 0, "", 0, "", "" },
	{ "/x%ff/;UID=1", NULL, 0, 0, "", 0, "", "" },
	{ "/x%4/;UID=1", NULL, 0, 0, "", 0, "", "" },
	{ "/x y/;UID=1", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1/;SECTION=0", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1/;SECTION=", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1/;PARTIAL=1.0", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1/", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;EXPIRE=2030-01-01T00:00:00Z", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;EXPIRE=soon;URLAUTH=anonymous", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=everybody", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=user+", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=anonymous:internal", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=anonymous:internal:1234", NULL, 0, 0, "", 0, "", "" },
	{ "/x/;UID=1;URLAUTH=anonymous:internal:" TOKEN "x", NULL, 0, 0, "", 0, "", "" },
};

static void url_cut(struct str text, void *arg)
{
	size_t i = *(size_t *)arg;
	const struct url_row *row = &urls[i];
	struct arena a = { 0 };
	struct imap_url url;
	bool ok = imap_url_parse(text, &a, &url);

	check_at(i, !ok || (url.uid != 0 && url.rump <= text.n));
	if (text.n == strlen(row->text))
		check_at(i, ok == (row->mailbox != NULL));
	if (ok && text.n == strlen(row->text)) {
		check_str_at(i, url.mailbox, str_of(row->mailbox));
		check_str_at(i, url.user, str_of(row->user));
		check_str_at(i, url.access_user, str_of(row->access_user));
		check_str_at(i, url.token, str_of(row->token));
		check_at(i, url.uid == row->uid && url.uidvalidity == row->uidvalidity);
		check_at(i, url.access == row->access);
		check_at(i,
		         url.rump ==
		                 (url.token.n
		                          ? (size_t)str_rfind_byte(
						    str_sub(text, 0, text.n - url.token.n - 1), ':')
		                          : text.n));
	}
	arena_deinit(&a);
}

static void test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++)
		exact_each(str_of(urls[i].text), true, url_cut, &i);
}

static void test_url_section(void **state)
{
	struct arena a = { 0 };
	struct imap_url url;

	(void)state;
	assert_true(imap_url_parse(STR("/x/;UID=1/;SECTION=1.2.MIME/;PARTIAL=3.4"), &a, &url));
	assert_true(url.section.path_n == 2 && url.section.kind == IMAP_SECTION_MIME);
	assert_true(url.section.partial && url.section.offset == 3 && url.section.size == 4);
	assert_true(imap_url_parse(STR("/x/;UID=1/;SECTION=HEADER.FIELDS%20(To%20Cc)"), &a, &url));
	assert_true(url.section.kind == IMAP_SECTION_FIELDS && url.section.fields.n == 2);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_url_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
