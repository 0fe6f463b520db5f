/* main/cli_passkey.c: `roost account passkeys ...`: the way back in for who has lost them all. */
#include "main/command.h"

#include "admin/api_people.h"
#include "admin/session.h"
#include "base/cur.h"
#include "directory/directory.h"
#include "directory/passkey.h"
#include "text/date.h"

#include <stdio.h>

struct request {
	struct str address;
	uint32_t id;
};

static void put_time(const char *before, int64_t time_ms)
{
	struct buf text;

	if (time_ms == 0)
		return;
	buf_init(&text, 64);
	date_put_iso(&text, time_ms);
	printf(" %s %.*s", before, STR_ARG(buf_str(&text)));
	buf_deinit(&text);
}

static enum err list(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct passkey_list passkeys;
	struct account account;
	enum err e = account_find(t, r->address, txn_arena(t), &account);

	if (e == OK)
		e = passkey_list(t, account.id, txn_arena(t), &passkeys);
	for (size_t i = 0; e == OK && i < passkeys.count; i++) {
		const struct passkey *p = &passkeys.items[i];

		printf("%" PRIu32 " %.*s", p->id, STR_ARG(p->site));
		put_time("made", p->created_ms);
		put_time("used", p->last_used_ms);
		printf(" %.*s\n", STR_ARG(p->label));
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
	enum err e = account_find(t, r->address, txn_arena(t), &account);

	if (e)
		return fail(txn_why(t), e, "no account %.*s", STR_ARG(r->address));
	if ((e = people_passkey_was(t, account.id, r->id, &was)) ||
	    (e = passkey_rm(t, account.id, r->id, txn_why(t))) ||
	    (e = sessions_end(t, account.id, STR_EMPTY)))
		return e;
	return command_note(t, "passkey.remove", account.address, was, STR_EMPTY);
}

int cli_passkeys_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };
	struct cur id = cur_of(str_of(argv[1]));

	(void)argc;
	if (!cur_u32(&id, &r.id) || !cur_done(&id)) {
		fprintf(stderr, "roost: account: %s is no number\n", argv[1]);
		return EXIT_USAGE;
	}
	return command_write(s, false, "account", rm, &r);
}
