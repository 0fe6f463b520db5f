/* tests/unit/mailbox/mailbox_test.c: the tree of mailboxes, subscriptions, keywords. */
#include "foundation/base/arena.h"
#include "unit/mailbox/fixture.h"

#include <stdio.h>

static int setup(void **state)
{
	return setup_new(state);
}

/* All names in order with marks: "+" has children, "*" is subscribed; then those without a
 * mailbox in brackets. */
static enum err list_print(const struct mail_txn *m, void *arg)
{
	struct buf *out = arg;
	struct arena a = { 0 };
	struct mailbox_list l;
	struct subscription_list subs;

	assert_int_equal(mailbox_list(m, &a, &l), OK);
	for (size_t i = 0; i < l.n; i++) {
		struct str name;

		assert_int_equal(mailbox_name(m, l.entries[i].box.id, &a, &name), OK);
		check_str_at(i, name, l.entries[i].name);
		buf_fmt(out, "%s%.*s%s%s", i ? " " : "", STR_ARG(l.entries[i].name),
		        l.entries[i].has_children ? "+" : "",
		        l.entries[i].box.subscribed ? "*" : "");
	}
	assert_int_equal(mailbox_subscriptions(m, &a, &subs), OK);
	for (size_t i = 0; i < subs.n; i++)
		buf_fmt(out, " [%.*s]", STR_ARG(subs.names[i]));
	arena_deinit(&a);
	return OK;
}

static void check_list(const char *want)
{
	struct buf b;

	buf_init(&b, 65536);
	assert_int_equal(mail_read(&s, 1, list_print, &b), OK);
	check_str(buf_str(&b), str_of(want));
	buf_deinit(&b);
}

/* Without the five that every account has. */
static void bare(void)
{
	static const char *const names[] = { "Drafts", "Sent", "Trash", "Junk", "Archive" };

	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(mail_do_subscribe(&s, 1, names[i], false), OK);
		assert_int_equal(mail_do_delete(&s, 1, names[i]), OK);
	}
	check_list("INBOX*");
}

static void provisioned(void **state)
{
	(void)state;
	static const struct {
		const char *name, *attribute;
		enum mailbox_role role;
	} rows[] = {
		{ "INBOX", "", ROLE_INBOX },     { "Drafts", "\\Drafts", ROLE_DRAFTS },
		{ "Sent", "\\Sent", ROLE_SENT }, { "Trash", "\\Trash", ROLE_TRASH },
		{ "Junk", "\\Junk", ROLE_JUNK }, { "Archive", "\\Archive", ROLE_ARCHIVE },
	};
	uint32_t uidvalidity = 0;

	check_list("Archive* Drafts* INBOX* Junk* Sent* Trash*");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailbox box = mail_box(&s, 1, rows[i].name);

		check_at(i, box.role == rows[i].role && box.uidnext == 1 && box.exists == 0);
		check_at(i, box.uidvalidity > uidvalidity);
		check_str_at(i, mailbox_role_attribute(box.role), str_of(rows[i].attribute));
		uidvalidity = box.uidvalidity;
	}
	assert_int_equal(mail_do_provision(&s, 1), OK);
	check_list("Archive* Drafts* INBOX* Junk* Sent* Trash*");
}

static enum err run_renew(const struct mail_txn *m, void *arg)
{
	return mail_renew(m->t, arg);
}

static enum err nothing_told(const struct mail_txn *m, void *arg)
{
	return changes_since(m, 0, *(uint64_t *)arg, NULL, NULL);
}

/* A backup went back to before all of these numbers, and they were given out meanwhile. */
static void renewed(void **state)
{
	static const char *const names[] = { "INBOX", "Sent", "late" };
	struct mailbox before[COUNT(names)], other;
	struct email_appended old, new;

	(void)state;
	assert_int_equal(mail_do_create(&s, 1, "late"), OK);
	assert_int_equal(mail_do_provision(&s, 2), OK);
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n"), (struct flags){ 0 }, &old), OK);
	for (size_t i = 0; i < COUNT(names); i++)
		before[i] = mail_box(&s, 1, names[i]);
	other = mail_box(&s, 2, "INBOX");
	assert_int_equal(mail_write(&s, 1, run_renew, NULL), OK);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct mailbox box = mail_box(&s, 1, names[i]);

		check_at(i, box.uidvalidity > before[COUNT(names) - 1].uidvalidity);
		check_at(i, box.uidnext == before[i].uidnext && box.exists == before[i].exists);
	}
	assert_true(mail_box(&s, 2, "INBOX").uidvalidity > other.uidvalidity);
	assert_int_equal(mail_read(&s, 1, nothing_told, &before[0].modseq), ERR_MISSING);
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n"), (struct flags){ 0 }, &new), OK);
	assert_true(new.email > old.email + 1000000 && new.modseq > old.modseq + 1000000);
	assert_int_equal(mail_do_create(&s, 1, "later"), OK);
	assert_true(mail_box(&s, 1, "later").id > before[COUNT(names) - 1].id + 1000);
}

