/* formats/sieve/suite_world.h: the world of a file of tests, in memory. Private to
 * formats/sieve. */
#ifndef SIEVE_SUITE_WORLD_H
#define SIEVE_SUITE_WORLD_H
#include "formats/sieve/suite.h"

/* A message in a mailbox, or one that was sent. */
struct suite_mail {
	struct str raw, flags;
	struct str from, to; /* of the envelope */
	struct suite_mail *next;
};

struct suite_mailbox {
	struct str name;
	struct suite_mail *mails;
	struct suite_mailbox *next;
};

/* A setting, annotation, saved program, or noted key. */
struct suite_pair {
	struct str name, value;
	struct suite_pair *next;
};

struct suite_run {
	struct arena arena;
	struct sieve_message message;
	struct sieve_result result;
	struct suite_run *next;
};

struct sieve_suite {
	const struct sieve_suite_host *host;
	struct arena arena; /* until the file ends */
	struct sieve_message message;
	struct str from, to, orig_to, auth;
	struct suite_pair *settings, *metadata, *programs, *noted, *noting;
	struct suite_mailbox *mailboxes;
	struct suite_mail *sent;
	struct str program;
	struct suite_run *runs, *old_runs; /* since the last reset; until the file ends */
	struct suite_pair *errors;         /* name: the text */
	/* The test that runs. */
	bool open;
	uint32_t line;
	struct str name, reason;
};

void suite_pair_set(struct sieve_suite *s, struct suite_pair **list, struct str name,
                    struct str value);
bool suite_pair_get(const struct suite_pair *list, struct str name, struct str *value);
bool suite_setting(const struct sieve_suite *s, const char *prefix, struct str name,
                   struct str *value);
void suite_error_add(struct sieve_suite *s, struct str text);
struct suite_mailbox *suite_mailbox_find(struct sieve_suite *s, struct str name, bool create);

/* Replaces the present program if the script has no error. */
bool suite_compile(struct sieve_suite *s, struct str text);
/* Run the present program. False after an error. */
bool suite_run(struct sieve_suite *s, const struct sieve_message *m);
/* The host of runs. */
struct sieve_host suite_host_of(struct sieve_suite *s);
struct sieve_limits suite_limits_of(const struct sieve_suite *s);
/* Carry out the actions of all runs. False after an error. */
bool suite_execute(struct sieve_suite *s);
/* Forget results; their memory stays until the file ends. */
void suite_runs_reset(struct sieve_suite *s);
void suite_world_deinit(struct sieve_suite *s);

#endif
