/* protocols/imap/url.c: see url.h. */
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "model/store/blob.h"
#include "model/store/spool.h"
#include "protocols/imap/store.h"
#include "protocols/imap/url.h"
#include <string.h>

static enum err url_mailbox(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                            struct mailbox *box)
{
	struct imap_place at = imap_place(url->mailbox);
	enum err e = url->mailbox.n ? mailbox_find_for(m, at.name, RIGHT_READ, box)
	                            : mailbox_get(m, selected, box);

	if (!e && url->uidvalidity && url->uidvalidity != box->uidvalidity)
		return ERR_MISSING; /* RFC 5092 5: not the intended mailbox */
	return e;
}

enum err imap_url_find(const struct mail_txn *m, const struct imap_url *url, uint32_t selected,
                       bool whole, struct arena *a, struct imap_url_found *out)
{
	struct email_row row;
	struct mailbox box;
	enum err e = url_mailbox(m, url, selected, &box);

	out->st = (struct structure){ 0 };
	if (e || (e = email_row_get(m, box.id, url->uid, &row)) ||
	    (e = email_get(m, row.email, &out->email)))
		return e;
	if ((whole || section_needs_structure(&url->section)) &&
	    !structure_unpack(a, out->email.structure, &out->st))
		return ERR_CORRUPT;
	e = section_find(m, &out->email, &out->st, &url->section, a, &out->from);
	return e || out->from.present ? e : ERR_MISSING;
}

struct copying {
	const struct imap_url *url;
	uint32_t selected;
	uint64_t room;
	struct spool *to;
};

static enum err copy_bytes(const struct mail_txn *m, const struct email *email,
                           const struct section_source *from, struct spool *to)
{
	uint64_t at = from->offset, end = from->offset + from->size;
	struct buf piece;
	enum err e = OK;

	buf_init(&piece, BLOB_PIECE_MAX);
	while (at < end && !e) {
		buf_reset(&piece);
		e = blob_get_some(m->t, &email->blob, at, &piece);
		if (!e && piece.n == 0)
			e = ERR_CORRUPT; /* shorter than its record says */
		if (!e)
			e = spool_put(to, str_sub(buf_str(&piece), 0, (size_t)(end - at)));
		at += piece.n;
	}
	buf_deinit(&piece);
	return e;
}

enum err imap_url_bytes(const struct mail_txn *m, const struct imap_url_found *found,
                        struct spool *to)
{
	if (found->from.made)
		return spool_put(to, found->from.text);
	return copy_bytes(m, &found->email, &found->from, to);
}

static enum err copy(const struct mail_txn *m, void *arg)
{
	const struct copying *g = arg;
	struct imap_url_found found;
	struct arena a = { 0 };
	enum err e = imap_url_find(m, g->url, g->selected, false, &a, &found);

	if (!e && found.from.size > g->room)
		e = ERR_LIMIT;
	else if (!e)
		e = imap_url_bytes(m, &found, g->to);
	arena_deinit(&a);
	return e;
}

enum err imap_url_copy(struct imap *s, struct str text, uint64_t max, struct spool *to)
{
	struct imap_url url;
	struct copying g = { &url, s->selected.id, max - MIN(to->size, max), to };
	struct imap_place at;

	if (!imap_url_parse(text, &s->run.arena, &url) || url.absolute || url.access)
		return ERR_SYNTAX;
	at = imap_place(url.mailbox);
	return url.mailbox.n ? imap_read_at(s, &at, copy, &g) : imap_read(s, copy, &g);
}

/* url-resp-text has no "]", CR or LF; they are percent-encoded. */
void imap_bad_url(struct imap *s, struct str url)
{
	struct buf code;

	buf_init(&code, 3 * url.n + 8);
	buf_put(&code, STR("BADURL "));
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] < 0x20 || strchr("]\x7f\xff", url.p[i]))
			buf_fmt(&code, "%%%02X", (unsigned char)url.p[i]);
		else
			buf_byte(&code, url.p[i]);
	imap_no(s, NULL, "The URL does not name a message or part");
	s->reply.code = str_dup(&s->run.arena, buf_str(&code));
	buf_deinit(&code);
}