static void created(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum err want;
	} rows[] = {
		{ "a/b/c", OK }, /* RFC 9051 6.3.4: superior names are made too */
		{ "a/b", ERR_CONFLICT },
		{ "a/b/", ERR_CONFLICT },
		{ "d/", OK }, /* RFC 9051 6.3.4: a hint, not part of the name */
		{ "inbox", ERR_CONFLICT },
		{ "InBox/x", OK },
		{ "INBOX/x", ERR_CONFLICT },
		{ "A", OK },
		{ "a//b", ERR_SYNTAX },
		{ "", ERR_SYNTAX },
		{ "/", ERR_SYNTAX },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789"
		  "0123456789012345678901234567890",
		  ERR_LIMIT }, /* name_max is 100 */
	};

	bare();
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, mail_do_create(&s, 1, rows[i].name) == rows[i].want);
	check_list("A INBOX+* INBOX/x a+ a/b+ a/b/c d");
}

/* RFC 9051 5.1: one mailbox, whatever spelling makes it and asks for it; one that is older than
 * that rule keeps its name. */
static void spelled_in_two_ways(void **state)
{
	(void)state;
	struct mailbox box, old;

	bare();
	assert_int_equal(mail_do_create(&s, 1, "e\xcc\x81/u\xcc\x88"), OK);
	assert_int_equal(mail_do_create(&s, 1, "\xc3\xa9"), ERR_CONFLICT);
	assert_int_equal(mail_do_create(&s, 1, "e\xcc\x81"), ERR_CONFLICT);
	assert_int_equal(mail_do_create(&s, 1, "e\xcc\x81/x"), OK);
	check_list("INBOX* \xc3\xa9+ \xc3\xa9/x \xc3\xa9/\xc3\xbc");
	box = mail_box(&s, 1, "\xc3\xa9/\xc3\xbc");
	assert_int_equal(mail_box(&s, 1, "e\xcc\x81/\xc3\xbc").id, box.id);
	assert_int_equal(mail_do_rename(&s, 1, "e\xcc\x81/x", "o\xcc\x88"), OK);
	assert_int_equal(mail_do_rename(&s, 1, "\xc3\xb6", "e\xcc\x81/u\xcc\x88"), ERR_CONFLICT);
	assert_int_equal(mail_do_subscribe(&s, 1, "n\xcc\x83", true), OK);
	assert_int_equal(mail_do_create(&s, 1, "\xc3\xb1"), OK);
	check_list("INBOX* \xc3\xa9+ \xc3\xa9/\xc3\xbc \xc3\xb1* \xc3\xb6");
	old = mail_box(&s, 1, "\xc3\xb6");
	assert_int_equal(mail_box(&s, 1, "o\xcc\x88").id, old.id);
}

static void created_too_many(void **state)
{
	(void)state;
	char name[16];
	unsigned n = 6;

	for (; n < MAIL_STORE_MAILBOXES; n++) {
		snprintf(name, sizeof name, "m%u", n);
		check_at(n, mail_do_create(&s, 1, name) == OK);
	}
	assert_int_equal(mail_do_create(&s, 1, "more"), ERR_LIMIT);
	assert_int_equal(mail_do_delete(&s, 1, "m7"), OK);
	assert_int_equal(mail_do_create(&s, 1, "a/b"), ERR_LIMIT); /* two, room for one */
	assert_false(mail_box_exists(&s, 1, "a"));
	assert_int_equal(mail_do_create(&s, 1, "more"), OK);
}

static void renamed(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
		enum err want;
	} rows[] = {
		{ "a", "b", OK },
		{ "b", "x/y/z", OK },
		{ "x/y", "x/y/z/q", ERR_SYNTAX },
		{ "x", "x/x", ERR_SYNTAX },
		{ "none", "new", ERR_MISSING },
		{ "x/y/z", "INBOX", ERR_CONFLICT },
		{ "x/y/z", "x/y/z", ERR_CONFLICT },
		{ "x/y/z", "inbox/z", OK },
	};
	struct mailbox before, after;

	bare();
	assert_int_equal(mail_do_create(&s, 1, "a/one/two"), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "a/one", true), OK);
	before = mail_box(&s, 1, "a");
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, mail_do_rename(&s, 1, rows[i].from, rows[i].to) == rows[i].want);
	check_list("INBOX+* INBOX/z+ INBOX/z/one+* INBOX/z/one/two x+ x/y");
	after = mail_box(&s, 1, "INBOX/z");
	assert_int_equal(after.id, before.id);
	assert_int_equal(after.uidvalidity, before.uidvalidity);
}

