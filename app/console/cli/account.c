/* console/cli/account.c: `roost account ...`: users. `account passwd` is also the way back in for
 * an owner who lost his password, or whom wrong ones have locked out. */
#include "console/cli/command.h"

#include "console/api/access/account.h"
#include "console/api/access/session.h"
#include "console/api/people/api_people.h"
#include "console/server/control.h"
#include "foundation/base/cur.h"
#include "model/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>

/* One request to the store, with what it needs and what comes of it. */
struct request {
	struct str address, name, hash;
	uint64_t quota_bytes;
	struct arena *arena; /* owns hash */
};

/* create: the store may be made for it. */
static bool hash_password(const struct settings *s, bool create, struct request *r)
{
	struct store *store = NULL;
	struct arena secret;
	struct str password;
	struct why why = { "" };
	bool got;

	arena_init(&secret, true);
	got = command_password(&secret, &password) && (store = command_store(s, create)) != NULL;
	if (got && account_password_hash(store, password, r->address, r->arena, &r->hash, &why)) {
		command_failed("account", &why);
		got = false;
	}
	store_close(&store);
	arena_deinit(&secret);
	return got;
}

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account_new new = { .address = r->address,
		                   .password_hash = r->hash,
		                   .name = r->name };
	struct account made;
	enum err e = account_create(t, &new, NULL, txn_why(t));

	if (e || (e = account_find(t, r->address, txn_arena(t), &made)))
		return e;
	return command_note(t, "account.create", made.address, STR_EMPTY,
	                    people_account_note(t, &made));
}

int cli_account_add(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct request r = { .address = str_of(argv[0]),
		             .name = argc > 1 ? str_of(argv[1]) : STR_EMPTY,
		             .arena = &a };
	int status = EXIT_FAILURE;

	if (hash_password(s, true, &r))
		status = command_write(s, true, "account", add, &r);
	arena_deinit(&a);
	return status;
}

static enum err passwd(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account account;
	enum err e = account_passwd(t, r->address, r->hash, txn_why(t));

	if (e || (e = account_find(t, r->address, txn_arena(t), &account)) ||
	    (e = sessions_end(t, account.id, STR_EMPTY)))
		return e;
	return command_note(t, "account.password", account.address, STR_EMPTY, STR_EMPTY);
}

int cli_account_passwd(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct request r = { .address = str_of(argv[0]), .arena = &a };
	int status = EXIT_FAILURE;

	(void)argc;
	if (hash_password(s, false, &r))
		status = command_write(s, false, "account", passwd, &r);
	if (status == EXIT_SUCCESS)
		control_poke(s->data, CONTROL_LOGINS);
	arena_deinit(&a);
	return status;
}

static enum err quota(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account account;
	struct str before;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	before = people_account_note(t, &account);
	account.quota_bytes = r->quota_bytes;
	e = account_change(t, &account, txn_why(t));
	return e ? e
	         : command_note(t, "account.change", account.address, before,
	                        people_account_note(t, &account));
}

int cli_account_quota(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };
	struct cur c = cur_of(str_of(argv[1]));

	(void)argc;
	if (!cur_u64(&c, &r.quota_bytes) || !cur_done(&c)) {
		fprintf(stderr, "roost: account: %s is no number of bytes\n", argv[1]);
		return EXIT_USAGE;
	}
	return command_write(s, false, "account", quota, &r);
}

static enum err owner(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account account;
	struct str before;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	before = people_account_note(t, &account);
	account.role = ROLE_OWNER;
	account.domains = STR_EMPTY;
	e = account_change(t, &account, txn_why(t));
	return e ? e
	         : command_note(t, "account.change", account.address, before,
	                        people_account_note(t, &account));
}

int cli_account_owner(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_write(s, false, "account", owner, &r);
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct str before = STR_EMPTY;
	struct account account;
	enum err e = account_find(t, r->address, txn_arena(t), &account);

	if (e == OK)
		before = people_account_note(t, &account);
	/* What it says of one that is not there is better. */
	e = account_destroy(t, r->address, txn_why(t));
	return e ? e : command_note(t, "account.remove", account.address, before, STR_EMPTY);
}

int cli_account_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };
	int code = command_write(s, false, "account", rm, &r);

	(void)argc;
	control_poke(s->data, CONTROL_PEOPLE); /* others may have had his mail selected */
	return code;
}

static const char *switches_text(const struct account *account)
{
	if (account->logins)
		return account->mail ? "" : " mail-refused";
	return account->mail ? " logins-off" : " logins-off mail-refused";
}

static enum err list(struct txn *t, void *arg)
{
	struct account_list list;
	enum err e = account_list(t, txn_arena(t), &list);

	(void)arg;
	for (size_t i = 0; e == OK && i < list.count; i++) {
		const struct account *account = &list.items[i];

		printf("%.*s%s%s%s%.*s\n", STR_ARG(account->address),
		       account->role == ROLE_OWNER ? " owner" : "", switches_text(account),
		       account->name.n != 0 ? " " : "", STR_ARG(account->name));
	}
	return e;
}

int cli_account_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "account", list, NULL);
}
