/* flow/policy/words.h: syntax shared by the settings of checks; for this folder only. */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H
#include "flow/policy/check.h"
#include "foundation/config/rules.h"

/* "tag", "tempfail": any but pass. */
bool policy_kind_parse(struct str word, enum policy_kind *out);

/* --- a verdict ---------------------------------------------------------------------------
 *
 *	verdict=reject code=554 status=5.7.1 text="see https://help.example/"
 *	verdict=delay:10s
 *	verdict=block:1d text="a spam trap"
 *
 * Every check's setting has these words; ROOST_ACCESS and ROOST_LIMITS have others for
 * the verdict. code is that of a tempfail or reject, and implies it if no verdict is
 * given; status is of its class (RFC 3463); text is for the peer. */

/* Maximum of text in bytes: it fits in a reply with its codes (RFC 5321 4.5.3.1.5). */
enum { POLICY_TEXT_MAX = 390 };

/* The keys besides the verdict, for rule_check. */
#define POLICY_ANSWER_KEYS { "code", false }, { "status", false }, { "text", false }
#define POLICY_VERDICTS                                                                       \
	"tag, delay:5s, quarantine, accept, discard, tempfail, reject or block:1h"

/* verdict: its word, or empty: then out->kind keeps its value; PASS has no code. Strings
 * borrow from rule. ERR_SYNTAX: why has the error. */
enum err policy_answer_take(const struct rule *rule, struct str verdict,
                            struct policy_answer *out, struct why *why) MUST_USE;
/* The same where the key is "verdict". */
enum err policy_verdict_take(const struct rule *rule, struct policy_answer *out,
                             struct why *why) MUST_USE;

/* --- a setting of one line ----------------------------------------------------------------- */

/* The only rule of text; *out is NULL if there is none. In a. ERR_SYNTAX: there are
 * more. */
enum err policy_line_parse(struct str text, struct arena *a, const struct rule **out,
                           struct why *why) MUST_USE;

/* "off", or a level out of names (NULL-terminated, the first is 0), with a verdict if it
 * is not reject: "resolves verdict=tag". */
struct policy_level {
	unsigned level; /* 0: off */
	struct policy_answer verdict;
};
/* *out lives in a, or borrows from text. */
enum err policy_level_parse(struct str text, struct arena *a, const char *const *names,
                            struct policy_level *out, struct why *why) MUST_USE;
/* Check only; why names the variable. */
enum err policy_level_check(struct str text, const char *const *names, const char *variable,
                            struct why *why) MUST_USE;
/* For a setting that was checked when set; an invalid one is off. */
struct policy_level policy_level_of(struct str text, struct arena *a, const char *const *names);
/* The same without its verdict. */
unsigned policy_level_only(struct str text, const char *const *names);

#endif
