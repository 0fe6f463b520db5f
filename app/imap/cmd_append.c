/* imap/cmd_append.c: APPEND (RFC 9051 6.3.12).
 *
 * The command runs when all of it but the message has come, so that a message nobody wants
 * is refused before the client sends it. Its bytes then go to a spool while the session
 * parks between them, and the rest of the command line ends it. */
#include "base/clock.h"
#include "config/limits.h"
#include "imap/commands.h"
#include "imap/flags.h"
#include "imap/store.h"
#include "mailbox/email_new.h"
#include "mailbox/mailbox.h"
#include "mailbox/rights.h"
#include "store/spool.h"

enum {
	APPEND_TRIES = 3,     /* email_append may ask to prepare again      */
	TURN_BYTES = 1 << 20, /* bytes taken before others get their turn   */
};

struct appending {
	const struct imap_append *what;
	struct spool spool;
	uint64_t left;  /* bytes still to come                        */
	size_t turn;    /* bytes taken since the deadline was set     */
	bool spool_bad; /* an error stuck to it: the rest is read off */
};

static void appending_free(void *task)
{
	spool_deinit(&((struct appending *)task)->spool);
}

/* --- before the message ---------------------------------------------------------------- */

struct checking {
	struct imap_place at;
	uint64_t size;
};

static enum err check(const struct mail_txn *m, void *arg)
{
	const struct checking *c = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, c->at.name, RIGHT_INSERT, &box);

	return e ? e : mail_quota_check(m, c->size);
}

/* False: the reply says why not. */
static bool wanted(struct imap *s, const struct imap_append *what, uint64_t size)
{
	struct checking c = { imap_place(what->mailbox), size };
	enum err e;

	if (size == 0) {
		imap_no(s, "CANNOT", "A message is not empty");
		return false;
	}
	if (size > s->settings->message_size) {
		imap_no(s, "TOOBIG", "Message too big"); /* RFC 7889 */
		return false;
	}
	e = imap_read_at(s, &c.at, check, &c);
	if (e)
		imap_failed(s, ABOUT_TARGET, e, NULL);
	return !e;
}

enum done imap_cmd_append(struct imap *s, union imap_args *args)
{
	struct imap_input *in = &s->input;
	struct appending *g;

	if (!in->message_follows) {
		imap_bad(s, "The message must be a literal");
		return DONE;
	}
	if (!wanted(s, &args->append, in->message))
		return imap_message_drop(s);
	g = arena_new(&s->run.arena, struct appending);
	g->what = &args->append;
	g->left = in->message;
	spool_init(&g->spool, s->server->store, in->message);
	s->run.task = g;
	s->run.release = appending_free;
	s->mode = MODE_APPEND;
	if (in->message_sync)
		buf_put(imap_out(s), STR("+ Ready for the message\r\n"));
	return DONE_LATER;
}

/* --- after it -------------------------------------------------------------------------- */

struct storing {
	struct imap_place at;
	const struct imap_append *what;
	const struct email_new *email;
	struct email_appended done;
	int64_t now_ms;
	enum imap_about about; /* what an error is about */
};

static enum err append(const struct mail_txn *m, void *arg)
{
	struct storing *g = arg;
	struct email_append what = {
		.email = g->email,
		.internal_ms = g->what->dated ? g->what->date_ms : g->now_ms,
	};
	struct mailbox box;
	enum err e;

	g->about = ABOUT_ANY;
	e = imap_flags_of(m, &g->what->flags, true, &what.flags);
	if (e)
		return e;
	g->about = ABOUT_TARGET;
	e = mailbox_find_for(m, g->at.name, RIGHT_INSERT, &box);
	if (e)
		return e;
	what.mailbox = box.id;
	return email_append(m, &what, &g->done);
}

static enum err store(struct imap *s, struct appending *g, struct storing *st, struct why *why)
{
	struct email_new *email = NULL;
	struct str raw;
	enum err e = spool_view(&g->spool, &raw);

	for (int i = 0; i < APPEND_TRIES && !e; i++) {
		e = email_prepare(s->server->store, &raw, 1, &s->server->message_limits, &email,
		                  why);
		if (e)
			break;
		st->email = email;
		e = imap_write_at(s, &st->at, append, st, why);
		email_new_free(&email);
		if (e != ERR_RETRY)
			return e;
		e = i + 1 < APPEND_TRIES ? OK : e;
	}
	return e;
}

/* All has come: OK is said when it is on the disk. */
static void append_end(struct imap *s, struct appending *g)
{
	struct storing st = { .at = imap_place(g->what->mailbox), .what = g->what, .now_ms = clock_real_ms() };
	struct why why = { "" };
	enum err e = store(s, g, &st, &why);

	if (e == ERR_SYNTAX) {
		imap_bad(s, "There is no such system flag");
	} else if (e) {
		imap_failed(s, st.about, e, &why);
	} else {
		imap_ok(s, NULL, NULL);
		s->reply.code = str_fmt(&s->run.arena, "APPENDUID %" PRIu32 " %" PRIu32,
		                        st.done.uidvalidity, st.done.uid);
	}
}

/* What follows the message: nothing, or a second one (RFC 3502), which we do not take. */
static enum go append_line(struct imap *s, struct appending *g)
{
	struct imap_literal literal;
	struct str line;

	switch (conn_line(s->conn, LIMIT_imap_line, &line)) {
	case CONN_MORE:
		conn_ack(s->conn); /* the literal and its CRLF are often written apart */
		return GO_PARK;
	case CONN_TOO_LONG:
		return imap_bye(s, "Line too long");
	case CONN_LINE:
		break;
	}
	if (imap_end(&(struct cur){ line.p, line.p + line.n })) {
		append_end(s, g);
		return imap_finish(s);
	}
	imap_bad(s, "One message at a time");
	if (imap_literal_at_end(line, &literal)) {
		s->input.message = literal.size;
		s->input.message_sync = literal.sync;
		s->input.message_follows = true;
		return imap_went(s, imap_message_drop(s));
	}
	return imap_finish(s);
}

enum go imap_append_input(struct imap *s)
{
	struct appending *g = s->run.task;

	while (g->left) {
		struct str bytes;

		if (g->turn > TURN_BYTES) {
			imap_deadline(s); /* it moves, so it may take longer than one idle time */
			g->turn = 0;
			return GO_AGAIN;
		}
		bytes = imap_input_literal(s, &g->left);
		if (bytes.n == 0)
			return GO_PARK;
		g->spool_bad = g->spool_bad || spool_put(&g->spool, bytes) != OK;
		conn_consume(s->conn, bytes.n);
		g->turn += bytes.n;
	}
	return append_line(s, g);
}
