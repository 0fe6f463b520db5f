/* imap/fetch_message.c: the items of a FETCH response that are not bytes of the message. */
#include "imap/fetching.h"
#include "imap/flags.h"
#include "imap/wire_put.h"
#include "message/envelope.h"
#include "message/structure.h"

void fetch_item(struct fetching *f, const char *name)
{
	if (f->items++ != 0)
		buf_byte(&f->text, ' ');
	buf_put(&f->text, str_of(name));
}

static void put_flags(struct fetching *f, const struct email_row *row)
{
	/* IMAP4rev2 has no \Recent (RFC 9051 2.3.2). */
	bool recent = !imap_rev2(f->s) && row->uid >= f->s->selected.first_recent;

	fetch_item(f, "FLAGS ");
	imap_flags_put(&f->text, f->keywords, row->flags, recent);
}

static void put_row_items(struct fetching *f, const struct email_row *row)
{
	unsigned items = f->what->items;

	if ((items & FETCH_UID) || f->uid) {
		fetch_item(f, "UID ");
		buf_u64(&f->text, row->uid);
	}
	if ((items & FETCH_FLAGS) || uids_has(&f->flagged, row->uid))
		put_flags(f, row);
	if (items & FETCH_INTERNALDATE) {
		fetch_item(f, "INTERNALDATE ");
		imap_put_date(&f->text, row->internal_ms);
	}
	if (items & FETCH_SIZE) {
		fetch_item(f, "RFC822.SIZE ");
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
		fetch_item(f, "ENVELOPE ");
		imap_put_envelope(&f->text, &envelope);
	}
	if (!(items & (FETCH_BODY | FETCH_BODYSTRUCTURE)))
		return OK;
	if (!structure_unpack(a, email->structure, &st))
		return ERR_CORRUPT;
	if (items & FETCH_BODYSTRUCTURE) {
		fetch_item(f, "BODYSTRUCTURE ");
		imap_put_structure(&f->text, &st, true);
	}
	if (items & FETCH_BODY) {
		fetch_item(f, "BODY ");
		imap_put_structure(&f->text, &st, false);
	}
	return OK;
}

enum err fetch_message_begin(struct fetching *f, const struct mail_txn *m,
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
