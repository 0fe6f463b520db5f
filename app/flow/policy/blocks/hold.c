/* flow/policy/blocks/hold.c: see hold.h. */
#include "flow/policy/blocks/hold.h"

#include "flow/policy/blocks/blocks.h"
#include "flow/policy/run.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "foundation/text/date.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/store/store.h"

enum { NOTICE_MAX = 8192, HOLD_BATCH = 200 };

static void hold_refuse(struct policy_run *r, struct str why)
{
	policy_reject(r, 550, "5.7.1", "this account may not send at the moment: %.*s",
	              STR_ARG(why));
}

bool hold_refuses(struct policy_run *r)
{
	struct blocked b;
	enum err e = blocks_get(policy_config(r)->store, BLOCK_SENDING, policy_of(r)->login,
	                        policy_arena(r), &b);

	if (e == ERR_MISSING)
		return false;
	if (e)
		policy_failed(r, "whether the account is held could not be looked up");
	else
		hold_refuse(r, b.reason);
	return true;
}

/* --- queued mail ------------------------------------------------------------------------------ */

struct holding {
	uint32_t account;
	uint64_t after;
	bool more;
};

static bool is_his(const struct queue_item *item, void *arg)
{
	const struct holding *h = arg;

	return item->envelope.submitter == h->account && !item->held;
}

static enum err hold_batch(struct txn *t, void *arg)
{
	struct holding *h = arg;
	const struct queue_query query = { .after = h->after,
		                           .now_ms = clock_real_ms(),
		                           .max = HOLD_BATCH,
		                           .keep = is_his,
		                           .arg = h };
	struct queue_list list;
	enum err e = queue_find(t, &query, txn_arena(t), &list);

	for (size_t i = 0; e == OK && i < list.count; i++) {
		e = queue_hold(t, list.items[i].id);
		if (e == ERR_CONFLICT || e == ERR_MISSING)
			e = OK;
	}
	h->more = e == OK && list.more != 0 && list.count != 0;
	return e;
}

/* Call it after sending was blocked, so no more mail is added. */
static enum err hold_queued(struct store *s, uint32_t account, struct why *why)
{
	struct holding h = { .account = account };
	enum err e;

	do
		e = store_write(s, hold_batch, &h, why);
	while (e == OK && h.more);
	return e;
}

enum err hold_account(struct store *s, uint32_t account, struct str address, struct str reason,
                      int64_t until_ms, struct why *why)
{
	enum err e = blocks_put(s, BLOCK_SENDING, address, reason, until_ms, why);

	return e ? e : hold_queued(s, account, why);
}

/* --- the notification ---------------------------------------------------------------- */

static void notice_put(struct buf *out, const struct policy_session *s, struct str why)
{
	buf_put(out, STR("Date: "));
	date_put_mail(out, clock_real_ms(), 0);
	buf_fmt(out, "\r\nFrom: Mail server <postmaster@%.*s>\r\n", STR_ARG(s->hostname));
	buf_fmt(out, "To: postmaster, %.*s\r\n", STR_ARG(s->login));
	buf_fmt(out, "Subject: Sending from %.*s is held\r\n", STR_ARG(s->login));
	buf_fmt(out, "Message-ID: <held.%" PRId64 ".%.*s@%.*s>\r\n", clock_real_ms(),
	        STR_ARG(s->id), STR_ARG(s->hostname));
	buf_put(out, STR("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	                 "Content-Type: text/plain; charset=utf-8\r\n\r\n"));
	buf_fmt(out, "The account %.*s has sent %.*s.\r\n\r\n", STR_ARG(s->login), STR_ARG(why));
	buf_fmt(out, "The last of it came from %.*s. Its password may have been stolen, so the\r\n",
	        STR_ARG(s->peer_text));
	buf_put(out, STR("account sends nothing now, and what it had in the queue is held.\r\n\r\n"
	                 "If that is not your doing, change the password, and look at the app\r\n"
	                 "passwords and the queue. Then, or if it was meant so, let it send\r\n"
	                 "again:\r\n\r\n"));
	buf_fmt(out, "    roost blocked rm %.*s\r\n\r\n", STR_ARG(s->login));
	buf_put(out, STR("How much an account may send is the setting ROOST_LIMITS.\r\n"));
}

/* A failed notification must not let the account send. */
static void hold_report(struct policy_run *r, struct str why)
{
	const struct policy_session *s = policy_of(r);
	struct envelope_rcpt rcpts[2] = { 0 };
	const struct policy_config *config = policy_config(r);
	struct envelope to = { .rcpts = rcpts,
		               .rcpt_count = COUNT(rcpts),
		               .session = { .id = s->id, .service = STR("policy") } };
	struct buf text;

	if (config->notify == NULL ||
	    !mailaddr_of(s->login, policy_arena(r), MAILADDR_UTF8, &rcpts[0].address))
		return;
	rcpts[1].address = (struct mailaddr){ STR("postmaster"), rcpts[0].address.domain };
	buf_init(&text, NOTICE_MAX);
	notice_put(&text, s, why);
	if (!buf_ok(&text) || config->notify(config->notify_arg, &to, buf_str(&text)) != OK)
		event(policy_failed, s->id, ev_str(s->service), ev_str(s->peer_text),
		      ev_z(policy_stage_name(policy_stage(r))), ev_z("account"),
		      ev_z("the notice of a held account could not be delivered"));
	buf_deinit(&text);
}

void hold_sending(struct policy_run *r, struct str why, int64_t for_ms)
{
	const struct policy_session *s = policy_of(r);
	struct why failed = { "" };
	enum err e = blocks_add_for(policy_config(r)->store, BLOCK_SENDING, s->login, why, for_ms,
	                            &failed);

	if (e == ERR_CONFLICT) { /* another session was first: it notifies */
		hold_refuse(r, why);
		return;
	}
	if (e) {
		policy_failed(r, "%s", failed.text);
		policy_tempfail(r, 0, NULL, "temporary failure, try again later");
		return;
	}
	event(sending_held, s->id, ev_str(s->login), ev_str(s->peer_text), ev_str(why));
	if (hold_queued(policy_config(r)->store, s->account, &failed))
		event(store_failed, s->id, ev_z(failed.text));
	hold_report(r, why);
	hold_refuse(r, why);
}
