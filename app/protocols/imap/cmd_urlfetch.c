/* protocols/imap/cmd_urlfetch.c: URLFETCH (RFC 4467 7), also with BODY, BINARY and
 * BODYPARTSTRUCTURE (RFC 5524): reads by URLs of GENURLAUTH.
 *
 * Each URL is resolved in a transaction of its own into a spool. Then its bytes are sent
 * as fast as the client reads. */
#include "formats/imap_wire/put.h"
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "model/store/spool.h"
#include "model/store/store.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/fetch/section_decode.h"
#include "protocols/imap/store.h"
#include "protocols/imap/url.h"
#include "protocols/imap/urlauth.h"
#include <string.h>

enum { PIECE = 64 << 10 /* bytes of a message written at a time */ };

struct redeeming {
	struct imap *s;
	const struct imap_url_request *requests;
	size_t n, next;     /* of requests                                              */
	struct spool spool; /* the bytes of the previous URL                            */
	uint64_t sent, end; /* of the spool                                             */
	bool open;          /* "(" was written before the literal: write ")" at the end */
	bool raw;           /* the bytes have NULs: send a literal8                     */
};

/* One URL. */
struct redeem {
	struct imap *s;
	const struct imap_url_request *request;
	struct imap_url url;
	struct spool *to;
	uint64_t skip, size;  /* of the target, within the spool */
	bool unknown;         /* BINARY: it cannot be decoded    */
	struct buf structure; /* BODYPARTSTRUCTURE               */
};

/* --- authorization ---------------------------------------------------------------------- */

/* May this session use the URL (RFC 4467 3)? No user is a submission server or anonymous,
 * so URLs for these are refused. */
static bool access_given(struct txn *t, const struct imap *s, const struct imap_url *url)
{
	struct account user;

	if (url->expires && clock_real_ms() > url->expire_ms)
		return false;
	switch (url->access) {
	case URL_ACCESS_USER:
		return urlauth_user(t, url->access_user, url->host, &user) == OK &&
		       user.id == s->login.login.account;
	case URL_ACCESS_AUTHUSER:
	case URL_ACCESS_ANONYMOUS:
		return true;
	case URL_ACCESS_SUBMIT:
	case URL_ACCESS_NONE:
		break;
	}
	return false;
}

/* The owner's mail, and its key for the mailbox. */
static enum err owner_key(struct txn *t, const struct redeem *r, struct mail_txn *m,
                          uint8_t key[URL_KEY_BYTES])
{
	struct imap_place place = imap_place(r->url.mailbox);
	struct account owner;
	struct mailbox box;
	enum err e = urlauth_user(t, r->url.user, r->url.host, &owner);

	if (e)
		return e;
	*m = (struct mail_txn){ r->s->server->mailboxes, t, owner.id, owner.id };
	if ((e = imap_mail_at(m, &place, m)) ||
	    (e = mailbox_find_for(m, place.name, RIGHT_READ, &box)))
		return e;
	return url_key_get(m, box.id, key);
}

/* The URL is resolved with the owner's current rights (RFC 4467 7). A failure must not
 * show in the time: without a key another one is tried (6). */
static enum err vouched(struct txn *t, const struct redeem *r, struct mail_txn *m)
{
	uint8_t key[URL_KEY_BYTES];
	struct str want, given = str_lower(txn_arena(t), r->url.token);
	enum err e = owner_key(t, r, m, key);
	bool good;

	if (e)
		random_bytes(key, sizeof(key));
	want = urlauth_token(txn_arena(t), key, str_sub(r->request->url, 0, r->url.rump));
	good = str_eq_secret(want, given);
	return !e && good && access_given(t, r->s, &r->url) ? OK : ERR_MISSING;
}

/* --- the target ------------------------------------------------------------------------- */

/* The number of lines of the bytes, and the identity encoding that they fit (RFC 2045
 * 6.2). */
static enum err bytes_describe(const struct redeem *r, uint32_t *lines, struct str *encoding)
{
	struct str bytes;
	bool nul = false, high = false;
	enum err e = spool_view(r->to, &bytes);

