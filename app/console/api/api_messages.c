/* console/api/api_messages.c: the newest messages of the caller's INBOX, to choose one for a trial
 * of a Sieve script. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "formats/message/encword.h"
#include "formats/message/envelope.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"

enum { MESSAGES_SHOWN = 50, SHOWN_MAX = 300 };

static enum err message_put(const struct mail_txn *m, struct api_call *c, uint64_t id)
{
	struct envelope envelope;
	struct email email;
	struct buf from;
	enum err e = email_get(m, id, &email);

	if (e == OK)
		e = email_describe(m, c->arena, &email);
	if (e != OK || !envelope_unpack(c->arena, email.envelope, &envelope))
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	buf_init(&from, 2048);
	if (envelope.from.n != 0)
		address_put(&from, &envelope.from.items[0]);
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", str_fmt(c->arena, "%" PRIu64, id));
	json_put_str(c->out, "from", encword_text(c->arena, buf_str(&from), SHOWN_MAX));
	json_put_str(c->out, "subject", encword_text(c->arena, envelope.subject, SHOWN_MAX));
	json_put_time(c->out, "time", email.internal_ms);
	json_close(c->out);
	buf_deinit(&from);
	return OK;
}

static enum err messages_read(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	static const struct mailboxes limits = { 0 };
	struct mail_txn m = { &limits, t, c->who.account, c->who.account };
	struct email_rows rows;
	struct email_row row;
	struct mailbox box;
	enum err e = mailbox_find_role(&m, ROLE_INBOX, &box), walked;

	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	email_rows_init(&rows, &m, box.id, 1, UINT32_MAX);
	for (int n = 0; e == OK && n < MESSAGES_SHOWN && email_rows_prev(&rows, &row); n++)
		e = message_put(&m, c, row.email);
	walked = email_rows_end(&rows);
	return e != OK ? e : walked;
}

enum err api_me_messages(struct api_call *c)
{
	enum err e;

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	e = store_read(c->admin->store, messages_read, c);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return e;
}
