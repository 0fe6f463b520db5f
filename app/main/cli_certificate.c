/* main/cli_certificate.c: `roost certificate ...`. */
#include "main/command.h"

#include "acme/acme.h"
#include "main/control.h"
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
	       end[0] != '\0' ? end : "-", next[0] != '\0' ? next : "at once");
	for (size_t i = 0; i < c->name_count; i++)
		printf("    %.*s\n", STR_ARG(c->names[i]));
	if (c->problem.n != 0)
		printf("    problem: %.*s\n", STR_ARG(c->problem));
}

static enum err list(struct txn *t, void *arg)
{
	struct acme_list all;
	enum err e = acme_list(t, txn_arena(t), &all);

	(void)arg;
	for (size_t i = 0; e == OK && i < all.count; i++)
		print(&all.items[i]);
	return e;
}

int cli_certificate_list(const struct settings *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	return command_read(s, "certificate", list, NULL);
}

static enum err renew(struct txn *t, void *arg)
{
	(void)arg;
	return acme_set_due(t);
}

int cli_certificate_renew(const struct settings *s, int argc, char **argv)
{
	int status = command_write(s, false, "certificate", renew, NULL);

	(void)argc, (void)argv;
	if (status == EXIT_SUCCESS)
		control_poke(s->data, CONTROL_CERTIFICATES);
	return status;
}
