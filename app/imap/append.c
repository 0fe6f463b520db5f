/* imap/append.c: see append.h. */
#include "imap/append.h"
#include "base/mem.h"
#include "config/limits.h"
#include "imap/commands.h"
#include "imap/flags.h"
#include "imap/message_limit.h"
#include "imap/store.h"
#include "imap/url.h"
#include "mailbox/email_new.h"
#include "mailbox/mailbox.h"
#include "mailbox/rights.h"
#include "store/store.h"

enum {
	APPEND_TRIES = 3,     /* email_append may ask to prepare again      */
	TURN_BYTES = 1 << 20, /* bytes taken before others get their turn   */
};

static void appending_free(void *task)
{
	struct appending *g = task;

	for (size_t i = 0; i < g->n; i++)
		email_new_free(&g->messages[i].email);
	mem_clear(&g->messages);
	spool_deinit(&g->spool);
}

/* --- a message ------------------------------------------------------------------------- */

static struct imap_strs flags_dup(struct arena *a, const struct imap_strs *flags)
{
	struct imap_strs out = { arena_alloc_array(a, MAX(flags->n, 1), sizeof(struct str)),
		                 flags->n };

	for (size_t i = 0; i < flags->n; i++)
		out.items[i] = str_dup(a, flags->items[i]);
	return out;
}

static bool message_begin(struct imap *s, struct appending *g, const struct imap_append_step *step)
{
	if (imap_limit_exceeded(s, imap_save_limit(s), g->n + 1))
		return false;
	if (g->n == LIMIT_imap_append_messages || (g->replaced && g->n == 1)) {
		imap_no(s, "LIMIT", "Too many messages in one command");
		return false;
	}
	spool_reset(&g->spool);
	g->binary = false;
	g->message = (struct append_message){ .flags = flags_dup(&s->run.arena, &step->flags),
		                              .dated = step->dated,
		                              .date_ms = step->date_ms };
	return true;
}

struct checking {
	struct imap_place at;
	uint64_t size;
	bool quota;
};

static enum err check(const struct mail_txn *m, void *arg)
{
	const struct checking *c = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, c->at.name, RIGHT_INSERT, &box);

	return e || !c->quota ? e : mail_quota_check(m, c->size);
}

/* Will these many bytes more be taken? */
static bool bytes_wanted(struct imap *s, struct appending *g, uint64_t size)
{
	struct checking c = { g->place, g->total + g->spool.size + size, g->replaced == 0 };
	enum err e;

	/* RFC 3502: an empty message is an error, with which a client can cancel. */
	if (size == 0 && g->at == APPEND_AT_MESSAGE) {
		imap_no(s, "CANNOT", "A message is not empty");
		return false;
	}
	/* RFC 7889, RFC 4469 4.2 */
	if (size > s->settings->message_size - MIN(g->spool.size, s->settings->message_size)) {
		imap_no(s, "TOOBIG", "Message too big");
		return false;
	}
	e = imap_read_at(s, &c.at, check, &c);
	if (e)
		imap_failed(s, ABOUT_TARGET, e, NULL);
	return !e;
}

static bool bytes_begin(struct imap *s, struct appending *g, enum imap_append_at at)
{
	const struct imap_input *in = &s->input;

	g->at = at;
	if (!bytes_wanted(s, g, in->message))
		return false;
	g->left = in->message;
	g->bytes = true;
	g->binary |= in->message_binary;
	if (in->message_sync)
		buf_put(imap_out(s), STR("+ Ready for the message\r\n"));
	return true;
}

static bool url_add(struct imap *s, struct appending *g, struct str url)
{
	enum err e = imap_url_copy(s, url, s->settings->message_size, &g->spool);

	if (e == ERR_LIMIT)
		imap_no(s, "TOOBIG", "Message too big");
	else if (e == ERR_MISSING || e == ERR_SYNTAX)
		imap_bad_url(s, url);
	else if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	return !e;
}

/* --- one that is whole ----------------------------------------------------------------- */

/* What has NULs could not be told by BODY[], and a message of ours is one and the same however
 * it is fetched: RFC 3516 4.4 has a code to refuse it. */
static bool binary_taken(struct imap *s, struct appending *g)
{
	struct str raw;

	if (!g->binary || spool_view(&g->spool, &raw) != OK || str_find_byte(raw, '\0') < 0)
		return true;
	imap_no(s, "UNKNOWN-CTE", "A message with NULs must be encoded");
	return false;
}

static enum err prepare(struct imap *s, struct appending *g, struct email_new **out,
                        struct why *why)
{
	struct str raw;
	enum err e = spool_view(&g->spool, &raw);

	*out = NULL;
	return e ? e
	         : email_prepare(s->server->store, &raw, 1, &s->server->message_limits, out, why);
}

/* Chunks of messages that wait for others go ahead when they become many. */
static enum err settle(struct appending *g, struct why *why)
{
	struct email_new **emails;
	size_t n = g->n - g->ahead, freed = 0;
	enum err e;

