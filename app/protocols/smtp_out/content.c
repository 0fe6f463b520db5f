/* protocols/smtp_out/content.c: what the remote accepts of a message, and its conversion; see
 * content.h. */
#include "protocols/smtp_out/content.h"

#include "flow/delivery/sign.h"
#include "formats/message/downgrade.h"
#include "model/queue/entry.h"
#include "model/store/store.h"
#include "protocols/smtp_out/session_steps.h"

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

enum err out_content_read(struct store *store, const struct queue_item *item,
                          enum err (*take)(void *arg, struct str bytes), void *arg)
{
	struct piece p = { .blob = &item->blob };
	enum err e;

	buf_init(&p.bytes, BLOB_PIECE_MAX);
	while ((e = store_read(store, piece_read, &p)) == OK && p.bytes.n != 0) {
		p.offset += p.bytes.n;
		if ((e = take(arg, buf_str(&p.bytes))))
			break;
	}
	buf_deinit(&p.bytes);
	return e;
}

static enum err spool_piece(void *arg, struct str bytes)
{
	return spool_put(arg, bytes);
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

	if (item->envelope.flags & ENVELOPE_BINARY && !takes_binary(ext))
		needs |= NEEDS_BINARY;
	if (item->envelope.flags & ENVELOPE_8BIT && !ext->eightbit)
		needs |= NEEDS_8BIT;
	if (item->envelope.flags & ENVELOPE_UTF8 && !ext->smtputf8)
		needs |= NEEDS_UTF8;
	/* RFC 2045 2.9: bodies with such lines are binary; headers never are. */
	if (item->envelope.flags & ENVELOPE_LONG_HEADER ||
	    (item->envelope.flags & ENVELOPE_LONG_BODY && !takes_binary(ext)))
		needs |= NEEDS_LONG;
	return needs;
}

static enum err content_refuse(struct out_session *s, enum err e, unsigned code, const char *status,
                               const char *text)
{
	s->said = false;
	s->reply = (struct envelope_reply){ .code = (uint16_t)code,
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
	e = sign_anew(&signatures, store, text, item->envelope.submitter != 0, &rest);
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
		if (item->envelope.flags & ENVELOPE_SIGNED && resign(c, store, item) != OK)
			return unconverted(s);
		c->converted = true;
		c->size = c->spool.size;
		c->body = s->ext.eightbit && item->envelope.flags & ENVELOPE_8BIT ? STR("8BITMIME")
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
	e = out_content_read(store, item, spool_piece, &whole);
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
	if (item->envelope.flags & (ENVELOPE_BINARY | ENVELOPE_LONG_BODY))
		return STR("BINARYMIME"); /* else it is converted */
	return ext->eightbit && item->envelope.flags & ENVELOPE_8BIT ? STR("8BITMIME") : STR_EMPTY;
}

/* Addresses from an alias need it even if the sender did not announce it. */
static bool envelope_utf8(const struct queue_item *item)
{
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		if (mailaddr_is_utf8(&item->envelope.rcpts[i].address))
			return true;
	return mailaddr_is_utf8(&item->envelope.sender);
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
	c->utf8 = s->ext.smtputf8 && (item->envelope.flags & ENVELOPE_UTF8 || envelope_utf8(item));
	if (!s->ext.smtputf8 && mailaddr_is_utf8(&item->envelope.sender))
		return content_refuse(
			s, ERR_DENIED, 550, "5.6.7",
			"the sender's address is not ASCII, and this server takes none such");
	return needs != 0 ? adapt(c, s, store, item, needs) : OK;
}

void out_content_close(struct out_content *c)
{
	spool_deinit(&c->spool);
}
