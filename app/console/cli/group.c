/* console/cli/group.c: `roost group ...`: people who are named together. */
#include "console/cli/command.h"

#include "console/api/people/api_people.h"
#include "console/server/control.h"
#include "model/directory/group.h"
#include "model/mailbox/mail.h"

#include <stdio.h>
#include <stdlib.h>

/* What a command makes of a group: argv behind its address. */
struct request {
	struct str address;
	int argc;
	char **argv;
	enum err (*change)(const struct request *r, struct group *group, struct arena *a,
	                   struct why *why);
};

static enum err change(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct group group;
	struct str before;
	enum err e = group_find(t, r->address, txn_arena(t), &group);

	if (e)
		return fail(txn_why(t), e, "no group %.*s", STR_ARG(r->address));
	before = people_group_note(t, &group);
	if ((e = r->change(r, &group, txn_arena(t), txn_why(t))) ||
	    (e = group_set(t, &group, txn_why(t))))
		return e;
	if ((e = group_find(t, r->address, txn_arena(t), &group)))
		return e;
	return command_note(t, "group.change", group.address, before, people_group_note(t, &group));
}

static bool is_named(const struct request *r, struct str member)
{
	for (int i = 0; i < r->argc; i++)
		if (str_eqi(member, str_of(r->argv[i])))
			return true;
	return false;
}

static enum err join(const struct request *r, struct group *group, struct arena *a, struct why *why)
{
	struct str *members = arena_array(a, struct str, group->count + (size_t)r->argc);
	size_t count = 0;

	(void)why;
	for (size_t i = 0; i < group->count; i++)
		members[count++] = group->members[i];
	for (int i = 0; i < r->argc; i++)
		members[count++] = str_of(r->argv[i]);
	group->members = members;
	group->count = count;
	return OK;
}

static enum err leave(const struct request *r, struct group *group, struct arena *a,
                      struct why *why)
{
	size_t had = group->count;

	(void)a;
	group->count = 0;
	for (size_t i = 0; i < had; i++)
		if (!is_named(r, group->members[i]))
			group->members[group->count++] = group->members[i];
	if (had - group->count != (size_t)r->argc)
		return fail(why, ERR_MISSING, "not all of them are members of %.*s",
		            STR_ARG(group->address));
	return OK;
}

static enum err mail(const struct request *r, struct group *group, struct arena *a, struct why *why)
{
	struct str who = str_of(r->argv[0]);

	(void)a;
	group->mail = !str_eq(who, STR("nobody"));
	if (group->mail && !list_post_parse(who, &group->post))
		return fail(why, ERR_SYNTAX, "anybody, members, domain or nobody may write to it");
	return OK;
}

static enum err add(struct txn *t, void *arg)
{
	const struct request *r = arg;
	const struct group group = { .address = r->address,
		                     .title = r->argc != 0 ? str_of(r->argv[0]) : STR_EMPTY };
	enum err e = group_find(t, r->address, txn_arena(t), NULL);

	if (e == OK)
		return fail(txn_why(t), ERR_CONFLICT, "group %.*s exists", STR_ARG(r->address));
	e = group_set(t, &group, txn_why(t));
	return e ? e
	         : command_note(t, "group.create", r->address, STR_EMPTY,
	                        people_group_note(t, &group));
}

static enum err rm(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct str before = STR_EMPTY;
	struct group group;
	enum err e = group_find(t, r->address, txn_arena(t), &group);

	if (e == OK)
		before = people_group_note(t, &group);
	e = mail_group_rm(t, r->address, txn_why(t));
	return e ? e : command_note(t, "group.remove", r->address, before, STR_EMPTY);
}

static enum err list(struct txn *t, void *arg)
{
	struct group_list list;
	enum err e = group_list(t, txn_arena(t), &list);

	(void)arg;
	for (size_t i = 0; e == OK && i < list.count; i++) {
		const struct group *group = &list.items[i];

		printf("%.*s (%s", STR_ARG(group->address),
		       group->mail ? list_post_name(group->post) : "nobody");
		if (group->title.n != 0)
			printf(", %.*s", STR_ARG(group->title));
		printf(")");
		for (size_t n = 0; n < group->count; n++)
			printf(" %.*s", STR_ARG(group->members[n]));
		printf("\n");
	}
	return e;
}

static struct request request(int argc, char **argv)
{
	return (struct request){ .address = str_of(argv[0]), .argc = argc - 1, .argv = argv + 1 };
}

int cli_group_add(const struct settings *s, int argc, char **argv)
{
	struct request r = request(argc, argv);

	return command_write(s, false, "group", add, &r);
}

/* Sessions in mailboxes that are shared with the group look again. */
static int write(const struct settings *s, txn_fn *fn, struct request *r)
{
	int code = command_write(s, false, "group", fn, r);

	control_poke(s->data, CONTROL_PEOPLE);
	return code;
}

int cli_group_join(const struct settings *s, int argc, char **argv)
{
	struct request r = request(argc, argv);

	r.change = join;
	return write(s, change, &r);
}

int cli_group_leave(const struct settings *s, int argc, char **argv)
{
	struct request r = request(argc, argv);

	r.change = leave;
	return write(s, change, &r);
}

int cli_group_mail(const struct settings *s, int argc, char **argv)
{
	struct request r = request(argc, argv);

	r.change = mail;
	return write(s, change, &r);
}

int cli_group_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = request(argc, argv);

	return write(s, rm, &r);
}

int cli_group_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "group", list, NULL);
}