	if (g->held <= LIMIT_imap_append_held)
		return OK;
	emails = mem_new(MAX(n, (size_t)1) * sizeof *emails);
	for (size_t i = 0; i < n; i++) {
		size_t freeable;

		emails[i] = g->messages[g->ahead + i].email;
		(void)email_new_held(emails[i], &freeable);
		freed += freeable;
	}
	e = email_new_ahead(emails, n, why);
	mem_free(emails);
	if (e)
		return e;
	g->ahead = g->n;
	g->held -= freed;
	return g->held <= LIMIT_imap_append_held ? OK
	                                         : fail(why, ERR_LIMIT, "too much in one command");
}

static void keep(struct appending *g, struct email_new *email)
{
	size_t freeable;

	if (g->n == g->cap) {
		g->cap = 2 * g->cap + 1;
		g->messages = mem_resize(g->messages, g->cap * sizeof *g->messages);
	}
	g->message.email = email;
	g->messages[g->n++] = g->message;
	g->held += email_new_held(email, &freeable);
	g->total += email_new_get(email)->size_bytes;
}

static bool message_end(struct imap *s, struct appending *g)
{
	struct why why = { "" };
	struct email_new *email;
	enum err e;

	if (g->spool.error == OK && g->spool.size == 0) {
		imap_no(s, "CANNOT", "A message is not empty");
		return false;
	}
	if (!binary_taken(s, g))
		return false;
	e = prepare(s, g, &email, &why);
	if (!e) {
		keep(g, email);
		e = settle(g, &why);
	}
	if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	return !e;
}

/* --- the command ----------------------------------------------------------------------- */

static bool step_run(struct imap *s, struct appending *g, const struct imap_append_step *step,
                     enum imap_append_at at)
{
	switch (step->op) {
	case APPEND_BEGIN:
		return message_begin(s, g, step);
	case APPEND_URL:
		return url_add(s, g, step->url);
	case APPEND_BYTES:
		return bytes_begin(s, g, at);
	case APPEND_END:
		break;
	}
	return message_end(s, g);
}

/* The reply is set: what comes of the command nevertheless goes by first. */
static enum done give_up(struct imap *s)
{
	if (s->input.message_follows)
		return imap_message_drop(s);
	return DONE;
}

static enum done text_run(struct imap *s, struct appending *g, const struct imap_append_text *text)
{
	for (size_t i = 0; i < text->n; i++)
		if (!step_run(s, g, &text->steps[i], text->at))
			return give_up(s);
	if (s->input.message_follows) {
		s->input.message_follows = false;
		buf_reset(&s->input.text);
		s->mode = MODE_APPEND;
		return DONE_LATER;
	}
	g->commit(s, g);
	return DONE;
}

enum done imap_append_begin(struct imap *s, const struct imap_append *what, uint32_t replaced,
                            append_commit_fn *commit)
{
	struct arena *a = &s->run.arena;
	struct appending *g = arena_new(a, struct appending);

	/* The text they are borrowed from gives way to the next. */
	s->run.tag = str_dup(a, s->run.tag);
	g->place = imap_place(str_dup(a, what->mailbox));
	g->replaced = replaced;
	g->commit = commit;
	spool_init(&g->spool, s->server->store, s->settings->message_size);
	s->run.task = g;
	s->run.release = appending_free;
	return text_run(s, g, &what->text);
}

bool imap_append_continues(struct imap *s, struct str text)
{
	const struct appending *g = s->run.task;
	struct imap_append_text out;
	struct cur c = cur_of(text);

	return imap_append_text_parse(&c, &s->run.arena, g->at, true, &out);
}

/* A text has come. */
static enum go text_take(struct imap *s, struct appending *g)
{
	struct cur c = cur_of(buf_str(&s->input.text));
	struct imap_append_text text;

	imap_deadline(s);
	if (imap_append_text_parse(&c, &s->run.arena, g->at, s->input.message_follows, &text))
		return imap_went(s, text_run(s, g, &text));
	imap_bad(s, "Syntax error behind the message");
	return imap_went(s, give_up(s));
}

static enum go text_input(struct imap *s, struct appending *g)
{
	switch (imap_input_take(s)) {
	case INPUT_MORE:
		conn_ack(s->conn); /* the literal and its CRLF are often written apart */
		return GO_PARK;
	case INPUT_LINE:
		return imap_bye(s, "Line too long");
	case INPUT_BIG:
		return imap_refuse(s, COND_NO, "TOOBIG", "Literal too big");
	case INPUT_DRAIN:
		s->mode = MODE_DRAIN;
		imap_no(s, "TOOBIG", "Literal too big");
		return GO_ON;
	case INPUT_COMMAND:
		break;
	}
	return text_take(s, g);
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
		(void)!spool_put(&g->spool, bytes); /* the error sticks to it */
		conn_consume(s->conn, bytes.n);
		g->turn += bytes.n;
	}
	if (g->bytes) {
		g->bytes = false;
		if (g->at == APPEND_AT_MESSAGE && !message_end(s, g)) {
			s->mode = MODE_DRAIN;
			return GO_ON;
		}
	}
	return text_input(s, g);
}

/* --- storing --------------------------------------------------------------------------- */

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
		e = prepare(s, g, &g->messages[0].email, why);
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
		imap_bad(s, "There is no such system flag");
	else
		imap_failed(s, g->about, e, why);
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
