/* smtp/in_data.c: DATA: receive the message, check it, hand it to delivery/. */
#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "delivery/delivery.h"
#include "message/header.h"
#include "message/received.h"
#include "net/conn.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "queue/queue.h"
#include "smtp/in_author.h"
#include "smtp/in_session.h"
#include "smtp/in_story.h"
#include "smtp/in_trace.h"
#include "text/utf8.h"

#include <string.h>

enum { TRACE_MAX = 8192 };

struct answer {
	unsigned code;
	const char *enhanced;
	const char *text;
};

static const struct answer accepted = { 250, "2.0.0", "accepted" };
static const struct answer smuggled = {
	554, "5.6.0", "a message has CRLF line ends and no lone CR or LF, and no NUL"
};
static const struct answer looping = { 554, "5.4.6", "routing loop: too many Received fields" };
static const struct answer too_big = { 552, "5.3.4", "message too big" };
static const struct answer no_room = { 452, "4.3.1", "the disk is full, try again later" };
static const struct answer failing = { 451, "4.3.0", "a passing failure, try again later" };
static const struct answer not_author = { 550, "5.7.1", "the From field is another user's" };

void in_data(struct in_session *s, struct str args)
{
	(void)args;
	s->data = NEW(struct in_data);
	spool_init(&s->data->spool, s->config->store, s->settings->message_size);
	conn_deadline(s->c, LIMIT_smtp_data_ms);
	in_enter(s, IN_DATA);
	in_reply(s, 354, "", "go ahead, end with a dot alone on a line");
}

void in_data_free(struct in_session *s)
{
	if (s->data == NULL)
		return;
	spool_deinit(&s->data->spool);
	mem_clear(&s->data);
}

/* --- the whole message is here ------------------------------------------------- */

/* One table for what the spool and delivery/ say and the peer hears. */
static const struct answer *answer_of(enum err e)
{
	static const struct answer full = { 552, "5.2.2", "mailbox full" };
	static const struct answer gone = { 550, "5.1.1", "no such user here" };

	switch (e) {
	case OK:
		return &accepted;
	case ERR_LIMIT:
		return &full;
	case ERR_MISSING:
		return &gone;
	case ERR_FULL:
		return &no_room;
	default:
		return &failing;
	}
}

static void trace_put(struct in_session *s, struct str header, struct buf *out)
{
	bool user = s->role == SMTP_SUBMISSION;
	struct in_trace t = {
		.helo = s->helo,
		.peer = user ? STR_EMPTY : conn_peer_text(s->c),
		.hostname = s->settings->hostname,
		.tls = conn_tls_text(s->c),
		.id = conn_id(s->c),
		.esmtp = s->esmtp,
		.login = s->login.login.account != 0,
		.only_rcpt = s->mail.rcpt_count == 1 ? s->mail.rcpts : NULL,
		.now_ms = clock_real_ms(),
	};

	in_trace_received_put(out, &t);
	if (user)
		in_trace_missing_put(out, header, &t);
}

/* Eight bytes at a time: messages are long. */
static enum err deliver(struct in_session *s, struct str body)
{
	struct delivery_message m = {
		.id = conn_id(s->c),
		.service = str_of(conn_service(s->c)->name),
		.peer = conn_peer_text(s->c),
		.from = s->mail.from,
		.rcpts = s->mail.rcpts,
		.rcpt_count = s->mail.rcpt_count,
		.body = body,
		.flags = utf8_ascii(body) ? 0 : QUEUE_8BIT,
		.submitter = s->login.login.account,
		.ours = s->login.login.account != 0,
	};
	struct buf trace;
	enum err e;

	buf_init(&trace, TRACE_MAX);
	trace_put(s, str_sub(body, 0, header_size(body)), &trace);
	m.trace = buf_str(&trace);
	e = delivery_accept(s->config->delivery, &m, NULL);
	buf_deinit(&trace);
	return e;
}

static const struct answer *judge(struct in_session *s)
{
	struct in_data *d = s->data;
	struct str body = STR_EMPTY, header;

	if (d->wire.lone)
		return &smuggled;
	if (d->error == ERR_LIMIT)
		return &too_big;
	if (d->error != OK || (d->error = spool_view(&d->spool, &body)) != OK)
		return d->error == ERR_FULL ? &no_room : &failing;
	header = str_sub(body, 0, header_size(body));
	if (received_count(header) > LIMIT_smtp_hops) /* RFC 5321 6.3 */
		return &looping;
	if (s->role == SMTP_SUBMISSION) {
		struct resolve_config resolve = resolve_config(s->settings);
		enum err e =
			in_author_check(s->config->store, &resolve, s->login.login.account, header);

		if (e)
			return e == ERR_DENIED ? &not_author : &failing;
	}
	return answer_of(deliver(s, body));
}

static void refused(struct in_session *s, const struct answer *a)
{
	struct str body = STR_EMPTY;

	event(mail_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
	      ev_str(conn_peer_text(s->c)), ev_str(in_addr_text(s, &s->mail.from)), ev_int(a->code),
	      ev_z(a->text));
	metric_add(METRIC_smtp_in_refused, 1);
	if (s->data->error != OK || spool_view(&s->data->spool, &body) != OK)
		body = STR_EMPTY; /* what there is of it does not matter */
	in_story_mail(s, &s->mail.from, body, a->code, a->enhanced, a->text);
}

static void finish(struct in_session *s)
{
	const struct answer *a = judge(s);

	if (a == &accepted) {
		s->messages++;
		s->commands = 0;
		metric_add(s->role == SMTP_MX ? METRIC_smtp_in_messages
		                              : METRIC_submission_messages,
		           1);
		in_reply(s, a->code, a->enhanced, "%s as %.*s", a->text, STR_ARG(conn_id(s->c)));
	} else {
		refused(s, a);
		in_reply(s, a->code, a->enhanced, "%s", a->text);
	}
	in_reset(s);
	conn_deadline(s->c, LIMIT_smtp_idle_ms);
}

bool in_data_input(struct in_session *s)
{
	struct str all = conn_input(s->c), in = all, out;
	struct in_data *d = s->data;

	if (all.n == 0)
		return false;
	while (in.n != 0 && d->wire.state != DATA_END) {
		smtp_data_next(&d->wire, &in, &out);
		if (d->error == OK)
			d->error = spool_put(&d->spool, out);
	}
	conn_consume(s->c, all.n - in.n);
	if (d->wire.state == DATA_END)
		finish(s);
	return true;
}
