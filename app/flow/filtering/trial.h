/* flow/filtering/trial.h: try a script on a message, with the mailboxes and addresses of an account
 * as the script would see them at delivery. Nothing is changed, and nothing is sent. */
#ifndef FILTERING_TRIAL_H
#define FILTERING_TRIAL_H
#include "flow/filtering/filtering.h"

enum { FILTER_TRIAL_LINES = 1000 };

/* A test with its result, or an action, in the order of execution. */
struct filter_trial_line {
	uint32_t line; /* of the script          */
	struct str word;
	bool test, result;
	struct str why; /* what was compared      */
};

struct filter_trial_action {
	uint32_t line;     /* 0: the implicit keep */
	const char *word;  /* "fileinto"           */
	struct str target; /* mailbox or address   */
	struct str text;   /* reason, subject, or why it is not done */
};

/* Everything lives in the arena of the trial. */
struct filter_trial {
	struct filter_trial_line *lines;
	size_t line_count;
	bool more; /* lines */
	struct filter_trial_action *actions;
	size_t action_count;
	uint32_t error_line; /* 0: none */
	struct str error;
};

/* raw is the message in one piece: parts of m are not used. program is of script_compile. Own read
 * transaction. Errors are the store's. */
enum err filter_trial_run(const struct filtering_mail *m, struct str raw, struct str program,
                          struct arena *a, struct filter_trial *out) MUST_USE;

#endif
