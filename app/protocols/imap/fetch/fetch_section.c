/* protocols/imap/fetch/fetch_section.c: bytes of a message in a FETCH response.
 *
 * A section up to AT_ONCE is read in the slice that begins it. A longer one is read in
 * several slices under a lease, so that its literal can be completed even if another
 * session expunges the message: announced bytes must be sent. */
#include "formats/imap_wire/put.h"
#include "protocols/imap/fetch/fetching.h"
#include "protocols/imap/fetch/section.h"
#include <string.h>

enum { AT_ONCE = 256 << 10 };

/* IMAP has no NUL; its replacement has the same length (RFC 9051 9, CHAR8). */
static void no_nul(struct buf *b, size_t from)
{
	for (char *p = b->p + from; b->n > from && (p = memchr(p, 0, (size_t)(b->p + b->n - p)));)
		*p = (char)0x80;
}

/* Find the next section's bytes; not present if the message was expunged between two
 * slices. */
static enum err section_locate(struct fetching *f, const struct mail_txn *m, struct arena *a,
                               struct email *email, struct structure *st,
                               struct section_source *source)
{
	const struct imap_section *section = &f->what->sections[f->section];
	enum err e = email_get(m, f->email, email);

	*source = (struct section_source){ 0 };
	if (!e && section_needs_structure(section) && !structure_unpack(a, email->structure, st))
		e = ERR_CORRUPT;
	if (!e)
		e = section_find(m, email, st, section, a, source);
	if (e != ERR_MISSING)
		return e;
	if (f->email == 0)
		return ERR_CORRUPT;
	f->missing = true;
	return OK;
}

/* nstring = string / nil */
static void section_head_put(struct fetching *f, const struct section_source *source)
{
	fetch_item(f, STR_EMPTY);
	imap_section_put(&f->text, &f->what->sections[f->section]);
	if (!source->present) {
		bool size = f->what->sections[f->section].form == IMAP_FORM_SIZE;

		buf_put(&f->text, size ? STR(" 0") : STR(" NIL"));
		return;
	}
	buf_put(&f->text, STR(" {"));
	buf_u64(&f->text, source->size);
	buf_put(&f->text, STR("}\r\n"));
	imap_put_literal_bytes(&f->text, source->text);
}

static enum err section_put(struct fetching *f, const struct mail_txn *m, const struct email *email,
                            const struct section_source *source)
{
	section_head_put(f, source);
	f->section++;
	f->body.blob = email->blob;
	f->body.offset = source->offset;
	f->body.left = source->made ? 0 : source->size;
	return f->body.left && f->body.left <= AT_ONCE ? fetch_section_some(f, m) : OK;
}

enum err fetch_section_begin(struct fetching *f, const struct mail_txn *m)
{
	struct section_source source;
	struct arena a = { 0 };
	struct email email = { .size_bytes = 0 };
	struct structure st = { 0 };
	enum err e = section_locate(f, m, &a, &email, &st, &source);

	if (e == ERR_CORRUPT) {
		source = (struct section_source){ 0 };
		f->damaged = true;
		e = OK;
	}
	f->body.decoded = false;
	if (!e && source.present && f->what->sections[f->section].form != IMAP_FORM_BODY)
		e = fetch_binary_begin(f, m, &email, &st, &a);
	else if (!e && !source.made && source.size > AT_ONCE && f->leased != f->email)
		f->wants_lease = true;
	else if (!e)
		e = section_put(f, m, &email, &source);
	arena_deinit(&a);
	return e;
}

/* Announced bytes must be sent, and a session that ended here would end here again: so
 * unreadable bytes become blanks, and the message is reported as damaged. */
static void fetch_section_fill(struct fetching *f, size_t before)
{
	uint64_t n = MIN(f->body.left, AT_ONCE);

	buf_cut(&f->text, before);
	for (uint64_t i = 0; i < n; i++)
		buf_byte(&f->text, ' ');
	f->damaged = true;
}

enum err fetch_section_some(struct fetching *f, const struct mail_txn *m)
{
	size_t before = f->text.n;
	enum err e;

	if (f->body.decoded)
		return fetch_binary_some(f);
	if (f->body.left <= AT_ONCE)
		e = blob_get(m->t, &f->body.blob, f->body.offset, (size_t)f->body.left, &f->text);
	else
		e = blob_get_some(m->t, &f->body.blob, f->body.offset, &f->text);
	if (e == ERR_CORRUPT || (!e && f->text.n == before)) { /* shorter than its record says */
		fetch_section_fill(f, before);
		e = OK;
	}
	if (e)
		return e;
	if (f->text.n - before > f->body.left)
		buf_cut(&f->text, before + (size_t)f->body.left);
	no_nul(&f->text, before);
	f->body.offset += f->text.n - before;
	f->body.left -= f->text.n - before;
	return OK;
}

void fetch_lease_settle(struct fetching *f)
{
	const struct imap *s = f->s;

	if (f->leased && (!f->open || f->leased != f->email)) {
		lease_end(&f->lease);
		f->leased = 0;
	}
	if (!f->wants_lease)
		return;
	f->lease =
		lease_take(s->server->store, s->server->mailboxes, s->selected.account, f->email);
	f->leased = f->email;
	f->wants_lease = false;
}
