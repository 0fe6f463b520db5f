/* console/cli/person.c: `roost account ...`, the rest of it: roles, app passwords, two-factor
 * login, recent logins. `account totp off` is the way back in for who has lost the device. */
#include "console/cli/command.h"

#include "console/api/access/session.h"
#include "console/api/people/api_people.h"
#include "console/api/settings/settings_store.h"
#include "console/cli/terminal.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/directory/directory.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/salt.h"
#include "model/directory/login/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One request about an account. */
struct request {
	struct str address;
	enum role role;
	struct str domains;
	bool logins, mail;        /* what the account's switches become */
	struct app_password app;  /* to add, or its id to remove */
	struct str secret, words; /* of one to add, and what SCRAM needs of it */
	const struct settings *settings;
};

/* --- role and state ---------------------------------------------------------------------- */

static enum err role(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct account account;
	struct str before;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	before = people_account_note(t, &account);
	account.role = r->role;
	account.domains = r->domains;
	if ((e = account_change(t, &account, txn_why(t))) ||
	    (e = account_get(t, account.id, txn_arena(t), &account))) /* domains as kept */
		return e;
	return command_note(t, "account.change", account.address, before,
	                    people_account_note(t, &account));
}

int cli_account_role(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };
	struct arena a = { 0 };
	int status;

	if (!role_parse(str_of(argv[1]), &r.role) || (argc > 2 && r.role != ROLE_ADMIN)) {
		fputs("roost: account: a role is user, owner, or admin with domains\n", stderr);
		return EXIT_USAGE;
	}
	for (int i = 2; i < argc; i++)
		r.domains = str_fmt(&a, "%.*s %s", STR_ARG(r.domains), argv[i]);
	status = command_write(s, false, "account", role, &r);
	arena_deinit(&a);
	return status;
}

static enum err account_switch(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct account account;
	struct str before;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	before = people_account_note(t, &account);
	account.logins = r->logins;
	account.mail = r->mail;
	if ((e = account_change(t, &account, txn_why(t))))
		return e;
	if (!r->logins && (e = sessions_end(t, account.id, STR_EMPTY)))
		return e;
	return command_note(t, "account.change", account.address, before,
	                    people_account_note(t, &account));
}

int cli_account_enable(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]), .logins = true, .mail = true };

	(void)argc;
	return command_write(s, false, "account", account_switch, &r);
}

int cli_account_disable(const struct settings *s, int argc, char **argv)
{
	struct request r = { .mail = true };

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--mail") == 0)
			r.mail = false;
		else
			r.address = str_of(argv[i]);
	}
	if (r.address.n == 0 || argc != 1 + !r.mail)
		return EXIT_USAGE;
	return command_write(s, false, "account", account_switch, &r);
}

/* --- app passwords ----------------------------------------------------------------------- */

/* By the environment, and what is stored below it. */
static enum err cram_is_on(struct txn *t, const struct settings *s, bool *on)
{
	struct settings_stored stored = { 0 };
	struct settings now;
	enum err e = settings_load(t, txn_arena(t), &stored);

	if (e)
		return e;
	e = settings_read_over(&now, s->environment, &stored, txn_why(t));
	*on = !e && now.cram_md5;
	settings_deinit(&now);
	return e;
}

/* This runs again with its transaction, so it begins with the words for SCRAM. */
static enum err words_make(struct txn *t, struct request *r)
{
	struct cram_keys cram;
	bool on = false;
	enum err e = cram_is_on(t, r->settings, &on);

	r->app.scram = r->words;
	if (!on)
		return e;
	cram_keys(r->secret, &cram);
	r->app.scram = credential_cram_add(r->words, &cram, txn_arena(t));
	mem_wipe(&cram, sizeof cram);
	return e;
}

static enum err app_add(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account account;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	if ((e = words_make(t, r)))
		return e;
	if ((e = app_password_add(t, account.id, &r->app, r->secret, &r->app.id, txn_why(t))))
		return e;
	return command_note(t, "app_password.create", account.address, STR_EMPTY,
	                    people_app_password_note(t, &r->app));
}

