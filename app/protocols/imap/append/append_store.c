/* protocols/imap/append/append_store.c: stores the messages of an APPEND or a REPLACE;
 * see append.h. */
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/append/append.h"
#include "protocols/imap/append/append_parts.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/event.h"
#include "protocols/imap/flags.h"
#include "protocols/imap/store.h"

enum { APPEND_TRIES = 3 /* email_append may require another preparation */ };

static enum err flags_of_all(const struct mail_txn *m, const struct appending *g,
                             struct email_append *what)
{
	enum err e = OK;

	for (size_t i = 0; i < g->n && !e; i++)
		e = imap_flags_of(m, &g->messages[i].flags, true, &what[i].flags);
	return e;
}

enum err imap_append_all(const struct mail_txn *m, struct appending *g, int64_t now_ms,
                         struct email_appended *out)
{
	struct email_append *what = arena_alloc_array(txn_arena(m->t), g->n, sizeof(*what));
	struct mailbox box;
	enum err e;

	g->about = ABOUT_TARGET;
	e = mailbox_find_for(m, g->place.name, RIGHT_INSERT, &box);
	for (size_t i = 0; i < g->n && !e; i++)
		what[i] = (struct email_append){
			.mailbox = box.id,
			.email = g->messages[i].email,
			.internal_ms = g->messages[i].dated ? g->messages[i].date_ms : now_ms,
		};
	if (e)
		return e;
	g->account = m->account;
	g->mailbox = box.id;
	g->about = ABOUT_ANY;
	e = flags_of_all(m, g, what);
	if (e)
		return e;
	g->about = ABOUT_TARGET;
	return email_append_all(m, what, g->n, out);
}

static enum err place_write(struct imap *s, const struct imap_place *place, imap_txn_fn *fn,
                            void *arg, struct why *why)
{
	return place ? imap_write_at(s, place, fn, arg, why) : imap_write(s, fn, arg, why);
}

enum err imap_append_write(struct imap *s, struct appending *g, const struct imap_place *place,
                           enum err (*fn)(const struct mail_txn *m, void *arg), void *arg,
                           struct why *why)
{
	enum err e = place_write(s, place, fn, arg, why);

	for (int i = 1; i < APPEND_TRIES && e == ERR_RETRY && g->n == 1; i++) {
		email_new_free(&g->messages[0].email);
		e = append_prepare(s, g, &g->messages[0].email, why);
		if (e) {
			g->n = 0;
			return e;
		}
		e = place_write(s, place, fn, arg, why);
	}
	return e;
}

void imap_append_failed(struct imap *s, const struct appending *g, enum err e,
                        const struct why *why)
{
	if (e == ERR_SYNTAX)
		imap_bad(s, "Unknown system flag");
	else
		imap_failed(s, g->about, e, why);
}

void imap_appended(struct imap *s, const struct appending *g, const struct email_appended *done)
{
	struct uids uids = { 0 };

	uids_add(&uids, done->uid, done->uid + (uint32_t)g->n - 1);
	imap_event_run(s, (struct imapsieve_event){ .cause = IMAPSIEVE_APPEND,
	                                            .account = g->account,
	                                            .mailbox = g->mailbox,
	                                            .uids = &uids });
	uids_deinit(&uids);
}

struct str imap_appenduid(struct imap *s, const struct appending *g,
                          const struct email_appended *done)
{
	struct arena *a = &s->run.arena;

	if (g->n == 1)
		return str_fmt(a, "APPENDUID %" PRIu32 " %" PRIu32, done->uidvalidity, done->uid);
	return str_fmt(a, "APPENDUID %" PRIu32 " %" PRIu32 ":%" PRIu32, done->uidvalidity,
	               done->uid, done->uid + (uint32_t)g->n - 1);
}
