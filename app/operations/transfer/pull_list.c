/* operations/transfer/pull_list.c: lists the server's mailboxes and their sizes. */
#include "foundation/config/limits.h"
#include "operations/transfer/transfer_private.h"
#include "operations/transfer/pull_body.h"

enum { NAME_MAX_BYTES = 2048, COUNT_MAX = 1000 };

struct finding {
	struct remote *remote;
	struct arena *arena;
	struct listed *first, **last, *counted;
	struct str spaces[SAID_SPACES];
	struct listing listing;
};

static enum err space_hear(void *arg, const struct said *said, struct why *why)
{
	struct finding *f = arg;

	(void)why;
	if (said->kind != SAID_SPACE)
		return OK;
	for (size_t i = 0; i < said->space_count; i++)
		f->spaces[i] = str_dup(f->arena, said->spaces[i]);
	f->listing.space_count = said->space_count;
	return OK;
}

/* RFC 5819 2: a STATUS follows its LIST, usually directly. */
static void count_note(struct finding *f, const struct said *said)
{
	struct listed *l = f->counted;

	if (l == NULL || !str_eq(l->name, said->name))
		for (l = f->first; l != NULL && !str_eq(l->name, said->name);)
			l = l->next;
	if (l != NULL)
		l->messages = said->number;
}

static enum err list_hear(void *arg, const struct said *said, struct why *why)
{
	struct finding *f = arg;
	struct listed *l;

	if (said->kind == SAID_COUNT)
		count_note(f, said);
	if (said->kind != SAID_LIST || !said->selectable)
		return OK;
	if (f->listing.count == LIMIT_mailboxes || said->name.n > NAME_MAX_BYTES)
		return fail(why, ERR_LIMIT, "the server has too many mailboxes, or too long names");
	l = arena_new(f->arena, struct listed);
	*l = (struct listed){ .name = str_dup(f->arena, said->name),
		              .separator = said->separator,
		              .role = said->role };
	f->listing.count++;
	f->counted = l;
	*f->last = l;
	f->last = &l->next;
	return OK;
}

/* A server may also send the roles of RFC 6154 in a plain LIST; XLIST preceded it. */
static struct str list_command(const struct remote *r)
{
	bool roles = remote_can(r, "SPECIAL-USE"), extended = remote_can(r, "LIST-EXTENDED");

	if (extended && roles && remote_can(r, "LIST-STATUS"))
		return STR("LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS (MESSAGES))");
	if (extended && roles)
		return STR("LIST \"\" \"*\" RETURN (SPECIAL-USE)");
	if (!roles && remote_can(r, "XLIST"))
		return STR("XLIST \"\" \"*\"");
	return STR("LIST \"\" \"*\"");
}

static enum err number_hear(void *arg, const struct said *said, struct why *why)
{
	(void)why;
	if (said->kind == SAID_COUNT)
		*(uint64_t *)arg = said->number;
	return OK;
}

/* Count one by one. A mailbox that cannot be counted is no error. */
static enum err count_each(struct finding *f, struct transfer_folder *folders, size_t count,
                           struct why *why)
{
	struct why own;

	for (size_t i = 0; i < count && i < COUNT_MAX; i++) {
		struct transfer_folder *t = &folders[i];
		enum err e = t->to.n == 0 ? OK
		                          : pull_ask_about(f->remote, "STATUS", t->name,
		                                           " (MESSAGES)", number_hear,
		                                           &t->messages, &own);

		if (e != OK && !remote_is_open(f->remote))
			return fail(why, e, "%s", own.text);
	}
	return OK;
}

enum err pull_list(struct remote *r, const struct transfer_pull *from, struct arena *a,
                   struct transfer_folder **out, size_t *count, struct why *why)
{
	struct finding f = { .remote = r, .arena = a };
	struct str command = list_command(r);
	enum err e = OK;

	f.last = &f.first;
	if (remote_can(r, "NAMESPACE")) {
		e = remote_ask(r, STR("NAMESPACE"), space_hear, &f, why);
		if (remote_is_open(r))
			e = OK;
	}
	if (e == OK)
		e = remote_ask(r, command, list_hear, &f, why);
	if (e)
		return e;
	f.listing.first = f.first;
	f.listing.spaces = f.spaces;
	*out = folders_plan(&f.listing, from->rules, from->rule_count, a);
	*count = f.listing.count;
	return str_find(command, STR("STATUS")) >= 0 ? OK : count_each(&f, *out, *count, why);
}
