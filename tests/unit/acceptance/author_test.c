/* Whose name a message that is submitted may bear (flow/acceptance/author.h), and what is added
 * to it. */
#include "harness/check.h"
#include "unit/delivery/town.h"

#include "flow/acceptance/addresses.h"
#include "flow/acceptance/fields.h"
#include "formats/message/header.h"

enum { OUT_MAX = 4096 };

enum { FOREIGN = 1 };

/* code 0: it may. FOREIGN: an address at a remote domain is among the authors, which
 * ROOST_FOREIGN_AUTHORS allows; else 550. bob has the catch-all of catch.example. */
static const struct {
	const char *who, *header;
	unsigned code;
} rows[] = {
	{ "ada", "From: ada@example.org\r\n", 0 },
	{ "ada", "From: ADA@EXAMPLE.ORG\r\n", 0 },
	{ "ada", "from : Ada Byron <ada+list@example.org> (me)\r\n", 0 },
	{ "ada", "From: \"ada\"@example.org\r\n", 0 },
	{ "ada", "From:\r\n =?utf-8?q?Ad=C3=A0?=\r\n <ada@example.org>\r\n", 0 },
	{ "ada", "From: postmaster@example.org\r\n", 0 },
	{ "ada", "From: ada@example.org, ada+x@example.org\r\nSender: ada@example.org\r\n", 0 },
	{ "ada", "Subject: nobody\r\n", 0 },
	{ "ada", "From: x@remote.example\r\n", FOREIGN },
	{ "ada", "From: ada@example.org, x@remote.example\r\n", FOREIGN },
	{ "ada", "From: ada@example.org\r\nSender: x@remote.example\r\n", FOREIGN },
	{ "ada", "From: bob@sub.example.org\r\n", FOREIGN },
	{ "bob", "From: anything@catch.example\r\n", 0 },
	{ "ada", "Resent-From: ada@example.org\r\nResent-Sender: ada@example.org\r\n"
	         "Resent-From: y@remote.example\r\nFrom: x@remote.example\r\n", FOREIGN },
	/* another's */
	{ "ada", "From: bob@example.org\r\n", 550 },
	{ "ada", "From: BoB@Example.ORG\r\n", 550 },
	{ "ada", "From: \"bob\"@example.org\r\n", 550 },
	{ "ada", "From: \"b\\ob\"@example.org\r\n", 550 },
	{ "ada", "From: (ada@example.org) bob@example.org (ada@example.org)\r\n", 550 },
	{ "ada", "From: \"ada@example.org\"\r\n <bob@example.org>\r\n", 550 },
	{ "ada", "From: bob+ada@example.org\r\n", 550 },
	{ "ada", "From: both@example.org\r\n", 550 },
	{ "ada", "From: club@example.org\r\n", 550 },
	{ "ada", "From: nobody@example.org\r\n", 550 },
	{ "ada", "From: ada@example.org, bob@example.org\r\n", 550 },
	{ "ada", "From: x@remote.example, bob@example.org\r\n", 550 },
	{ "ada", "From: b\xd0\xbe" "b@example.org\r\n", 550 }, /* a Cyrillic o */
	{ "ada", "From: ada@example.org\r\nSender: bob@example.org\r\n", 550 },
	{ "ada", "Sender: bob@example.org\r\n", 550 },
	{ "ada", "From: ada@example.org\r\nResent-From: bob@example.org\r\n", 550 },
	{ "ada", "From: ada@example.org\r\nResent-Sender: bob@example.org\r\n", 550 },
	{ "ada", "Resent-From: ada@example.org\r\nResent-From: bob@example.org\r\n", 550 },
	{ "ada", "Resent-From: ada@example.org\r\nFrom: bob@example.org\r\n", 550 },
	/* not to be read for sure */
	{ "ada", "From:\r\n", 554 },
	{ "ada", "From: <>\r\n", 554 },
	{ "ada", "From: Ada\r\n", 554 },
	{ "ada", "From: ada\r\n", 554 },
	{ "ada", "From: bob@example.org.\r\n", 554 },
	{ "ada", "From: ada@example.org.\r\n", 554 },
	{ "ada", "From: bob @ example.org\r\n", 554 },
	{ "ada", "From: bob@example.\r\n org\r\n", 554 },
	{ "ada", "From: bob@exam\r\n ple.org\r\n", 554 },
	{ "ada", "From: bob@example.org\xc2\xa0\r\n", 554 },
	{ "ada", "From: bob\xc2\xa0@example.org\r\n", 554 },
	{ "bob", "From: ada\xc2\xa0@catch.example\r\n", 554 },
	{ "bob", "From: =?utf-8?q?ada?=@catch.example\r\n", 554 },
	{ "ada", "From: =?utf-8?q?bob=40example.org?=\r\n", 554 },
	{ "ada", "From: bob@example.org\v\r\n", 554 },
	{ "ada", "From: <@remote.example:bob@example.org>\r\n", 554 },
	{ "ada", "From: bob@example.org <ada@example.org>\r\n", 554 },
	{ "ada", "From: <ada@example.org> <bob@example.org>\r\n", 554 },
	{ "ada", "From: friends: ada@example.org, bob@example.org;\r\n", 554 },
	{ "ada", "From: friends: ada@example.org;\r\n", 554 }, /* RFC 6854 */
	{ "ada", "From: nobody:;\r\n", 554 },
	{ "ada", "From: J\xf6rg <ada@example.org>\r\n", 554 },
	{ "ada", "From: ada@example.org\r\nFrom: ada@example.org\r\n", 554 },
	{ "ada", "From: ada@example.org\r\nfrom : bob@example.org\r\n", 554 },
	{ "ada", "From: ada@example.org\r\nSender: ada@example.org, ada@example.org\r\n", 554 },
	{ "ada", "Sender: ada@example.org\r\nSender: ada@example.org\r\n", 554 },
	{ "ada", "From: ada@example.org\r\nSender:\r\n", 554 },
	{ "ada", "Resent-Sender: ada@example.org, ada@example.org\r\n", 554 },
	{ "ada", "From: ada@example.org\r\nFrom\r\n : bob@example.org\r\n", 554 },
	{ "ada", "From bob@example.org Sat Jan 1 00:00:00 2000\r\nFrom: ada@example.org\r\n", 554 },
};

