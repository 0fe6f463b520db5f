/* tests/harness/sieve_script.h: a script that runs, with its result as text. */
#ifndef HARNESS_SIEVE_SCRIPT_H
#define HARNESS_SIEVE_SCRIPT_H
#include "formats/sieve/sieve.h"
#include "harness/check.h"

/* What the host answers; tests change it and set it back. */
struct script_world {
	const char *from, *to;
	const char *message; /* NULL: SCRIPT_MESSAGE */
	int64_t now_ms;
	struct sieve_limits limits;
	enum sieve_stage stage;
	const char *personal, *global; /* scripts to include as "other" */
};
extern struct script_world script_world;
/* The header as the edits of the last run made it; empty: there were none. */
struct script_header {
	char text[4096];
	size_t n;
};
extern struct script_header script_header;
extern const char SCRIPT_MESSAGE[]; /* message A of RFC 5228 1.2 */

/* The errors of a compile as "line:column sentence" joined by "\n"; empty: none. Static storage. */
const char *script_errors(const char *script);
/* What a run does: its actions joined by ", ", "implicit keep" when that is kept, and
 * "error LINE: sentence". Static storage. */
const char *script_run(const char *script);

#define check_run(i, script, want) check_str_at(i, str_of(script_run(script)), str_of(want))

#endif