static bool words_for_scram(const struct settings *s, struct request *r, struct arena *a)
{
	struct store *store = command_store(s, false);
	struct salts salts;
	struct why why = { "" };
	bool made = false;

	if (store == NULL)
		return false;
	if (salts_get(store, r->address, &salts, &why) != OK) {
		command_failed("account", &why);
	} else {
		r->words = credential_scram(&salts, CREDENTIAL_APP, r->secret, r->address, a);
		made = true;
	}
	mem_wipe(&salts, sizeof salts);
	store_close(&store);
	return made;
}

int cli_app_password_add(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]),
		             .app.label = str_of(argv[1]),
		             .app.created_ms = clock_real_ms() };
	enum login_scope scope;
	struct arena a;
	int status = EXIT_FAILURE;

	for (int i = 2; i < argc; i++) {
		if (!login_scope_parse(str_of(argv[i]), &scope)) {
			fprintf(stderr, "roost: account: %s is not imap or smtp\n", argv[i]);
			return EXIT_USAGE;
		}
		r.app.scopes |= scope;
	}
	if (argc == 2)
		r.app.scopes = SCOPE_ALL;
	arena_init(&a, true);
	r.secret = secret_new(&a);
	r.settings = s;
	if (words_for_scram(s, &r, &a))
		status = command_write(s, false, "account", app_add, &r);
	if (status == EXIT_SUCCESS)
		printf("%.*s\n", STR_ARG(r.secret));
	arena_deinit(&a);
	return status;
}

static enum err app_list(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct app_password_list list;
	struct account account;
	enum login_scope bit;
	const char *scope;
	enum err e = command_account(t, r->address, &account);

	if (e == OK)
		e = app_password_list(t, account.id, txn_arena(t), &list);
	for (size_t i = 0; e == OK && i < list.count; i++) {
		const struct app_password *p = &list.items[i];

		printf("%" PRIu32, p->id);
		for (size_t n = 0; (scope = login_scope_name(n, &bit)) != NULL; n++)
			if (p->scopes & bit)
				printf(" %s", scope);
		command_put_time(" expires ", p->expires_ms);
		command_put_time(" used ", p->last_used_ms);
		printf(" %.*s\n", STR_ARG(p->label));
	}
	return e;
}

int cli_app_password_list(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_read(s, "account", app_list, &r);
}

static enum err app_rm(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct account account;
	struct str before;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	if ((e = people_app_password_was(t, account.id, r->app.id, &before)) ||
	    (e = app_password_rm(t, account.id, r->app.id, txn_why(t))))
		return e;
	return command_note(t, "app_password.remove", account.address, before, STR_EMPTY);
}

int cli_app_password_rm(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	if (!command_number("account", argv[1], &r.app.id))
		return EXIT_USAGE;
	return command_write(s, false, "account", app_rm, &r);
}

/* --- two-factor login and logins --------------------------------------------------------- */

static enum err totp_off(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct account account;
	enum err e = command_account(t, r->address, &account);

	if (e)
		return e;
	if ((e = factor_off(t, account.id, txn_why(t))) ||
	    (e = sessions_end(t, account.id, STR_EMPTY)))
		return e;
	return command_note(t, "totp.off", account.address, STR_EMPTY, STR_EMPTY);
}

int cli_totp_off(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_write(s, false, "account", totp_off, &r);
}

static enum err logins(struct txn *t, void *arg)
{
	const struct request *r = arg;
	struct login_recent_list list;
	struct account account;
	enum err e = command_account(t, r->address, &account);

	if (e == OK)
		e = login_recent_list(t, account.id, txn_arena(t), &list);
	for (size_t i = 0; e == OK && i < list.count; i++) {
		const struct login_recent *l = &list.items[i];

		command_put_time("", l->last_ms);
		printf(" %s %.*s %.*s times=%" PRIu64 "%s", l->ok ? "ok" : "failed",
		       STR_ARG(l->service), STR_ARG(l->peer), l->count,
		       l->client.n != 0 ? " " : "");
		terminal_put(stdout, l->client);
		printf("\n");
	}
	return e;
}

int cli_account_logins(const struct settings *s, int argc, char **argv)
{
	struct request r = { .address = str_of(argv[0]) };

	(void)argc;
	return command_read(s, "account", logins, &r);
}
