/* operations/doctor/self_test/self_test.h: does mail of ours arrive with others? A message from a
 * domain of ours to itself, written and signed as mail that leaves is, then judged as a stranger's
 * server would judge it: by what DNS says now, and by our own port 25 as others come to it
 * (self_judge.h). Then it is brought to that port (self_send.h), goes through all checks and
 * filters there, and is waited for in the mailbox, where what was written on it is read
 * (self_arrival.h).
 *
 * Each verdict is a struct check, in the order in which a receiver comes to them. */
#ifndef DOCTOR_SELF_TEST_H
#define DOCTOR_SELF_TEST_H
#include "model/directory/dkim_key.h"
#include "operations/doctor/server/server_checks.h"

#include <stdatomic.h>

struct delivery;
struct store;

enum self_test_state { SELF_TEST_NONE, SELF_TEST_RUNNING, SELF_TEST_DONE, SELF_TEST_FAILED };
/* "none", "running", "done", "failed". */
const char *self_test_state_name(enum self_test_state s);

enum { SELF_TEST_LISTENS = 8 };

struct self_test {
	enum self_test_state state;
	struct addr listens[SELF_TEST_LISTENS]; /* where mail of others comes in */
	size_t listen_count;
	struct str domain, from, to, message_id;
	int64_t started_ms, ended_ms;
	struct str problem; /* of SELF_TEST_FAILED */
	struct checks steps;
};

struct self_test_run {
	struct store *store;
	const struct settings *settings;
	const struct delivery *delivery; /* for the keys that sign               */
	const atomic_bool *stop;         /* give up soon once it is set; or NULL */
	/* After each step; NULL: nobody looks. */
	void (*step)(void *arg, const struct self_test *so_far);
	void *arg;
};

/* domain, from, to and listens are set; the rest is filled in, all strings in a. Blocks, for some
 * minutes at most. ERR_...: the message could not be made, why says it in words. */
enum err self_test_run(const struct self_test_run *r, struct arena *a, struct self_test *t,
                       struct why *why) MUST_USE;

#endif
