/* formats/sieve/suite.h: vnd.dovecot.testsuite, a language in which scripts test the engine.
 *
 * A file of tests is a Sieve script with the commands "test", "test_script_compile" and others. The
 * interpreter runs it as any script, against a world in memory (suite_world.h): mailboxes, sent
 * messages, settings. Differences to Pigeonhole, which defines the language:
 *
 *   - an argument of test_script_compile with a line end is the script itself, and not a path
 *   - settings apply without test_config_reload. These exist, others are stored only:
 *     sieve_max_redirects, sieve_max_actions, spam_percent, virus_percent, zone_minutes, now (RFC
 *     3339), imap_event, env.ITEM, envelope.PART (values separated by commas), list.URI (the same),
 *     special_use.MAILBOX, mailbox_id.ID
 *   - the texts of errors are ours */
#ifndef SIEVE_SUITE_H
#define SIEVE_SUITE_H
#include "formats/sieve/sieve.h"

struct sieve_suite_host {
	/* Append all of a file; a relative path begins in the folder of the tests. */
	bool (*read)(void *arg, struct str path, struct buf *out);
	/* A test has ended. reason is empty when it passed. */
	void (*ended)(void *arg, uint32_t line, struct str name, struct str reason);
	void (*print)(void *arg, struct str text);
	void *arg;
	struct str folder;
	int64_t now_ms;
};

/* Compile and run a file of tests. False: it does not compile (see errors, in a), or an error
 * outside of a test has ended it, which is reported as a test without a name. */
bool sieve_suite_run(struct arena *a, struct str script, const struct sieve_suite_host *host,
                     struct sieve_errors *errors);

#endif
