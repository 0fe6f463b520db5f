/* foundation/config/live.h: the settings of a running server, which change while it runs.
 *
 * A snapshot is a struct settings that never changes. Readers take a reference for as long as
 * one piece of work lasts (a session, a delivery), so all of it sees the same values; a change
 * makes the next snapshot, which whoever begins afterwards gets. Rows of settings.def that say
 * RESTART are read once at start, from the first snapshot. */
#ifndef CONFIG_LIVE_H
#define CONFIG_LIVE_H
#include "foundation/config/settings.h"

struct live;

/* The first snapshot: defaults, over them what is stored, over that the environment
 * (borrowed). Where no host name is set it has the machine's own. Errors as settings_read. */
enum err live_new(char *const *environment, struct settings_stored *stored, struct live **out,
                  struct why *why) MUST_USE;
/* For tests: one whose first snapshot is a copy of s, with its strings borrowed. */
struct live *live_of(const struct settings *s) MUST_USE;
/* NULL is a no-op; clears *l. Snapshots that are still referred to stay. */
void live_free(struct live **l);

/* The present snapshot; give it back with settings_unref. Any thread, never blocks long. */
const struct settings *settings_ref(struct live *l) MUST_USE;
/* The snapshot the server was started with; borrowed from l. */
const struct settings *settings_first(const struct live *l);
/* One more reference to a snapshot that the caller has one to; returns s. */
const struct settings *settings_again(const struct settings *s);
/* NULL is a no-op. */
void settings_unref(const struct settings *s);

/* What the settings would be with these stored values; nothing has changed yet. *out is given
 * back with settings_unref. */
enum err live_try(struct live *l, struct settings_stored *stored, const struct settings **out,
                  struct why *why) MUST_USE;
/* Make s, of live_try, the present snapshot. Takes the reference. */
void live_publish(struct live *l, const struct settings *s);

#endif
