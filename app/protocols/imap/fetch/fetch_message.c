/* protocols/imap/fetch/fetch_message.c: the items of a FETCH response that need no bytes
 * of the message. */
#include "formats/imap_wire/put.h"
#include "formats/message/envelope.h"
#include "formats/message/structure.h"
#include "protocols/imap/fetch/fetching.h"
#include "protocols/imap/flags.h"
#include "protocols/imap/objectid.h"
#include "protocols/imap/recent.h"

enum {
	OF_DESCRIPTION = FETCH_ENVELOPE | FETCH_PREVIEW,
	OF_RECORD = OF_DESCRIPTION | FETCH_BODY | FETCH_BODYSTRUCTURE,
	OF_OBJECT = FETCH_EMAILID | FETCH_THREADID,
};

void fetch_item(struct fetching *f, struct str name)
{
	if (f->items++ != 0)
		buf_byte(&f->text, ' ');
	buf_put(&f->text, name);
}

void fetch_tell_damaged(struct fetching *f, uint32_t number)
{
	buf_fmt(&f->text, "* NO [CORRUPTION] Message %" PRIu32 " is damaged\r\n", number);
}

static void put_flags(struct fetching *f, const struct email_row *row)
{
	/* IMAP4rev2 has no \Recent (RFC 9051 2.3.2). */
	bool recent = !imap_rev2(f->s) && imap_is_recent(&f->s->selected, row->uid);

	fetch_item(f, STR("FLAGS "));
	imap_flags_put(&f->text, f->keywords, row->flags, recent);
}

/* RFC 8514 4.2 */
static void put_savedate(struct fetching *f, const struct email_row *row)
{
	fetch_item(f, STR("SAVEDATE "));
	if (row->saved_s)
		imap_put_date(&f->text, 1000 * row->saved_s);
	else
		buf_put(&f->text, STR("NIL"));
}

static void put_modseq(struct fetching *f, const struct email_row *row)
{
	struct imap_modseqs *written = &f->s->selected.modseqs;

	fetch_item(f, STR("MODSEQ ("));
	buf_u64(&f->text, row->modseq);
	buf_byte(&f->text, ')');
	written->fetched = MAX(written->fetched, row->modseq);
}

/* RFC 9586 3: responses begin with the UID, so it is an item only if requested. */
static bool uidonly(const struct fetching *f)
{
	return imap_enabled(f->s, ENABLED_UIDONLY);
}

static void put_row_items(struct fetching *f, const struct email_row *row)
{
	/* An unsolicited change of flags: RFC 7162 3.2.4. */
	bool changed = uids_has(&f->flagged, row->uid);
	bool condstore = changed && imap_enabled(f->s, ENABLED_CONDSTORE);
	unsigned items = f->what->items;

	if ((items & FETCH_UID) || ((f->uid || condstore) && !uidonly(f))) {
		fetch_item(f, STR("UID "));
		buf_u64(&f->text, row->uid);
	}
	if ((items & FETCH_FLAGS) || changed)
		put_flags(f, row);
	if ((items & FETCH_MODSEQ) || condstore)
		put_modseq(f, row);
	if (items & FETCH_INTERNALDATE) {
		fetch_item(f, STR("INTERNALDATE "));
		imap_put_date(&f->text, row->internal_ms);
	}
	if (items & FETCH_SIZE) {
		fetch_item(f, STR("RFC822.SIZE "));
		buf_u64(&f->text, row->size_bytes);
	}
	if (items & FETCH_SAVEDATE)
		put_savedate(f, row);
}

static void put_objectids(struct fetching *f, const struct mail_txn *m, const struct email_row *row)
{
	if (f->what->items & FETCH_EMAILID) {
		fetch_item(f, STR("EMAILID ("));
		imap_emailid_put(&f->text, m->account, row);
		buf_byte(&f->text, ')');
	}
	if (f->what->items & FETCH_THREADID) {
		fetch_item(f, STR("THREADID ("));
		imap_threadid_put(&f->text, m->account, row);
		buf_byte(&f->text, ')');
	}
}

static enum err put_record_items(struct fetching *f, const struct email *email, struct arena *a)
{
	unsigned items = f->what->items;
	struct envelope envelope;
	struct structure st;

	if (items & FETCH_PREVIEW) { /* never NIL, since none is created later (RFC 8970 3.2) */
		fetch_item(f, STR("PREVIEW "));
		imap_put_string(&f->text, email->preview);
	}
	if (items & FETCH_ENVELOPE) {
		if (!envelope_unpack(a, email->envelope, &envelope))
			return ERR_CORRUPT;
		fetch_item(f, STR("ENVELOPE "));
		imap_put_envelope(&f->text, &envelope);
	}
	if (!(items & (FETCH_BODY | FETCH_BODYSTRUCTURE)))
		return OK;
	if (!structure_unpack(a, email->structure, &st))
		return ERR_CORRUPT;
	if (items & FETCH_BODYSTRUCTURE) {
		fetch_item(f, STR("BODYSTRUCTURE "));
		imap_put_structure(&f->text, &st, true);
	}
	if (items & FETCH_BODY) {
		fetch_item(f, STR("BODY "));
		imap_put_structure(&f->text, &st, false);
	}
	return OK;
}

enum err fetch_message_begin(struct fetching *f, const struct mail_txn *m,
                             const struct email_row *row)
{
	struct arena a = { 0 };
	struct email email;
	size_t begin;
	enum err e = OK;

	if (!f->keywords_sent)
		imap_flags_tell(f->s, &f->text, f->keywords, false);
	f->keywords_sent = true;
	begin = f->text.n;
	f->number = uidonly(f) ? row->uid : view_seq(&f->s->selected.view, row->uid);
	buf_put(&f->text, STR("* "));
	buf_u64(&f->text, f->number);
	buf_put(&f->text, uidonly(f) ? STR(" UIDFETCH (") : STR(" FETCH ("));
	f->items = 0;
	put_row_items(f, row);
	if ((f->what->items & OF_OBJECT) && row->email == 0)
		e = ERR_CORRUPT;
	put_objectids(f, m, row);
	if (!e && (f->what->items & OF_RECORD)) {
		e = email_get(m, row->email, &email);
		if (!e && f->what->items & OF_DESCRIPTION)
			e = email_describe(m, &a, &email);
		if (!e)
			e = put_record_items(f, &email, &a);
		if (e == ERR_MISSING) /* but its row exists */
			e = ERR_CORRUPT;
		arena_deinit(&a);
	}
	if (e == ERR_CORRUPT) {
		buf_cut(&f->text, begin);
		fetch_tell_damaged(f, f->number);
		return OK;
	}
	f->email = row->email;
	f->section = 0;
	f->open = true;
	return e;
}
