/* protocols/imap/flags.c: see flags.h. */
#include "foundation/base/arena.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/imap/flags.h"
#include "protocols/imap/session.h"

void imap_flags_put(struct buf *out, const struct keywords *k, struct flags f, bool recent)
{
	const char *before = "(";

	for (unsigned id = 0; (id = flags_next(f, id)) < FLAG_MAX; id++) {
		if (!k->names[id].n)
			continue;
		buf_put(out, str_of(before));
		buf_put(out, k->names[id]);
		before = " ";
	}
	if (recent) {
		buf_put(out, str_of(before));
		buf_put(out, STR("\\Recent"));
		before = " ";
	}
	buf_put(out, *before == '(' ? STR("()") : STR(")"));
}

static struct flags all_named(const struct keywords *k)
{
	struct flags all = { { 0 } };

	for (unsigned id = 0; id < FLAG_MAX; id++)
		if (k->names[id].n)
			all = flags_with(all, id);
	return all;
}

void imap_flags_tell(struct imap *s, struct buf *out, const struct keywords *k, bool always)
{
	struct flags all = all_named(k);
	unsigned rights = s->selected.rights;

	if (!always && flags_empty(flags_minus(all, s->selected.named)))
		return;
	s->selected.named = all;
	buf_put(out, STR("* FLAGS "));
	imap_flags_put(out, k, all, false);
	buf_put(out, STR("\r\n* OK [PERMANENTFLAGS "));
	if (s->selected.read_only) {
		buf_put(out, STR("()"));
	} else { /* RFC 4314 5.1.1: those that the user may change */
		imap_flags_put(out, k, flags_and(all, rights_flags(rights)), false);
		if (rights & RIGHT_WRITE) {
			buf_cut(out, out->n - 1);
			buf_put(out, STR(" \\*)")); /* clients may create keywords */
		}
	}
	buf_put(out, STR("] Flags permitted\r\n"));
}

enum err imap_flags_of(const struct mail_txn *m, const struct imap_strs *names, bool make,
                       struct flags *out)
{
	struct keywords *k = make ? NULL : arena_new(txn_arena(m->t), struct keywords);
	enum err e = make ? OK : keywords_load(m, txn_arena(m->t), k);

	*out = (struct flags){ { 0 } };
	for (size_t i = 0; i < names->n && !e; i++) {
		struct str name = names->items[i];
		int known = flag_find(name);
		unsigned id;

		if (known >= 0)
			id = (unsigned)known;
		else if (str_eqi(name, STR("\\Recent")))
			continue;
		else if (make && (e = keyword_intern(m, name, &id)))
			break;
		else if (!make && (known = keywords_find(k, name)) < 0)
			continue;
		else if (!make)
			id = (unsigned)known;
		*out = flags_with(*out, id);
	}
	return e;
}
