/* main/cli_certificate.c: `roost certificate ...`. */
#include "main/command.h"

#include "acme/acme.h"
#include "acme/own.h"
#include "admin/settings_store.h"
#include "base/clock.h"
#include "main/control.h"
#include "net/cert_file.h"
#include "observe/stamp.h"

#include <stdlib.h>

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
		printf("    problem: %.*s\n", STR_ARG(c->problem));
}

/* Is more to be got, as the server beside us has it? */
static bool acme_is_on(struct txn *t, const struct settings *s)
{
	struct settings_stored stored;
	struct live *live;
	bool on = s->acme;

	if (settings_load(t, txn_arena(t), &stored) == OK &&
	    live_new(s->environment, &stored, &live, NULL) == OK) {
		on = settings_first(live)->acme;
		live_free(&live);
	}
	return on;
}

static enum err list(struct txn *t, void *arg)
{
	const struct settings *s = arg;
	struct acme_list all;
	enum err e = acme_list(t, acme_is_on(t, s), txn_arena(t), &all);

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
	const struct own_cert *own = arg;
	enum err e = own_cert_add(t, own);

	return e ? e : command_note(t, "certificate.add", own->id, STR_EMPTY, STR_EMPTY);
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
	enum err e = own_cert_rm(t, id);

	return e ? e : command_note(t, "certificate.remove", id, STR_EMPTY, STR_EMPTY);
}

int cli_certificate_rm(const struct settings *s, int argc, char **argv)
{
	struct str id = str_of(argv[0]);

	(void)argc;
	return changed(s, command_write(s, false, "certificate", rm, &id));
}
