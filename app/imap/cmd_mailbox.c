/* imap/cmd_mailbox.c: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 6.3.4 to
 * 6.3.8). */
#include "imap/commands.h"
#include "imap/objectid.h"
#include "imap/store.h"
#include "mailbox/mailbox.h"

/* Run a write, and reply by what it says. */
static enum done change(struct imap *s, enum imap_about about, imap_txn_fn *fn, void *arg)
{
	struct why why = { "" };
	enum err e = imap_write(s, fn, arg, &why);

	if (e)
		imap_failed(s, about, e, &why);
	else
		imap_ok(s, NULL, NULL);
	return DONE;
}

struct creating {
	struct mailbox_create what;
	struct mailbox made; /* only account and id */
	bool use_taken;      /* it failed for that, not for the name */
};

static enum err create(const struct mail_txn *m, void *arg)
{
	struct creating *g = arg;
	struct mailbox box;
	enum err e = mailbox_create(m, &g->what, &g->made.id);

	g->made.account = m->account;
	g->use_taken = e == ERR_CONFLICT && g->what.role != ROLE_NONE &&
	               mailbox_find(m, g->what.name, &box) == ERR_MISSING;
	return e;
}

/* RFC 8474 4.1 */
static struct str mailboxid_code(struct arena *a, const struct mailbox *box)
{
	struct str code;
	struct buf text;

	buf_init(&text, 64);
	buf_put(&text, STR("MAILBOXID "));
	imap_mailboxid_put(&text, box);
	code = str_dup(a, buf_str(&text));
	buf_deinit(&text);
	return code;
}

enum done imap_cmd_create(struct imap *s, union imap_args *args)
{
	struct creating g = { .what = { args->create.name, args->create.role, false } };

	if (args->create.role_unknown) {
		imap_no(s, "USEATTR", "That use is not supported"); /* RFC 6154 3 */
		return DONE;
	}
	(void)change(s, ABOUT_CREATE, create, &g);
	if (s->reply.cond == COND_OK)
		s->reply.code = mailboxid_code(&s->run.arena, &g.made);
	if (g.use_taken)
		imap_no(s, "USEATTR", "Another mailbox has that use"); /* RFC 6154 3 */
	return DONE;
}

struct deleting {
	struct str name;
	uint32_t id;
};

static enum err delete_mailbox(const struct mail_txn *m, void *arg)
{
	struct deleting *d = arg;
	struct mailbox box;
	enum err e = mailbox_find(m, d->name, &box);

	if (e)
		return e;
	d->id = box.id;
	return mailbox_delete(m, box.id);
}

enum done imap_cmd_delete(struct imap *s, union imap_args *args)
{
	struct deleting d = { .name = args->name };

	(void)change(s, ABOUT_DELETE, delete_mailbox, &d);
	/* Its own selected mailbox a session may delete; others' sessions are told BYE. */
	if (s->reply.cond == COND_OK && d.id == s->selected.id)
		imap_deselect(s);
	return DONE;
}

static enum err rename_mailbox(const struct mail_txn *m, void *arg)
{
	const struct imap_args_two *two = arg;

	return mailbox_rename(m, two->name, two->to);
}

enum done imap_cmd_rename(struct imap *s, union imap_args *args)
{
	return change(s, ABOUT_CREATE, rename_mailbox, &args->two);
}

static enum err subscribe(const struct mail_txn *m, void *arg)
{
	return mailbox_subscribe(m, *(const struct str *)arg, true);
}

static enum err unsubscribe(const struct mail_txn *m, void *arg)
{
	return mailbox_subscribe(m, *(const struct str *)arg, false);
}

enum done imap_cmd_subscribe(struct imap *s, union imap_args *args)
{
	return change(s, ABOUT_ANY, subscribe, &args->name);
}

enum done imap_cmd_unsubscribe(struct imap *s, union imap_args *args)
{
	return change(s, ABOUT_ANY, unsubscribe, &args->name);
}
