/* imap/fetch.c: the generator of FETCH responses.
 *
 * It fills the connection's output in slices. A slice is one read transaction: it writes
 * messages until enough is waiting to be sent, then ends, so that no transaction is open
 * while the client reads. What it needs to go on is in struct fetching:
 *
 *	text     bytes that are made but did not go out yet
 *	body     a section that is on its way from the blob, some pieces at a time
 *	open     the message whose sections are being written
 *	uid      the next message
 *
 * A message that others expunge meanwhile is passed over, and if it was asked for by number
 * the reply says so (RFC 2180 4.1, RFC 5530 3). If it goes while its literal
 * is half written there is no way to say it: the connection ends. */
#include "imap/fetch.h"
#include "base/mem.h"
#include "imap/flags.h"
#include "imap/section.h"
#include "imap/store.h"
#include "imap/sync.h"
#include "imap/wire_put.h"
#include "store/store.h"
#include <string.h>

enum {
	TEXT_MAX = 16 << 20,   /* of one message without its literals: records are smaller   */
	OUT_PIECE = 256 << 10, /* bytes given to the connection between looks at it          */
	INLINE_MAX = 64 << 10, /* a section up to this is read at once                       */
};

struct fetching {
	struct imap *s;
	const struct imap_fetch *what;
	struct uids uids, flagged;
	bool uid;

	size_t range;  /* of uids, in which the next message is */
	uint32_t next; /* its UID, or less                      */

	struct buf text;
	size_t text_sent;

	bool open; /* the message that is being told          */
	uint64_t email;
	size_t items;   /* of it told so far                       */
	size_t section; /* the next one                            */

	struct { /* the section that is being sent */
		struct blob_id blob;
		uint64_t offset, left;
	} body;

	bool missing; /* a message was gone */
	bool found;   /* one was there      */

	/* Of one slice. */
	struct keywords *keywords;
	bool keywords_told;
	struct email_rows rows;
	bool rows_open;
};

/* --- a message ------------------------------------------------------------------------ */

static void item(struct fetching *f, const char *name)
{
	if (f->items++ != 0)
		buf_byte(&f->text, ' ');
	buf_put(&f->text, str_of(name));
}

static void put_flags(struct fetching *f, const struct email_row *row)
{
	item(f, "FLAGS ");
	imap_flags_put(&f->text, f->keywords, row->flags, row->uid >= f->s->selected.first_recent);
}

static void put_row_items(struct fetching *f, const struct email_row *row)
{
	unsigned items = f->what->items;

	if ((items & FETCH_UID) || f->uid) {
		item(f, "UID ");
		buf_u64(&f->text, row->uid);
	}
	if ((items & FETCH_FLAGS) || uids_has(&f->flagged, row->uid))
		put_flags(f, row);
	if (items & FETCH_INTERNALDATE) {
		item(f, "INTERNALDATE ");
		imap_put_date(&f->text, row->internal_ms);
	}
	if (items & FETCH_SIZE) {
		item(f, "RFC822.SIZE ");
		buf_u64(&f->text, row->size_bytes);
	}
}

static enum err put_record_items(struct fetching *f, const struct email *email, struct arena *a)
{
	unsigned items = f->what->items;
	struct envelope envelope;
	struct structure st;

	if (items & FETCH_ENVELOPE) {
		if (!envelope_unpack(a, email->envelope, &envelope))
			return ERR_CORRUPT;
		item(f, "ENVELOPE ");
		imap_put_envelope(&f->text, &envelope);
	}
	if (!(items & (FETCH_BODY | FETCH_BODYSTRUCTURE)))
		return OK;
	if (!structure_unpack(a, email->structure, &st))
		return ERR_CORRUPT;
	if (items & FETCH_BODYSTRUCTURE) {
		item(f, "BODYSTRUCTURE ");
		imap_put_structure(&f->text, &st, true);
	}
	if (items & FETCH_BODY) {
		item(f, "BODY ");
		imap_put_structure(&f->text, &st, false);
	}
	return OK;
}

