/* protocols/smtp_in/deliver.c: see deliver.h. */
#include "protocols/smtp_in/deliver.h"

#include "flow/acceptance/checked.h"
#include "flow/acceptance/fields.h"
#include "flow/delivery/delivery.h"
#include "flow/policy/policy.h"
#include "foundation/base/clock.h"
#include "foundation/text/utf8.h"
#include "network/runtime/conn.h"

/* The sender of the envelope, or where that is null the user himself: no field names nobody. */
static struct mailaddr sender_of(struct in_session *s)
{
	struct mailaddr user;

	if (mailaddr_is_null(&s->mail.envelope.sender) &&
	    mailaddr_of(s->login.login.address, &s->mail_arena, MAILADDR_UTF8, &user))
		return user;
	return s->mail.envelope.sender;
}

void in_deliver_trace(struct in_session *s, struct str header)
{
	const struct mailaddr sender = sender_of(s);
	bool user = s->role == SMTP_SUBMISSION;
	struct accept_trace t = {
		.helo = s->helo,
		.peer = user || conn_peer(s->c)->family == ADDR_NONE ? STR_EMPTY
		                                                     : conn_peer_text(s->c),
		.hostname = s->settings->hostname,
		.tls = conn_tls_text(s->c),
		.id = s->mail.envelope.mail_id,
		.esmtp = s->esmtp,
		.lmtp = s->role == SMTP_LMTP,
		.utf8 = (s->mail.envelope.flags & ENVELOPE_UTF8) != 0,
		.login = s->login.login.account != 0,
		.priority = s->mail.envelope.priority,
		.only_rcpt = s->mail.envelope.rcpt_count == 1 ? &s->mail.envelope.rcpts[0].address
		                                              : NULL,
		.from = &sender,
		.now_ms = clock_real_ms(),
	};

	accept_trace_received_put(&s->data->trace, &t);
	if (user)
		accept_trace_missing_put(&s->data->trace, header, &t);
}

/* The properties that the next hop must know: filters may have added 8-bit or UTF-8 text that MAIL
 * has not announced (RFC 6152 3, RFC 6531 3.4). */
static void flags_find(struct delivery_message *m)
{
	struct envelope *e = &m->envelope;
	bool utf8 = !utf8_ascii(e->sender.local);

	for (size_t i = 0; i < e->rcpt_count; i++)
		utf8 = utf8 || !utf8_ascii(e->rcpts[i].address.local);
	e->flags |= utf8 ? ENVELOPE_UTF8 : 0u;
	e->flags |= utf8_ascii(m->body) && utf8_ascii(m->trace) ? 0u : ENVELOPE_8BIT;
}

enum err in_deliver_message(struct in_session *s, struct str body, struct delivery_message *out)
{
	enum err e;

	*out = (struct delivery_message){ .envelope = s->mail.envelope,
		                          .body = body,
		                          .ours = s->login.login.account != 0 };
	e = accept_checked(s->policy, &s->data->changed, &s->data->trace, &s->mail_arena, out);
	flags_find(out);
	return e == OK || e == ERR_FULL ? e : ERR_IO;
}

enum err in_deliver(struct in_session *s, struct str body, struct smtp_answer *answer)
{
	struct delivery_message m;
	enum err e = in_deliver_message(s, body, &m);

	*answer = (struct smtp_answer){ 0 };
	if (e)
		return e;
	if (m.discard.n != 0)
		return delivery_discard(s->config->delivery, &m, NULL);
	return accept_deliver(s->config->delivery, &m, &s->mail_arena, answer);
}

static const struct envelope_rcpt *among(const struct envelope_rcpt *rcpts, size_t count,
                                         const struct mailaddr *address)
{
	for (size_t i = 0; i < count; i++)
		if (mailaddr_equal(&rcpts[i].address, address))
			return &rcpts[i];
	return NULL;
}

enum err in_deliver_added(struct in_session *s, const struct delivery_message *all)
{
	struct delivery_message m = *all;
	struct envelope_rcpt *added =
		arena_array(&s->mail_arena, struct envelope_rcpt, all->envelope.rcpt_count);

	m.envelope.rcpts = added;
	m.envelope.rcpt_count = m.discarded_count = 0;
	for (size_t i = 0; i < all->envelope.rcpt_count; i++)
		if (!among(s->mail.envelope.rcpts, s->mail.envelope.rcpt_count,
		           &all->envelope.rcpts[i].address))
			added[m.envelope.rcpt_count++] = all->envelope.rcpts[i];
	return m.envelope.rcpt_count == 0 ? OK : delivery_accept(s->config->delivery, &m, NULL);
}

bool in_deliver_leaves(const struct delivery_message *all, const struct envelope_rcpt *rcpt)
{
	return among(all->envelope.rcpts, all->envelope.rcpt_count, &rcpt->address) != NULL;
}

enum err in_deliver_one(struct in_session *s, const struct delivery_message *all,
                        const struct envelope_rcpt *rcpt, struct smtp_answer *answer)
{
	const struct envelope_rcpt *left =
		among(all->envelope.rcpts, all->envelope.rcpt_count, &rcpt->address);
	struct delivery_message m = *all;
	struct envelope_rcpt to = *rcpt;

	*answer = (struct smtp_answer){ 0 };
	to.actions = left != NULL ? left->actions : rcpt->actions;
	m.envelope.rcpts = &to;
	m.envelope.rcpt_count = 1;
	m.discarded_count = 0; /* each has a trace of his own */
	if (left != NULL)
		return accept_deliver(s->config->delivery, &m, &s->mail_arena, answer);
	m.discard = actions_discarded(rcpt->actions);
	if (m.discard.n == 0)
		m.discard = STR("a filter removed the recipient");
	return delivery_discard(s->config->delivery, &m, NULL);
}
