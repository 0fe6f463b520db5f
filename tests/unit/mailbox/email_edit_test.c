/* tests/unit/mailbox/email_edit_test.c: changes of many emails at once
 * (model/mailbox/email_edit.h). changed_test.c makes random ones. */
#include "model/mailbox/email_edit.h"

#include "foundation/base/arena.h"
#include "model/mailbox/acl.h"
#include "model/mailbox/by_date.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/rights.h"
#include "unit/mailbox/fixture.h"

enum { INBOX = 1, DRAFTS, SENT, TRASH, MANY = 1000, USER = 2 };

static const struct flags seen = FLAGS(BIT64(FLAG_SEEN)), flagged = FLAGS(BIT64(FLAG_FLAGGED));

static uint64_t append(const char *text)
{
	struct email_appended out;

	assert_int_equal(mail_do_append(&s, 1, INBOX, str_of(text), FLAGS(0), &out), OK);
	return out.email;
}

/* --- Calls ------------------------------------------------------------------------------ */

struct edits {
	struct email_edit *edits;
	size_t n;
	uint64_t modseq;
};

static enum err edits_run(const struct mail_txn *m, void *arg)
{
	struct edits *x = arg;

	return email_edit_all(m, x->edits, x->n, &x->modseq);
}

static enum err edit(struct email_edit what)
{
	struct edits x = { &what, 1, 0 };

	assert_int_equal(mail_write(&s, 1, edits_run, &x), OK);
	assert_true(!what.error || !what.changed);
	return what.error;
}

static enum err put(uint64_t email, const uint32_t *mailbox)
{
	return edit((struct email_edit){ .email = email, .add = mailbox, .add_count = 1 });
}

struct viewed {
	uint64_t email;
	struct email_view view;
	uint32_t boxes[4];
	enum err e;
};

static enum err view_run(const struct mail_txn *m, void *arg)
{
	struct viewed *x = arg;
	struct email_viewer *v;
	struct arena a = { 0 };

	assert_int_equal(email_viewer_new(m, &a, &v), OK);
	x->e = email_view_get(v, x->email, &a, &x->view);
	for (size_t i = 0; !x->e && i < x->view.placements.n && i < COUNT(x->boxes); i++)
		x->boxes[i] = x->view.placements.items[i].mailbox;
	arena_deinit(&a);
	return OK;
}

static struct viewed view(uint64_t email)
{
	struct viewed x = { .email = email };

	assert_int_equal(mail_read(&s, 1, view_run, &x), OK);
	return x;
}

/* --- Tests ------------------------------------------------------------------------------ */

static void mailboxes(void **state)
{
	static const uint32_t trash[] = { TRASH }, both[] = { SENT, TRASH }, none[] = { 99 };
	static const uint32_t inbox[] = { INBOX };
	uint64_t email = append("a: b\r\n\r\n");
	struct viewed v;

	(void)state;
	assert_int_equal(edit((struct email_edit){ .email = email, .add = both, .add_count = 2 }),
	                 OK);
	v = view(email);
	assert_true(v.view.placements.n == 3 && v.boxes[0] == INBOX && v.boxes[2] == TRASH);
	assert_int_equal(edit((struct email_edit){ .email = email,
	                                           .add = trash,
	                                           .add_count = 1,
	                                           .replace = true }),
	                 OK);
	v = view(email);
	assert_true(v.view.placements.n == 1 && v.boxes[0] == TRASH);
	/* Nothing of a change that fails is made. */
	assert_int_equal(edit((struct email_edit){ .email = email,
	                                           .add = none,
	                                           .add_count = 1,
	                                           .replace_flags = true,
	                                           .add_flags = seen }),
	                 ERR_MISSING);
	assert_int_equal(
		edit((struct email_edit){ .email = email, .remove = trash, .remove_count = 1 }),
		ERR_SYNTAX);
	assert_int_equal(edit((struct email_edit){ .email = email, .replace = true }), ERR_SYNTAX);
	assert_true(flags_empty(view(email).view.flags));
	/* To move it. */
	assert_int_equal(edit((struct email_edit){ .email = email,
	                                           .add = inbox,
	                                           .add_count = 1,
	                                           .remove = trash,
	                                           .remove_count = 1 }),
	                 OK);
	assert_int_equal(view(email).boxes[0], INBOX);
	assert_int_equal(edit((struct email_edit){ .email = email, .destroy = true }), OK);
	assert_int_equal(view(email).e, ERR_MISSING);
	assert_int_equal(edit((struct email_edit){ .email = email, .destroy = true }), ERR_MISSING);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 0);
}

/* RFC 8621 4.1.1: $seen when all placements are seen, $flagged when any is. */
static void flags_of_copies(void **state)
{
	static const uint32_t sent[] = { SENT };
	uint64_t email = append("a: b\r\n\r\n");
	struct email_stored out = { 0 };
	struct email_store what = { SENT, &uids_all, FLAGS_ADD, flags_or(seen, flagged),
		                    UINT64_MAX };

	(void)state;
	assert_int_equal(put(email, sent), OK);
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_true(flags_eq(view(email).view.flags, flagged));
	assert_int_equal(edit((struct email_edit){ .email = email, .add_flags = seen }), OK);
	assert_true(flags_eq(view(email).view.flags, flags_or(seen, flagged)));
	assert_true(flags_eq(mail_row(&s, 1, INBOX, 1).flags, seen));
	assert_int_equal(edit((struct email_edit){
				 .email = email, .replace_flags = true, .add_flags = flagged }),
	                 OK);
	assert_true(flags_eq(mail_row(&s, 1, INBOX, 1).flags, flagged));
	/* A placement with \Deleted is not shown; without others, the email is not. */
	what.flags = FLAGS(BIT64(FLAG_DELETED));
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_int_equal(view(email).view.placements.n, 1);
	what.mailbox = INBOX;
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_int_equal(view(email).e, ERR_MISSING);
	email_stored_deinit(&out);
}

