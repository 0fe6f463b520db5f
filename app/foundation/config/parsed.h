/* foundation/config/parsed.h: what the texts of settings are taken apart to, once for each
 * snapshot.
 *
 * Rules are asked for each command of a session, and there may be a thousand of them with an
 * expression in each. Whoever needs them first parses them; what came out is kept with the settings
 * and is given back with them.
 *
 *	static const struct parsed_kind kind = { .parse = rules_take };
 *	const struct x_rules *rules = settings_parsed(s, s->x, &kind); */
#ifndef CONFIG_PARSED_H
#define CONFIG_PARSED_H
#include "foundation/config/settings.h"

struct parsed_kind {
	/* What the text is; in a, which lasts as long as the settings and is wiped then. NULL when
	 * it cannot be read, which is kept as well. It may borrow from text. */
	void *(*parse)(struct str text, struct arena *a);
	void (*free)(void *parsed); /* what of it is not in the arena; may be NULL */
};

/* text, which is one of s and does not change, as kind reads it; borrowed from s. Any thread;
 * others wait while one parses. */
const void *settings_parsed(const struct settings *s, struct str text,
                            const struct parsed_kind *kind);
/* All of s is given back: for settings_deinit, and for tests that make settings by hand. */
void settings_parsed_free(struct settings *s);

#endif