static void renamed_too_long(void **state)
{
	(void)state;
	char to[101];

	assert_int_equal(mail_do_create(&s, 1, "a/0123456789"), OK);
	snprintf(to, sizeof to, "%090d", 0); /* with "/0123456789": 101 */
	assert_int_equal(mail_do_rename(&s, 1, "a", to), ERR_LIMIT);
	assert_int_equal(mail_do_rename(&s, 1, "a", to + 1), OK);
}

static void inbox_renamed(void **state)
{
	(void)state;
	struct mailbox inbox = mail_box(&s, 1, "INBOX");
	struct mailbox old;

	bare();
	assert_int_equal(mail_do_create(&s, 1, "INBOX/child"), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_do_append(&s, 1, inbox.id, STR("a: b\r\n\r\n"),
		                                FLAGS(BIT64(FLAG_SEEN)), NULL),
		                 OK);
	assert_int_equal(mail_do_rename(&s, 1, "inbox", "old/mail"), OK);
	check_list("INBOX+* INBOX/child old+ old/mail");
	old = mail_box(&s, 1, "old/mail");
	assert_int_equal(old.exists, 3);
	assert_int_equal(old.role, ROLE_NONE);
	assert_true(old.uidvalidity > inbox.uidvalidity);
	inbox = mail_box(&s, 1, "INBOX");
	assert_int_equal(inbox.exists, 0);
	assert_int_equal(inbox.uidnext, 4); /* UIDs are never used again */
}

static void deleted(void **state)
{
	(void)state;
	struct mailbox box;

	bare();
	assert_int_equal(mail_do_create(&s, 1, "a/b"), OK);
	assert_int_equal(mail_do_append(&s, 1, mail_box(&s, 1, "a/b").id, STR("x"), FLAGS(0), NULL),
	                 OK);
	box = mail_box(&s, 1, "a/b");
	assert_int_equal(mail_do_delete(&s, 1, "a"), ERR_CONFLICT); /* HASCHILDREN */
	assert_int_equal(mail_do_delete(&s, 1, "inbox"), ERR_SYNTAX);
	assert_int_equal(mail_do_delete(&s, 1, "a/b"), OK);
	assert_int_equal(mail_do_delete(&s, 1, "a/b"), ERR_MISSING);
	assert_int_equal(mail_do_create(&s, 1, "a/b"), OK);
	assert_true(mail_box(&s, 1, "a/b").uidvalidity > box.uidvalidity);
	assert_int_equal(mail_box(&s, 1, "a/b").exists, 0);
	check_list("INBOX* a+ a/b");
}

static void subscribed(void **state)
{
	(void)state;
	char name[16];

	bare();
	/* RFC 9051 6.3.7: a name need not exist, and a subscription outlives its mailbox. */
	assert_int_equal(mail_do_subscribe(&s, 1, "later", true), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "later", true), OK);
	check_list("INBOX* [later]");
	assert_int_equal(mail_do_create(&s, 1, "later/on"), OK);
	check_list("INBOX* later+* later/on");
	assert_int_equal(mail_do_subscribe(&s, 1, "later/on", true), OK);
	assert_int_equal(mail_do_delete(&s, 1, "later/on"), OK);
	check_list("INBOX* later* [later/on]");
	/* It is met again under a name that a rename makes. */
	assert_int_equal(mail_do_create(&s, 1, "x/on"), OK);
	assert_int_equal(mail_do_delete(&s, 1, "later"), OK);
	assert_int_equal(mail_do_rename(&s, 1, "x", "later"), OK);
	check_list("INBOX* later+* later/on*");
	assert_int_equal(mail_do_subscribe(&s, 1, "later", false), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "inBOX", false), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "none", false), OK);
	check_list("INBOX later+ later/on*");
	assert_int_equal(mail_do_subscribe(&s, 1, "a//b", true), ERR_SYNTAX);
	for (unsigned i = 0; i < MAIL_STORE_MAILBOXES; i++) {
		snprintf(name, sizeof name, "none%u", i);
		check_at(i, mail_do_subscribe(&s, 1, name, true) == OK);
	}
	assert_int_equal(mail_do_subscribe(&s, 1, "one more", true), ERR_LIMIT);
	/* Then a deleted mailbox's subscription is lost, and the delete succeeds. */
	assert_int_equal(mail_do_delete(&s, 1, "later/on"), OK);
}

