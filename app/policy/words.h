/* policy/words.h: words that the settings of several checks share; for this folder only. */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H
#include "config/rules.h"
#include "policy/check.h"

enum { POLICY_DELAY_S = 5 }; /* when a setting does not say how long */

/* "tag", "tempfail": any but pass. */
bool policy_kind_parse(struct str word, enum policy_kind *out);

/* "tag", "delay", "delay:10s". */
bool policy_answer_parse(struct str word, struct policy_answer *out);

/* "off", or a level out of names (NULL-terminated, the first is 0), with a verdict if it is not
 * to be reject: "resolves verdict=tag". */
struct policy_level {
	unsigned level; /* 0: off */
	struct policy_answer verdict;
};
enum err policy_level_parse(struct str text, const char *const *names, struct policy_level *out,
                            struct why *why) MUST_USE;

#endif
