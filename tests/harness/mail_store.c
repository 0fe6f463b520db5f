/* tests/harness/mail_store.c: see mail_store.h. */
#include "harness/mail_store.h"

#include "harness/check.h"
#include "model/mailbox/fsck/fsck.h"

_Thread_local struct why mail_why;

void mail_store_open(struct mail_store *s, enum store_backend backend)
{
	*s = (struct mail_store){ 0 };
	temp_store_open(&s->temp, backend);
	s->mailboxes = (struct mailboxes){ .watches = watches_new(),
		                           .leases = leases_new(),
		                           .mailboxes_max = MAIL_STORE_MAILBOXES,
		                           .keywords_max = MAIL_STORE_KEYWORDS,
		                           .name_max = 100,
		                           .metadata_max = MAIL_STORE_METADATA,
		                           .acl_max = MAIL_STORE_ACL };
}

void mail_store_close(struct mail_store *s)
{
	watches_free(&s->mailboxes.watches);
	leases_free(&s->mailboxes.leases);
	temp_store_remove(&s->temp);
}

static void finding_print(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("fsck: %s: %.*s\n", check, STR_ARG(sentence));
}

static void finding_ignore(void *arg, const char *check, struct str sentence)
{
	(void)arg, (void)check, (void)sentence;
}

static uint64_t fsck_findings(struct mail_store *s, void (*say)(void *, const char *, struct str))
{
	struct fsck_report r = { .say = say };
	struct why why = { "" };

	if (fsck_run(s->temp.store, &mailbox_fsck, 1, &r, &why) != OK)
		fail_msg("fsck cannot read: %s", why.text);
	return r.findings;
}

void mail_store_fsck(struct mail_store *s)
{
	if (fsck_findings(s, finding_print))
		fail_msg("fsck is not silent");
}

uint64_t mail_store_findings(struct mail_store *s)
{
	return fsck_findings(s, finding_ignore);
}

struct mail_call {
	struct mail_store *s;
	uint32_t account;
	mail_fn *fn;
	void *arg;
};

static enum err mail_call_run(struct txn *t, void *arg)
{
	struct mail_call *c = arg;
	struct mail_txn m = { &c->s->mailboxes, t, c->account, c->s->who };

	return c->fn(&m, c->arg);
}

enum err mail_write(struct mail_store *s, uint32_t account, mail_fn *fn, void *arg)
{
	struct mail_call c = { s, account, fn, arg };

	mail_why.text[0] = '\0';
	return store_write(s->temp.store, mail_call_run, &c, &mail_why);
}

enum err mail_read(struct mail_store *s, uint32_t account, mail_fn *fn, void *arg)
{
	struct mail_call c = { s, account, fn, arg };

	return store_read(s->temp.store, mail_call_run, &c);
}

/* --- Writes --- */

struct args {
	const char *a, *b;
	bool on;
	const void *what;
	void *out;
	uint32_t uid;
};

static enum err run_provision(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_provision(m);
}

enum err mail_do_provision(struct mail_store *s, uint32_t account)
{
	return mail_write(s, account, run_provision, NULL);
}

static enum err run_create(const struct mail_txn *m, void *arg)
{
	return mailbox_create(m, &(struct mailbox_create){ .name = str_of(arg) }, NULL);
}

enum err mail_do_create(struct mail_store *s, uint32_t account, const char *name)
{
	return mail_write(s, account, run_create, (void *)(uintptr_t)name);
}

static enum err run_rename(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return mailbox_rename(m, str_of(x->a), str_of(x->b));
}

enum err mail_do_rename(struct mail_store *s, uint32_t account, const char *from, const char *to)
{
	return mail_write(s, account, run_rename, &(struct args){ .a = from, .b = to });
}

static enum err run_delete(const struct mail_txn *m, void *arg)
{
	struct mailbox box;
	enum err e = mailbox_find(m, str_of(arg), &box);

	return e ? e : mailbox_delete(m, box.id);
}

enum err mail_do_delete(struct mail_store *s, uint32_t account, const char *name)
{
	return mail_write(s, account, run_delete, (void *)(uintptr_t)name);
}

static enum err run_subscribe(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return mailbox_subscribe(m, str_of(x->a), x->on);
}

enum err mail_do_subscribe(struct mail_store *s, uint32_t account, const char *name, bool on)
{
	return mail_write(s, account, run_subscribe, &(struct args){ .a = name, .on = on });
}

static enum err run_append(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return email_append(m, x->what, x->out);
}

enum err mail_do_append(struct mail_store *s, uint32_t account, uint32_t mailbox, struct str raw,
                        struct flags flags, struct email_appended *out)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_new *new = NULL;
	struct email_append what = { mailbox, NULL, flags, (int64_t)raw.n * 1000 };
	struct email_appended unused;
	enum err e = email_prepare(s->temp.store, &raw, 1, &limits, &new, &mail_why);

	if (e)
		return e;
	what.email = new;
	e = mail_write(s, account, run_append,
	               &(struct args){ .what = &what, .out = out ? out : &unused });
	email_new_free(&new);
	return e;
}

static enum err run_store(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return email_flags_store(m, x->what, x->out);
}

enum err mail_do_store(struct mail_store *s, uint32_t account, const struct email_store *what,
                       struct email_stored *out)
{
	return mail_write(s, account, run_store, &(struct args){ .what = what, .out = out });
}

static enum err run_transfer(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return x->on ? email_move(m, x->what, x->out) : email_copy(m, x->what, x->out);
}

enum err mail_do_transfer(struct mail_store *s, uint32_t account, const struct email_copy *what,
                          bool move, struct email_copied *out)
{
	return mail_write(s, account, run_transfer,
	                  &(struct args){ .what = what, .out = out, .on = move });
}

static enum err run_expunge(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;

	return email_expunge(m, x->what, x->out, NULL);
}

enum err mail_do_expunge(struct mail_store *s, uint32_t account, const struct email_expunge *what,
                         struct uids *gone)
{
	return mail_write(s, account, run_expunge, &(struct args){ .what = what, .out = gone });
}

/* --- Reads --- */

static enum err run_box(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;
	struct mailbox *box = x->out;
	enum err e = mailbox_find(m, str_of(x->a), box);

	box->leaf = STR_EMPTY;
	return e;
}

struct mailbox mail_box(struct mail_store *s, uint32_t account, const char *name)
{
	struct mailbox box = { 0 };

	if (mail_read(s, account, run_box, &(struct args){ .a = name, .out = &box }) != OK)
		fail_msg("there is no %s", name);
	return box;
}

bool mail_box_exists(struct mail_store *s, uint32_t account, const char *name)
{
	struct mailbox box = { 0 };

	return mail_read(s, account, run_box, &(struct args){ .a = name, .out = &box }) == OK;
}

static enum err run_row(const struct mail_txn *m, void *arg)
{
	struct args *x = arg;
	struct email_row *row = x->out;

	return email_row_get(m, *(const uint32_t *)x->what, x->uid, row);
}

struct email_row mail_row(struct mail_store *s, uint32_t account, uint32_t mailbox, uint32_t uid)
{
	struct email_row row = { 0 };
	struct args x = { .what = &mailbox, .uid = uid, .out = &row };

	if (mail_read(s, account, run_row, &x) != OK)
		fail_msg("there is no row %u", uid);
	return row;
}