static void accounts_apart(void **state)
{
	(void)state;
	assert_int_equal(mail_do_create(&s, 2, "a"), ERR_MISSING);
	assert_string_equal(mail_why.text, "account 2 has no mailboxes");
	assert_int_equal(mail_do_provision(&s, 2), OK);
	assert_int_equal(mail_do_create(&s, 2, "a"), OK);
	assert_false(mail_box_exists(&s, 1, "a"));
	check_list("Archive* Drafts* INBOX* Junk* Sent* Trash*");
}

static enum err run_erase(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_erase(m);
}

static void account_erased(void **state)
{
	(void)state;
	uint32_t inbox = mail_box(&s, 1, "INBOX").id;

	assert_int_equal(mail_do_provision(&s, 2), OK);
	for (uint32_t account = 1; account <= 2; account++)
		assert_int_equal(
			mail_do_append(&s, account, inbox, STR("same bytes"), FLAGS(0), NULL), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "none", true), OK);
	assert_int_equal(mail_write(&s, 1, run_erase, NULL), OK);
	assert_false(mail_box_exists(&s, 1, "INBOX"));
	assert_int_equal(mail_box(&s, 2, "INBOX").exists, 1);
	mail_store_fsck(&s);
	assert_int_equal(mail_write(&s, 1, run_erase, NULL), OK);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	check_list("Archive* Drafts* INBOX* Junk* Sent* Trash*");
}

/* --- Keywords --- */

struct intern {
	struct str name;
	unsigned id;
};

static enum err run_intern(const struct mail_txn *m, void *arg)
{
	struct intern *x = arg;

	return keyword_intern(m, x->name, &x->id);
}

static enum err intern(const char *name, unsigned *id)
{
	struct intern x = { str_of(name), FLAG_MAX };
	enum err e = mail_write(&s, 1, run_intern, &x);

	*id = x.id;
	return e;
}

static enum err keywords_look(const struct mail_txn *m, void *arg)
{
	struct arena a = { 0 };
	struct keywords k;

	(void)arg;
	assert_int_equal(keywords_load(m, &a, &k), OK);
	check_str(k.names[FLAG_CUSTOM], STR("Work"));
	check_str(k.names[FLAG_SEEN], STR("\\Seen"));
	assert_int_equal(keywords_find(&k, STR("wORK")), FLAG_CUSTOM);
	assert_int_equal(keywords_find(&k, STR("none")), -1);
	assert_int_equal(keywords_find(&k, STR_EMPTY), -1);
	assert_true(keywords_cover(&k, flags_with(FLAGS(BIT64(FLAG_JUNK)), FLAG_CUSTOM)));
	assert_false(keywords_cover(&k, flags_with(FLAGS(0), 100)));
	arena_deinit(&a);
	return OK;
}

static void keywords(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum err want;
		unsigned id;
	} rows[] = {
		{ "Work", OK, FLAG_CUSTOM },          { "$Label1", OK, FLAG_CUSTOM + 1 },
		{ "WORK", OK, FLAG_CUSTOM },          { "\\seen", OK, FLAG_SEEN },
		{ "$forwarded", OK, FLAG_FORWARDED }, { "\\Recent", ERR_SYNTAX, FLAG_MAX },
		{ "a b", ERR_SYNTAX, FLAG_MAX },      { "", ERR_SYNTAX, FLAG_MAX },
		{ "a]", ERR_SYNTAX, FLAG_MAX },       { "a\"", ERR_SYNTAX, FLAG_MAX },
		{ "(", ERR_SYNTAX, FLAG_MAX },        { "a\xc3\xa4", ERR_SYNTAX, FLAG_MAX },
	};
	char name[KEYWORD_MAX + 2];
	unsigned id;

	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, intern(rows[i].name, &id) == rows[i].want);
		check_at(i, id == rows[i].id);
	}
	snprintf(name, sizeof name, "%0*d", KEYWORD_MAX + 1, 0);
	assert_int_equal(intern(name, &id), ERR_LIMIT);
	for (unsigned i = FLAG_CUSTOM + 2; i < MAIL_STORE_KEYWORDS; i++) {
		snprintf(name, sizeof name, "k%u", i);
		check_at(i, intern(name, &id) == OK && id == i);
	}
	assert_int_equal(intern("more", &id), ERR_LIMIT);
	assert_int_equal(intern("work", &id), OK);
	assert_int_equal(mail_read(&s, 1, keywords_look, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(provisioned),
		TEST(renewed),
		TEST(created),
		TEST(spelled_in_two_ways),
		TEST(created_too_many),
		TEST(renamed),
		TEST(renamed_too_long),
		TEST(inbox_renamed),
		TEST(deleted),
		TEST(subscribed),
		TEST(accounts_apart),
		TEST(account_erased),
		TEST(keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