/* All of a message but its sections. */
static enum err message_begin(struct fetching *f, const struct mail_txn *m,
                              const struct email_row *row)
{
	struct arena a = { 0 };
	struct email email;
	enum err e = OK;

	if (!f->keywords_told)
		imap_flags_tell(f->s, &f->text, f->keywords, false);
	f->keywords_told = true;
	buf_put(&f->text, STR("* "));
	buf_u64(&f->text, view_seq(&f->s->selected.view, row->uid));
	buf_put(&f->text, STR(" FETCH ("));
	f->items = 0;
	put_row_items(f, row);
	if (f->what->items & (FETCH_ENVELOPE | FETCH_BODY | FETCH_BODYSTRUCTURE)) {
		e = email_get(m, row->email, &email);
		if (!e)
			e = put_record_items(f, &email, &a);
		arena_deinit(&a);
	}
	f->email = row->email;
	f->section = 0;
	f->open = f->found = true;
	return e;
}

/* IMAP has no NUL; what stands for it has the same length (RFC 9051 9, CHAR8). */
static void no_nul(struct buf *b, size_t from)
{
	for (char *p = b->p + from; b->n > from && (p = memchr(p, 0, (size_t)(b->p + b->n - p)));)
		*p = (char)0x80;
}

/* The section's name and as much of its bytes as is small. */
static enum err section_begin(struct fetching *f, const struct mail_txn *m)
{
	const struct imap_section *section = &f->what->sections[f->section];
	struct section_source source = { 0 };
	struct structure st = { 0 };
	struct arena a = { 0 };
	struct email email;
	enum err e;

	item(f, "");
	imap_section_put(&f->text, section);
	e = email_get(m, f->email, &email);
	if (!e && section_needs_structure(section) && !structure_unpack(&a, email.structure, &st))
		e = ERR_CORRUPT;
	if (!e)
		e = section_find(m, &email, &st, section, &a, &source);
	if (e == ERR_MISSING) { /* it went between two slices */
		f->missing = true;
		e = OK;
	}
	if (!e && !source.present) {
		buf_put(&f->text, STR(" NIL"));
	} else if (!e) {
		buf_put(&f->text, STR(" {"));
		buf_u64(&f->text, source.size);
		buf_put(&f->text, STR("}\r\n"));
		imap_put_literal_bytes(&f->text, source.text);
		f->body.blob = email.blob;
		f->body.offset = source.offset;
		f->body.left = source.made ? 0 : source.size;
	}
	arena_deinit(&a);
	f->section++;
	return e;
}

static enum err body_some(struct fetching *f, const struct mail_txn *m)
{
	size_t before = f->text.n;
	enum err e;

	if (f->body.left <= INLINE_MAX)
		e = blob_get(m->t, &f->body.blob, f->body.offset, (size_t)f->body.left, &f->text);
	else
		e = blob_get_some(m->t, &f->body.blob, f->body.offset, &f->text);
	if (e)
		return e;
	if (f->text.n - before > f->body.left)
		buf_cut(&f->text, before + (size_t)f->body.left);
	if (f->text.n == before) /* shorter than its record says */
		return ERR_CORRUPT;
	no_nul(&f->text, before);
	f->body.offset += f->text.n - before;
	f->body.left -= f->text.n - before;
	return OK;
}

/* --- a slice -------------------------------------------------------------------------- */

/* Give text to the connection; false when it has enough for now. */
static bool text_send(struct fetching *f)
{
	struct str rest = str_sub(buf_str(&f->text), f->text_sent, f->text_sent + OUT_PIECE);

	buf_put(imap_out(f->s), rest);
	f->text_sent += rest.n;
	if (f->text_sent == f->text.n) {
		buf_reset(&f->text);
		f->text_sent = 0;
	}
	return !conn_out_full(f->s->conn);
}

/* Rows before next are behind us. */
static bool row_next(struct fetching *f, const struct mail_txn *m, struct email_row *row,
                     enum err *e)
{
	*e = OK;
	while (f->range < f->uids.n) {
		struct uid_range *r = &f->uids.ranges[f->range];

		if (!f->rows_open) {
			email_rows_init(&f->rows, m, f->s->selected.id, MAX(r->lo, f->next), r->hi);
			f->rows_open = true;
		}
		if (email_rows_next(&f->rows, row)) {
			f->missing |= row->uid != MAX(r->lo, f->next);
			f->next = row->uid + 1;
			if (row->uid == r->hi) {
				f->range++;
				f->rows_open = false;
				*e = email_rows_end(&f->rows);
			}
			return !*e;
		}
		f->rows_open = false;
		f->missing = true;
		f->range++;
		*e = email_rows_end(&f->rows);
		if (*e)
			return false;
	}
	return false;
}

