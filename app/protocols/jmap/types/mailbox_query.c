/* protocols/jmap/types/mailbox_query.c: Mailbox/query (RFC 8621 2.3). */
#include "foundation/text/fold.h"
#include "protocols/jmap/types/mailbox.h"

#include <stdlib.h>
#include <string.h>

struct querying {
	const struct jmap_query *q;
	struct mailbox_view view;
	const struct mailbox_entry *entry; /* that is being matched */
	bool tree;
};

/* --- Filter --- */

static bool role_matches(struct json value, enum mailbox_role role)
{
	struct str name;

	return json_str(value, &name) ? role != ROLE_NONE && str_eq(name, mailbox_role_name(role))
	                              : role == ROLE_NONE;
}

static bool parent_matches(const struct querying *x, struct json value)
{
	uint32_t parent = mailbox_view_parent(&x->view, &x->entry->box);
	const struct mailbox_entry *entry;
	struct str id;

	if (!json_str(value, &id))
		return parent == 0;
	entry = mailbox_view_id(&x->view, x->q->m.account, jmap_id_resolve(x->q->call, id));
	return entry != NULL && entry->box.id == parent;
}

static bool name_matches(const struct querying *x, struct str part)
{
	struct buf leaf, wanted;
	bool found;

	buf_init(&leaf, FOLD_GROWTH * x->entry->box.leaf.n + 1);
	buf_init(&wanted, FOLD_GROWTH * part.n + 1);
	fold_casemap_put(&leaf, x->entry->box.leaf);
	fold_casemap_put(&wanted, part);
	found = str_find(buf_str(&leaf), buf_str(&wanted)) >= 0;
	buf_deinit(&leaf);
	buf_deinit(&wanted);
	return found;
}

static bool condition_matches(struct json condition, void *arg)
{
	const struct querying *x = arg;
	const struct mailbox *box = &x->entry->box;
	struct json v;
	struct str text;
	bool yes;

	if (json_kind(v = json_get(condition, "parentId")) != JSON_MISSING && !parent_matches(x, v))
		return false;
	if (json_str(json_get(condition, "name"), &text) && !name_matches(x, text))
		return false;
	if (json_kind(v = json_get(condition, "role")) != JSON_MISSING &&
	    !role_matches(v, box->role))
		return false;
	if (json_bool(json_get(condition, "hasAnyRole"), &yes) && yes != (box->role != ROLE_NONE))
		return false;
	return !json_bool(json_get(condition, "isSubscribed"), &yes) || yes == box->subscribed;
}

static bool entry_matches(struct querying *x, const struct mailbox_entry *entry)
{
	x->entry = entry;
	return jmap_filter_match(x->q, condition_matches, x);
}

/* Do all mailboxes above it match? Climbs at most MAILBOX_DEPTH_MAX levels. */
static bool above_match(struct querying *x, const struct mailbox_entry *entry)
{
	uint32_t parent;

	while ((parent = mailbox_view_parent(&x->view, &entry->box)) != 0) {
		entry = mailbox_view_find(&x->view, parent);
		if (!entry_matches(x, entry))
			return false;
	}
	return true;
}

/* --- Sort --- */

static int number_order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int sort_order(const struct querying *x, const struct jmap_sort *sort,
                      const struct mailbox *a, const struct mailbox *b)
{
	int order;

	if (strcmp(sort->property, "name") == 0)
		order = jmap_collate(sort->collation, a->leaf, b->leaf);
	else if (strcmp(sort->property, "sortOrder") == 0)
		order = number_order(a->sort_order, b->sort_order);
	else
		order = number_order(mailbox_view_parent(&x->view, a),
		                     mailbox_view_parent(&x->view, b));
	return sort->ascending ? order : -order;
}

static int boxes_order(const struct querying *x, const struct mailbox *a, const struct mailbox *b)
{
	int order = 0;

	for (size_t i = 0; order == 0 && i < x->q->sort_count; i++)
		order = sort_order(x, &x->q->sorts[i], a, b);
	return order ? order : number_order(a->id, b->id);
}

static unsigned depth_of(const struct querying *x, const struct mailbox_entry *entry)
{
	unsigned depth = 0;
	uint32_t parent;

	while ((parent = mailbox_view_parent(&x->view, &entry->box)) != 0) {
		entry = mailbox_view_find(&x->view, parent);
		depth++;
	}
	return depth;
}

static const struct mailbox_entry *climb(const struct querying *x,
                                         const struct mailbox_entry *entry, unsigned levels)
{
	for (; levels != 0; levels--)
		entry = mailbox_view_find(&x->view, mailbox_view_parent(&x->view, &entry->box));
	return entry;
}

/* sortAsTree: a mailbox comes before those below it; others are compared by their ancestors that
 * have one parent. */
static int tree_order(const struct querying *x, const struct mailbox_entry *a,
                      const struct mailbox_entry *b)
{
	unsigned deep_a = depth_of(x, a), deep_b = depth_of(x, b);
	const struct mailbox_entry *up_a = climb(x, a, deep_a - MIN(deep_a, deep_b));
	const struct mailbox_entry *up_b = climb(x, b, deep_b - MIN(deep_a, deep_b));

	if (up_a == up_b)
		return number_order(deep_a, deep_b);
	while (mailbox_view_parent(&x->view, &up_a->box) !=
	       mailbox_view_parent(&x->view, &up_b->box)) {
		up_a = climb(x, up_a, 1);
		up_b = climb(x, up_b, 1);
	}
	return boxes_order(x, &up_a->box, &up_b->box);
}

static int entries_order(const void *a, const void *b, void *arg)
{
	const struct mailbox_entry *const *p = a, *const *q = b;
	const struct querying *x = arg;

	return x->tree ? tree_order(x, *p, *q) : boxes_order(x, &(*p)->box, &(*q)->box);
}

enum err mailbox_query(struct jmap_query *q)
{
	struct querying x = { .q = q, .tree = jmap_arg_bool(q->call, "sortAsTree", false) };
	bool filter_tree = jmap_arg_bool(q->call, "filterAsTree", false);
	const struct mailbox_entry **found;
	size_t n = 0;
	enum err e = mailbox_view_read(&q->m, q->arena, &x.view);

	if (e)
		return e;
	found = arena_array(q->arena, const struct mailbox_entry *, x.view.list.n);
	for (size_t i = 0; i < x.view.list.n; i++) {
		const struct mailbox_entry *entry = &x.view.list.entries[i];

		if (entry_matches(&x, entry) && (!filter_tree || above_match(&x, entry)))
			found[n++] = entry;
	}
	if (n != 0)
		qsort_r(found, n, sizeof(*found), entries_order, &x);
	q->ids = arena_array(q->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		q->ids[i] = jmap_id_text(q->arena, ID_MAILBOX, q->m.account, found[i]->box.id);
	q->id_count = n;
	q->total = n;
	return OK;
}
