/* console/cli/certificate.c: `roost certificate ...`. */
#include "console/cli/command.h"

#include "console/api/settings/settings_store.h"
#include "console/cli/terminal.h"
#include "console/server/control.h"
#include "foundation/base/clock.h"
#include "foundation/observe/stamp.h"
#include "network/tls/cert_file.h"
#include "operations/acme/acme.h"
#include "operations/acme/own.h"
#include "operations/dns_publish/host.h"

#include <stdlib.h>

/* In the words of the authority. */
static void problem_print(struct str problem)
{
	printf("    problem: ");
	terminal_put(stdout, problem);
	printf("\n");
}

static void print(const struct acme_certificate *c)
{
	char end[STAMP_SIZE] = "", next[STAMP_SIZE] = "";

	if (c->not_after_ms != 0)
		stamp_utc(c->not_after_ms, end);
	if (c->next_try_ms != 0)
		stamp_utc(c->next_try_ms, next);
	printf("%.*s %s, issued by %.*s, until %s, next %s\n", STR_ARG(c->id), c->state,
	       STR_ARG(c->issuer.n != 0 ? c->issuer : STR("nobody yet")),
	       end[0] != '\0' ? end : "-", next[0] != '\0' ? next : "-");
	for (size_t i = 0; i < c->name_count; i++)
		printf("    %.*s\n", STR_ARG(c->names[i]));
	if (c->problem.n != 0)
		problem_print(c->problem);
}

/* What the server beside us goes by; the directory in the transaction's arena. */
struct acme_choice {
	bool on;
	struct str directory;
};

static struct acme_choice acme_choice(struct txn *t, const struct settings *s)
{
	struct acme_choice choice = { s->acme, s->acme_directory };
	struct settings_stored stored = { 0 };
	struct live *live;

	if (settings_load(t, txn_arena(t), &stored) == OK &&
	    live_new(s->environment, &stored, &live, NULL) == OK) {
		s = settings_first(live);
		choice = (struct acme_choice){ s->acme, str_dup(txn_arena(t), s->acme_directory) };
		live_free(&live);
	}
	return choice;
}

static enum err list(struct txn *t, void *arg)
{
	const struct settings *s = arg;
	struct acme_list all;
	enum err e = acme_list(t, acme_choice(t, s).on, txn_arena(t), &all);

	for (size_t i = 0; e == OK && i < all.count; i++)
		print(&all.items[i]);
	return e;
}

int cli_certificate_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "certificate", list, (void *)(uintptr_t)s);
}

/* The server beside this command looks at them. */
static int changed(const struct settings *s, int status)
{
	if (status == EXIT_SUCCESS)
		control_poke(s->data, CONTROL_CERTIFICATES);
	return status;
}

static enum err renew(struct txn *t, void *arg)
{
	enum err e = acme_set_due(t);

