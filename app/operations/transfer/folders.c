/* operations/transfer/folders.c: see transfer_private.h. */
#include "operations/transfer/transfer_private.h"

#include "foundation/base/arena.h"
#include "operations/transfer/wire_imap.h"

struct planning {
	const struct listing *list;
	const struct transfer_rule *rules;
	size_t rule_count;
	struct arena *arena;
	/* Every mailbox but INBOX is below INBOX, by the server's design. */
	bool all_in_inbox;
	bool roles;        /* the server sends roles */
};

/* --- roles --------------------------------------------------------------------------------- */

static bool is_inbox(const struct listed *l)
{
	return str_eqi(l->name, STR("INBOX")) || str_eq(l->role, STR("\\Inbox"));
}

static bool below_inbox(const struct listed *l)
{
	return l->separator != 0 && str_startsi(l->name, STR("INBOX")) && l->name.n > 6 &&
	       l->name.p[5] == l->separator;
}

static bool of_others(const struct planning *p, struct str name)
{
	for (size_t i = 0; i < p->list->space_count; i++)
		if (str_starts(name, p->list->spaces[i]))
			return true;
	return false;
}

/* Usual names in mail clients, if the server sends no roles. */
static enum mailbox_role role_guess(struct str name)
{
	static const struct {
		const char *name;
		enum mailbox_role role;
	} rows[] = {
		{ "Archives", ROLE_ARCHIVE },      { "Bin", ROLE_TRASH },
		{ "Bulk Mail", ROLE_JUNK },        { "Deleted Items", ROLE_TRASH },
		{ "Deleted Messages", ROLE_TRASH }, { "Draft", ROLE_DRAFTS },
		{ "Junk E-mail", ROLE_JUNK },      { "Junk Email", ROLE_JUNK },
		{ "Sent Items", ROLE_SENT },       { "Sent Mail", ROLE_SENT },
		{ "Sent Messages", ROLE_SENT },    { "Spam", ROLE_JUNK },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eqi(name, str_of(rows[i].name)))
			return rows[i].role;
	return ROLE_NONE;
}

static bool is_view(struct str role)
{
	return str_eq(role, STR("\\All")) || str_eq(role, STR("\\Flagged")) ||
	       str_eq(role, STR("\\Important"));
}

/* Messages that only a view shows were removed from all mailboxes: Gmail's archive. */
static enum mailbox_role role_of(const struct planning *p, const struct listed *l, struct str to)
{
	if (is_view(l->role))
		return ROLE_ARCHIVE;
	for (int r = ROLE_DRAFTS; r < ROLES; r++)
		if (str_eq(mailbox_role_attribute((enum mailbox_role)r), l->role))
			return (enum mailbox_role)r;
	return p->roles ? ROLE_NONE : role_guess(to);
}

/* --- targets ------------------------------------------------------------------------------- */

static const struct transfer_rule *rule_of(const struct planning *p, struct str from)
{
	const struct transfer_rule *best = NULL;

	for (size_t i = 0; i < p->rule_count; i++) {
		const struct transfer_rule *r = &p->rules[i];
		bool fits = str_starts(from, r->from) &&
		            (from.n == r->from.n || from.p[r->from.n] == '/');

		if (fits && (best == NULL || r->from.n > best->from.n))
			best = r;
	}
	return best;
}

static void go_by_rule(const struct planning *p, const struct transfer_rule *r,
                       struct transfer_folder *f)
{
	struct str rest = str_sub(f->from, r->from.n, f->from.n);

	f->problem = "";
	f->role = ROLE_NONE;
	f->to = r->to.n == 0 ? STR_EMPTY
	                     : str_fmt(p->arena, "%.*s%.*s", STR_ARG(r->to), STR_ARG(rest));
}

static void go_by_itself(const struct planning *p, const struct listed *l,
                         struct transfer_folder *f)
{
	f->to = f->from;
	if (is_inbox(l))
		f->to = STR("INBOX");
	else if (p->all_in_inbox && below_inbox(l))
		f->to = str_sub(f->from, 6, f->from.n);
	f->role = is_inbox(l) ? ROLE_NONE : role_of(p, l, f->to);
	if (f->role != ROLE_NONE) /* "\Sent" is the attribute of Sent */
		f->to = str_sub(mailbox_role_attribute(f->role), 1, SIZE_MAX);
	if (of_others(p, l->name)) {
		f->to = STR_EMPTY;
		f->problem = "it is not the user's own: shared, or another's";
	}
}

static void folders_place(const struct planning *p, const struct listed *l,
                          struct transfer_folder *f)
{
	const struct transfer_rule *r;

	*f = (struct transfer_folder){ .name = l->name,
		                       .view = is_view(l->role),
		                       .problem = "",
		                       .messages = l->messages };
	if (!said_mailbox(l->name, l->separator, p->arena, &f->from)) {
		f->from = l->name;
		f->problem = "its name cannot be read";
		return;
	}
	r = rule_of(p, f->from);
	if (r != NULL)
		go_by_rule(p, r, f);
	else
		go_by_itself(p, l, f);
}

/* Mailboxes first, then views of everything, then other views. */
static int rank(const struct listed *l)
{
	return !is_view(l->role) ? 0 : str_eq(l->role, STR("\\All")) ? 1 : 2;
}

struct transfer_folder *folders_plan(const struct listing *list, const struct transfer_rule *rules,
                                     size_t rule_count, struct arena *a)
{
	struct planning p = { list, rules, rule_count, a, .all_in_inbox = true };
	struct transfer_folder *out = arena_array(a, struct transfer_folder, list->count);
	size_t n = 0;

	for (const struct listed *l = list->first; l != NULL; l = l->next) {
		if (!is_inbox(l) && !below_inbox(l) && !of_others(&p, l->name))
			p.all_in_inbox = false;
		if (l->role.n != 0 && !is_inbox(l))
			p.roles = true;
	}
	for (int r = 0; r <= 2; r++)
		for (const struct listed *l = list->first; l != NULL; l = l->next)
			if (rank(l) == r)
				folders_place(&p, l, &out[n++]);
	return out;
}
