/* flow/policy/stages/stage_programs.h: the Sieve programs of SMTP stages: of the settings
 * ROOST_SIEVE_CONNECT to ROOST_SIEVE_END, and of the stored scripts of the server with the name of
 * a stage (model/filters/scripts.h). The setting has precedence.
 *
 * Programs of settings are stored with the settings. Those of stored scripts are compiled once and
 * shared. Each session compares their texts with the store when it begins, so that a change by
 * another process counts too, and keeps what it found until it ends. */
#ifndef POLICY_STAGE_PROGRAMS_H
#define POLICY_STAGE_PROGRAMS_H
#include "flow/policy/check.h"
#include "formats/sieve/sieve.h"

struct stage_programs;
struct stage_set;

/* Results of DNS that a program uses before the message: the checks must wait for them then. */
enum stage_use { STAGE_USES_NAME = BIT(0), STAGE_USES_SPF = BIT(1) };

struct stage_program {
	struct str program; /* empty: none */
	unsigned uses;
};

struct stage_programs *stage_programs_new(void) MUST_USE;
/* NULL is a no-op; clears *p. */
void stage_programs_free(struct stage_programs **p);
/* Is any script stored, as of the last read? */
bool stage_programs_any(struct stage_programs *p);

/* SIEVE_DELIVERY: the stage has no scripts. */
enum sieve_stage stage_of(enum policy_stage stage);
/* The program for a stage of the session; NULL: none. Lives as long as the session. */
const struct stage_program *stage_program_of(const struct policy_run *r, enum sieve_stage stage);
/* Does a program of the session use any of these results before the message? */
bool stage_programs_use(const struct policy_run *r, unsigned uses);
/* The session has ended. NULL is a no-op; clears *s. */
void stage_set_leave(struct stage_set **s);

/* Do all scripts of settings compile? ERR_SYNTAX names the setting and each line. */
enum err stage_settings_check(const struct settings *s, struct why *why) MUST_USE;
/* Has a setting a script? */
bool stage_settings_any(const struct settings *s);

#endif
