/* foundation/config/live.h: the settings of a running server, which can change.
 *
 * A snapshot is a struct settings that never changes. A reader takes a reference for one piece of
 * work (a session, a delivery), so all of the work uses the same values. A change publishes a new
 * snapshot, which later work uses. Rows of settings.def marked
 * RESTART are read once at start, from the first snapshot. */
#ifndef CONFIG_LIVE_H
#define CONFIG_LIVE_H
#include "foundation/config/settings.h"

struct live;

/* The first snapshot: the environment (borrowed) over stored values over defaults. Without a
 * configured host name, it has the machine's. Errors as settings_read. */
enum err live_new(char *const *environment, struct settings_stored *stored, struct live **out,
                  struct why *why) MUST_USE;
/* For tests: the first snapshot is a copy of s, with its strings borrowed. */
struct live *live_of(const struct settings *s) MUST_USE;
/* NULL is a no-op; clears *l. Snapshots that are still referred to stay. */
void live_free(struct live **l);

/* The present snapshot; give it back with settings_unref. Any thread, never blocks long. */
const struct settings *settings_ref(struct live *l) MUST_USE;
/* The snapshot the server was started with; borrowed from l. */
const struct settings *settings_first(const struct live *l);
/* Add a reference to a snapshot to which the caller has one; returns s. */
const struct settings *settings_again(const struct settings *s);
/* NULL is a no-op. */
void settings_unref(const struct settings *s);

/* The settings that these stored values would give; nothing changes yet. Release *out with
 * settings_unref. */
enum err live_try(struct live *l, struct settings_stored *stored, const struct settings **out,
                  struct why *why) MUST_USE;
/* Make s, from live_try, the present snapshot. Takes the reference. */
void live_publish(struct live *l, const struct settings *s);

#endif
