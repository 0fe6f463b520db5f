/* protocols/imap/mailboxes/oldname.c: see oldname.h. */
#include "protocols/imap/mailboxes/oldname.h"

#include "formats/imap_wire/put.h"
#include "foundation/text/fold.h"
#include "model/mailbox/mailbox.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

struct naming {
	struct arena *arena;
	struct imap_place at;
	struct str real;
};

static enum err oldname_find(const struct mail_txn *m, void *arg)
{
	struct naming *g = arg;
	struct mailbox box;
	enum err e = mailbox_find_for(m, g->at.name, 0, &box);

	return e ? e : mailbox_name(m, box.id, g->arena, &g->real);
}

bool imap_name_differs(struct imap *s, struct str supplied, struct str *real)
{
	struct naming g = { .arena = &s->run.arena, .at = imap_place(supplied) };

	*real = supplied;
	if (fold_nfc(g.arena, supplied).p == supplied.p || imap_read_at(s, &g.at, oldname_find, &g))
		return false;
	*real = str_fmt(g.arena, "%.*s%.*s", (int)(supplied.n - g.at.name.n), supplied.p,
	                STR_ARG(g.real));
	return !str_eq(*real, supplied);
}

void imap_oldname_put(struct imap *s, const char *attributes, struct str real, struct str supplied)
{
	struct buf *out = imap_out(s);

	if (!imap_rev2(s))
		return;
	buf_fmt(out, "* LIST (%s) \"/\" ", attributes);
	imap_put_mailbox(out, real, true);
	buf_put(out, STR(" (\"OLDNAME\" ("));
	imap_put_mailbox(out, supplied, true);
	buf_put(out, STR("))\r\n"));
}

void imap_oldname_tell(struct imap *s, struct str supplied)
{
	struct str real;

	if (imap_rev2(s) && imap_name_differs(s, supplied, &real))
		imap_oldname_put(s, "", real, supplied);
}
