/* protocols/smtp_out/content.c: see content.h. */
#include "protocols/smtp_out/content.h"

#include "flow/delivery/sign.h"
#include "formats/message/downgrade.h"
#include "formats/smtp_wire/stuff.h"
#include "foundation/base/clock.h"
#include "model/store/store.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/session_steps.h"

#include <stdio.h>

/* --- reading the blob ---------------------------------------------------------------- */

/* One piece of the message, read in a transaction of its own: none is open during a
 * wait. */
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

/* *p begins as { .blob = the item's } with bytes of BLOB_PIECE_MAX; an empty piece is the
 * end. */
static enum err piece_next(struct store *store, struct piece *p, struct str *out)
{
	enum err e = store_read(store, piece_read, p);

	*out = e == OK ? buf_str(&p->bytes) : STR_EMPTY;
	p->offset += out->n;
	return e;
}

static enum err blob_spool(struct store *store, const struct queue_item *item, struct spool *out)
{
	struct piece p = { .blob = &item->blob };
	struct str bytes;
	enum err e;

	buf_init(&p.bytes, BLOB_PIECE_MAX);
	while ((e = piece_next(store, &p, &bytes)) == OK && bytes.n != 0)
		if ((e = spool_put(out, bytes)))
			break;
	buf_deinit(&p.bytes);
	return e;
}

struct size_question {
	const struct blob_id *blob;
	uint64_t *size;
};

static enum err size_read(struct txn *t, void *arg)
{
	struct size_question *q = arg;

	return blob_size(t, q->blob, q->size);
}

/* --- conversion ------------------------------------------------------------------------ */

enum { NEEDS_BINARY = BIT(0), NEEDS_8BIT = BIT(1), NEEDS_UTF8 = BIT(2), NEEDS_LONG = BIT(3) };

static bool takes_binary(const struct out_extensions *ext)
{
	return ext->chunking && ext->binarymime;
}

/* Features that the message needs and the remote does not offer. */
static unsigned lacks(const struct out_extensions *ext, const struct queue_item *item)
{
	unsigned needs = 0;

	if (item->flags & QUEUE_BINARY && !takes_binary(ext))
		needs |= NEEDS_BINARY;
	if (item->flags & QUEUE_8BIT && !ext->eightbit)
		needs |= NEEDS_8BIT;
	if (item->flags & QUEUE_UTF8 && !ext->smtputf8)
		needs |= NEEDS_UTF8;
	/* RFC 2045 2.9: bodies with such lines are binary; headers never are. */
	if (item->flags & QUEUE_LONG_HEADER ||
	    (item->flags & QUEUE_LONG_BODY && !takes_binary(ext)))
		needs |= NEEDS_LONG;
	return needs;
}

static enum err content_refuse(struct out_session *s, enum err e, unsigned code, const char *status,
                               const char *text)
{
	s->said = false;
	s->reply = (struct queue_reply){ .code = (uint16_t)code,
		                         .status = str_of(status),
		                         .text = str_of(text),
		                         .remote = s->remote };
	return e;
}

enum { FIELD_NAMED_MAX = 60, SIGNATURES_MAX = 64 << 10 };

static bool spool_take(struct str bytes, void *arg)
{
	return spool_put(arg, bytes) == OK;
}

/* RFC 5322 2.1.1 */
static enum err refuse_unfoldable(struct out_session *s, struct str field)
{
	struct arena a = { 0 };
	struct str text = str_fmt(&a,
	                          "a line of the header field %.*s is longer than 998 bytes, and "
	                          "cannot be folded",
	                          STR_ARG(str_sub(field, 0, FIELD_NAMED_MAX)));

	out_reply_set(s, 554, STR("5.6.0"), text);
	arena_deinit(&a);
	return ERR_DENIED;
}

static enum err refuse_sealed(struct out_session *s, unsigned needs)
{
	if (needs & NEEDS_BINARY)
		return content_refuse(s, ERR_DENIED, 554, "5.6.1",
		                      "the message is binary, and this server takes none");
	if (needs & NEEDS_8BIT)
		return content_refuse(s, ERR_DENIED, 554, "5.6.3",
		                      "the message has 8-bit text, and this server takes none");
	return content_refuse(
		s, ERR_DENIED, 554, "5.6.3",
		"the message has a line longer than 998 bytes, and is signed, encrypted "
		"or of a form that cannot be converted");
}

/* Sign c->spool again, since the conversion has broken its signatures (RFC 6376 5.3). */
static enum err resign(struct out_content *c, struct store *store, const struct queue_item *item)
{
	struct spool again;
	struct buf signatures;
	struct str text, rest;
	enum err e = spool_view(&c->spool, &text);

	if (e != OK)
		return e;
	spool_init(&again, store, MESSAGE_SIZE_MAX);
	buf_init(&signatures, SIGNATURES_MAX);
	e = sign_anew(&signatures, store, text, item->submitter != 0, &rest);
	if (e == OK)
		e = spool_put(&again, buf_str(&signatures));
	if (e == OK)
		e = spool_put(&again, rest);
	buf_deinit(&signatures);
	spool_deinit(e == OK ? &c->spool : &again);
	if (e == OK)
		c->spool = again;
	return e;
}

