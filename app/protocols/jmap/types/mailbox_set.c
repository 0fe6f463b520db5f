/* protocols/jmap/types/mailbox_set.c: Mailbox/set (RFC 8621 2.5). */
#include "foundation/text/fold.h"
#include "model/mailbox/rights.h"
#include "model/store/store.h"
#include "protocols/jmap/types/mailbox.h"

/* The SetError of an error of mailbox/; property is that whose value it is about. */
static enum err refuse_by(struct jmap_set *s, enum err e, const char *property)
{
	const struct why *why = txn_why(s->m.t);
	const char *text = why && why->text[0] ? why->text : "the change is not possible";

	switch (e) {
	case ERR_MISSING:
		return jmap_set_refuse(s, "notFound", NULL, "there is no such mailbox");
	case ERR_DENIED:
		return jmap_set_refuse(s, "forbidden", NULL, "you lack the right for this");
	case ERR_CONFLICT:
	case ERR_SYNTAX:
		return jmap_set_refuse(s, "invalidProperties", property, "%s", text);
	case ERR_LIMIT:
		return jmap_set_refuse(s, "overQuota", NULL, "%s", text);
	default:
		return e;
	}
}

static enum err number_take(struct jmap_set *s, struct str id, uint32_t *out)
{
	uint64_t number;

	id = jmap_id_resolve(s->call, id);
	if (!jmap_id_parse(id, ID_MAILBOX, s->m.account, &number) || number > UINT32_MAX)
		return ERR_MISSING;
	*out = (uint32_t)number;
	return OK;
}

/* --- Wanted values --- */

struct wanted {
	uint32_t parent;
	struct str leaf;
	struct str full; /* of both */
	struct mailbox_present present;
	bool subscribed;
};

static enum err parent_take(struct jmap_set *s, struct json value, uint32_t *parent)
{
	struct mailbox box;
	struct str id;
	enum err e = OK;

	if (json_kind(value) == JSON_MISSING)
		return OK;
	*parent = 0;
	if (!json_str(value, &id))
		return OK;
	if ((e = number_take(s, id, parent)) == OK)
		e = mailbox_get(&s->m, *parent, &box);
	return e == ERR_MISSING ? jmap_set_refuse(s, "invalidProperties", "parentId",
	                                          "there is no such mailbox")
	                        : e;
}

static enum err role_take(struct jmap_set *s, struct json value, struct mailbox_present *out)
{
	enum mailbox_role role = ROLE_NONE;
	struct str name;

	out->role = -1;
	if (json_kind(value) == JSON_MISSING)
		return OK;
	if (json_str(value, &name) && !mailbox_role_find(name, &role))
		return jmap_set_refuse(s, "invalidProperties", "role",
		                       "there is no role \"%.*s\"", STR_ARG(name));
	out->role = (int)role;
	return OK;
}

static enum err order_take(struct jmap_set *s, struct json value, struct mailbox_present *out)
{
	uint64_t order = 0;

	out->sort_order = -1;
	if (json_kind(value) == JSON_MISSING)
		return OK;
	if (json_u64(value, &order) && order > INT32_MAX)
		return jmap_set_refuse(s, "invalidProperties", "sortOrder",
		                       "sortOrder is below 2147483648");
	out->sort_order = (int64_t)order;
	return OK;
}

/* The full name that IMAP has for it; "/" separates levels there. */
static enum err name_join(struct jmap_set *s, struct wanted *w)
{
	struct str above = STR_EMPTY;
	enum err e;

	if (w->leaf.n == 0 || str_find_byte(w->leaf, '/') >= 0)
		return jmap_set_refuse(s, "invalidProperties", "name",
		                       "a name is not empty and has no \"/\"");
	if (w->parent && (e = mailbox_name(&s->m, w->parent, s->arena, &above)))
		return refuse_by(s, e, "parentId");
	w->leaf = fold_nfc(s->arena, w->leaf);
	w->full = w->parent ? str_fmt(s->arena, "%.*s/%.*s", STR_ARG(above), STR_ARG(w->leaf))
	                    : w->leaf;
	return OK;
}

/* --- Create --- */

enum err mailbox_set_create(struct jmap_set *s, struct json object, struct str *id)
{
	struct mailbox_create what = { .role = ROLE_NONE };
	struct wanted w = { .parent = 0 };
	uint32_t number;
	enum err e;

	json_str(json_get(object, "name"), &w.leaf);
	json_bool(json_get(object, "isSubscribed"), &what.subscribed);
	if ((e = parent_take(s, json_get(object, "parentId"), &w.parent)) ||
	    (e = role_take(s, json_get(object, "role"), &w.present)) ||
	    (e = order_take(s, json_get(object, "sortOrder"), &w.present)) ||
	    (e = name_join(s, &w)))
		return e;
	if (w.present.role == ROLE_INBOX)
		return jmap_set_refuse(s, "invalidProperties", "role", "there is one inbox");
	what.name = w.full;
	if (w.present.role > 0)
		what.role = (enum mailbox_role)w.present.role;
	if ((e = mailbox_create(&s->m, &what, &number)))
		return refuse_by(s, e, "name");
	w.present.role = -1;
	if (w.present.sort_order > 0 && (e = mailbox_present(&s->m, number, &w.present)))
		return e;
	*id = jmap_id_text(s->arena, ID_MAILBOX, s->m.account, number);
	return OK;
}

