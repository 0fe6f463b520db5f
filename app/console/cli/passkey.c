/* console/cli/passkey.c: `roost account passkeys ...`: the way back in for who has lost them
 * all. */
#include "console/cli/command.h"

#include "console/api/access/session.h"
#include "console/api/people/api_people.h"
#include "console/cli/terminal.h"
#include "model/directory/directory.h"
#include "model/directory/login/passkey.h"

#include <stdio.h>

struct request {
	struct str address;
	uint32_t id;
};

static enum err list(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct passkey_list passkeys;
	struct account account;
	enum err e = command_account(t, r->address, &account);

	if (e == OK)
		e = passkey_list(t, account.id, txn_arena(t), &passkeys);
	for (size_t i = 0; e == OK && i < passkeys.count; i++) {
		const struct passkey *p = &passkeys.items[i];

		printf("%" PRIu32 " %.*s", p->id, STR_ARG(p->site));
		command_put_time(" made ", p->created_ms);
		command_put_time(" used ", p->last_used_ms);
		putchar(' ');
		terminal_put(stdout, p->label);
		putchar('\n');
	}
	return e;
}

int cli_passkeys_list(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_read(s, "account", list, &r);
}

static enum err rm(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct account account;
	struct str was;
	enum err e = command_account(t, r->address, &account);

	if (e || (e = people_passkey_was(t, account.id, r->id, &was)) ||
	    (e = passkey_rm(t, account.id, r->id, txn_why(t))) ||
	    (e = sessions_end(t, account.id, STR_EMPTY)))
		return e;
	return command_note(t, "passkey.remove", account.address, was, STR_EMPTY);
}

int cli_passkeys_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	if (!command_number("account", argv[1], &r.id))
		return EXIT_USAGE;
	return command_write(s, false, "account", rm, &r);
}
