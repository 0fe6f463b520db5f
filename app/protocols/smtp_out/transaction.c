/* protocols/smtp_out/transaction.c: see transaction.h. */
#include "protocols/smtp_out/transaction.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/content.h"
#include "protocols/smtp_out/params.h"
#include "protocols/smtp_out/route_resolve.h"

/* The longest command: two paths of RFC 5321 4.5.3.1.3 in ORCPT and RCPT. */
enum { COMMAND_MAX = 2048 };

struct transaction {
	struct out_session *s;
	struct store *store;
	const struct queue_item *item;
	struct arena *arena;
	struct queue_result *results;
	struct out_content content;
	size_t accepted; /* recipients with a 250                           */
	bool begun;      /* MAIL was answered, but not by 421               */
	bool stray;      /* it refused MAIL, but accepts a recipient        */
	bool ours;       /* an error of this server, the same at every host */
	struct queue_result *answers; /* of LMTP */
	bool *answered;
};

/* 2xx, 4xx and 5xx are valid; any other code is a confused remote. */
static enum queue_outcome outcome(unsigned code)
{
	if (code >= 200 && code < 300)
		return QUEUE_DELIVERED;
	return code >= 500 && code < 600 ? QUEUE_FAILED : QUEUE_DELAYED;
}

struct queue_result out_result(const struct out_session *s, struct arena *a)
{
	struct envelope_reply reply = s->reply;

	reply.status = str_dup(a, reply.status);
	reply.text = str_dup(a, reply.text);
	reply.remote = str_dup(a, reply.remote);
	if (!s->said) /* not sent by the remote: an error found here */
		reply.code = 0;
	return (struct queue_result){ .outcome = outcome(s->reply.code), .reply = reply };
}

/* Must recipients without a reply wait, because the remote may have accepted the message
 * at the last moment (RFC 5321 4.5.3.2.6)? */
static bool in_doubt(const struct transaction *t)
{
	return t->content.ended && !(t->s->said && t->s->reply.code / 100 == 4);
}

/* The last reply is the result for every recipient that is still accepted. */
static void results_set(struct transaction *t)
{
	struct queue_result result = out_result(t->s, t->arena);

	result.waits = result.outcome == QUEUE_DELAYED && (t->ours || in_doubt(t));
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++)
		if (t->results[i].outcome == QUEUE_DELIVERED)
			t->results[i] = result;
	t->accepted = 0;
}

/* End a transaction without a message: MAIL is not allowed within another (RFC 5321
 * 4.1.4). The reply is not about later recipients. */
static void reset(struct out_session *s)
{
	if (out_session_is_open(s) && out_command(s, STR("RSET"), OUT_COMMAND_MS) == OK &&
	    s->reply.code / 100 != 2)
		out_broken(s, 451, "4.5.0", "the remote answered RSET oddly");
}

/* --- MAIL and RCPT ----------------------------------------------------------------- */

static void mail_put(const struct transaction *t, struct buf *line)
{
	buf_put(line, STR("MAIL FROM:<"));
	mailaddr_put(line, &t->item->envelope.sender);
	buf_byte(line, '>');
	if (t->s->ext.size != 0)
		buf_fmt(line, " SIZE=%" PRIu64, t->content.size);
	if (t->content.body.n != 0)
		buf_fmt(line, " BODY=%.*s", STR_ARG(t->content.body));
	if (t->content.utf8)
		buf_put(line, STR(" SMTPUTF8"));
	/* RFC 8689 4.2.1; a bounce is also sent to a server without it (5) */
	if (t->s->facts.requiretls && t->item->envelope.flags & ENVELOPE_REQUIRETLS)
		buf_put(line, STR(" REQUIRETLS"));
	out_params_mail_put(line, &t->s->ext, t->item, clock_real_ms());
}

static void transaction_rcpt_put(const struct transaction *t, size_t i, struct buf *line)
{
	buf_put(line, STR("RCPT TO:<"));
	mailaddr_put(line, &t->item->envelope.rcpts[i].address);
	buf_byte(line, '>');
	out_params_rcpt_put(line, &t->s->ext, t->item, &t->item->envelope.rcpts[i],
	                    t->content.utf8);
}

static enum err line_send(struct transaction *t, struct buf *line)
{
	struct why why = { "" };
	enum err e;

	if (!out_session_is_open(t->s)) /* by a 421 */
		return ERR_RETRY;
	buf_put(line, STR("\r\n"));
	if ((e = stream_write(t->s->stream, buf_str(line), &why)) != OK)
		return out_lost(t->s, e, &why);
	return OK;
}

