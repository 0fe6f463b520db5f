/* foundation/config/parsed.h: parsed forms of settings that are texts, one for each snapshot.
 *
 * Rules are evaluated for each command of a session, and there may be a thousand of them, each with
 * an expression. The first user parses them. The result is stored with the settings and freed with
 * them.
 *
 *	static const struct parsed_kind kind = { .parse = rules_take };
 *	const struct x_rules *rules = settings_parsed(s, s->x, &kind); */
#ifndef CONFIG_PARSED_H
#define CONFIG_PARSED_H
#include "foundation/config/settings.h"

struct parsed_kind {
	/* Parse the text into a, which lives as long as the settings and is wiped then. NULL when
	 * it is malformed, which is stored as well. The result may borrow from text. */
	void *(*parse)(struct str text, struct arena *a);
	void (*free)(void *parsed); /* frees what is not in the arena; may be NULL */
};

/* The parsed form of text, a value of s; borrowed from s. Thread-safe; other threads block while
 * one parses. */
const void *settings_parsed(const struct settings *s, struct str text,
                            const struct parsed_kind *kind);
/* Free all parsed forms: for settings_deinit, and for tests that make settings by hand. */
void settings_parsed_free(struct settings *s);

#endif