static enum err unconverted(struct out_session *s)
{
	return content_refuse(s, ERR_RETRY, 451, "4.3.0", "the message could not be converted");
}

/* Write the converted message to c->spool. */
static enum err convert(struct out_content *c, struct out_session *s, struct store *store,
                        const struct message *m, const struct queue_item *item, unsigned needs)
{
	struct str field;

	switch (downgrade_put(m, s->ext.eightbit, spool_take, &c->spool, &field)) {
	case DOWNGRADED:
		if (item->flags & QUEUE_SIGNED && resign(c, store, item) != OK)
			return unconverted(s);
		c->converted = true;
		c->size = c->spool.size;
		c->body = s->ext.eightbit && item->flags & QUEUE_8BIT ? STR("8BITMIME")
		                                                      : STR_EMPTY;
		return OK;
	case DOWNGRADE_CANNOT:
		return refuse_sealed(s, needs);
	case DOWNGRADE_UNFOLDABLE:
		return refuse_unfoldable(s, field);
	default:
		return unconverted(s);
	}
}

/* The conversion depends on MIME, so the message is parsed; this is rare. */
static enum err adapt(struct out_content *c, struct out_session *s, struct store *store,
                      const struct queue_item *item, unsigned needs)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct spool whole;
	struct message m;
	struct str raw;
	enum err e;

	spool_init(&whole, store, MESSAGE_SIZE_MAX);
	e = blob_spool(store, item, &whole);
	if (e || (e = spool_view(&whole, &raw))) {
		e = content_refuse(s, ERR_RETRY, 451, "4.3.0", "the message could not be read");
		goto out;
	}
	message_parse(&a, raw, &limits, &m);
	if (needs & NEEDS_UTF8 && downgrade_header_utf8(&m))
		e = content_refuse(s, ERR_DENIED, 550, "5.6.7", /* RFC 6531 3.4 */
		                   "the message has a header in UTF-8, and this server takes none");
	else if (needs & (NEEDS_BINARY | NEEDS_8BIT | NEEDS_LONG))
		e = convert(c, s, store, &m, item, needs);
out:
	spool_deinit(&whole);
	arena_deinit(&a);
	return e;
}

static struct str body_of(const struct out_extensions *ext, const struct queue_item *item)
{
	if (item->flags & (QUEUE_BINARY | QUEUE_LONG_BODY))
		return STR("BINARYMIME"); /* else it is converted */
	return ext->eightbit && item->flags & QUEUE_8BIT ? STR("8BITMIME") : STR_EMPTY;
}

/* Addresses from an alias need it even if the sender did not announce it. */
static bool envelope_utf8(const struct queue_item *item)
{
	for (size_t i = 0; i < item->rcpt_count; i++)
		if (mailaddr_is_utf8(&item->rcpts[i].address))
			return true;
	return mailaddr_is_utf8(&item->sender);
}

enum err out_content_open(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item)
{
	struct size_question size = { &item->blob, &c->size };
	unsigned needs = lacks(&s->ext, item);

	*c = (struct out_content){ .body = body_of(&s->ext, item) };
	spool_init(&c->spool, store, MESSAGE_SIZE_MAX);
	if (store_read(store, size_read, &size) != OK)
		return content_refuse(s, ERR_RETRY, 451, "4.3.0", "the message could not be read");
	c->utf8 = s->ext.smtputf8 && (item->flags & QUEUE_UTF8 || envelope_utf8(item));
	if (!s->ext.smtputf8 && mailaddr_is_utf8(&item->sender))
		return content_refuse(
			s, ERR_DENIED, 550, "5.6.7",
			"the sender's address is not ASCII, and this server takes none such");
	return needs != 0 ? adapt(c, s, store, item, needs) : OK;
}

void out_content_close(struct out_content *c)
{
	spool_deinit(&c->spool);
}

enum { PIPE_MAX = 64 * 1024 }; /* limit of a BDAT that may be wasted */

/* --- sending ------------------------------------------------------------------------------ */

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

static enum err blob_send(struct sending *g, struct store *store)
{
	struct piece p = { .blob = &g->item->blob };
	struct str bytes;
	enum err e;

	buf_init(&p.bytes, BLOB_PIECE_MAX);
	while ((e = piece_next(store, &p, &bytes)) == OK && bytes.n != 0)
		if ((e = some_send(g, bytes)))
			break;
	buf_deinit(&p.bytes);
	return e;
}

/* After a failure within the message the connection must end without the end mark: the
 * remote would accept a truncated message. */
static enum err body_send(struct sending *g, struct out_content *c, struct store *store)
{
	enum err e;

	stream_timeout(g->s->stream, out_wait_ms(g->s, OUT_BLOCK_MS));
	e = c->converted ? spool_send(g, c) : blob_send(g, store);
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