/* The next piece of the answer; *end when there is none. */
static enum err piece(struct fetching *f, const struct mail_txn *m, bool *end)
{
	struct email_row row;
	enum err e;

	if (f->body.left)
		return body_some(f, m);
	if (f->open && f->section < f->what->section_n)
		return section_begin(f, m);
	if (f->open) {
		buf_put(&f->text, STR(")\r\n"));
		f->open = false;
		return OK;
	}
	if (row_next(f, m, &row, &e))
		return message_begin(f, m, &row);
	*end = true;
	return e;
}

static enum err slice(const struct mail_txn *m, void *arg)
{
	struct fetching *f = arg;
	bool end = false;
	enum err e;

	f->keywords = arena_new(txn_arena(m->t), struct keywords);
	e = keywords_load(m, txn_arena(m->t), f->keywords);
	f->keywords_told = false;
	while (!e && !end) {
		if (!text_send(f))
			break;
		e = piece(f, m, &end);
	}
	if (f->rows_open) {
		enum err walk = email_rows_end(&f->rows);

		f->rows_open = false;
		e = e ? e : walk;
	}
	return e;
}

static bool fetching_done(const struct fetching *f)
{
	return f->range == f->uids.n && !f->open && !f->body.left && f->text.n == 0;
}

/* --- the answer ----------------------------------------------------------------------- */

static void fetching_free(void *task)
{
	struct fetching *f = task;

	uids_deinit(&f->uids);
	uids_deinit(&f->flagged);
	buf_deinit(&f->text);
}

static void fetching_init(struct fetching *f, struct imap *s, const struct imap_fetch *what)
{
	*f = (struct fetching){ .s = s, .what = what };
	buf_init(&f->text, TEXT_MAX);
}

/* UIDs that do not exist are no error (RFC 9051 6.4.9), numbers are: but where a part could
 * be answered clients take NO for a failure of all of it. */
static void some_gone(struct imap *s, bool found)
{
	if (found)
		imap_ok(s, "EXPUNGEISSUED", "Some of the messages no longer exist");
	else
		imap_no(s, "EXPUNGEISSUED", "The message no longer exists");
}

static enum done fetch_answer(struct imap *s)
{
	struct fetching *f = s->run.task;
	enum err e = imap_read(s, slice, f);

	if (e && !f->open && f->text.n == 0) {
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (e || !buf_ok(&f->text) || conn_broken(s->conn))
		return DONE_CLOSE; /* in the middle of a response */
	if (!fetching_done(f))
		return DONE_LATER;
	if (f->missing && !s->run.uid)
		some_gone(s, f->found);
	return DONE;
}

enum done imap_fetch_begin(struct imap *s, const struct imap_fetching_of *of)
{
	struct fetching *f = arena_new(&s->run.arena, struct fetching);

	fetching_init(f, s, of->what);
	f->uids = of->uids;
	f->flagged = of->flagged;
	f->uid = of->uid;
	s->run.task = f;
	s->run.release = fetching_free;
	s->run.answer = fetch_answer;
	s->mode = MODE_ANSWER;
	return fetch_answer(s);
}

/* Take what is before uid out of the range with that index, and all ranges before it. */
static void uids_behind(struct uids *u, size_t range, uint32_t uid)
{
	struct uids rest = { 0 };

	for (size_t i = range; i < u->n; i++) {
		uint32_t lo = i == range ? MAX(u->ranges[i].lo, uid) : u->ranges[i].lo;

		if (lo <= u->ranges[i].hi)
			uids_add(&rest, lo, u->ranges[i].hi);
	}
	uids_deinit(u);
	*u = rest;
}

void imap_fetch_flags(struct imap *s, struct uids *uids)
{
	static const struct imap_fetch flags = { .items = FETCH_FLAGS };
	struct fetching f;
	enum err e;

	fetching_init(&f, s, &flags);
	f.uids = *uids; /* borrowed */
	f.uid = s->run.uid;
	e = imap_read(s, slice, &f);
	if (f.open) /* the output was full when only this was missing */
		buf_put(&f.text, STR(")\r\n"));
	buf_put(imap_out(s), str_sub(buf_str(&f.text), f.text_sent, f.text.n));
	uids_behind(uids, f.range, f.next);
	buf_deinit(&f.text);
	if (e) /* clients hear of flags again when they ask */
		uids_deinit(uids);
}
