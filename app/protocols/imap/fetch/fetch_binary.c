/* protocols/imap/fetch/fetch_binary.c: BINARY and BINARY.SIZE of a FETCH response (RFC
 * 3516 4.2, 4.3; RFC 9051 6.4.5): parts without their transfer encoding.
 *
 * The length of the literal is known only after the whole part is decoded, so it goes to
 * a spool first, in the slice that begins it. */
#include "model/store/spool.h"
#include "protocols/imap/fetch/fetching.h"
#include "protocols/imap/fetch/section_decode.h"
#include <string.h>

enum { PIECE_OUT = 256 << 10 };

static struct spool *spool_of(struct fetching *f)
{
	if (!f->decoded) {
		f->decoded = arena_new(f->arena, struct spool);
		spool_init(f->decoded, f->s->server->store, UINT32_MAX);
	}
	spool_reset(f->decoded);
	return f->decoded;
}

/* A literal8 if the decoded bytes have a NUL. */
static void fetch_binary_head_put(struct fetching *f, const struct imap_section *section,
                                  struct str plain)
{
	bool nul = plain.n && memchr(plain.p, 0, plain.n);

	fetch_item(f, STR_EMPTY);
	imap_section_put(&f->text, section);
	if (section->form == IMAP_FORM_SIZE) {
		buf_byte(&f->text, ' ');
		buf_u64(&f->text, plain.n);
		return;
	}
	buf_put(&f->text, nul ? STR(" ~{") : STR(" {"));
	buf_u64(&f->text, plain.n);
	buf_put(&f->text, STR("}\r\n"));
	f->body.decoded = true;
	f->body.left = plain.n;
}

/* The part does not exist or cannot be decoded. */
static void none_put(struct fetching *f, const struct imap_section *section)
{
	fetch_item(f, STR_EMPTY);
	imap_section_put(&f->text, section);
	buf_put(&f->text, section->form == IMAP_FORM_SIZE ? STR(" 0") : STR(" NIL"));
}

enum err fetch_binary_begin(struct fetching *f, const struct mail_txn *m, const struct email *email,
                            const struct structure *st, struct arena *a)
{
	const struct imap_section *section = &f->what->sections[f->section++];
	struct imap_section whole = *section;
	struct section_source from;
	enum part_encoding encoding;
	struct spool *spool = spool_of(f);
	struct str plain;
	bool known;
	enum err e;

	whole.partial = false; /* the partial counts decoded bytes */
	e = section_find(m, email, st, &whole, a, &from);
	if (e)
		return e;
	known = section_encoding(st, section, &encoding);
	f->unknown_cte |= !known;
	if (!from.present || !known) {
		none_put(f, section);
		return OK;
	}
	e = from.made ? spool_put(spool, from.text)
	              : section_decode(m, email, &from, encoding, spool);
	if (!e)
		e = spool_view(spool, &plain);
	if (e == ERR_CORRUPT) {
		f->damaged = true;
		none_put(f, section);
		return OK;
	}
	if (e)
		return e;
	f->body.offset = section->partial ? MIN(section->offset, (uint64_t)plain.n) : 0;
	plain = str_sub(plain, (size_t)f->body.offset, plain.n);
	if (section->partial)
		plain = str_sub(plain, 0, (size_t)MIN(section->size, (uint64_t)plain.n));
	fetch_binary_head_put(f, section, plain);
	return OK;
}

enum err fetch_binary_some(struct fetching *f)
{
	size_t n = (size_t)MIN(f->body.left, (uint64_t)PIECE_OUT);
	struct str plain;
	enum err e = spool_view(f->decoded, &plain);

	if (e)
		return e;
	buf_put(&f->text, str_sub(plain, (size_t)f->body.offset, (size_t)f->body.offset + n));
	f->body.offset += n;
	f->body.left -= n;
	if (f->body.left == 0)
		spool_reset(f->decoded);
	return OK;
}
