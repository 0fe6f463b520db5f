/* protocols/imap/mailboxes/cmd_mailbox.c: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC
 * 9051 6.3.4 to 6.3.8). */
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/mailboxes/oldname.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/objectid.h"
#include "protocols/imap/store.h"

/* Run a write in the mail of at, and set the reply by its result. */
static enum done mailbox_change(struct imap *s, const struct imap_place *at, enum imap_about about,
                                imap_txn_fn *fn, void *arg)
{
	struct why why = { "" };
	enum err e = imap_write_at(s, at, fn, arg, &why);

	if (e)
		imap_failed(s, about, e, &why);
	else
		imap_ok(s, NULL, NULL);
	return DONE;
}

struct creating {
	struct imap_place at;
	struct mailbox_create what;
	struct mailbox made; /* only account and id are set */
	bool use_taken;      /* it failed because of the use, not the name */
};

/* A group's mail is created with a member's first mailbox there. */
static enum err group_mail_make(const struct mail_txn *m)
{
	bool member;
	enum err e = rights_owner(m, &member);

	return e || !member ? e : mail_provision_group(m);
}

static enum err create(const struct mail_txn *m, void *arg)
{
	struct creating *g = arg;
	struct mailbox box;
	enum err e = g->at.kind == PLACE_GROUP ? group_mail_make(m) : OK;

	if (!e)
		e = mailbox_create(m, &g->what, &g->made.id);

	g->made.account = m->account;
	g->use_taken = e == ERR_CONFLICT && g->what.role != ROLE_NONE &&
	               mailbox_find_for(m, g->what.name, 0, &box) == ERR_MISSING;
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
	struct creating g = { .at = imap_place(args->create.name) };

	g.what = (struct mailbox_create){ g.at.name, args->create.role, false };

	if (args->create.role_unknown) {
		imap_no(s, "USEATTR", "This special use is not supported"); /* RFC 6154 3 */
		return DONE;
	}
	(void)mailbox_change(s, &g.at, ABOUT_CREATE, create, &g);
	if (s->reply.cond == COND_OK) {
		s->reply.code = mailboxid_code(&s->run.arena, &g.made);
		imap_oldname_tell(s, args->create.name);
	}
	if (g.use_taken)
		imap_no(s, "USEATTR", "Another mailbox has that special use"); /* RFC 6154 3 */
	return DONE;
}

struct deleting {
	struct imap_place at;
	uint32_t account, id;
};

static enum err delete_mailbox(const struct mail_txn *m, void *arg)
{
	struct deleting *d = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, d->at.name, RIGHT_DELETE, &box);

	if (e)
		return e;
	d->account = m->account;
	d->id = box.id;
	return mailbox_delete(m, box.id);
}

enum done imap_cmd_delete(struct imap *s, union imap_args *args)
{
	struct deleting d = { .at = imap_place(args->name) };
	struct str real;
	bool differs = imap_rev2(s) && imap_name_differs(s, args->name, &real);

	(void)mailbox_change(s, &d.at, ABOUT_DELETE, delete_mailbox, &d);
	if (s->reply.cond == COND_OK && differs)
		imap_oldname_put(s, "\\NonExistent", real, args->name);
	/* A session may delete its own selected mailbox; sessions of others get BYE. */
	if (s->reply.cond == COND_OK && d.account == s->selected.account && d.id == s->selected.id)
		imap_deselect(s);
	return DONE;
}

struct renaming {
	struct imap_place from, to;
};

static enum err rename_mailbox(const struct mail_txn *m, void *arg)
{
	const struct renaming *r = arg;

	return mailbox_rename(m, r->from.name, r->to.name);
}

enum done imap_cmd_rename(struct imap *s, union imap_args *args)
{
	struct renaming r = { imap_place(args->two.name), imap_place(args->two.to) };
	struct str real;
	bool differs;

	if (!imap_place_same(&r.from, &r.to)) {
		imap_no(s, "CANNOT", "A mailbox cannot move to another account");
		return DONE;
	}
	differs = imap_name_differs(s, args->two.name, &real);
	(void)mailbox_change(s, &r.from, ABOUT_CREATE, rename_mailbox, &r);
	if (s->reply.cond == COND_OK &&
	    (imap_name_differs(s, args->two.to, &real) || differs)) /* RFC 9051 6.3.6 */
		imap_oldname_put(s, "", real, args->two.name);
	return DONE;
}

/* Every user has own subscriptions, also to mailboxes of others, by the name that he
 * sees. */
static const struct imap_place own = { .kind = PLACE_OWN };

static enum err subscribe(const struct mail_txn *m, void *arg)
{
	return mailbox_subscribe(m, *(const struct str *)arg, true);
}

static enum err unsubscribe(const struct mail_txn *m, void *arg)
{
	return mailbox_subscribe(m, *(const struct str *)arg, false);
}

static enum done subscription(struct imap *s, struct str asked, imap_txn_fn *fn, bool subscribed)
{
	struct str name = imap_place_listed(&s->run.arena, asked);

	(void)mailbox_change(s, &own, ABOUT_ANY, fn, &name);
	if (s->reply.cond == COND_OK)
		imap_notify_subscribed(s, name, subscribed);
	return DONE;
}

enum done imap_cmd_subscribe(struct imap *s, union imap_args *args)
{
	return subscription(s, args->name, subscribe, true);
}

enum done imap_cmd_unsubscribe(struct imap *s, union imap_args *args)
{
	return subscription(s, args->name, unsubscribe, false);
}