/* --- Update --- */

/* Name and parent together are one rename. */
static enum err name_update(struct jmap_set *s, const struct jmap_patch *patch,
                            const struct mailbox *box)
{
	struct wanted w = { .parent = box->parent, .leaf = box->leaf };
	struct json name = jmap_patch_get(patch, "name");
	struct str was;
	enum err e;

	json_str(name, &w.leaf);
	if ((e = parent_take(s, jmap_patch_get(patch, "parentId"), &w.parent)))
		return e;
	if (w.parent == box->parent && str_eq(w.leaf, box->leaf))
		return OK;
	if (box->role == ROLE_INBOX)
		return jmap_set_refuse(s, "forbidden", NULL, "the inbox is not renamed or moved");
	if ((e = name_join(s, &w)))
		return e;
	if ((e = mailbox_name(&s->m, box->id, s->arena, &was)))
		return refuse_by(s, e, NULL);
	e = mailbox_rename(&s->m, was, w.full);
	return e ? refuse_by(s, e, w.parent == box->parent ? "name" : "parentId") : OK;
}

static enum err subscription_update(struct jmap_set *s, struct json value, uint32_t id)
{
	struct str name;
	bool yes;
	enum err e;

	if (!json_bool(value, &yes) || s->m.account != s->m.who)
		return OK;
	e = mailbox_name(&s->m, id, s->arena, &name);
	return e ? e : mailbox_subscribe(&s->m, name, yes);
}

/* A mailbox of another account has the subscription of its owner, which is not the caller's. */
static enum err subscription_check(struct jmap_set *s, struct json value)
{
	bool yes = false;

	json_bool(value, &yes);
	return yes && s->m.account != s->m.who
	               ? jmap_set_refuse(s, "forbidden", NULL,
	                                 "mailboxes of others are not subscribed here")
	               : OK;
}

/* The refusals of mailbox_present, before anything is written. */
static enum err role_check(struct jmap_set *s, const struct mailbox *box, int role)
{
	struct mailbox other;
	enum err e;

	if (role < 0 || role == (int)box->role)
		return OK;
	if (role == ROLE_INBOX || box->role == ROLE_INBOX)
		return jmap_set_refuse(s, "invalidProperties", "role", "the inbox keeps its role");
	if ((e = rights_need(&s->m, box->id, RIGHT_DELETE)))
		return refuse_by(s, e, NULL);
	e = role == ROLE_NONE ? ERR_MISSING
	                      : mailbox_find_role(&s->m, (enum mailbox_role)role, &other);
	if (e == OK)
		return jmap_set_refuse(s, "invalidProperties", "role",
		                       "another mailbox has that role");
	return e == ERR_MISSING ? OK : e;
}

enum err mailbox_set_update(struct jmap_set *s, struct str id, const struct jmap_patch *patch)
{
	struct mailbox_present present;
	struct mailbox box;
	uint32_t number;
	enum err e = number_take(s, id, &number);

	if (!e)
		e = rights_need(&s->m, number, RIGHT_LOOKUP);
	if (!e)
		e = mailbox_get(&s->m, number, &box);
	if (e)
		return refuse_by(s, e, NULL);
	box.leaf = str_dup(s->arena, box.leaf);
	if ((e = role_take(s, jmap_patch_get(patch, "role"), &present)) ||
	    (e = order_take(s, jmap_patch_get(patch, "sortOrder"), &present)) ||
	    (e = subscription_check(s, jmap_patch_get(patch, "isSubscribed"))) ||
	    (e = role_check(s, &box, present.role)) || (e = name_update(s, patch, &box)))
		return e;
	/* Something may be written: an error is not refused but undoes this object. */
	if ((present.role >= 0 && present.role != (int)box.role) || present.sort_order >= 0)
		e = mailbox_present(&s->m, number, &present);
	return e ? e : subscription_update(s, jmap_patch_get(patch, "isSubscribed"), number);
}

/* --- Destroy --- */

enum err mailbox_set_destroy(struct jmap_set *s, struct str id)
{
	struct mailbox box;
	uint32_t number;
	enum err e = number_take(s, id, &number);

	if (!e)
		e = rights_need(&s->m, number, RIGHT_LOOKUP);
	if (!e)
		e = mailbox_get(&s->m, number, &box);
	if (e)
		return refuse_by(s, e, NULL);
	if (box.role == ROLE_INBOX)
		return jmap_set_refuse(s, "forbidden", NULL, "the inbox cannot be deleted");
	if (box.exists > box.deleted && !jmap_arg_bool(s->call, "onDestroyRemoveEmails", false))
		return jmap_set_refuse(s, "mailboxHasEmail", NULL, "there are emails in it");
	e = mailbox_delete(&s->m, number);
	if (e == ERR_CONFLICT)
		return jmap_set_refuse(s, "mailboxHasChild", NULL, "there are mailboxes below it");
	return e ? refuse_by(s, e, NULL) : OK;
}
