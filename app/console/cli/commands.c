/* console/cli/commands.c: the table of commands, which of them is meant, and the help. */
#include "console/cli/command.h"

#include "console/cli/call.h"
#include "foundation/base/cur.h"

#include <stdlib.h>
#include <string.h>

/* One function for each row of calls.def, since a command does not learn its own name. */
#define CALL(words, args, least, handler, query, help)                             \
	static int call_##handler(const struct settings *s, int argc, char **argv) \
	{                                                                          \
		return call_run(s, #handler, query, argc, argv);                   \
	}
#include "console/cli/calls.def"
#undef CALL

static const struct command commands[] = {
	{ "healthcheck", "", 0, 0,
	  "ask the running server whether it is ready (exit status)", cli_healthcheck },
	{ "doctor", "[DOMAIN|ADDRESS] [--self-test] [--json]", 0, 3,
	  "check DNS, port 25 and blocklists; or send a message to this server",
	  cli_doctor },
	{ "dns", "NAME [TYPE]", 1, 2,
	  "query DNS, and show whether the answer is signed and by which keys", cli_dns },
	{ "dmarc", "DOMAIN [--tree-walk]", 1, 2,
	  "a domain's DMARC policy for mail that fails", cli_dmarc },
	{ "spf", "IP ADDRESS [HELO]", 2, 3,
	  "check whether SPF allows this host to send mail from ADDRESS, and why",
	  cli_spf },
	{ "arc seal", "KEY FILE NAME=VALUE...", 5, 8,
	  "print an ARC set sealed by KEY (PEM); domain, selector, results, cv...",
	  cli_arc_seal },
	{ "arc verify", "[FILE]", 0, 1,
	  "verify the ARC chain of a message, from FILE or standard input",
	  cli_arc_verify },
	{ "dkim verify", "[FILE]", 0, 1,
	  "verify the DKIM signatures of a message, from FILE or standard input",
	  cli_dkim_verify },
	{ "settings get", "NAME", 1, 1, "the value of one setting", cli_settings_get },
	{ "settings set", "NAME [VALUE]", 1, 2,
	  "set one; without VALUE it is prompted for or read from standard input",
	  cli_settings_set },
	{ "settings unset", "NAME", 1, 1, "reset one to its default",
	  cli_settings_unset },
	{ "settings", "", 0, 0, "every setting with its value, origin and meaning",
	  cli_settings },
	{ "domain add", "DOMAIN", 1, 1, "accept mail for a domain", cli_domain_add },
	{ "domain catchall", "DOMAIN [ADDRESS]", 1, 2,
	  "set who gets mail for unknown addresses of a domain; nobody without ADDRESS",
	  cli_domain_catchall },
	{ "domain list", "", 0, 0, "all domains", cli_domain_list },
	{ "domain rm", "DOMAIN", 1, 1, "stop accepting mail for a domain",
	  cli_domain_rm },
	{ "account add", "ADDRESS [NAME]", 1, 2,
	  "create an account; the password is prompted for or read from standard input",
	  cli_account_add },
	{ "account app-password add", "ADDRESS LABEL [SCOPE...]", 2, 4,
	  "create a password for one mail client, for imap, smtp or both; printed once",
	  cli_app_password_add },
	{ "account app-password list", "ADDRESS", 1, 1, "list a user's app passwords",
	  cli_app_password_list },
	{ "account app-password rm", "ADDRESS ID", 2, 2, "revoke an app password",
	  cli_app_password_rm },
	{ "account disable", "ADDRESS [--mail]", 1, 2,
	  "refuse a user's logins; --mail: also refuse incoming mail",
	  cli_account_disable },
	{ "account enable", "ADDRESS", 1, 1,
	  "allow a user's logins and incoming mail again", cli_account_enable },
	{ "account export", "ADDRESS PATH [--mbox]", 2, 3,
	  "write all of a user's mail to a new folder, as Maildir++ or mbox files",
	  cli_account_export },
	{ "account import-imap", "ADDRESS URL [ROOTS] [A=B...]", 2, 503,
	  "import all or new mail from imaps://user@host; A=B maps mailbox A to B",
	  cli_account_import_imap },
	{ "account import-maildir", "ADDRESS PATH", 2, 2,
	  "import a Maildir with its folders; repeated: only new mail",
	  cli_account_import_maildir },
	{ "account import-mbox", "ADDRESS FILE [MAILBOX]", 2, 3,
	  "import an mbox file; repeated: only new mail", cli_account_import_mbox },
	{ "account list", "", 0, 0, "all accounts", cli_account_list },
	{ "account logins", "ADDRESS", 1, 1, "a user's recent logins and their addresses",
	  cli_account_logins },
	{ "account owner", "ADDRESS", 1, 1,
	  "make a user an owner, who administers the server", cli_account_owner },
	{ "account passwd", "ADDRESS", 1, 1, "set a user's password, as above",
	  cli_account_passwd },
	{ "account passkeys list", "ADDRESS", 1, 1, "list a user's passkeys",
	  cli_passkeys_list },
	{ "account passkeys rm", "ADDRESS ID", 2, 2,
	  "remove a passkey, for example of a lost device", cli_passkeys_rm },
	{ "account quota", "ADDRESS BYTES", 2, 2,
	  "limit a user's storage; 0 for no limit", cli_account_quota },
	{ "account rm", "ADDRESS", 1, 1, "delete an account and all its mail",
	  cli_account_rm },
	{ "account role", "ADDRESS ROLE [DOMAIN...]", 2, 102,
	  "set a role: user, owner, or admin of some domains", cli_account_role },
	{ "account totp off", "ADDRESS", 1, 1,
	  "turn off two-factor login for a user who lost the device", cli_totp_off },
	{ "alias add", "ADDRESS TARGET...", 2, 100,
	  "forward mail for ADDRESS to the targets", cli_alias_add },
	{ "alias list", "", 0, 0, "all aliases", cli_alias_list },
	{ "alias rm", "ADDRESS", 1, 1, "remove an alias or a list", cli_alias_rm },
	{ "certificate account deactivate", "", 0, 0,
	  "close the ACME account for good; ACME must be off",
	  cli_certificate_deactivate },
	{ "certificate account rollover", "", 0, 0, "replace the key of the ACME account",
	  cli_certificate_rollover },
	{ "certificate account", "", 0, 0,
	  "show the account at the certification authority", cli_certificate_account },
	{ "certificate add", "CHAIN KEY", 2, 2,
	  "install your own certificate, two PEM files; used at once",
	  cli_certificate_add },
	{ "certificate list", "", 0, 0, "certificates, and why any of them is missing",
	  cli_certificate_list },
	{ "certificate renew", "", 0, 0, "renew all ACME certificates now",
	  cli_certificate_renew },
	{ "certificate revoke", "ID [REASON]", 1, 2,
	  "revoke a certificate, and obtain another with a new key",
	  cli_certificate_revoke },
	{ "certificate rm", "ID", 1, 1, "remove an uploaded certificate",
	  cli_certificate_rm },
	{ "group add", "ADDRESS [TITLE]", 1, 2, "create an empty group", cli_group_add },
	{ "group join", "ADDRESS ACCOUNT...", 2, 501, "add users to a group",
	  cli_group_join },
	{ "group leave", "ADDRESS ACCOUNT...", 2, 501, "remove users from a group",
	  cli_group_leave },
	{ "group list", "", 0, 0, "all groups, their members, and who may write to them",
	  cli_group_list },
	{ "group mail", "ADDRESS WHO", 2, 2,
	  "accept mail for all members, from WHO: anybody, members, domain, nobody",
	  cli_group_mail },
	{ "group rm", "ADDRESS", 1, 1, "remove a group; its members stay", cli_group_rm },
	{ "list set", "ADDRESS WHO MEMBER...", 3, 502,
	  "create or change a list; WHO may write: anybody, members or domain",
	  cli_list_set },
	{ "queue list", "", 0, 0, "outgoing mail in the queue", cli_queue_list },
	{ "queue retry", "[ID]", 0, 1, "try one entry, or all, now", cli_queue_retry },
	{ "queue show", "ID", 1, 1, "show one entry with the message's headers",
	  cli_queue_show },
	{ "queue hold", "ID", 1, 1, "hold an entry until it is released",
	  cli_queue_hold },
	{ "queue release", "ID", 1, 1, "release a held entry", cli_queue_release },
	{ "queue drop", "ID", 1, 1, "remove an entry without a bounce", cli_queue_drop },
	{ "send", "ADDRESS [FILE]", 1, 2,
	  "send a message as an account; JSON or a whole message, from FILE or stdin",
	  cli_send },
#define CALL(words, args, least, handler, query, help) \
	{ words, args, least, CALL_ARGS_MAX, help, call_##handler },
#include "console/cli/calls.def"
#undef CALL
	{ "token add", "ADDRESS LABEL SCOPE...", 3, 7,
	  "create an API token for this user; printed once", cli_token_add },
	{ "token list", "ADDRESS", 1, 1, "list a user's API tokens", cli_token_list },
	{ "token rm", "ADDRESS ID", 2, 2, "revoke an API token", cli_token_rm },
	{ "backup check", "FILE [--passphrase-file F]", 1, 3,
	  "read a backup completely, and check that it can be decrypted",
	  cli_backup_check },
	{ "backup", "FILE|FOLDER [--keep N] [--passphrase-file F]", 1, 5,
	  "copy the store to FILE, or to a dated file in FOLDER; F has a passphrase",
	  cli_backup },
	{ "restore", "FILE [--replace] [--passphrase-file F]", 1, 4,
	  "make a backup the store; --replace moves the present store aside",
	  cli_restore },
	{ "compact", "", 0, 0,
	  "return free space to the file system; the server must be stopped",
	  cli_compact },
	{ "fsck", "[--repair]", 0, 1,
	  "check the store; silent when all is well; --repair fixes what it can",
	  cli_fsck },
	{ "licenses", "", 0, 0, "licences of everything in this program", cli_licenses },
	{ "version", "", 0, 0, "the version", cli_version },
};

enum { HELP_COLUMN = 35 };

/* Words and arguments, and in a column of its own what they are for. */
static void row_help(FILE *to, const struct command *c)
{
	int n = fprintf(to, "  roost %s%s%s", c->words, c->args[0] != '\0' ? " " : "", c->args);

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

int command_help(FILE *to, int argc, char **argv)
{
	const struct command *c;
	int n;

	if (argc == 0)
		help_all(to);
	else if ((c = command_find(argc, argv, &n)) != NULL)
		row_help(to, c);
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

/* Run a command after its words; what is not called rightly is answered with the help. */
static int run(const struct command *c, const struct settings *s, int argc, char **argv)
{
	int status = EXIT_USAGE;
	int i = 0;

	while (i < argc && !unknown_option(c, argv[i]))
		i++;
	if (i < argc)
		fprintf(stderr, "roost: unknown option %s\n", argv[i]);
	else if (argc >= c->args_min && argc <= c->args_max)
		status = c->run(s, argc, argv);
	if (status == EXIT_USAGE) {
		fputs("usage:\n", stderr);
		row_help(stderr, c);
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
