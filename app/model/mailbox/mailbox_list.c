/* model/mailbox/mailbox_list.c: all mailboxes with their full names. */
#include "foundation/base/arena.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"

#include <stdlib.h>

static enum err list_load(const struct mail_txn *m, struct arena *a, struct mailbox_list *out)
{
	struct account_state state;
	struct mailbox_iter it;
	struct mailbox box;
	enum err e;

	if ((e = state_get(m, &state)))
		return e;
	out->entries = arena_array(a, struct mailbox_entry, state.mailboxes);
	mailbox_iter_init(&it, m);
	while (out->n < state.mailboxes && mailbox_iter_next(&it, &box)) {
		box.leaf = str_dup(a, box.leaf);
		out->entries[out->n++].box = box;
	}
	return mailbox_iter_end(&it);
}

/* Requires that entries are still in the order of their ids. */
static struct mailbox_entry *entry_of(const struct mailbox_list *l, uint32_t id)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->entries[mid].box.id == id)
			return &l->entries[mid];
		if (l->entries[mid].box.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Climbs to the next parent that already has its full name, or to the top, and sets the names on
 * the way back: each mailbox is named once. */
static bool entry_name(struct mailbox_list *l, struct arena *a, struct mailbox_entry *entry)
{
	struct mailbox_entry *way[MAILBOX_DEPTH_MAX];
	struct mailbox_entry *parent;
	unsigned depth = 0;

	for (; entry && entry->name.n == 0; entry = entry_of(l, entry->box.parent)) {
		if (depth == MAILBOX_DEPTH_MAX)
			return false;
		way[depth++] = entry;
		if (entry->box.parent == 0)
			break;
	}
	if (!entry)
		return false;
	while (depth-- > 0) {
		entry = way[depth];
		if (entry->box.parent == 0) {
			entry->name = entry->box.leaf;
			continue;
		}
		parent = entry_of(l, entry->box.parent);
		parent->has_children = true;
		entry->name =
			str_fmt(a, "%.*s/%.*s", STR_ARG(parent->name), STR_ARG(entry->box.leaf));
	}
	return true;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct mailbox_entry *left = a, *right = b;

	return str_cmp(left->name, right->name);
}

enum err mailbox_list_all(const struct mail_txn *m, struct arena *a, struct mailbox_list *out)
{
	enum err e;

	*out = (struct mailbox_list){ 0 };
	if ((e = list_load(m, a, out)))
		return e;
	for (size_t i = 0; i < out->n; i++)
		if (!entry_name(out, a, &out->entries[i]))
			return fail(txn_why(m->t), ERR_CORRUPT,
			            "mailbox %" PRIu32 " of account %" PRIu32
			            " is not below the top",
			            out->entries[i].box.id, m->account);
	qsort(out->entries, out->n, sizeof(*out->entries), entry_cmp);
	return OK;
}

static bool children_listed(const struct mailbox_list *list, size_t i)
{
	struct str name = list->entries[i].name;

	while (++i < list->n && str_starts(list->entries[i].name, name))
		if (list->entries[i].name.p[name.n] == '/')
			return true;
	return false;
}

/* Removes mailboxes that the user may not look up, and corrects has_children of the others. */
static enum err list_filter(const struct mail_txn *m, struct mailbox_list *list)
{
	size_t kept = 0;
	enum err e = OK;

	for (size_t i = 0; i < list->n && !e; i++) {
		struct mailbox_entry *entry = &list->entries[i];

		e = rights_get(m, entry->box.id, &entry->rights);
		if (!e && (entry->rights & RIGHT_LOOKUP))
			list->entries[kept++] = *entry;
	}
	if (kept == list->n)
		return e;
	list->n = kept;
	for (size_t i = 0; i < kept; i++)
		list->entries[i].has_children = children_listed(list, i);
	return e;
}

enum err mailbox_list(const struct mail_txn *m, struct arena *a, struct mailbox_list *out)
{
	enum err e = mailbox_list_all(m, a, out);

	return e ? e : list_filter(m, out);
}
