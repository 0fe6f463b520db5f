/* protocols/jmap/types/mailbox.c: see mailbox.h. */
#include "protocols/jmap/types/mailbox.h"

#include "model/mailbox/rights.h"
#include "protocols/jmap/types/mail_changes.h"

#include <stdlib.h>
#include <string.h>

/* --- The caller's mailboxes --- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = (*(struct mailbox_entry *const *)a)->box.id;
	uint32_t y = (*(struct mailbox_entry *const *)b)->box.id;

	return (x > y) - (x < y);
}

enum err mailbox_view_read(const struct mail_txn *m, struct arena *a, struct mailbox_view *out)
{
	enum err e = mailbox_list(m, a, &out->list);

	if (e)
		return e;
	out->by_id = arena_array(a, struct mailbox_entry *, out->list.n);
	for (size_t i = 0; i < out->list.n; i++)
		out->by_id[i] = &out->list.entries[i];
	if (out->list.n != 0)
		qsort(out->by_id, out->list.n, sizeof(*out->by_id), by_number);
	return OK;
}

const struct mailbox_entry *mailbox_view_find(const struct mailbox_view *v, uint32_t id)
{
	size_t lo = 0, hi = v->list.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->by_id[mid]->box.id == id)
			return v->by_id[mid];
		if (v->by_id[mid]->box.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct mailbox_entry *mailbox_view_id(const struct mailbox_view *v, uint32_t account,
                                            struct str id)
{
	uint64_t number;

	if (!jmap_id_parse(id, ID_MAILBOX, account, &number) || number > UINT32_MAX)
		return NULL;
	return mailbox_view_find(v, (uint32_t)number);
}

uint32_t mailbox_view_parent(const struct mailbox_view *v, const struct mailbox *box)
{
	return box->parent && mailbox_view_find(v, box->parent) ? box->parent : 0;
}

/* RFC 8621 2: the names of the registry in lower case. */
struct str mailbox_role_name(enum mailbox_role role)
{
	static const struct str names[ROLES] = {
		[ROLE_NONE] = { "", 0 },      [ROLE_INBOX] = { "inbox", 5 },
		[ROLE_DRAFTS] = { "drafts", 6 }, [ROLE_SENT] = { "sent", 4 },
		[ROLE_TRASH] = { "trash", 5 },   [ROLE_JUNK] = { "junk", 4 },
		[ROLE_ARCHIVE] = { "archive", 7 },
	};

	return names[role];
}

bool mailbox_role_find(struct str name, enum mailbox_role *out)
{
	for (unsigned i = ROLE_NONE + 1; i < ROLES; i++)
		if (str_eq(name, mailbox_role_name((enum mailbox_role)i))) {
			*out = (enum mailbox_role)i;
			return true;
		}
	return false;
}

/* --- /get --- */

static enum err get_begin(struct jmap_get *g)
{
	g->state = arena_new(g->arena, struct mailbox_view);
	return mailbox_view_read(&g->m, g->arena, g->state);
}

static enum err get_all(struct jmap_get *g)
{
	const struct mailbox_view *v = g->state;

	for (size_t i = 0; i < v->list.n; i++)
		jmap_get_add(g, jmap_id_text(g->arena, ID_MAILBOX, g->m.account,
		                             v->list.entries[i].box.id));
	return OK;
}

static enum err load(struct jmap_get *g, struct str id, const void **object)
{
	*object = mailbox_view_id(g->state, g->m.account, id);
	return *object ? OK : ERR_MISSING;
}

static enum err put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_MAILBOX, g->m.account, x->box.id));
	return OK;
}

static enum err put_name(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;

	json_put_str(g->out, name, x->box.leaf);
	return OK;
}

static enum err put_parent(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;
	uint32_t parent = mailbox_view_parent(g->state, &x->box);

	if (parent == 0)
		json_put_null(g->out, name);
	else
		json_put_str(g->out, name,
		             jmap_id_text(g->object_arena, ID_MAILBOX, g->m.account, parent));
	return OK;
}

static enum err put_role(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;

	if (x->box.role == ROLE_NONE)
		json_put_null(g->out, name);
	else
		json_put_str(g->out, name, mailbox_role_name(x->box.role));
	return OK;
}

static enum err put_order(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;

	json_put_u64(g->out, name, x->box.sort_order);
	return OK;
}

/* Counters are those of a mailbox that the caller may read; with per-user \Seen, theirs. */
static enum err put_count(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;
	struct mailbox box = x->box;
	uint32_t n;
	enum err e;

	if (!(x->rights & RIGHT_READ)) {
		json_put_u64(g->out, name, 0);
		return OK;
	}
	if ((e = mailbox_unseen(&g->m, &box, false)))
		return e;
	if (strcmp(name, "totalEmails") == 0)
		n = box.exists - MIN(box.deleted, box.exists);
	else if (strcmp(name, "unreadEmails") == 0)
		n = box.unread;
	else if (strcmp(name, "totalThreads") == 0)
		n = box.threads;
	else
		n = box.unread_threads;
	json_put_u64(g->out, name, n);
	return OK;
}

