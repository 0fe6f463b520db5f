/* console/cli/token.c: `roost token ...`: bearer tokens for programs that call the API. */
#include "console/api/access/token.h"
#include "console/cli/command.h"
#include "foundation/base/clock.h"
#include "model/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
	struct str address, name; /* name: of a token, to remove */
	struct token token;       /* to add                      */
	struct str text;          /* of the one that was added   */
	struct arena *arena;
};

static enum err account_id(struct txn *t, const struct request *r, uint32_t *id)
{
	struct account account;
	enum err e = command_account(t, r->address, &account);

	*id = e ? 0 : account.id;
	return e;
}

/* --- adding ------------------------------------------------------------------------------ */

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct ticket ticket;
	uint32_t id;
	enum err e = account_id(t, r, &id);

	if (e != OK)
		return e;
	ticket = token_ticket_new(id);
	if ((e = token_add(t, &ticket, &r->token, txn_why(t))))
		return e;
	r->text = ticket_text(&ticket, r->arena);
	return command_note(t, "token.create", r->token.label, STR_EMPTY,
	                    token_note(&r->token, txn_arena(t)));
}

static bool scopes_parse(int argc, char **argv, unsigned *out)
{
	enum api_scope scope;

	*out = 0;
	for (int i = 0; i < argc; i++) {
		if (!api_scope_parse(str_of(argv[i]), &scope)) {
			fprintf(stderr,
			        "roost: token: %s is none of self:read, self:write, send, "
			        "metrics:read, admin:read, admin:write\n",
			        argv[i]);
			return false;
		}
		*out |= BIT(scope);
	}
	return true;
}

int cli_token_add(const struct settings *s, int argc, char **argv)
{
	struct arena a;
	struct request r = { .address = str_of(argv[0]),
		             .token = { .label = str_of(argv[1]), .created_ms = clock_real_ms() },
		             .arena = &a };
	int status;

	if (!scopes_parse(argc - 2, argv + 2, &r.token.scopes))
		return EXIT_USAGE;
	arena_init(&a, true);
	status = command_write(s, false, "token", add, &r);
	if (status == EXIT_SUCCESS)
		printf("%.*s\n", STR_ARG(r.text));
	arena_deinit(&a);
	return status;
}

/* --- the others -------------------------------------------------------------------------- */

static void put_time(const char *before, int64_t time_ms)
{
	if (time_ms != 0)
		command_put_time(before, time_ms);
	else
		printf("%snever", before);
}

static enum err list(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct token_list all;
	uint32_t id;
	enum err e = account_id(t, r, &id);

	if (e == OK)
		e = token_list(t, id, txn_arena(t), &all);
	for (size_t i = 0; e == OK && i < all.count; i++) {
		const struct token *token = &all.items[i];

		printf("%.*s", STR_ARG(token_name(&token->key, txn_arena(t))));
		for (unsigned scope = API_SCOPE_NONE + 1; scope < API_SCOPES; scope++) {
			if (token->scopes & BIT(scope))
				printf(" %s", api_scope_name((enum api_scope)scope));
		}
		put_time(" expires ", token->expires_ms);
		put_time(" used ", token->used_ms);
		printf(" %.*s\n", STR_ARG(token->label));
	}
	return e;
}

int cli_token_list(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_read(s, "token", list, &r);
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct str was;
	uint32_t id;
	enum err e = account_id(t, r, &id);

	if (e == OK)
		e = token_rm(t, id, r->name, &was, txn_why(t));
	return e != OK ? e : command_note(t, "token.remove", r->name, was, STR_EMPTY);
}

int cli_token_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]), .name = str_of(argv[1]) };

	(void)argc;
	return command_write(s, false, "token", rm, &r);
}