	*lines = 0;
	if (e)
		return e;
	bytes = str_sub(bytes, (size_t)r->skip, (size_t)(r->skip + r->size));
	for (size_t i = 0; i < bytes.n; i++) {
		*lines += bytes.p[i] == '\n';
		nul |= bytes.p[i] == 0;
		high |= (unsigned char)bytes.p[i] > 127;
	}
	*encoding = nul ? STR("BINARY") : high ? STR("8BIT") : STR("7BIT");
	return OK;
}

/* The structure of the returned bytes (RFC 5524 3.2), with extension data as in
 * BODYSTRUCTURE. A header is described as such (RFC 6522 4). */
static enum err structure_put(struct redeem *r, const struct imap_url_found *found)
{
	const struct structure *st = &found->st;
	uint32_t part = section_part(st, &r->url.section), lines;
	struct structure_part *p = part != PART_NONE ? &st->parts[part] : NULL;
	bool whole = r->url.section.kind == IMAP_SECTION_ALL && r->url.section.path_n == 0;
	bool decoded = (r->request->items & IMAP_URL_BINARY) && !r->unknown;
	struct str encoding;
	enum err e = bytes_describe(r, &lines, &encoding);

	if (e)
		return e;
	if (whole) {
		imap_put_part(&r->structure, st, 0, true);
	} else if (!p) {
		buf_fmt(&r->structure,
		        "(\"TEXT\" \"RFC822-HEADERS\" NIL NIL NIL \"8BIT\" %" PRIu64 " %" PRIu32
		        " NIL NIL NIL NIL)",
		        r->size, lines);
	} else {
		if (p->kind == PART_LEAF && decoded) {
			p->encoding = encoding;
			p->body.len = (uint32_t)r->size;
			p->body_lines = lines;
		}
		imap_put_part(&r->structure, st, part, true);
	}
	return buf_ok(&r->structure) ? OK : ERR_LIMIT;
}

/* The partial counts decoded bytes. */
static enum err decoded_get(const struct mail_txn *m, struct redeem *r,
                            struct imap_url_found *found, struct arena *a)
{
	const struct imap_section *section = &r->url.section;
	struct imap_section whole = *section;
	enum part_encoding encoding;
	enum err e;

	r->unknown = !section_encoding(&found->st, section, &encoding);
	if (r->unknown || found->from.made)
		return imap_url_bytes(m, found, r->to);
	whole.partial = false;
	e = section_find(m, &found->email, &found->st, &whole, a, &found->from);
	if (!e)
		e = section_decode(m, &found->email, &found->from, encoding, r->to);
	if (!e && section->partial)
		r->skip = MIN(section->offset, r->to->size);
	return e;
}

static enum err redeem_found(const struct mail_txn *m, struct redeem *r, struct arena *a)
{
	const struct imap_section *section = &r->url.section;
	bool binary = r->request->items & IMAP_URL_BINARY, extended = r->request->items != 0;
	struct imap_url_found found;
	enum err e = imap_url_find(m, &r->url, 0, extended, a, &found);

	if (e)
		return e;
	e = binary ? decoded_get(m, r, &found, a) : imap_url_bytes(m, &found, r->to);
	if (e)
		return e;
	r->size = r->to->size - r->skip;
	if (binary && section->partial)
		r->size = MIN(r->size, section->size);
	return r->request->items & IMAP_URL_STRUCTURE ? structure_put(r, &found) : OK;
}

static enum err redeem(struct txn *t, void *arg)
{
	struct redeem *r = arg;
	struct arena a = { 0 };
	struct mail_txn m;
	enum err e = vouched(t, r, &m);

	if (!e)
		e = redeem_found(&m, r, &a);
	arena_deinit(&a);
	return e;
}

/* --- responses -------------------------------------------------------------------------- */

static bool url_redeem(struct redeeming *g, struct redeem *r)
{
	spool_reset(&g->spool);
	return imap_url_parse(r->request->url, &g->s->run.arena, &r->url) && r->url.absolute &&
	       r->url.user.n && r->url.mailbox.n && r->url.token.n &&
	       str_eqi(r->url.mech, STR("internal")) &&
	       store_read(g->s->server->store, redeem, r) == OK;
}

