/* smtp/out_transaction.c: see out_transaction.h. */
#include "smtp/out_transaction.h"

#include "base/clock.h"
#include "config/limits.h"
#include "net/stream.h"
#include "smtp/wire_stuff.h"
#include "store/store.h"

enum { COMMAND_MAX = 1024 };

/* At most LIMIT_smtp_out_rcpts recipients of an item: [from, to). */
struct transaction {
	struct out_session *s;
	struct store *store;
	const struct queue_item *item;
	struct arena *arena;
	struct queue_result *results;
	size_t from, to;
	size_t accepted; /* recipients with a 250       */
	bool begun;      /* MAIL was answered, not by 421 */
};

/* 2xx, 4xx and 5xx are what the remote means; anything else is a remote that is confused. */
static enum queue_outcome outcome(unsigned code)
{
	if (code >= 200 && code < 300)
		return QUEUE_DELIVERED;
	return code >= 500 && code < 600 ? QUEUE_FAILED : QUEUE_DELAYED;
}

struct queue_result out_result(const struct out_session *s, struct arena *a)
{
	struct queue_reply reply = s->reply;

	reply.status = str_dup(a, reply.status);
	reply.text = str_dup(a, reply.text);
	reply.remote = str_dup(a, reply.remote);
	return (struct queue_result){ .outcome = outcome(reply.code), .reply = reply };
}

/* The last reply is the answer for every recipient that is still in the race. */
static void results_set(struct transaction *t)
{
	struct queue_result result = out_result(t->s, t->arena);

	for (size_t i = t->from; i < t->to; i++)
		if (t->results[i].outcome == QUEUE_DELIVERED)
			t->results[i] = result;
	t->accepted = 0;
}

/* Leave a transaction that got no message: MAIL begins none within another (RFC 5321 4.1.4).
 * What the remote says of it is not about recipients that are still to come. */
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
	mailaddr_put(line, &t->item->sender);
	buf_byte(line, '>');
	if (t->s->ext.size != 0)
		buf_fmt(line, " SIZE=%" PRIu64, t->item->size_bytes);
	/* RFC 6152 3 wants 8-bit mail converted for a server without 8BITMIME; those that
	 * are left all pass it on, so it goes as it is. */
	if (t->s->ext.eightbit && t->item->flags & QUEUE_8BIT)
		buf_put(line, STR(" BODY=8BITMIME"));
}

static void rcpt_put(const struct transaction *t, size_t i, struct buf *line)
{
	buf_put(line, STR("RCPT TO:<"));
	mailaddr_put(line, &t->item->rcpts[i].address);
	buf_byte(line, '>');
}

static enum err line_send(struct transaction *t, struct buf *line)
{
	struct why why = { "" };

	if (!out_session_is_open(t->s)) /* by a 421 */
		return ERR_RETRY;
	buf_put(line, STR("\r\n"));
	if (stream_write(t->s->stream, buf_str(line), &why) != OK)
		return out_broken(t->s, 451, "4.4.2", why.text);
	return OK;
}

static enum err mail_reply(struct transaction *t)
{
	enum err e = out_reply(t->s, OUT_COMMAND_MS);

	t->begun = t->begun || (e == OK && t->s->reply.code != 421);
	if (e == OK && t->s->reply.code / 100 == 2)
		return OK;
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
	/* RFC 5321 4.5.3.1.10: 552 here may mean "too many", which is 452. */
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

/* RFC 2920 3.1: MAIL and RCPT may go in one packet; DATA waits until we know that somebody
 * takes the message. */
static enum err envelope_pipelined(struct transaction *t, struct buf *line)
{
	enum err e, mail;

