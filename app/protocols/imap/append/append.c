/* protocols/imap/append/append.c: see append.h. append_message.c receives single
 * messages, append_store.c stores them. */
#include "foundation/base/mem.h"
#include "model/mailbox/email/email_new.h"
#include "protocols/imap/append/append.h"
#include "protocols/imap/append/append_parts.h"
#include "protocols/imap/commands.h"

enum { TURN_BYTES = 1 << 20 /* bytes received before other connections run */ };

static void appending_free(void *task)
{
	struct appending *g = task;

	append_work_free(&g->work);
	for (size_t i = 0; i < g->n; i++)
		email_new_free(&g->messages[i].email);
	mem_clear(&g->messages);
	spool_deinit(&g->spool);
}

static bool step_run(struct imap *s, struct appending *g, const struct imap_append_step *step,
                     enum imap_append_at at)
{
	switch (step->op) {
	case APPEND_BEGIN:
		return append_message_begin(s, g, step);
	case APPEND_URL:
		return append_url_add(s, g, step->url);
	case APPEND_BYTES:
		return append_bytes_begin(s, g, at);
	case APPEND_END:
		break;
	}
	return append_message_end(s, g);
}

/* The reply is set: drain the rest of the command first. */
static enum done give_up(struct imap *s)
{
	if (s->input.message_follows)
		return imap_message_drop(s);
	return DONE;
}

static void all_come(struct imap *s, struct appending *g)
{
	struct why why = { "" };
	enum err e = append_work_end(g, &why);

	if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	else
		g->commit(s, g);
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
	all_come(s, g);
	return DONE;
}

enum done imap_append_begin(struct imap *s, const struct imap_append *what, uint32_t replaced,
                            append_commit_fn *commit)
{
	struct arena *a = &s->run.arena;
	struct appending *g = arena_new(a, struct appending);

	/* The text that they borrow from is replaced by the next one. */
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

/* A text has arrived. */
static enum go text_take(struct imap *s, struct appending *g)
{
	struct cur c = cur_of(buf_str(&s->input.text));
	struct imap_append_text text;

	imap_deadline(s);
	if (imap_append_text_parse(&c, &s->run.arena, g->at, s->input.message_follows, &text))
		return imap_went(s, text_run(s, g, &text));
	imap_bad(s, "Syntax error after the message");
	return imap_went(s, give_up(s));
}

static enum go text_input(struct imap *s, struct appending *g)
{
	switch (imap_input_take(s)) {
	case INPUT_MORE:
		conn_ack(s->conn); /* the literal and its CRLF often arrive separately */
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
			imap_deadline(s); /* it makes progress, so it may exceed the idle time */
			g->turn = 0;
			return GO_AGAIN;
		}
		bytes = imap_input_literal(s, &g->left);
		if (bytes.n == 0)
			return GO_PARK;
		(void)!spool_put(&g->spool, bytes); /* the error is kept in it */
		conn_consume(s->conn, bytes.n);
		g->turn += bytes.n;
	}
	if (g->bytes) {
		g->bytes = false;
		if (g->at == APPEND_AT_MESSAGE && !append_message_end(s, g)) {
			s->mode = MODE_DRAIN;
			return GO_ON;
		}
	}
	return text_input(s, g);
}
