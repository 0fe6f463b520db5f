/* console/cli/app_password.c: `roost account app-password add`: only at the machine does somebody
 * else than its user create a password for a mail client. */
#include "console/cli/command.h"

#include "console/api/people/api_people.h"
#include "console/api/settings/settings_store.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "model/directory/directory.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/salt.h"
#include "model/directory/login/secret.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
	struct str address;
	struct app_password app;
	struct str secret, words; /* words: what SCRAM needs of it */
	const struct settings *settings;
};

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
			fprintf(stderr, "roost: account: %s is not imap, pop3 or smtp\n", argv[i]);
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
