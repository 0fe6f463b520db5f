/* protocols/imap/fetch/fetch.c: the generator of FETCH responses, see fetching.h.
 *
 * A message that another session expunged is skipped. If the client named it by number, the reply
 * has the code EXPUNGEISSUED (RFC 2180 4.1, RFC 5530 3). */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/store/spool.h"
#include "model/store/store.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/fetch/fetching.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum {
	TEXT_MAX = 16 << 20, /* of one message without its literals: records are smaller   */
	SLICE_MS = 20,
	SLICE_CHECK = 16,      /* small pieces between checks of the clock      */
	OUT_LEAST = 16 << 10,  /* bytes worth passing to the connection         */
	OUT_PIECE = 256 << 10, /* bytes passed to the connection between checks */
	VANISHED_RANGES = 500, /* of one VANISHED response: lines of some KiB   */
};

/* --- a slice -------------------------------------------------------------------------- */

/* Pass text to the connection; false if its output is full. */
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

/* Rows before next are done. */
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

/* RFC 7162 3.2.6: all of them before the first FETCH. */
static void vanished_put(struct fetching *f)
{
	size_t n = MIN(f->vanished.n - f->vanished_range, VANISHED_RANGES);
	struct uids some = { .ranges = f->vanished.ranges + f->vanished_range, .n = n };

	imap_vanished_put(&f->text, &some, true);
	f->vanished_range += n;
}

/* Write the next piece of the answer; *end if there is none. */
static enum err piece(struct fetching *f, const struct mail_txn *m, bool *end)
{
	struct email_row row;
	enum err e;

	if (f->vanished_range < f->vanished.n) {
		vanished_put(f);
		return OK;
	}
	if (f->body.left)
		return fetch_section_some(f, m);
	if (f->open && f->section < f->what->section_n)
		return fetch_section_begin(f, m);
	if (f->open) {
		buf_put(&f->text, STR(")\r\n"));
		if (f->damaged)
			fetch_tell_damaged(f, f->number);
		f->open = f->damaged = false;
		return OK;
	}
	if (row_next(f, m, &row, &e))
		return fetch_message_begin(f, m, &row);
	*end = true;
	return e;
}

static enum err fetch_slice(const struct mail_txn *m, void *arg)
{
	struct fetching *f = arg;
	int64_t pause_ms = clock_mono_ms() + SLICE_MS;
	bool end = false;
	enum err e;

	f->keywords = arena_new(txn_arena(m->t), struct keywords);
	e = keywords_load(m, txn_arena(m->t), f->keywords);
	f->keywords_sent = false;
	for (unsigned n = 1; !e && !end && !f->wants_lease; n++) {
		if (f->text.n < OUT_LEAST ? conn_out_full(f->s->conn) : !text_send(f))
			break;
		e = piece(f, m, &end);
		if ((f->what->section_n || n % SLICE_CHECK == 0) && clock_mono_ms() >= pause_ms)
			break;
	}
	(void)text_send(f);
	if (f->rows_open) {
		enum err walk = email_rows_end(&f->rows);

		f->rows_open = false;
		e = e ? e : walk;
	}
	return e;
}

static bool fetching_done(const struct fetching *f)
{
	return f->vanished_range == f->vanished.n && f->range == f->uids.n && !f->open &&
	       !f->body.left && f->text.n == 0;
}

/* --- the answer ----------------------------------------------------------------------- */

static void fetching_free(void *task)
{
	struct fetching *f = task;

	lease_end(&f->lease);
	if (f->decoded)
		spool_deinit(f->decoded);
	uids_deinit(&f->uids);
	uids_deinit(&f->flagged);
	uids_deinit(&f->vanished);
	buf_deinit(&f->text);
}

static void fetching_init(struct fetching *f, struct imap *s, const struct imap_fetch *what)
{
	*f = (struct fetching){ .s = s, .arena = &s->run.arena, .what = what };
	buf_init(&f->text, TEXT_MAX);
}

/* RFC 2180 4.1.2 and 4.2.2: OK, even if all messages are expunged, since clients show an
 * alert for NO. The code announces EXPUNGE responses (RFC 5530 3). UIDs that do not exist
 * are ignored (RFC 9051 6.4.9). */
