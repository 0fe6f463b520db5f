/* protocols/imap/mailboxes/rights.c: changes of rights while a mailbox is selected, see
 * rights.h. */
#include "protocols/imap/flags.h"
#include "protocols/imap/mailboxes/rights.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

struct again {
	uint32_t mailbox;
	unsigned rights;
	struct arena arena;
	struct keywords *keywords;
};

static enum err rights_read(const struct mail_txn *m, void *arg)
{
	struct again *g = arg;
	enum err e = rights_get(m, g->mailbox, &g->rights);

	return e ? e : keywords_load(m, &g->arena, g->keywords);
}

static struct flags may_change(const struct imap_selected *sel)
{
	return sel->read_only ? FLAGS(0) : rights_flags(sel->rights);
}

static void rights_changed(struct imap *s, const struct again *g)
{
	struct imap_selected *sel = &s->selected;
	struct flags may = may_change(sel);
	bool was = sel->read_only;

	sel->rights = g->rights;
	sel->read_only = sel->examined || !(g->rights & RIGHTS_CHANGE);
	if (sel->read_only && !was) /* RFC 9051 7.1 */
		buf_put(imap_out(s), STR("* OK [READ-ONLY] Your rights have changed\r\n"));
	else if (was && !sel->read_only)
		buf_put(imap_out(s), STR("* OK [READ-WRITE] Your rights have changed\r\n"));
	if (!flags_eq(may, may_change(sel)))
		imap_flags_tell(s, imap_out(s), g->keywords, true);
}

enum err imap_rights_again(struct imap *s)
{
	struct again g = { .mailbox = s->selected.id };
	enum err e;

	if (s->selected.account == s->login.login.account)
		return OK;
	g.keywords = arena_new(&g.arena, struct keywords);
	e = imap_read(s, rights_read, &g);
	if (!e && g.rights != s->selected.rights)
		rights_changed(s, &g);
	arena_deinit(&g.arena);
	return e;
}