static enum err account_id(struct txn *t, void *arg)
{
	struct accept_check *look = arg;
	struct account account;
	enum err e = account_find(t, look->from.local, txn_arena(t), &account);

	look->account = account.id;
	return e;
}

static struct accept_check look_of(struct town *town, const char *who, struct arena *a)
{
	struct accept_check look = { .store = town->mail.temp.store, .settings = &town_settings };

	look.from.local = str_fmt(a, "%s@example.org", who);
	assert_int_equal(store_read(look.store, account_id, &look), OK);
	return look;
}

static void table_run(bool foreign_authors)
{
	struct settings settings = town_settings;
	struct arena a = { 0 };
	struct town town;

	settings.foreign_authors = foreign_authors;
	town_open(&town, STORE_MEMORY);
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned foreign = foreign_authors ? 0 : 550;
		unsigned code = rows[i].code == FOREIGN ? foreign : rows[i].code;
		struct accept_check look = look_of(&town, rows[i].who, &a);
		struct smtp_answer answer = { 0 };
		bool may;

		look.settings = &settings;
		may = accept_author(&look, str_of(rows[i].header), &answer);
		if (may != (code == 0) || answer.code != code)
			fail_msg("row %zu: %u %s", i, answer.code, may ? "" : answer.text);
	}
	town_close(&town);
	arena_deinit(&a);
}

static void table(void **state)
{
	(void)state;
	table_run(false);
}

static void table_with_foreign_authors(void **state)
{
	(void)state;
	table_run(true);
}

/* Work is limited, over all the fields together. */
static void limit(void **state)
{
	struct arena a = { 0 };
	struct town town;
	struct smtp_answer answer = { 0 };
	struct accept_check look;
	struct buf header;

	(void)state;
	town_open(&town, STORE_MEMORY);
	look = look_of(&town, "ada", &a);
	buf_init(&header, 64 << 10);
	for (int i = 0; i < 100; i++)
		buf_put(&header, STR("Resent-From: ada@example.org\r\n"));
	assert_true(accept_author(&look, buf_str(&header), &answer));
	buf_put(&header, STR("From: ada@example.org\r\n"));
	assert_false(accept_author(&look, buf_str(&header), &answer));
	assert_int_equal(answer.code, 550);
	buf_deinit(&header);
	town_close(&town);
	arena_deinit(&a);
}

/* RFC 6409 8, RFC 5322 3.6 */
static void missing(void **state)
{
	static const struct {
		const char *header, *from, *sender;
	} cases[] = {
		{ "Subject: x\r\n", "\"a b\"@example.org", NULL },
		{ "From: x@y\r\n", NULL, NULL },
		{ "from: x@y, z@y\r\n", NULL, "\"a b\"@example.org" },
		{ "From: x@y, z@y\r\nSender: z@y\r\n", NULL, NULL },
		{ "", "\"a b\"@example.org", NULL },
	};
	const struct mailaddr from = { STR("a b"), STR("example.org") };
	const struct accept_trace t = { .hostname = STR("mail.example.org"), .from = &from };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_field field;
		struct buf out;
		bool found;

		buf_init(&out, OUT_MAX);
		accept_trace_missing_put(&out, str_of(cases[i].header), &t);
		check_at(i, header_find(buf_str(&out), STR("Date"), &field));
		check_at(i, header_find(buf_str(&out), STR("Message-ID"), &field));
		found = header_find(buf_str(&out), STR("From"), &field);
		check_at(i, found == (cases[i].from != NULL));
		check_at(i, !found || str_eq(field.value, str_of(cases[i].from)));
		found = header_find(buf_str(&out), STR("Sender"), &field);
		check_at(i, found == (cases[i].sender != NULL));
		check_at(i, !found || str_eq(field.value, str_of(cases[i].sender)));
		buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(table_with_foreign_authors),
		cmocka_unit_test(limit),
		cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