/* Is the reply about the server or this client, and not this sender (RFC 3463 3.4, 3.8)?
 * 421 was handled before. */
static bool is_busy(const struct envelope_reply *reply)
{
	if (reply->code != 450 && reply->code != 451)
		return reply->code == 452;
	return str_starts(reply->status, STR("4.3.")) || str_starts(reply->status, STR("4.7."));
}

static enum err mail_reply(struct transaction *t)
{
	enum err e = out_reply(t->s, OUT_COMMAND_MS);

	t->begun = t->begun || (e == OK && t->s->reply.code != 421);
	t->s->adopted = t->s->adopted && e != OK;
	if (e == OK && t->s->reply.code / 100 == 2)
		return OK;
	t->s->busy = t->s->busy || (e == OK && is_busy(&t->s->reply));
	results_set(t);
	return e;
}

static enum err rcpt_reply(struct transaction *t, size_t i)
{
	enum err e;

	if (!out_session_is_open(t->s))
		return ERR_RETRY;
	if ((e = out_reply(t->s, OUT_COMMAND_MS)))
		return e;
	/* RFC 5321 4.5.3.1.10: here 552 may mean "too many", which is 452. */
	if (t->accepted != 0 && t->s->reply.code == 552) {
		t->s->reply.code = 452;
		t->s->reply.status = STR("4.5.3");
	}
	if (t->s->reply.code / 100 == 2)
		t->accepted++;
	else
		t->results[i] = out_result(t->s, t->arena);
	return OK;
}

/* RFC 6531 3.4: the server cannot have such a mailbox. */
static bool unsendable(const struct transaction *t, size_t i)
{
	return !t->s->ext.smtputf8 && mailaddr_is_utf8(&t->item->envelope.rcpts[i].address);
}

/* The message or its beginning, after the envelope. */
static enum err message_pipe(struct transaction *t)
{
	enum err e;

	if (out_session_is_lmtp(t->s))
		return OK;
	e = out_content_pipe(&t->content, t->s, t->store, t->item);
	/* If all of it was sent and no reply came, the result is unknown. */
	t->begun = t->begun || (t->content.piped && t->s->ext.chunking);
	return e;
}

/* RFC 2920 3.1: MAIL, RCPT and DATA may go in one packet; so may BDAT (RFC 3030 4.2). */
static enum err envelope_pipelined(struct transaction *t, struct buf *line)
{
	enum err e, mail;

	mail_put(t, line);
	if ((e = line_send(t, line)))
		return e;
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++) {
		if (unsendable(t, i))
			continue;
		buf_reset(line);
		transaction_rcpt_put(t, i, line);
		if ((e = line_send(t, line)))
			return e;
	}
	if ((e = message_pipe(t)))
		return e;
	mail = mail_reply(t);
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++) {
		if (unsendable(t, i))
			continue;
		if (t->results[i].outcome != QUEUE_DELIVERED) {
			/* MAIL was refused: replies to RCPT are ignored. */
			if (!out_session_is_open(t->s) || out_reply(t->s, OUT_COMMAND_MS) != OK)
				return ERR_RETRY;
			t->stray = t->stray || t->s->reply.code / 100 == 2;
		} else if ((e = rcpt_reply(t, i))) {
			return e;
		}
	}
	return mail;
}

static enum err envelope_stepwise(struct transaction *t, struct buf *line)
{
	enum err e;

	mail_put(t, line);
	if ((e = line_send(t, line)) || (e = mail_reply(t)))
		return e;
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++) {
		if (t->results[i].outcome != QUEUE_DELIVERED)
			continue; /* MAIL was refused, or the address is unsendable */
		buf_reset(line);
		transaction_rcpt_put(t, i, line);
		if ((e = line_send(t, line)) || (e = rcpt_reply(t, i)))
			return e;
	}
	return OK;
}

static enum err envelope(struct transaction *t)
{
	struct buf line;
	enum err e;

	buf_init(&line, COMMAND_MAX);
	e = t->s->ext.pipelining ? envelope_pipelined(t, &line) : envelope_stepwise(t, &line);
	buf_deinit(&line);
	return e;
}

/* --- the message --------------------------------------------------------------------- */

/* RFC 2033 4.2: one reply for each accepted recipient, in order; the first is already
 * read. Missing ones are retried. */
static void lmtp_answers(struct transaction *t)
{
	bool first = true;

	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++) {
		if (t->results[i].outcome != QUEUE_DELIVERED)
			continue;
		if (!first && (!out_session_is_open(t->s) || out_reply(t->s, OUT_END_MS) != OK)) {
			t->s->said = false; /* to them: a 421 was the reply for another */
			results_set(t);
			return;
		}
		first = false;
		t->answers[i] = out_result(t->s, t->arena);
		t->answered[i] = true;
	}
}

