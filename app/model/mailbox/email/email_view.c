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
	struct mail_txn m;
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
	v->m = *m;
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

struct flags email_flags_join(struct flags a, struct flags b)
{
	struct flags all = FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_DRAFT));

	return flags_or(flags_and(flags_and(a, b), all), flags_minus(flags_or(a, b), all));
}

static void view_add(struct email_view *out, const struct placement *at,
                     const struct email_row *row)
{
	out->flags = out->placements.n ? email_flags_join(out->flags, row->flags) : row->flags;
	out->modseq = MAX(out->modseq, row->modseq);
	out->thread = row->thread;
	out->size_bytes = row->size_bytes;
	out->internal_ms = row->internal_ms;
	out->placements.items[out->placements.n++] = *at;
}

/* The placements where who may read, in place. */
static void readable_keep(const struct email_viewer *v, struct placement_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (email_viewer_may_read(v, list->items[i].mailbox))
			list->items[n++] = list->items[i];
	list->n = n;
}

static enum err records_get(const struct email_viewer *v, const struct placement_list *list,
                            struct arena *a, struct str *records)
{
	struct key *keys = arena_array(a, struct key, list->n);
	struct str *names = arena_array(a, struct str, list->n);

	for (size_t i = 0; i < list->n; i++) {
		key_uid(&keys[i], v->m.account, list->items[i].mailbox, list->items[i].uid);
		names[i] = key_str(&keys[i]);
	}
	return kv_get_many(v->m.t, SPACE_UID, names, list->n, records);
}

/* *shown is false also for a missing or damaged row. */
static enum err row_view(const struct email_viewer *v, const struct placement *at,
                         struct str record, struct email_row *row, bool *shown)
{
	const struct viewer_box *box = box_find(v, at->mailbox);

	row->uid = at->uid;
	*shown = record.p && email_row_unpack(record, row) && row_shown(row->flags);
	return *shown && box->seen ? own_seen_show(box->seen, at->uid, &row->flags) : OK;
}

enum err email_view_get(struct email_viewer *v, uint64_t email, struct arena *a,
                        struct email_view *out)
{
	struct placement_list all;
	struct email_row row;
	struct str *records;
	bool shown;
	enum err e = placements_get(&v->m, email, a, &all);

	if (e)
		return e;
	readable_keep(v, &all);
	records = arena_array(a, struct str, all.n);
	if ((e = records_get(v, &all, a, records)))
		return e;
	*out = (struct email_view){ .id = email, .placements = { .items = all.items } };
	for (size_t i = 0; i < all.n; i++) {
		struct placement at = all.items[i];

		if ((e = row_view(v, &at, records[i], &row, &shown)))
			return e;
		if (shown)
			view_add(out, &at, &row);
	}
	return out->placements.n ? OK : ERR_MISSING;
}