static enum err grant(const struct mail_txn *m, void *arg)
{
	return acl_change(m, &(struct acl_change){ .mailbox = INBOX,
	                                           .who = USER,
	                                           .op = ACL_REPLACE,
	                                           .rights = *(unsigned *)arg });
}

/* Another user sees and changes what the rights allow. */
static void rights(void **state)
{
	static const uint32_t sent[] = { SENT };
	unsigned may = RIGHT_LOOKUP | RIGHT_READ | RIGHT_WRITE;
	uint64_t email = append("a: b\r\n\r\n");

	(void)state;
	assert_int_equal(mail_do_provision(&s, USER), OK);
	s.who = USER;
	assert_int_equal(edit((struct email_edit){ .email = email, .add_flags = flagged }),
	                 ERR_MISSING);
	s.who = 0;
	assert_int_equal(mail_write(&s, 1, grant, &may), OK);
	s.who = USER;
	assert_int_equal(edit((struct email_edit){ .email = email, .add_flags = flagged }), OK);
	assert_int_equal(edit((struct email_edit){ .email = email, .add_flags = seen }),
	                 ERR_DENIED);
	assert_int_equal(put(email, sent), ERR_MISSING);
	assert_int_equal(edit((struct email_edit){ .email = email, .destroy = true }), ERR_DENIED);
	s.who = 0;
	assert_int_equal(put(email, sent), OK);
	s.who = USER;
	assert_int_equal(view(email).view.placements.n, 1);
	s.who = 0;
	assert_int_equal(view(email).view.placements.n, 2);
}

/* One modseq, and one row of the log, for any number of changes. */
static void many_at_once(void **state)
{
	static struct email_edit edits[MANY];
	static const uint32_t sent[] = { SENT };
	struct edits x = { edits, MANY, 0 };
	uint64_t before;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		edits[i] = (struct email_edit){ .email = append("a: b\r\n\r\n"),
			                        .add_flags = flagged,
			                        .add = sent,
			                        .add_count = i % 2 };
	edits[7].email = 99999;
	before = mail_box(&s, 1, "INBOX").modseq;
	assert_int_equal(mail_write(&s, 1, edits_run, &x), OK);
	assert_int_equal(x.modseq, before + 1);
	assert_int_equal(edits[7].error, ERR_MISSING);
	assert_int_equal(mail_row(&s, 1, INBOX, 1).modseq, x.modseq);
	assert_int_equal(mail_row(&s, 1, INBOX, MANY).modseq, x.modseq);
	assert_int_equal(mail_box(&s, 1, "Sent").exists, MANY / 2 - 1);
	/* Without a change there is no modseq. */
	for (size_t i = 0; i < MANY; i++)
		edits[i].add_count = 0;
	assert_int_equal(mail_write(&s, 1, edits_run, &x), OK);
	assert_int_equal(x.modseq, before + 1);
}

static enum err create_run(const struct mail_txn *m, void *arg)
{
	static const uint32_t boxes[] = { SENT, INBOX };
	struct email_create what = { .mailboxes = boxes,
		                     .mailbox_count = 2,
		                     .email = arg,
		                     .flags = seen,
		                     .internal_ms = -5 };
	struct email_created out;
	enum err e = email_create(m, &what, &out);

	assert_true(e || (out.email != 0 && out.thread == out.email && out.modseq != 0));
	return e;
}

static enum err dates_read(const struct mail_txn *m, void *arg)
{
	struct by_date w;
	struct dated_row row;

	(void)arg;
	by_date_init(&w, m, INBOX);
	assert_true(by_date_next(&w, &row));
	assert_true(row.internal_ms == -5 && row.uid == 2 && row.email == 2);
	assert_true(by_date_next(&w, &row));
	assert_true(row.internal_ms > 0 && row.uid == 1);
	assert_false(by_date_next(&w, &row));
	assert_true(by_date_prev(&w, &row));
	assert_int_equal(row.uid, 1);
	return by_date_end(&w);
}

/* A new email in two mailboxes; one from before 1970 is the oldest. */
static void created(void **state)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_new *new = NULL;

	(void)state;
	append("a: b\r\n\r\n");
	assert_int_equal(
		email_prepare(s.temp.store, &STR("b: c\r\n\r\n"), 1, &limits, &new, NULL), OK);
	assert_int_equal(mail_write(&s, 1, create_run, new), OK);
	email_new_free(&new);
	assert_int_equal(mail_row(&s, 1, INBOX, 2).email, mail_row(&s, 1, SENT, 1).email);
	assert_int_equal(mail_read(&s, 1, dates_read, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(setup_new, mailboxes), WITH(setup_new, flags_of_copies),
		WITH(setup_new, rights),    WITH(setup_new, many_at_once),
		WITH(setup_new, created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
