/* foundation/config/rules.h: the text of settings that are lists of rules.
 *
 *	# mail to the office goes over the tunnel
 *	to=*.office.example via=tunnel
 *	from=shop.example via="smtp://relay.example:587" queue=bulk ; to=* via=mx
 *
 * A rule is a line, or the text between two semicolons; its words are separated by blanks. A word
 * is "key=value" or bare; the key consists of a-z, 0-9, "-" and "_". A value or a bare word that
 * contains blanks, semicolons or quotes is written in "...", where \" and \\ are a quote and a
 * backslash. "#" at the beginning of a word makes the rest of the line a comment. The user of the
 * rules defines the keys (foundation/config/value.h has the common forms of values). The form of
 * each word was checked when the setting was read (the kinds RULES and SECRET_RULES). */
#ifndef CONFIG_RULES_H
#define CONFIG_RULES_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct buf;

struct rule_word {
	struct str key; /* empty for a bare word          */
	struct str value;
	struct str raw; /* value as it is written in the text: without quotes, with backslashes */
};

struct rule {
	unsigned line; /* the first is 1, for messages   */
	struct rule_word *words;
	size_t count; /* 1 or more                      */
};

struct rules {
	struct rule *items;
	size_t count;
};

/* Parse the text. Values with backslashes live in a, the others borrow from text. ERR_SYNTAX names
 * the line; ERR_LIMIT: more than LIMIT_rules rules, or LIMIT_rule_words words in one. why never
 * contains a value, which may be a secret. *out is then undefined. Linear. */
enum err rules_parse(struct str text, struct arena *a, struct rules *out,
                     struct why *why) MUST_USE;

/* The value of the first word with this key; false when there is none. */
bool rule_get(const struct rule *r, struct str key, struct str *out);

/* A key that a kind of rule allows; "" stands for bare words. */
struct rule_key {
	const char *key;
	bool many; /* may come more than once in a rule */
};

/* Check that every key is one of these, and that only keys with many are repeated. ERR_SYNTAX names
 * the line, the position of the word, and the allowed keys. */
enum err rule_check(const struct rule *r, const struct rule_key *keys, size_t key_count,
                    struct why *why) MUST_USE;

/* "line 3: ..." with ERR_SYNTAX. */
enum err rule_fail(const struct rule *r, struct why *why, const char *fmt, ...) PRINTF(3, 4);

/* Normalise a pattern of domains or addresses, or a comma list of them, as a person types it:
 * labels in other scripts become A-labels (foundation/text/idna.h), the rest is unchanged. *out
 * lives in a, or is the input. False: such a label contains "*" or is not valid. */
bool rule_domains(struct arena *a, struct str patterns, struct str *out) MUST_USE;
/* The error text then. */
#define RULE_DOMAINS "a domain's label in another script is a whole one, without \"*\""

/* Append the text with its secrets replaced by "(secret-1)", "(secret-2)" and so on: the values of
 * secret= and password=, and the password of a URL or else its path. */
void rules_hide(struct str text, struct buf *out);

/* Replace each "(secret-N)" in the place of a secret by secret N of stored, counted as by
 * rules_hide. *out lives in a. ERR_SYNTAX: stored has no such secret; ERR_LIMIT: the text gets
 * longer than a setting may be. A text that is not a list of rules is unchanged. */
enum err rules_reveal(struct str text, struct str stored, struct arena *a, struct str *out,
                      struct why *why) MUST_USE;

/* Does name match the pattern? "*" matches any bytes, also none, and may occur several times. ASCII
 * letters match in either case. Time: the product of both lengths at worst. */
bool rule_fits(struct str pattern, struct str name);

#endif
