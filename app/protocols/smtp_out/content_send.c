/* protocols/smtp_out/content_send.c: sending of the content by DATA or BDAT; see content.h. */
#include "formats/smtp_wire/stuff.h"
#include "foundation/base/clock.h"
#include "model/queue/entry.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/content.h"
#include "protocols/smtp_out/session_steps.h"

#include <stdio.h>

enum { PIPE_MAX = 64 * 1024 }; /* limit of a BDAT that may be wasted */

/* Progress of sending. */
struct sending {
	struct out_session *s;
	const struct queue_item *item;
	bool bdat;
	struct smtp_stuff stuff;
	uint64_t left; /* of the announced size */
	bool *ended;   /* out_content.ended     */
	struct why why;
};

static enum err stuffed_send(struct sending *g, struct str bytes)
{
	enum err e = OK;

	while (e == OK && bytes.n != 0) {
		struct str slice;
		bool dot;

		smtp_stuff_next(&g->stuff, &bytes, &slice, &dot);
		if (dot)
			e = stream_write(g->s->stream, STR("."), &g->why);
		if (e == OK)
			e = stream_write(g->s->stream, slice, &g->why);
	}
	return e;
}

/* The last byte hands the message over, and the reply may take OUT_END_MS. After the
 * lease another runner would send it too: so give up if that time is not left. */
static enum err time_check(struct sending *g)
{
	const struct out_session *s = g->s;

	if (s->over_ms != 0 && s->over_ms - clock_real_ms() < OUT_END_MS)
		return fail(&g->why, ERR_RETRY, "the remote is too slow");
	return OK;
}

/* At most the amount that one timeout allows. */
static enum err slice_send(struct sending *g, struct str bytes)
{
	enum err e = time_check(g);

	if (e != OK)
		return e;
	g->left -= bytes.n;
	if (!g->bdat)
		return stuffed_send(g, bytes);
	*g->ended = g->left == 0;
	return stream_write(g->s->stream, bytes, &g->why);
}

/* A wrong count would turn text into commands, or commands into text (RFC 3030 2). */
static enum err some_send(struct sending *g, struct str bytes)
{
	enum err e = OK;

	if (bytes.n > g->left)
		return fail(&g->why, ERR_CORRUPT, "the message is longer than it should be");
	for (; e == OK && bytes.n != 0; bytes = str_sub(bytes, STREAM_BUFFER, bytes.n))
		e = slice_send(g, str_sub(bytes, 0, STREAM_BUFFER));
	return e;
}

static enum err end_send(struct sending *g)
{
	if (g->left != 0)
		return fail(&g->why, ERR_CORRUPT, "the message is shorter than it should be");
	if (g->bdat)
		return OK;
	if (time_check(g) != OK)
		return ERR_RETRY;
	*g->ended = true;
	return stream_write(g->s->stream, smtp_stuff_end(&g->stuff), &g->why);
}

static enum err spool_send(struct sending *g, struct out_content *c)
{
	struct str all;
	enum err e = spool_view(&c->spool, &all);

	return e == OK ? some_send(g, all) : e;
}

static enum err piece_send(void *arg, struct str bytes)
{
	return some_send(arg, bytes);
}

/* After a failure within the message the connection must end without the end mark: the
 * remote would accept a truncated message. */
static enum err body_send(struct sending *g, struct out_content *c, struct store *store)
{
	enum err e;

	stream_timeout(g->s->stream, out_wait_ms(g->s, OUT_BLOCK_MS));
	e = c->converted ? spool_send(g, c) : out_content_read(store, g->item, piece_send, g);
	if (e == OK)
		e = end_send(g);
	g->s->late = g->s->late || e == ERR_RETRY;
	if (e)
		return out_broken(g->s, 451, "4.4.2",
		                  g->why.text[0] != '\0' ? g->why.text
		                                         : "the message could not be read");
	return OK;
}

/* The whole message is one chunk, since the blob has its size. This saves the wait for
 * 354. */
static enum err bdat_say(struct sending *g)
{
	char line[64];
	int n = snprintf(line, sizeof line, "BDAT %" PRIu64 " LAST\r\n", g->left);
	enum err e;

	if (!out_session_is_open(g->s))
		return ERR_RETRY;
	stream_timeout(g->s->stream, out_wait_ms(g->s, OUT_DATA_MS));
	*g->ended = g->left == 0;
	if ((e = stream_write(g->s->stream, str_from(line, (size_t)n), &g->why)) != OK)
		return out_lost(g->s, e, &g->why);
	return OK;
}

static enum err line_say(struct out_session *s, struct str line)
{
	struct why why = { "" };
	enum err e;

	if (!out_session_is_open(s))
		return ERR_RETRY;
	stream_timeout(s->stream, out_wait_ms(s, OUT_DATA_MS));
	e = stream_write(s->stream, line, &why);
	return e == OK ? OK : out_lost(s, e, &why);
}

static enum err data_heard(struct out_session *s)
{
	if (out_reply(s, OUT_DATA_MS) != OK)
		return ERR_RETRY;
	if (s->reply.code == 354)
		return OK;
	/* A 2xx here does not mean that the message was accepted. */
	if (s->reply.code < 400)
		return out_broken(s, 451, "4.5.0", "the remote answered DATA oddly");
	return ERR_DENIED;
}

static struct sending sending_of(struct out_content *c, struct out_session *s,
                                 const struct queue_item *item)
{
	return (struct sending){ .s = s,
		                 .item = item,
		                 .bdat = s->ext.chunking,
		                 .left = c->size,
		                 .ended = &c->ended };
}

static enum err bdat_send(struct sending *g, struct out_content *c, struct store *store)
{
	enum err e = bdat_say(g);

	return e == OK ? body_send(g, c, store) : e;
}

enum err out_content_pipe(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item)
{
	struct sending g = sending_of(c, s, item);

	/* A session that may have ended, or that has not yet proven to reply in order,
	 * must not get the whole message before its replies: it would be sent twice. */
	if (g.bdat && (c->size > PIPE_MAX || s->adopted || s->messages < 2))
		return OK;
	c->piped = true;
	return g.bdat ? bdat_send(&g, c, store) : line_say(s, STR("DATA\r\n"));
}

/* RFC 2920 3.1: a server that replies 354 without an accepted recipient gets an empty
 * message. */
void out_content_drop(struct out_content *c, struct out_session *s)
{
	enum err e = out_reply(s, s->ext.chunking ? OUT_END_MS : OUT_DATA_MS);

	if (e == OK && !s->ext.chunking && s->reply.code == 354) {
		e = line_say(s, STR(".\r\n"));
		if (e == OK && out_reply(s, OUT_END_MS) != OK)
			return;
	}
	c->piped = false;
}

enum err out_content_send(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item)
{
	struct sending g = sending_of(c, s, item);
	enum err e = OK;

	if (g.bdat && !c->piped)
		e = bdat_send(&g, c, store);
	else if (!g.bdat && !c->piped)
		e = line_say(s, STR("DATA\r\n"));
	if (e == OK && !g.bdat && (e = data_heard(s)) == OK)
		e = body_send(&g, c, store);
	if (e == OK)
		e = out_reply(s, OUT_END_MS);
	if (e == OK && (s->reply.code < 200 || s->reply.code / 100 == 3))
		e = out_broken(s, 451, "4.5.0", "the remote answered the message oddly");
	return e;
}