	mail_put(t, line);
	if ((e = line_send(t, line)))
		return e;
	for (size_t i = t->from; i < t->to; i++) {
		buf_reset(line);
		rcpt_put(t, i, line);
		if ((e = line_send(t, line)))
			return e;
	}
	mail = mail_reply(t);
	for (size_t i = t->from; i < t->to; i++) {
		if (t->results[i].outcome != QUEUE_DELIVERED) {
			/* MAIL was refused: what RCPT says is of no interest. */
			if (!out_session_is_open(t->s) || out_reply(t->s, OUT_COMMAND_MS) != OK)
				return ERR_RETRY;
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
	for (size_t i = t->from; i < t->to && t->results[i].outcome == QUEUE_DELIVERED; i++) {
		buf_reset(line);
		rcpt_put(t, i, line);
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

/* --- DATA ---------------------------------------------------------------------------- */

/* One piece of the message, read in a transaction of its own: none is held over a wait. */
struct piece {
	const struct blob_id *blob;
	uint64_t offset;
	struct buf bytes;
};

static enum err piece_read(struct txn *t, void *arg)
{
	struct piece *p = arg;

	buf_reset(&p->bytes);
	return blob_get_some(t, p->blob, p->offset, &p->bytes);
}

static enum err piece_send(struct transaction *t, struct smtp_stuff *stuff, struct str bytes,
                           struct why *why)
{
	enum err e = OK;

	while (e == OK && bytes.n != 0) {
		struct str slice;
		bool dot;

		smtp_stuff_next(stuff, &bytes, &slice, &dot);
		if (dot)
			e = stream_write(t->s->stream, STR("."), why);
		if (e == OK)
			e = stream_write(t->s->stream, slice, why);
	}
	return e;
}

/* The final dot makes the message the remote's, and its answer may take OUT_END_MS. Past the
 * end of the lease somebody else sends the message too. */
static enum err end_send(struct transaction *t, const struct smtp_stuff *stuff, struct why *why)
{
	if (t->item->due_ms - clock_real_ms() < OUT_END_MS)
		return fail(why, ERR_RETRY, "the remote is too slow");
	return stream_write(t->s->stream, smtp_stuff_end(stuff), why);
}

/* After a failure amid the message the connection must end without the final dot: the
 * remote would take what it has for all of it. */
static enum err body_send(struct transaction *t)
{
	struct piece p = { .blob = &t->item->blob };
	struct smtp_stuff stuff = { 0 };
	struct why why = { "" };
	enum err e;

	buf_init(&p.bytes, BLOB_PIECE_MAX);
	stream_timeout(t->s->stream, OUT_BLOCK_MS);
	while ((e = store_read(t->store, piece_read, &p)) == OK && p.bytes.n != 0) {
		p.offset += p.bytes.n;
		if ((e = piece_send(t, &stuff, buf_str(&p.bytes), &why)))
			break;
	}
	if (e == OK)
		e = end_send(t, &stuff, &why);
	buf_deinit(&p.bytes);
	if (e)
		return out_broken(t->s, 451, "4.4.2",
		                  why.text[0] != '\0' ? why.text : "the message could not be read");
	return out_reply(t->s, OUT_END_MS);
}

static void data(struct transaction *t)
{
	if (out_command(t->s, STR("DATA"), OUT_DATA_MS) != OK) {
		results_set(t);
		return;
	}
	if (t->s->reply.code != 354) {
		/* Not even a 2xx says that the message was taken. */
		if (t->s->reply.code < 400)
			out_broken(t->s, 451, "4.5.0", "the remote answered DATA oddly");
		results_set(t);
		reset(t->s);
		return;
	}
	if (body_send(t) != OK) {
		results_set(t);
		return;
	}
	if (t->s->reply.code < 200 || (t->s->reply.code >= 300 && t->s->reply.code < 400))
		out_broken(t->s, 451, "4.5.0", "the remote answered the message oddly");
	results_set(t);
}

/* --- all of it ----------------------------------------------------------------------- */

static bool too_big(struct transaction *t)
{
	uint64_t max = t->s->ext.size;

	if (max == 0 || t->item->size_bytes <= max)
		return false;
	t->s->reply = (struct queue_reply){ .code = 552,
		                            .status = STR("5.3.4"),
		                            .text = STR("the message is too big for this server"),
		                            .remote = t->s->remote };
	results_set(t);
	return true;
}

static void run(struct transaction *t)
{
	t->s->messages++;
	if (!out_session_is_open(t->s) || too_big(t)) {
		results_set(t);
		return;
	}
	if (envelope(t) != OK && !out_session_is_open(t->s)) {
		results_set(t);
		return;
	}
	if (t->accepted != 0 && out_session_is_open(t->s))
		data(t);
	else if (t->accepted != 0)
		results_set(t);
	else
		reset(t->s);
}

bool out_transaction(struct out_session *s, struct store *store, const struct queue_item *item,
                     struct arena *a, struct queue_result *results)
{
	struct transaction t = {
		.s = s, .store = store, .item = item, .arena = a, .results = results
	};

	/* DELIVERED stands for "still in the race" until results_set. */
	for (size_t i = 0; i < item->rcpt_count; i++)
		results[i] = (struct queue_result){ .outcome = QUEUE_DELIVERED };
	for (; t.from < item->rcpt_count; t.from = t.to) {
		t.to = MIN(t.from + LIMIT_smtp_out_rcpts, item->rcpt_count);
		t.accepted = 0;
		run(&t);
	}
	return t.begun || out_session_is_open(s);
}