	(void)arg;
	return e ? e : command_note(t, "certificates.renew", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

int cli_certificate_renew(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return changed(s, command_write(s, false, "certificate", renew, NULL));
}

/* --- own ones ------------------------------------------------------------------------------ */

static enum err add(struct txn *t, void *arg)
{
	struct own_cert *own = arg;
	struct str before, after;
	enum err e = own_cert_describe(t, own->id, txn_arena(t), &before);

	if (e == OK)
		e = host_tells(t, &own->held);
	if (e == OK)
		e = own_cert_add(t, own);
	if (e == OK)
		e = own_cert_describe(t, own->id, txn_arena(t), &after);
	return e ? e : command_note(t, "certificate.add", own->id, before, after);
}

static enum err read_both(struct arena *a, char **argv, struct own_cert *out, struct why *why)
{
	struct str chain, key;
	enum err e = cert_file_read(argv[0], a, &chain, why);

	if (e == OK)
		e = cert_file_read(argv[1], a, &key, why);
	return e ? e : own_cert_make(chain, key, clock_real_ms(), a, out, why);
}

int cli_certificate_add(const struct settings *s, int argc, char **argv)
{
	int status = EXIT_FAILURE;
	struct why why = { "" };
	struct own_cert own;
	struct arena a;

	(void)argc;
	arena_init(&a, true);
	if (read_both(&a, argv, &own, &why) != OK)
		command_failed("certificate", &why);
	else
		status = command_write(s, true, "certificate", add, &own);
	if (status == EXIT_SUCCESS)
		printf("%.*s\n", STR_ARG(own.id));
	arena_deinit(&a);
	return changed(s, status);
}

static enum err rm(struct txn *t, void *arg)
{
	struct str id = *(const struct str *)arg;
	struct str before;
	enum err e = own_cert_describe(t, id, txn_arena(t), &before);

	if (e == OK)
		e = own_cert_rm(t, id);
	return e ? e : command_note(t, "certificate.remove", id, before, STR_EMPTY);
}

int cli_certificate_rm(const struct settings *s, int argc, char **argv)
{
	struct str id = str_of(argv[0]);

	(void)argc;
	return changed(s, command_write(s, false, "certificate", rm, &id));
}

/* --- an authority's ------------------------------------------------------------------------ */

struct asked {
	const struct settings *settings;
	int argc;
	char **argv;
};

static enum err revoke(struct txn *t, void *arg)
{
	const struct asked *a = arg;
	struct str id = str_of(a->argv[0]);
	enum err e = acme_revoke(t, id, a->argc > 1 ? str_of(a->argv[1]) : STR_EMPTY);

	return e ? e : command_note(t, "certificate.revoke", id, STR_EMPTY, STR_EMPTY);
}

static int write(const struct settings *s, int argc, char **argv, txn_fn *fn)
{
	struct asked a = { s, argc, argv };

	return changed(s, command_write(s, false, "certificate", fn, &a));
}

int cli_certificate_revoke(const struct settings *s, int argc, char **argv)
{
	return write(s, argc, argv, revoke);
}

/* --- the account ---------------------------------------------------------------------------- */

static enum err account(struct txn *t, void *arg)
{
	const struct asked *a = arg;
	struct acme_choice choice = acme_choice(t, a->settings);
	struct acme_account account;
	enum err e = acme_account(t, choice.directory, txn_arena(t), &account);

	if (e == ERR_MISSING)
		printf("no account at %.*s\n", STR_ARG(choice.directory));
	if (e)
		return e == ERR_MISSING ? OK : e;
	printf("%.*s\n    at %.*s\n    key %.*s\n", STR_ARG(account.url),
	       STR_ARG(account.directory), STR_ARG(account.key));
	if (account.pending[0] != '\0')
		printf("    asked for and not done yet: %s\n", account.pending);
	if (account.problem.n != 0)
		problem_print(account.problem);
	return OK;
}

int cli_certificate_account(const struct settings *s, int argc, char **argv)
{
	struct asked a = { s, argc, argv };

	return command_read(s, "certificate", account, &a);
}

static enum err rollover(struct txn *t, void *arg)
{
	const struct asked *a = arg;
	struct str directory = acme_choice(t, a->settings).directory;
	enum err e = acme_account_rollover(t, directory);

	return e ? e : command_note(t, "acme.account.rollover", directory, STR_EMPTY, STR_EMPTY);
}

int cli_certificate_rollover(const struct settings *s, int argc, char **argv)
{
	return write(s, argc, argv, rollover);
}

static enum err end(struct txn *t, void *arg)
{
	const struct asked *a = arg;
	struct acme_choice choice = acme_choice(t, a->settings);
	enum err e = acme_account_end(t, choice.directory, choice.on);

	return e ? e : command_note(t, "acme.account.end", choice.directory, STR_EMPTY, STR_EMPTY);
}

int cli_certificate_deactivate(const struct settings *s, int argc, char **argv)
{
	return write(s, argc, argv, end);
}