/* literal8 if there is a NUL, and only then (RFC 5524 3.1) */
static bool has_nul(struct redeeming *g, const struct redeem *r)
{
	struct str bytes;

	return (r->request->items & IMAP_URL_BINARY) && spool_view(&g->spool, &bytes) == OK &&
	       memchr(bytes.p + r->skip, 0, (size_t)r->size);
}

/* Write the items between the URL and its bytes. */
static void answer_begin(struct redeeming *g, struct redeem *r)
{
	static const char *const names[] = { " ", " (BODY ", " (BINARY " };
	struct buf *out = imap_out(g->s);
	unsigned bytes = r->request->items & (IMAP_URL_BODY | IMAP_URL_BINARY);

	if (r->request->items & IMAP_URL_STRUCTURE) {
		buf_put(out, STR(" (BODYPARTSTRUCTURE "));
		buf_put(out, buf_str(&r->structure));
		buf_byte(out, ')');
	}
	if (r->request->items && !bytes)
		return;
	buf_put(out, str_of(names[bytes]));
	if (r->unknown) {
		buf_put(out, STR("NIL)"));
		return;
	}
	g->raw = r->size && has_nul(g, r);
	buf_fmt(out, "%s{%" PRIu64 "}\r\n", g->raw ? "~" : "", r->size);
	g->open = bytes != 0;
	g->sent = r->skip;
	g->end = r->skip + r->size;
}

static void answer_end(struct redeeming *g)
{
	buf_put(imap_out(g->s), g->open ? STR(")\r\n") : STR("\r\n"));
	g->open = false;
}

/* One response for each URL; NIL if it fails, whatever the reason. */
static void redeem_next(struct redeeming *g)
{
	struct redeem r = { .s = g->s, .request = &g->requests[g->next++], .to = &g->spool };
	bool good;

	buf_init(&r.structure, LIMIT_conn_out / 2);
	good = url_redeem(g, &r);
	g->sent = g->end = 0;
	buf_put(imap_out(g->s), STR("* URLFETCH "));
	imap_put_string(imap_out(g->s), r.request->url);
	if (good)
		answer_begin(g, &r);
	else
		buf_put(imap_out(g->s), STR(" NIL"));
	buf_deinit(&r.structure);
	if (g->sent == g->end)
		answer_end(g);
}

static bool piece_put(struct redeeming *g)
{
	struct str bytes, piece;

	if (spool_view(&g->spool, &bytes) != OK)
		return false; /* within a literal */
	piece = str_sub(bytes, (size_t)g->sent, (size_t)MIN(g->sent + PIECE, g->end));
	if (g->raw)
		buf_put(imap_out(g->s), piece);
	else
		imap_put_literal_bytes(imap_out(g->s), piece);
	g->sent += piece.n;
	if (g->sent == g->end)
		answer_end(g);
	return true;
}

static enum done urlfetch_answer(struct imap *s)
{
	struct redeeming *g = s->run.task;

	while (!conn_out_full(s->conn)) {
		if (g->sent == g->end && g->next == g->n)
			return DONE;
		if (g->sent == g->end)
			redeem_next(g);
		else if (!piece_put(g))
			return DONE_CLOSE;
	}
	return conn_broken(s->conn) ? DONE_CLOSE : DONE_LATER;
}

static void redeeming_free(void *task)
{
	spool_deinit(&((struct redeeming *)task)->spool);
}

enum done imap_cmd_urlfetch(struct imap *s, union imap_args *args)
{
	struct redeeming *g = arena_new(&s->run.arena, struct redeeming);

	g->s = s;
	g->requests = args->urlfetch.items;
	g->n = args->urlfetch.n;
	spool_init(&g->spool, s->server->store, UINT32_MAX);
	s->run.task = g;
	s->run.release = redeeming_free;
	s->run.answer = urlfetch_answer;
	s->mode = MODE_ANSWER;
	imap_ok(s, NULL, NULL);
	return urlfetch_answer(s);
}
