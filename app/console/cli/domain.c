/* console/cli/domain.c: `roost domain ...` and `roost alias ...`: which addresses exist. */
#include "console/cli/command.h"

#include "console/api/people/api_people.h"
#include "model/directory/directory.h"
#include "model/directory/dkim_key.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
	struct str name;
	struct dkim_pair *keys; /* of a domain that is added */
	const struct str *targets;
	size_t target_count;
};

/* --- domains --- */

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = domain_add(t, r->name, txn_why(t));

	if (e == OK)
		e = dkim_pair_add(t, str_lower(txn_arena(t), r->name), r->keys, DKIM_KEY_ACTIVE);
	return e ? e : command_note(t, "domain.create", r->name, STR_EMPTY, STR_EMPTY);
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = domain_rm(t, r->name, txn_why(t));

	return e ? e : command_note(t, "domain.remove", r->name, STR_EMPTY, STR_EMPTY);
}

static enum err catchall(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct domain was = { 0 }, now;
	enum err e = domain_get(t, r->name, txn_arena(t), &was);

	(void)e; /* catchall_set says it better */
	e = catchall_set(t, r->name, r->target_count != 0 ? r->targets[0] : STR_EMPTY, txn_why(t));
	if (e || (e = domain_get(t, r->name, txn_arena(t), &now)))
		return e;
	return command_note(t, "domain.change", now.name, people_domain_note(t, &was),
	                    people_domain_note(t, &now));
}

static enum err list(struct txn *t, void *arg)
{
	struct domain_list list;
	enum err e = domain_list(t, txn_arena(t), &list);

	(void)arg;
	for (size_t i = 0; e == OK && i < list.count; i++)
		printf("%.*s%s%.*s%s%.*s\n", STR_ARG(list.items[i].name),
		       list.items[i].alias_of.n != 0 ? " alias of " : "",
		       STR_ARG(list.items[i].alias_of),
		       list.items[i].catchall.n != 0 ? " catch-all " : "",
		       STR_ARG(list.items[i].catchall));
	return e;
}

int cli_domain_add(const struct settings *s, int argc, char **argv)
{
	struct dkim_pair keys;
	struct request r = { .name = str_of(argv[0]), .keys = &keys };
	struct arena a;
	int status;

	(void)argc;
	arena_init(&a, true);
	dkim_pair_new(&keys, &a);
	status = command_write(s, true, "directory", add, &r);
	arena_deinit(&a);
	return status;
}

int cli_domain_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .name = str_of(argv[0]) };

	(void)argc;
	return command_write(s, false, "directory", rm, &r);
}

int cli_domain_catchall(const struct settings *s, int argc, char **argv)
{
	struct str target = argc > 1 ? str_of(argv[1]) : STR_EMPTY;
	struct request r = { .name = str_of(argv[0]), .targets = &target, .target_count = 1 };

	return command_write(s, false, "directory", catchall, &r);
}

int cli_domain_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "directory", list, NULL);
}

/* --- aliases --- */

/* Empty: there is no such alias. */
static enum err alias_note(struct txn *t, struct str address, struct str *note)
{
	struct alias alias;
	enum err e = alias_find(t, address, txn_arena(t), &alias);

	*note = e == OK ? people_alias_note(t, &alias) : STR_EMPTY;
	return e == ERR_MISSING || e == ERR_SYNTAX ? OK : e;
}

static enum err alias_put(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct str before, after;
	enum err e;

	if ((e = alias_note(t, r->name, &before)) ||
	    (e = alias_add(t, r->name, r->targets, r->target_count, txn_why(t))) ||
	    (e = alias_note(t, r->name, &after)))
		return e;
	return command_note(t, before.n != 0 ? "alias.change" : "alias.create", r->name, before,
	                    after);
}

static enum err alias_remove(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct str before;
	enum err e = alias_note(t, r->name, &before);

	if (e == OK)
		e = alias_rm(t, r->name, txn_why(t));
	return e ? e : command_note(t, "alias.remove", r->name, before, STR_EMPTY);
}

static enum err aliases(struct txn *t, void *arg)
{
	struct alias_list list;
	enum err e = alias_list(t, txn_arena(t), &list);

	(void)arg;
	for (size_t i = 0; e == OK && i < list.count; i++) {
		printf("%.*s", STR_ARG(list.items[i].address));
		if (list.items[i].kind == ALIAS_LIST)
			printf(" (list, %s)", list_post_name(list.items[i].post));
		for (size_t n = 0; n < list.items[i].count; n++)
			printf(" %.*s", STR_ARG(list.items[i].targets[n]));
		printf("\n");
	}
	return e;
}

int cli_alias_add(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct str *targets = arena_array(&a, struct str, (size_t)argc);
	struct request r = { .name = str_of(argv[0]), .targets = targets };
	int status;

	for (int i = 1; i < argc; i++)
		targets[r.target_count++] = str_of(argv[i]);
	status = command_write(s, false, "directory", alias_put, &r);
	arena_deinit(&a);
	return status;
}

int cli_alias_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .name = str_of(argv[0]) };

	(void)argc;
	return command_write(s, false, "directory", alias_remove, &r);
}

int cli_alias_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "directory", aliases, NULL);
}

/* --- lists --- */

static enum err list_put(struct txn *t, void *arg)
{
	struct alias to = *(const struct alias *)arg, was;
	struct str before, after;
	enum err e;

	if (alias_find(t, to.address, txn_arena(t), &was) == OK) {
		to.owner = was.owner;
		to.hidden = was.hidden;
	}
	if ((e = alias_note(t, to.address, &before)) || (e = alias_set(t, &to, txn_why(t))) ||
	    (e = alias_note(t, to.address, &after)))
		return e;
	return command_note(t, before.n != 0 ? "alias.change" : "alias.create", to.address, before,
	                    after);
}

int cli_list_set(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct alias list = { .address = str_of(argv[0]),
		              .targets = arena_array(&a, struct str, (size_t)argc),
		              .kind = ALIAS_LIST };
	int status = EXIT_USAGE;

	for (int i = 2; i < argc; i++)
		list.targets[list.count++] = str_of(argv[i]);
	if (list_post_parse(str_of(argv[1]), &list.post))
		status = command_write(s, false, "directory", list_put, &list);
	else
		fputs("roost: list: anybody, members or domain may write to it\n", stderr);
	arena_deinit(&a);
	return status;
}
