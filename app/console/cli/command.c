/* console/cli/command.c: what commands share; see command.h. */
#include "console/cli/command.h"

#include "console/api/access/audit.h"
#include "console/server/privilege.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/config/value.h"
#include "foundation/config/version.h"
#include "foundation/crypto/password.h"
#include "foundation/text/date.h"
#include "model/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

int command_failed(const char *what, const struct why *why)
{
	fprintf(stderr, "roost: %s: %s\n", what, why->text[0] != '\0' ? why->text : "failed");
	return EXIT_FAILURE;
}

struct store *command_store(const struct settings *s, bool create)
{
	struct arena a = { 0 };
	struct store_config config = { .role = STORE_TOOL,
		                       .folder = str_z(&a, s->data),
		                       .create = create,
		                       .writer = roost_version };
	struct store *store = NULL;
	struct why why = { "" };

	if (privilege_drop(config.folder, &why) != OK || store_open(&store, &config, &why) != OK)
		command_failed("store", &why);
	arena_deinit(&a);
	return store;
}

static int finish(struct store **store, const char *what, enum err e, struct why *why)
{
	store_close(store);
	if (e == OK)
		return EXIT_SUCCESS;
	if (why->text[0] == '\0')
		fail(why, e, "failed: %s", err_name(e));
	return command_failed(what, why);
}

int command_read(const struct settings *s, const char *what, txn_fn *fn, void *arg)
{
	struct store *store = command_store(s, false);
	struct why why = { "" };
	enum err e;

	if (store == NULL)
		return EXIT_FAILURE;
	e = store_read(store, fn, arg);
	return finish(&store, what, e, &why);
}

enum err command_note(struct txn *t, const char *what, struct str target, struct str before,
                      struct str after)
{
	const struct audit entry = { .time_ms = clock_real_ms(),
		                     .who = STR(AUDIT_COMMAND_LINE),
		                     .what = str_of(what),
		                     .target = target,
		                     .before = before,
		                     .after = after };

	return audit_add(t, &entry);
}

bool command_passphrase(const char *what, const char *path, struct arena *a, struct str *out)
{
	struct why why = { "" };

	if (value_read_file(a, str_of(path), STR("--passphrase-file"), out, &why) == OK &&
	    out->n == 0)
		fail(&why, ERR_SYNTAX, "%s is empty: it has no passphrase", path);
	if (why.text[0] == '\0')
		return true;
	command_failed(what, &why);
	return false;
}

bool command_number(const char *what, const char *text, uint32_t *out)
{
	struct cur c = cur_of(str_of(text));

	if (cur_u32(&c, out) && cur_done(&c))
		return true;
	fprintf(stderr, "roost: %s: %s is no number\n", what, text);
	return false;
}

/* One line of standard input without its end, or false at its end. */
static bool line_read(struct arena *a, struct str *out)
{
	char line[PASSWORD_MAX + 2]; /* one past the maximum, and the CR of a CRLF */
	size_t n = 0;
	int c;

	while ((c = getchar()) != EOF && c != '\n')
		if (n < sizeof line)
			line[n++] = (char)c;
	if (n != 0 && line[n - 1] == '\r')
		n--;
	*out = str_dup(a, str_from(line, n));
	mem_wipe(line, sizeof line);
	return c != EOF || n != 0;
}

static bool line_ask(const char *prompt, struct arena *a, struct str *out)
{
	struct termios shown, hidden;
	bool got;

	fputs(prompt, stderr);
	tcgetattr(STDIN_FILENO, &shown);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	got = line_read(a, out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputs("\n", stderr);
	return got;
}

bool command_password(struct arena *a, struct str *out)
{
	struct str again;
	bool got;

	if (!isatty(STDIN_FILENO)) {
		got = line_read(a, out);
	} else {
		got = line_ask("Password: ", a, out) && line_ask("Again: ", a, &again);
		if (got && !str_eq(*out, again)) {
			fputs("roost: the two passwords differ\n", stderr);
			return false;
		}
	}
	if (!got || out->n == 0) {
		fputs("roost: no password given\n", stderr);
		return false;
	}
	return true;
}
