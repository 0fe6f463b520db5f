/* console/cli/doctor_say.h: what `roost doctor` prints, and what its exit status is made of. */
#ifndef CLI_DOCTOR_SAY_H
#define CLI_DOCTOR_SAY_H
#include "foundation/config/settings.h"

struct doctor_sum {
	unsigned wrong, unknown; /* checks that failed; of which nothing is known */
};

/* One check. Empty where there is nothing to say. */
struct doctor_words {
	struct str state;             /* a word of dns_state_name           */
	struct str what, seen, expected;
	struct str purpose, advice;
	struct str paste;             /* a line of a zone file              */
};

/* Count one check, and print it, unless silent. */
void doctor_say(struct doctor_sum *sum, bool silent, const struct doctor_words *words);
/* EXIT_FAILURE when one is wrong, 3 when of one nothing is known, else EXIT_SUCCESS. */
int doctor_status(const struct doctor_sum *sum);

/* `roost doctor --self-test [DOMAIN|ADDRESS]`: have the server begin one, wait for its end, and
 * print it. what: whose mail is tested, or who gets it; empty: domain's, to its postmaster. */
int cli_self_test(const struct settings *s, struct str what, struct str domain, bool json);

#endif
