/* main/commands.c: the table of commands, which of them is meant, and the help. */
#include "main/command.h"

#include "base/cur.h"
#include "main/call.h"

#include <stdlib.h>
#include <string.h>

/* One function for each row of calls.def, since a command does not learn its own name. */
#define CALL(words, args, least, handler, query, help)                             \
	static int call_##handler(const struct settings *s, int argc, char **argv) \
	{                                                                          \
		return call_run(s, #handler, query, argc, argv);                   \
	}
#include "main/calls.def"
#undef CALL

static const struct command commands[] = {
	{ "healthcheck", "", 0, 0, "ask the running server whether it is ready (exit status)",
	  cli_healthcheck },
	{ "doctor", "[DOMAIN|ADDRESS] [--self-test] [--json]", 0, 3,
	  "look at DNS, port 25, lists of bad senders; or send a message to oneself", cli_doctor },
	{ "dns", "NAME [TYPE]", 1, 2,
	  "ask the name servers, and tell whether the answer is signed and by whom", cli_dns },
	{ "dmarc", "DOMAIN [--tree-walk]", 1, 2,
	  "what a domain wants done with mail that only pretends to be its own", cli_dmarc },
	{ "spf", "IP ADDRESS [HELO]", 2, 3,
	  "may this host send mail from ADDRESS, and what in DNS says so", cli_spf },
	{ "arc seal", "KEY FILE NAME=VALUE...", 5, 8,
	  "a set of ARC by KEY, a PEM file; domain, selector, results, cv, time, names",
	  cli_arc_seal },
	{ "arc verify", "[FILE]", 0, 1,
	  "check the chain (ARC) of a message, from FILE or standard input", cli_arc_verify },
	{ "dkim verify", "[FILE]", 0, 1,
	  "check the signatures of a message, from FILE or standard input", cli_dkim_verify },
	{ "settings get", "NAME", 1, 1, "the value of one setting", cli_settings_get },
	{ "settings set", "NAME [VALUE]", 1, 2,
	  "set one; without VALUE it is asked for or read from standard input", cli_settings_set },
	{ "settings unset", "NAME", 1, 1, "back to the default", cli_settings_unset },
	{ "settings", "", 0, 0, "every setting with its value, origin and meaning", cli_settings },
	{ "domain add", "DOMAIN", 1, 1, "take mail for a domain", cli_domain_add },
	{ "domain catchall", "DOMAIN [ADDRESS]", 1, 2,
	  "who gets mail for unknown names of a domain; nobody without ADDRESS",
	  cli_domain_catchall },
	{ "domain list", "", 0, 0, "all domains", cli_domain_list },
	{ "domain rm", "DOMAIN", 1, 1, "stop taking mail for a domain", cli_domain_rm },
	{ "account add", "ADDRESS [NAME]", 1, 2,
	  "a new user; the password is asked for or read from standard input", cli_account_add },
	{ "account app-password add", "ADDRESS LABEL [SCOPE...]", 2, 4,
	  "a password for one mail program, for imap, smtp or both; printed once",
	  cli_app_password_add },
	{ "account app-password list", "ADDRESS", 1, 1, "a user's app passwords",
	  cli_app_password_list },
	{ "account app-password rm", "ADDRESS ID", 2, 2, "end one of them", cli_app_password_rm },
	{ "account disable", "ADDRESS [--mail]", 1, 2,
	  "refuse logins of a user; --mail: also refuse incoming mail", cli_account_disable },
	{ "account enable", "ADDRESS", 1, 1, "allow logins of a user and accept mail again",
	  cli_account_enable },
	{ "account export", "ADDRESS PATH [--mbox]", 2, 3,
	  "write all of a user's mail to a new folder, as Maildir++ or mbox files",
	  cli_account_export },
	{ "account import-imap", "ADDRESS URL [ROOTS] [A=B...]", 2, 503,
	  "bring all, or what is new, from imaps://user@host; A there goes to B here",
	  cli_account_import_imap },
	{ "account import-maildir", "ADDRESS PATH", 2, 2,
	  "bring a Maildir and its folders; again: only what is new", cli_account_import_maildir },
	{ "account import-mbox", "ADDRESS FILE [MAILBOX]", 2, 3,
	  "bring an mbox file; again: only what is new", cli_account_import_mbox },
	{ "account list", "", 0, 0, "all accounts", cli_account_list },
	{ "account logins", "ADDRESS", 1, 1, "from where a user logged in lately",
	  cli_account_logins },
	{ "account owner", "ADDRESS", 1, 1, "make a user an owner, who administers the server",
	  cli_account_owner },
	{ "account passwd", "ADDRESS", 1, 1, "set a user's password, as above",
	  cli_account_passwd },
	{ "account passkeys list", "ADDRESS", 1, 1, "a user's passkeys", cli_passkeys_list },
	{ "account passkeys rm", "ADDRESS ID", 2, 2, "remove one that was lost", cli_passkeys_rm },
	{ "account quota", "ADDRESS BYTES", 2, 2, "limit what a user may keep; 0 for no limit",
	  cli_account_quota },
	{ "account rm", "ADDRESS", 1, 1, "remove a user and all his mail", cli_account_rm },
	{ "account role", "ADDRESS ROLE [DOMAIN...]", 2, 102,
	  "user, owner, or admin of some domains", cli_account_role },
	{ "account totp off", "ADDRESS", 1, 1,
	  "end two-factor login of a user who has lost the device", cli_totp_off },
	{ "alias add", "ADDRESS TARGET...", 2, 100, "send mail for ADDRESS on to the targets",
	  cli_alias_add },
	{ "alias list", "", 0, 0, "all aliases", cli_alias_list },
	{ "alias rm", "ADDRESS", 1, 1, "remove an alias or a list", cli_alias_rm },
	{ "certificate account deactivate", "", 0, 0, "end it for good; ACME must be off",
	  cli_certificate_deactivate },
	{ "certificate account rollover", "", 0, 0, "give it another key",
	  cli_certificate_rollover },
	{ "certificate account", "", 0, 0, "the account at the authority",
	  cli_certificate_account },
	{ "certificate add", "CHAIN KEY", 2, 2,
	  "bring a certificate of your own: two PEM files; shown at once", cli_certificate_add },
	{ "certificate list", "", 0, 0, "certificates, and what keeps them from coming",
	  cli_certificate_list },
	{ "certificate renew", "", 0, 0, "get all that come from an authority anew, now",
	  cli_certificate_renew },
	{ "certificate revoke", "ID [REASON]", 1, 2,
	  "have the authority revoke one, and get another with a new key", cli_certificate_revoke },
	{ "certificate rm", "ID", 1, 1, "forget one that was brought", cli_certificate_rm },
	{ "group add", "ADDRESS [TITLE]", 1, 2, "a group of people, without any so far",
	  cli_group_add },
	{ "group join", "ADDRESS ACCOUNT...", 2, 501, "put users into a group", cli_group_join },
	{ "group leave", "ADDRESS ACCOUNT...", 2, 501, "take users out of it", cli_group_leave },
	{ "group list", "", 0, 0, "all groups, who may write to them, and who is in them",
	  cli_group_list },
	{ "group mail", "ADDRESS WHO", 2, 2,
	  "mail for all members, from WHO: anybody, members, domain, nobody", cli_group_mail },
	{ "group rm", "ADDRESS", 1, 1, "remove a group; its members stay", cli_group_rm },
	{ "list set", "ADDRESS WHO MEMBER...", 3, 502,
	  "make a list, or change it: WHO writes to it is anybody, members or domain",
	  cli_list_set },
	{ "queue list", "", 0, 0, "outgoing mail that waits", cli_queue_list },
	{ "queue retry", "[ID]", 0, 1, "try one entry, or all, now", cli_queue_retry },
	{ "queue show", "ID", 1, 1, "one entry with the message's headers", cli_queue_show },
	{ "queue hold", "ID", 1, 1, "do not try an entry until it is released", cli_queue_hold },
	{ "queue release", "ID", 1, 1, "try an entry that was held", cli_queue_release },
	{ "queue drop", "ID", 1, 1, "forget an entry; its sender is not told", cli_queue_drop },
	{ "send", "ADDRESS [FILE]", 1, 2,
	  "send a message as an account; JSON or whole, from FILE or standard input", cli_send },
#define CALL(words, args, least, handler, query, help) \
	{ words, args, least, CALL_ARGS_MAX, help, call_##handler },
#include "main/calls.def"
#undef CALL
	{ "token add", "ADDRESS LABEL SCOPE...", 3, 7,
	  "a token with which a program calls the API as this user; printed once", cli_token_add },
	{ "token list", "ADDRESS", 1, 1, "a user's tokens", cli_token_list },
	{ "token rm", "ADDRESS ID", 2, 2, "end a token", cli_token_rm },
	{ "backup check", "FILE [--passphrase-file F]", 1, 3,
	  "read a backup to its end: can it be decrypted, and is it whole?", cli_backup_check },
	{ "backup", "FILE|FOLDER [--keep N] [--passphrase-file F]", 1, 5,
	  "copy the store to FILE, or to a dated file in FOLDER; F has a passphrase",
	  cli_backup },
	{ "restore", "FILE [--replace] [--passphrase-file F]", 1, 4,
	  "make a backup the store; --replace moves aside what is there", cli_restore },
	{ "compact", "", 0, 0,
	  "give free space back to the file system; the server must be stopped",
	  cli_compact },
	{ "fsck", "[--repair]", 0, 1,
	  "check the store; silent when all is well; --repair: put right what it can", cli_fsck },
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
