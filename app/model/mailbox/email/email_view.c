/* model/mailbox/email/email_view.c: an email as JMAP shows it; see placement.h. */
#include "foundation/base/arena.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/records.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/email/row_index.h"
#include "model/store/store.h"

struct viewer_box {
	uint32_t id;
	unsigned rights;
	struct own_seen *seen; /* NULL: rows have the flag */
};

struct email_viewer {
	struct mail_txn m;   /* of who */
	struct mail_txn raw; /* the server's: rows as they are stored */
	struct viewer_box *boxes; /* by id */
	size_t n;
};

static enum err box_add(struct email_viewer *v, struct arena *a, const struct mailbox *box)
{
	struct viewer_box *b = &v->boxes[v->n++];

	b->id = box->id;
	if (box->own_seen && v->m.who != 0 && v->m.who != v->m.account) {
		b->seen = arena_new(a, struct own_seen);
		own_seen_open_box(b->seen, &v->m, box);
	}
	return rights_get(&v->m, box->id, &b->rights);
}

enum err email_viewer_new(const struct mail_txn *m, struct arena *a, struct email_viewer **out)
{
	struct email_viewer *v = arena_new(a, struct email_viewer);
	struct account_state state;
	struct mailbox_iter it;
	struct mailbox box;
	enum err e = state_get(m, &state), walked;

	if (e)
		return e;
	v->m = v->raw = *m;
	v->raw.who = 0;
	v->boxes = arena_array(a, struct viewer_box, state.mailboxes);
	mailbox_iter_init(&it, m);
	while (!e && v->n < state.mailboxes && mailbox_iter_next(&it, &box))
		e = box_add(v, a, &box);
	walked = mailbox_iter_end(&it);
	*out = v;
	return e ? e : walked;
}

static const struct viewer_box *box_find(const struct email_viewer *v, uint32_t mailbox)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->boxes[mid].id == mailbox)
			return &v->boxes[mid];
		if (v->boxes[mid].id < mailbox)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

unsigned email_viewer_rights(const struct email_viewer *v, uint32_t mailbox)
{
	const struct viewer_box *box = box_find(v, mailbox);

	return box ? box->rights : 0;
}

bool email_viewer_may_read(const struct email_viewer *v, uint32_t mailbox)
{
	return email_viewer_rights(v, mailbox) & RIGHT_READ;
}

static struct flags both_seen(struct flags a, struct flags b)
{
	struct flags all = FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_DRAFT));

	return flags_or(flags_and(flags_and(a, b), all), flags_minus(flags_or(a, b), all));
}

/* RFC 8621 4.1.1: \Seen and \Draft of all placements, other flags of any. */
static void view_add(struct email_view *out, const struct placement *at,
                     const struct email_row *row)
{
	out->flags = out->placements.n ? both_seen(out->flags, row->flags) : row->flags;
	out->modseq = MAX(out->modseq, row->modseq);
	out->thread = row->thread;
	out->size_bytes = row->size_bytes;
	out->internal_ms = row->internal_ms;
	out->placements.items[out->placements.n++] = *at;
}

/* ERR_MISSING: it is not shown to who. */
static enum err row_view(const struct email_viewer *v, const struct placement *at,
                         struct email_row *row)
{
	const struct viewer_box *box = box_find(v, at->mailbox);
	enum err e;

	if (!box || !(box->rights & RIGHT_READ))
		return ERR_MISSING;
	e = email_row_get(&v->raw, at->mailbox, at->uid, row);
	if (!e && !row_shown(row->flags))
		return ERR_MISSING;
	if (!e && box->seen)
		return own_seen_show(box->seen, at->uid, &row->flags);
	return e == ERR_CORRUPT ? ERR_MISSING : e;
}

enum err email_view_get(struct email_viewer *v, uint64_t email, struct arena *a,
                        struct email_view *out)
{
	struct placement_list all;
	struct email_row row;
	enum err e = placements_get(&v->m, email, a, &all);

	if (e)
		return e;
	*out = (struct email_view){ .id = email, .placements = { .items = all.items } };
	for (size_t i = 0; i < all.n; i++) {
		struct placement at = all.items[i];

		e = row_view(v, &at, &row);
		if (!e)
			view_add(out, &at, &row);
		else if (e != ERR_MISSING)
			return e;
	}
	return out->placements.n ? OK : ERR_MISSING;
}
