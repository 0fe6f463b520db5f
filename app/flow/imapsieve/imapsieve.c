/* flow/imapsieve/imapsieve.c: see imapsieve.h. */
#include "flow/imapsieve/imapsieve.h"

#include "flow/delivery/delivery.h"
#include "flow/filtering/filtering.h"
#include "flow/imapsieve/carry_out.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/filters/scripts.h"
#include "model/mailbox/email.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/metadata.h"
#include "model/store/store.h"

/* The messages of one event. */
struct run {
	const struct delivery *d;
	const struct imapsieve_event *event;
	struct arena arena; /* of all messages                          */
	struct str script;  /* its name                                 */
	struct str mailbox;
	struct mailaddr owner;

	struct arena one;   /* of the present message                   */
	uint32_t uid;
	struct buf raw;
	const struct action *actions;
};

static const char *const causes[] = {
	[IMAPSIEVE_APPEND] = "APPEND",
	[IMAPSIEVE_COPY] = "COPY",
	[IMAPSIEVE_FLAG] = "FLAG",
};

static struct mail_txn run_mail(const struct run *r, struct txn *t)
{
	return (struct mail_txn){ r->d->mailboxes, t, r->event->account, r->event->account };
}

/* --- the script ------------------------------------------------------------------------------ */

/* RFC 6785 2.3.1: the entry of the mailbox, even an empty one, hides that of the server. */
static enum err script_name(const struct mail_txn *m, uint32_t mailbox, struct str *out)
{
	const struct mail_txn server = { m->mailboxes, m->t, 0, m->who };
	enum err e = metadata_get(m, mailbox, METADATA_SCRIPT, out);

	return e == ERR_MISSING ? metadata_get(&server, 0, METADATA_SCRIPT, out) : e;
}

static enum err run_begin(struct txn *t, void *arg)
{
	struct run *r = arg;
	struct mail_txn m = run_mail(r, t);
	const struct script_owner owner = { .account = r->event->account };
	struct script script;
	struct account account;
	struct str name;
	enum err e = script_name(&m, r->event->mailbox, &name);

	if (e || name.n == 0)
		return e ? e : ERR_MISSING;
	r->script = str_dup(&r->arena, name);
	if ((e = script_get(t, &owner, r->script, &script)))
		return e;
	if ((e = mailbox_name(&m, r->event->mailbox, &r->arena, &r->mailbox)) ||
	    (e = account_get(t, r->event->account, &r->arena, &account)))
		return e;
	return mailaddr_of(account.address, &r->arena, MAILADDR_UTF8, &r->owner) ? OK
	                                                                          : ERR_CORRUPT;
}

/* --- one message ------------------------------------------------------------------------------ */

static enum err flags_text(const struct mail_txn *m, struct flags flags, struct arena *a,
                           struct str *out)
{
	struct keywords names;
	struct buf text;
	enum err e = keywords_load(m, a, &names);

	if (e)
		return e;
	buf_init(&text, FLAG_MAX * (KEYWORD_MAX + 1));
	for (unsigned i = flags_next(flags, 0); i < FLAG_MAX; i = flags_next(flags, i + 1)) {
		if (text.n != 0)
			buf_byte(&text, ' ');
		buf_put(&text, names.names[i]);
	}
	*out = str_dup(a, buf_str(&text));
	buf_deinit(&text);
	return OK;
}

static enum err message_filter(struct txn *t, void *arg)
{
	struct run *r = arg;
	struct mail_txn m = run_mail(r, t);
	struct filtering_event event = { .cause = str_of(causes[r->event->cause]),
		                         .mailbox = r->mailbox,
		                         .user = r->event->user };
	const struct envelope envelope = { .session.id = r->event->session };
	const struct envelope_rcpt rcpt = { 0 };
	const struct settings *settings = settings_ref(r->d->live);
	struct filtering_mail mail = { .store = r->d->store,
		                             .mailboxes = r->d->mailboxes,
		                             .settings = settings,
		                             .envelope = &envelope,
		                             .rcpt = &rcpt,
		                             .account = r->event->account,
		                             .address = r->owner,
		                             .event = &event };
	struct email_row row;
	struct email email;
	struct str raw;
	enum err e;

	if ((e = email_row_get(&m, r->event->mailbox, r->uid, &row)) == OK &&
	    (e = email_get(&m, row.email, &email)) == OK &&
	    (e = flags_text(&m, row.flags, &r->one, &event.flags)) == OK &&
	    (e = flags_text(&m, r->event->changed, &r->one, &event.changed_flags)) == OK &&
	    (e = blob_get(t, &email.blob, 0, SIZE_MAX, &r->raw)) == OK) {
		raw = buf_str(&r->raw);
		mail.parts = &raw;
		mail.part_count = 1;
		e = filtering_run_script(t, &mail, r->script, &r->one, &r->actions);
	}
	settings_unref(settings);
	return e;
}

static enum err message_run(struct run *r)
{
	struct carry_out c = { .d = r->d,
		               .account = r->event->account,
		               .mailbox = r->event->mailbox,
		               .owner = r->owner,
		               .session = r->event->session };
	enum err e;

	buf_init(&r->raw, MESSAGE_SIZE_MAX);
	r->actions = NULL;
	e = store_read(r->d->store, message_filter, r);
	if (e == OK && r->actions != NULL) {
		c.uid = r->uid;
		c.raw = buf_str(&r->raw);
		e = carry_out(&c, r->actions, &r->one);
	}
	buf_deinit(&r->raw);
	arena_deinit(&r->one);
	return e;
}

/* --- an event --------------------------------------------------------------------------------- */

/* A message that is expunged meanwhile has no event any more. The first error of a message is
 * returned after the others. ERR_LIMIT: the script did not run over the last messages, because
 * the client waits for its reply. */
static enum err messages_run(struct run *r)
{
	const struct uids *uids = r->event->uids;
	int64_t end_ms = clock_mono_ms() + LIMIT_imapsieve_ms;
	enum err first = OK;

	for (size_t i = 0; i < uids->n; i++)
		for (uint32_t n = 0; n <= uids->ranges[i].hi - uids->ranges[i].lo; n++) {
			enum err e;

			if (clock_mono_ms() > end_ms)
				return ERR_LIMIT;
			r->uid = uids->ranges[i].lo + n;
			e = message_run(r);
			if (first == OK && e != ERR_MISSING)
				first = e;
		}
	return first;
}

void imapsieve_run(const struct delivery *d, const struct imapsieve_event *event)
{
	struct run r = { .d = d, .event = event };
	enum err e = event->uids->n == 0 ? ERR_MISSING : store_read(d->store, run_begin, &r);

	if (e == OK)
		e = messages_run(&r);
	if (e != OK && e != ERR_MISSING)
		event(imapsieve_failed, event->session, ev_int(event->account), ev_str(r.script),
		      ev_int(r.uid), ev_str(str_of(err_name(e))));
	arena_deinit(&r.arena);
}
