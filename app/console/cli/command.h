/* console/cli/command.h: the command line: `roost` alone serves, `roost WORDS` does one thing.
 *
 * Rows of calls.def are calls of the API, which the running server answers, or the command itself
 * on the store. The other commands open the store themselves, so they work next to a running server
 * and without one. Exit status: EXIT_SUCCESS, EXIT_FAILURE
 * with a sentence on standard error, or EXIT_USAGE followed by the command's line of the help.
 * Standard output has the requested data only.
 *
 * When adding a command: a row in calls.def when it is a call of the API, else one in
 * commands.c's table and its function in a cli_*.c; a line in the
 * README if people will look for it there, and a case in tests/e2e/test_cli.py. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H
#include "foundation/base/err.h"
#include "foundation/config/settings.h"
#include "model/store/store.h"

#include <stdio.h>

enum { EXIT_USAGE = 2 };

struct call_row;
struct command {
	const char *words; /* "account add"                             */
	const char *args;  /* "FILE [--replace]": for the help; options are known by it */
	int args_min, args_max;
	const char *help;
	int (*run)(const struct settings *s, int argc, char **argv);
	const struct call_row *call; /* instead of run: call.h */
};

/* The row with the most words that these arguments begin with, and how many they are; NULL for
 * none. */
const struct command *command_find(int argc, char **argv, int *words);
/* Do what the arguments say: serve when there are none. Returns the exit status. */
int command_run(const struct settings *s, int argc, char **argv);
/* Print `roost help WORD...`: one command, a family, or without words all. Returns the exit
 * status. */
int command_help(FILE *to, int argc, char **argv);
/* "help", "--help" or "-h". */
bool command_asks_for_help(const char *word);

/* --- what commands share --- */

/* The sentence on standard error, and EXIT_FAILURE to return. */
int command_failed(const char *what, const struct why *why);

/* Open the store of the data folder for a command. create: an empty one may be made. When
 * run by root, become the folder's owner first, so that no file of it ends up unusable by
 * the server. NULL after saying why on standard error. */
struct store *command_store(const struct settings *s, bool create);

/* The settings of a server with that folder, including stored ones if there is a store. Free them
 * with live_free. */
struct live;
enum err command_settings(const struct settings *s, struct live **out, struct why *why) MUST_USE;
/* The same by a store that is open; NULL: without one. */
enum err command_live(const struct settings *s, struct store *store, struct live **out,
                      struct why *why) MUST_USE;

/* A resolver by those settings; call dns_free in any case. */
struct arena;
struct dns;
enum err command_dns(const struct settings *s, struct arena *a, struct dns **out,
                     struct why *why) MUST_USE;

/* Run fn in a transaction of the store of the data folder; returns the exit status, after
 * saying on standard error what went wrong. what is the
 * word the sentence begins with. */
int command_read(const struct settings *s, const char *what, txn_fn *fn, void *arg);

/* Note a change in the audit trail, inside its transaction; the rest as of api_audit, and the
 * same as the call of the API notes. */
enum err command_note(struct txn *t, const char *what, struct str target, struct str before,
                      struct str after) MUST_USE;

/* One number as an argument of command what; false after saying on standard error what is wrong. */
bool command_number(const char *what, const char *text, uint32_t *out);
/* The passphrase that a file has, in a; false after saying on standard error what is wrong. */
bool command_passphrase(const char *what, const char *path, struct arena *a, struct str *out);
/* A password from the terminal (asked twice, not shown), or one line of standard input when
 * that is no terminal. Wiped with a. False after saying why. */
bool command_password(struct arena *a, struct str *out);

/* --- cli_*.c --- */

int cli_dns(const struct settings *s, int argc, char **argv);
int cli_arc_seal(const struct settings *s, int argc, char **argv);
int cli_arc_verify(const struct settings *s, int argc, char **argv);
int cli_dkim_verify(const struct settings *s, int argc, char **argv);
int cli_dmarc(const struct settings *s, int argc, char **argv);
int cli_spf(const struct settings *s, int argc, char **argv);
int cli_sieve_check(const struct settings *s, int argc, char **argv);
int cli_sieve_run(const struct settings *s, int argc, char **argv);
int cli_sieve_test(const struct settings *s, int argc, char **argv);
int cli_account_export(const struct settings *s, int argc, char **argv);
int cli_account_import_imap(const struct settings *s, int argc, char **argv);
int cli_account_import_maildir(const struct settings *s, int argc, char **argv);
int cli_account_import_mbox(const struct settings *s, int argc, char **argv);
int cli_backup(const struct settings *s, int argc, char **argv);
int cli_backup_check(const struct settings *s, int argc, char **argv);
int cli_compact(const struct settings *s, int argc, char **argv);
int cli_restore(const struct settings *s, int argc, char **argv);
int cli_fsck(const struct settings *s, int argc, char **argv);
int cli_healthcheck(const struct settings *s, int argc, char **argv);
int cli_doctor(const struct settings *s, int argc, char **argv);
int cli_settings(const struct settings *s, int argc, char **argv);
int cli_settings_get(const struct settings *s, int argc, char **argv);
int cli_settings_set(const struct settings *s, int argc, char **argv);
int cli_settings_unset(const struct settings *s, int argc, char **argv);
int cli_licenses(const struct settings *s, int argc, char **argv);
int cli_version(const struct settings *s, int argc, char **argv);

/* serve.c: the server itself, until a signal stops it. */
int serve(const struct settings *s);

#endif