/* Replies are assigned after all have arrived: DELIVERED means "still accepted". */
static void lmtp_data(struct transaction *t)
{
	t->answers = arena_array(t->arena, struct queue_result, t->item->envelope.rcpt_count);
	t->answered = arena_array(t->arena, bool, t->item->envelope.rcpt_count);
	lmtp_answers(t);
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++)
		if (t->answered[i])
			t->results[i] = t->answers[i];
	t->accepted = 0;
}

static void data(struct transaction *t)
{
	enum err e = out_content_send(&t->content, t->s, t->store, t->item);
	bool taken = e == OK && t->s->reply.code / 100 == 2;

	if (e == OK && out_session_is_lmtp(t->s)) {
		lmtp_data(t);
		return;
	}
	results_set(t);
	/* RFC 3030 2: after a failed BDAT the state is unknown. */
	if (e == ERR_DENIED || (e == OK && !taken && t->s->ext.chunking))
		reset(t->s);
}

/* --- the whole transaction ----------------------------------------------------------- */

static bool too_big(struct transaction *t)
{
	uint64_t max = t->s->ext.size;

	if (max == 0 || t->content.size <= max)
		return false;
	t->s->said = false;
	t->s->reply =
		(struct envelope_reply){ .code = 552,
		                         .status = STR("5.3.4"),
		                         .text = STR("the message is too big for this server"),
		                         .remote = t->s->remote };
	results_set(t);
	return true;
}

/* Set the result of recipients that this server cannot address. True if there are no
 * others. */
static bool none_sendable(struct transaction *t)
{
	const struct envelope_reply reply = {
		.status = STR("5.6.7"),
		.text = STR("the address is not ASCII, and this server takes none such"),
		.remote = str_dup(t->arena, t->s->remote),
	};
	bool none = true;

	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++)
		if (unsendable(t, i))
			t->results[i] =
				(struct queue_result){ .outcome = QUEUE_FAILED, .reply = reply };
		else
			none = false;
	return none;
}

/* For all recipients alike, before the session's next message. */
static bool too_late(struct transaction *t)
{
	struct envelope_reply reply;

	if (out_params_fit(&t->s->ext, t->item, clock_real_ms(), &reply))
		return false;
	reply.remote = str_dup(t->arena, t->s->remote);
	for (size_t i = 0; i < t->item->envelope.rcpt_count; i++)
		t->results[i] = (struct queue_result){ .outcome = QUEUE_FAILED, .reply = reply };
	t->accepted = 0;
	return true;
}

/* No recipient was accepted, and all results are set. */
static void nobody(struct transaction *t)
{
	for (size_t i = 0; t->stray && i < t->item->envelope.rcpt_count; i++)
		t->results[i].waits = t->content.ended &&
		                      t->results[i].outcome == QUEUE_DELAYED;
	/* An empty message would be delivered to a stray recipient. */
	if (t->content.piped && t->stray)
		out_session_close(t->s, false);
	else if (t->content.piped && out_session_is_open(t->s))
		out_content_drop(&t->content, t->s);
	reset(t->s);
}

static void run_open(struct transaction *t)
{
	if (none_sendable(t) || too_big(t) || too_late(t))
		return;
	if (envelope(t) != OK && !out_session_is_open(t->s)) {
		results_set(t);
		return;
	}
	if (t->accepted != 0 && out_session_is_open(t->s))
		data(t);
	else if (t->accepted != 0)
		results_set(t);
	else
		nobody(t);
}

static void transaction_run(struct transaction *t)
{
	t->s->messages++;
	if (!out_session_is_open(t->s)) {
		results_set(t);
		return;
	}
	t->ours = out_content_open(&t->content, t->s, t->store, t->item) != OK;
	if (!t->ours)
		run_open(t);
	else
		results_set(t);
	out_content_close(&t->content);
}

bool out_transaction(struct out_session *s, struct store *store, const struct queue_item *item,
                     struct arena *a, struct queue_result *results)
{
	struct transaction t = {
		.s = s, .store = store, .item = item, .arena = a, .results = results
	};

	s->late = s->busy = false;
	/* DELIVERED means "still accepted" until results_set. */
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		results[i] = (struct queue_result){ .outcome = QUEUE_DELIVERED };
	transaction_run(&t);
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		results[i].reports = s->ext.dsn;
		results[i].hurries = s->ext.deliverby;
	}
	return t.begun || out_session_is_open(s);
}
