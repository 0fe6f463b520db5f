/* console/cli/commands.c: the table of commands, which of them is meant, and the help. */
#include "console/cli/command.h"

#include "console/cli/call.h"
#include "foundation/base/cur.h"

#include <stdlib.h>
#include <string.h>

static const struct command commands[] = {
	{ "healthcheck", "", 0, 0, "ask the running server whether it is ready (exit status)",
	  .run = cli_healthcheck },
	{ "doctor", "[DOMAIN|ADDRESS] [--self-test] [--json]", 0, 3,
	  "check DNS, port 25 and blocklists; or send a message to this server",
	  .run = cli_doctor },
	{ "dns", "NAME [TYPE]", 1, 2,
	  "query DNS, and show whether the answer is signed and by which keys", .run = cli_dns },
	{ "dmarc", "DOMAIN [--tree-walk]", 1, 2, "a domain's DMARC policy for mail that fails",
	  .run = cli_dmarc },
	{ "spf", "IP ADDRESS [HELO]", 2, 3,
	  "check whether SPF allows this host to send mail from ADDRESS, and why", .run = cli_spf },
	{ "arc seal", "KEY FILE NAME=VALUE...", 5, 8,
	  "print an ARC set sealed by KEY (PEM); domain, selector, results, cv...",
	  .run = cli_arc_seal },
	{ "arc verify", "[FILE]", 0, 1,
	  "verify the ARC chain of a message, from FILE or standard input", .run = cli_arc_verify },
	{ "dkim verify", "[FILE]", 0, 1,
	  "verify the DKIM signatures of a message, from FILE or standard input",
	  .run = cli_dkim_verify },
	{ "sieve check", "FILE [--stage STAGE]", 1, 3,
	  "compile a Sieve script, or one of an SMTP stage, and show all of its errors",
	  .run = cli_sieve_check },
	{ "sieve run", "FILE [--message M] [--from A] [--to A] [--trace]", 1, 8,
	  "what a Sieve script does with a message, from file M or standard input",
	  .run = cli_sieve_run },
	{ "sieve test", "FILE...", 1, 1000, "run files of tests in vnd.dovecot.testsuite",
	  .run = cli_sieve_test },
	{ "settings get", "NAME", 1, 1, "the value of one setting", .run = cli_settings_get },
	{ "settings set", "NAME [VALUE]", 1, 2,
	  "set one; without VALUE it is prompted for or read from standard input",
	  .run = cli_settings_set },
	{ "settings unset", "NAME", 1, 1, "reset one to its default", .run = cli_settings_unset },
	{ "settings", "", 0, 0, "every setting with its value, origin and meaning",
	  .run = cli_settings },
	{ "account export", "ADDRESS PATH [--mbox]", 2, 3,
	  "write all of a user's mail to a new folder, as Maildir++ or mbox files",
	  .run = cli_account_export },
	{ "account import-imap", "ADDRESS URL [ROOTS] [A=B...]", 2, 503,
	  "import all or new mail from imaps://user@host; A=B maps mailbox A to B",
	  .run = cli_account_import_imap },
	{ "account import-maildir", "ADDRESS PATH", 2, 2,
	  "import a Maildir with its folders; repeated: only new mail",
	  .run = cli_account_import_maildir },
	{ "account import-mbox", "ADDRESS FILE [MAILBOX]", 2, 3,
	  "import an mbox file; repeated: only new mail", .run = cli_account_import_mbox },
/* call_words.c counts the arguments, unless a row takes none. */
#define NO_ARGS(args, takes) (sizeof(args) == 1 && sizeof(takes) > 1)
#define CALL(words, args, least, needs, handler, takes, prints, help)                            \
	{                                                                                        \
		words,                                                                           \
		args,                                                                            \
		least,                                                                           \
		NO_ARGS(args, takes) ? 0 : CALL_ARGS_MAX,                                        \
		help,                                                                            \
		.call = &(const struct call_row){ words, #handler, CALL_##needs, takes, prints } \
	},
#include "console/cli/calls.def"
#undef CALL
	{ "backup check", "FILE [--passphrase-file F]", 1, 3,
	  "read a backup completely, and check that it can be decrypted", .run = cli_backup_check },
	{ "backup", "FILE|FOLDER [--keep N] [--passphrase-file F]", 1, 5,
	  "copy the store to FILE, or to a dated file in FOLDER; F has a passphrase",
	  .run = cli_backup },
	{ "restore", "FILE [--replace] [--passphrase-file F]", 1, 4,
	  "make a backup the store; --replace moves the present store aside", .run = cli_restore },
	{ "compact", "", 0, 0, "return free space to the file system; the server must be stopped",
	  .run = cli_compact },
	{ "fsck", "[--repair]", 0, 1,
	  "check the store; silent when all is well; --repair fixes what it can", .run = cli_fsck },
	{ "licenses", "", 0, 0, "licences of everything in this program", .run = cli_licenses },
	{ "version", "", 0, 0, "the version", .run = cli_version },
};

enum { HELP_COLUMN = 35 };

/* Words and arguments, and in a column of its own what they are for. */
static void row_help(FILE *to, const struct command *c)
{
	int n;

	if (c->help[0] == '\0')
		return;
	n = fprintf(to, "  roost %s%s%s", c->words, c->args[0] != '\0' ? " " : "", c->args);

	if (n >= HELP_COLUMN)
		n = fprintf(to, "\n") - 1;
	fprintf(to, "%*s%s\n", HELP_COLUMN - n, "", c->help);
}

/* "account" alone names a family: tell what is in it. False when it names none. */
static bool family_help(FILE *to, const char *word)
{
	struct str family = str_of(word);
	bool any = false;

	for (size_t i = 0; i < COUNT(commands); i++) {
		struct str words = str_of(commands[i].words);

		if (family.n == 0 || !str_starts(words, family) || words.n == family.n ||
		    words.p[family.n] != ' ')
			continue;
		any = true;
		row_help(to, &commands[i]);
	}
	return any;
}

static void help_all(FILE *to)
{
	fputs("roost: a whole mail server\n\n"
	      "  roost                            serve until SIGTERM; SIGHUP: read certificates\n",
	      to);
	for (size_t i = 0; i < COUNT(commands); i++)
		row_help(to, &commands[i]);
	fputs("\nSettings are environment variables ROOST_...: see `roost settings`.\n", to);
}

/* How many arguments the words of a command take up, 0 when these are not they. */
static int words_match(const char *words, int argc, char **argv)
{
	struct cur c = cur_of(str_of(words));
	int n = 0;

	while (!cur_done(&c)) {
		if (n == argc || !cur_str(&c, str_of(argv[n])))
			return 0;
		if (!cur_done(&c) && !cur_byte(&c, ' '))
			return 0;
		n++;
	}
	return n;
}

const struct command *command_find(int argc, char **argv, int *words)
{
	const struct command *best = NULL;

	*words = 0;
	for (size_t i = 0; i < COUNT(commands); i++) {
		int n = words_match(commands[i].words, argc, argv);

		if (n > *words) {
			*words = n;
			best = &commands[i];
		}
	}
	return best;
}

static int unknown(const char *word)
{
	fprintf(stderr, "roost: no such command: %s; `roost help` lists them\n", word);
	return EXIT_USAGE;
}

/* The next row of the same words, or NULL. */
static const struct command *row_next(const struct command *c)
{
	const struct command *next = c + 1;

	return next < commands + COUNT(commands) && strcmp(next->words, c->words) == 0 ? next
	                                                                               : NULL;
}

static void rows_help(FILE *to, const struct command *c)
{
	for (; c != NULL; c = row_next(c))
		row_help(to, c);
}

int command_help(FILE *to, int argc, char **argv)
{
	const struct command *c;
	int n;

	if (argc == 0)
		help_all(to);
	else if ((c = command_find(argc, argv, &n)) != NULL)
		rows_help(to, c);
	else if (!family_help(to, argv[0]))
		return unknown(argv[0]);
	return EXIT_SUCCESS;
}

bool command_asks_for_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "-x" and "--long", unless the command's args have "[--long]" or "[--long VALUE]". An address
 * may begin with a hyphen. */
static bool unknown_option(const struct command *c, const char *word)
{
	char known[32];
	const char *at;
	int n;

	if (word[0] != '-' || strchr(word, '@') != NULL)
		return false;
	n = snprintf(known, sizeof known, "[%s", word);
	at = strstr(c->args, known);
	return at == NULL || n >= (int)sizeof known || (at[n] != ']' && at[n] != ' ');
}

static const struct command *row_fitting(const struct command *c, int argc)
{
	while (c != NULL && (argc < c->args_min || argc > c->args_max))
		c = row_next(c);
	return c;
}

/* The rows of these words for so many arguments, until one has its subject. */
static int rows_run(const struct command *c, const struct settings *s, int argc, char **argv)
{
	int status = EXIT_USAGE;

	for (c = row_fitting(c, argc); c != NULL;) {
		const struct command *next = row_fitting(row_next(c), argc);

		if (c->call == NULL)
			return c->run(s, argc, argv);
		status = call_run(s, c->call, argc, argv, next == NULL);
		c = status == CALL_MISSING ? next : NULL;
	}
	return status;
}

/* Run a command after its words; on wrong usage the help follows. */
static int run(const struct command *c, const struct settings *s, int argc, char **argv)
{
	int status = EXIT_USAGE;
	int i = 0;

	while (i < argc && !unknown_option(c, argv[i]))
		i++;
	if (i < argc)
		fprintf(stderr, "roost: unknown option %s\n", argv[i]);
	else
		status = rows_run(c, s, argc, argv);
	if (status == EXIT_USAGE) {
		fputs("usage:\n", stderr);
		rows_help(stderr, c);
	}
	return status;
}

int command_run(const struct settings *s, int argc, char **argv)
{
	const struct command *c;
	int n;

	if (argc == 0)
		return serve(s);
	if (argc > 1 && command_asks_for_help(argv[argc - 1]))
		return command_help(stdout, argc - 1, argv);
	c = command_find(argc, argv, &n);
	if (c != NULL)
		return run(c, s, argc - n, argv + n);
	return family_help(stderr, argv[0]) ? EXIT_USAGE : unknown(argv[0]);
}