/* RFC 8621 2, with the IMAP rights that it names; the inbox stays. */
static enum err put_rights(struct jmap_get *g, const char *name, const void *object)
{
	static const struct {
		const char *name;
		unsigned rights;
	} rows[] = {
		{ "mayReadItems", RIGHT_LOOKUP | RIGHT_READ },
		{ "mayAddItems", RIGHT_INSERT },
		{ "mayRemoveItems", RIGHT_DELETED | RIGHT_EXPUNGE },
		{ "maySetSeen", RIGHT_SEEN },
		{ "maySetKeywords", RIGHT_WRITE },
		{ "mayCreateChild", RIGHT_CREATE },
		{ "mayRename", RIGHT_DELETE },
		{ "mayDelete", RIGHT_DELETE },
		{ "maySubmit", RIGHT_POST },
	};
	const struct mailbox_entry *x = object;

	json_open(g->out, name, '{');
	for (size_t i = 0; i < COUNT(rows); i++)
		json_put_bool(g->out, rows[i].name,
		              (x->rights & rows[i].rights) == rows[i].rights &&
		                      !(rows[i].rights == RIGHT_DELETE &&
		                        x->box.role == ROLE_INBOX));
	json_close(g->out);
	return OK;
}

/* The subscription of the owner is not that of others. */
static enum err put_subscribed(struct jmap_get *g, const char *name, const void *object)
{
	const struct mailbox_entry *x = object;

	json_put_bool(g->out, name, x->box.subscribed && g->m.account == g->m.who);
	return OK;
}

/* --- State and /changes --- */

static enum err state(const struct mail_txn *m, uint64_t *modseq)
{
	return changed_state(m, CHANGED_MAILBOX, modseq);
}

static enum err changes(struct jmap_changes *c)
{
	return jmap_changes_by_log(c, CHANGED_MAILBOX, ID_MAILBOX);
}

/* RFC 8621 2.2 */
static void changes_put(struct jmap_changes *c, struct json_writer *w)
{
	const struct changed *changed = c->state;

	if (!changed->counts_only) {
		json_put_null(w, "updatedProperties");
		return;
	}
	json_open(w, "updatedProperties", '[');
	json_put_str(w, NULL, STR("totalEmails"));
	json_put_str(w, NULL, STR("unreadEmails"));
	json_put_str(w, NULL, STR("totalThreads"));
	json_put_str(w, NULL, STR("unreadThreads"));
	json_close(w);
}

/* --- The type --- */

static const struct jmap_property properties[] = {
	{ "id", FORM_ID, SERVER_SET, put_id },
	{ "name", FORM_STRING, NEEDED, put_name },
	{ "parentId", FORM_ID, OR_NULL, put_parent },
	{ "role", FORM_STRING, OR_NULL, put_role },
	{ "sortOrder", FORM_UNSIGNED, 0, put_order },
	{ "totalEmails", FORM_UNSIGNED, SERVER_SET, put_count },
	{ "unreadEmails", FORM_UNSIGNED, SERVER_SET, put_count },
	{ "totalThreads", FORM_UNSIGNED, SERVER_SET, put_count },
	{ "unreadThreads", FORM_UNSIGNED, SERVER_SET, put_count },
	{ "myRights", FORM_OBJECT, SERVER_SET, put_rights },
	{ "isSubscribed", FORM_BOOL, 0, put_subscribed },
};

static const struct jmap_argument set_arguments[] = {
	{ "onDestroyRemoveEmails", FORM_BOOL, 0, 0 },
};
static const struct jmap_argument query_arguments[] = {
	{ "sortAsTree", FORM_BOOL, 0, 0 },
	{ "filterAsTree", FORM_BOOL, 0, 0 },
};
static const struct jmap_argument conditions[] = {
	{ "parentId", FORM_ID, OR_NULL, 0 },     { "name", FORM_STRING, 0, 0 },
	{ "role", FORM_STRING, OR_NULL, 0 },     { "hasAnyRole", FORM_BOOL, 0, 0 },
	{ "isSubscribed", FORM_BOOL, 0, 0 },
};
static const char *const sorts[] = { "sortOrder", "name", "parentId", NULL };

const struct jmap_type jmap_type_mailbox = {
	.name = "Mailbox",
	.capability = CAP_MAIL,
	.scope = JMAP_MAIL,
	.properties = properties,
	.property_count = COUNT(properties),
	.get_begin = get_begin,
	.all = get_all,
	.load = load,
	.state = state,
	.changes = changes,
	.changes_put = changes_put,
	.set_arguments = set_arguments,
	.set_argument_count = COUNT(set_arguments),
	.create = mailbox_set_create,
	.update = mailbox_set_update,
	.destroy = mailbox_set_destroy,
	.query_arguments = query_arguments,
	.query_argument_count = COUNT(query_arguments),
	.conditions = conditions,
	.condition_count = COUNT(conditions),
	.sorts = sorts,
	.query = mailbox_query,
};