static void some_gone(struct imap *s)
{
	struct str code = s->reply.code; /* MODIFIED of a STORE: RFC 7162 3.1.3 */

	imap_ok(s, "EXPUNGEISSUED", "Some of the messages no longer exist");
	if (code.n)
		s->reply.code = code;
}

static enum done fetch_answer(struct imap *s)
{
	struct fetching *f = s->run.task;
	enum err e = imap_read(s, fetch_slice, f);

	fetch_lease_settle(f);
	if (e && !f->open && f->text.n == 0) {
		if (!f->done)
			imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (e || !buf_ok(&f->text) || conn_broken(s->conn))
		return DONE_CLOSE; /* within a response */
	if (!fetching_done(f))
		return DONE_LATER;
	if (f->unknown_cte) /* RFC 3516 4.3 */
		imap_no(s, "UNKNOWN-CTE", "The encoding of this part is unknown");
	else if (f->missing && f->numbers)
		some_gone(s);
	return DONE;
}

enum done imap_fetch_begin(struct imap *s, const struct imap_fetching_of *of)
{
	struct fetching *f = arena_new(&s->run.arena, struct fetching);

	fetching_init(f, s, of->what);
	f->uids = of->uids;
	f->flagged = of->flagged;
	f->vanished = of->vanished;
	f->numbers = of->numbers;
	f->uid = of->uid;
	f->done = of->done;
	s->run.task = f;
	s->run.release = fetching_free;
	s->run.answer = fetch_answer;
	s->mode = MODE_ANSWER;
	return fetch_answer(s);
}

/* --- answers outside of commands -------------------------------------------------------- */

/* RFC 9051 7.5.2, RFC 7162 3.2.4: UID is in every unsolicited FETCH. */
static bool uid_always(const struct imap *s)
{
	return imap_enabled(s, ENABLED_CONDSTORE) || imap_rev2(s);
}

struct aside {
	struct fetching fetching; /* must be first: it is freed by its address */
	struct arena arena;
	struct imap_fetch what;
};

struct fetching *imap_fetch_new(struct imap *s, const struct imap_fetching_of *of)
{
	struct aside *x = NEW(struct aside);
	struct fetching *f = &x->fetching;

	x->what = *of->what;
	if (imap_enabled(s, ENABLED_CONDSTORE))
		x->what.items |= FETCH_MODSEQ;
	fetching_init(f, s, &x->what);
	f->arena = &x->arena;
	f->uids = of->uids;
	f->uid = uid_always(s);
	return f;
}

enum written imap_fetch_some(struct fetching *f)
{
	enum err e = imap_view_load(f->s);

	if (!e)
		e = imap_read(f->s, fetch_slice, f);
	fetch_lease_settle(f);
	if (e && !f->open && f->text.n == 0)
		return WRITTEN_ALL; /* the client received EXISTS, and can fetch them */
	if (e || !buf_ok(&f->text) || conn_broken(f->s->conn))
		return WRITTEN_END;
	return fetching_done(f) ? WRITTEN_ALL : WRITTEN_SOME;
}

void imap_fetch_free(struct fetching **f)
{
	struct aside *x = (struct aside *)*f;

	if (!x)
		return;
	fetching_free(*f);
	arena_deinit(&x->arena);
	mem_clear(f);
}

/* Remove UIDs before uid from the range of that index, and all ranges before it. */
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
	static const struct imap_fetch modseqs = { .items = FETCH_FLAGS | FETCH_MODSEQ };
	bool condstore = imap_enabled(s, ENABLED_CONDSTORE);
	struct fetching f;
	enum err e;

	fetching_init(&f, s, condstore ? &modseqs : &flags);
	f.uids = *uids; /* borrowed */
	f.uid = s->run.uid || imap_notify_used(s) || uid_always(s); /* RFC 5465 5.1 */
	e = imap_read(s, fetch_slice, &f);
	if (f.open) /* the output was full just before the end */
		buf_put(&f.text, STR(")\r\n"));
	buf_put(imap_out(s), str_sub(buf_str(&f.text), f.text_sent, f.text.n));
	uids_behind(uids, f.range, f.next);
	buf_deinit(&f.text);
	if (e) /* flags are sent again when the client fetches them */
		uids_deinit(uids);
}
