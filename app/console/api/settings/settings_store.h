/* console/api/settings/settings_store.h: settings that are kept in the store, and how they are
 * changed while the server runs.
 *
 * A change goes: present rows and the edits make a snapshot to try; whoever runs the server says
 * whether it could live with that (check); the rows are written; the snapshot is published and
 * taken up (apply). So a wrong value is refused before anything has changed. One that is right
 * and yet locks its maker out is undone: settings_trial.h.
 *
 *	settings_rows.c    rows of the store
 *	settings_store.c   a change
 *	settings_trial.c   a change that has to be confirmed */
#ifndef API_SETTINGS_STORE_H
#define API_SETTINGS_STORE_H
#include "foundation/config/live.h"
#include "foundation/config/settings.h"

#include <pthread.h>

struct store;
struct txn;

struct setting_edit {
	enum setting_id id;
	struct str value;
	bool unset; /* back to the default */
};

/* settings_trouble.c: stored settings that are not valid. The server runs without them, and
 * administrators get a warning. */
enum { SETTINGS_TROUBLES_MAX = 8 };

struct settings_troubles {
	pthread_mutex_t lock;
	struct {
		enum setting_id id; /* SETTINGS: all that are stored */
		struct why why;
	} items[SETTINGS_TROUBLES_MAX];
	size_t count;
};

/* Any thread. why NULL: there is none with it any more. One too many is left out. */
void settings_trouble_set(struct settings_troubles *t, enum setting_id id, const struct why *why);
/* Sentences, in a. Returns how many. */
size_t settings_troubles_get(struct settings_troubles *t, struct arena *a,
                             struct str out[static SETTINGS_TROUBLES_MAX]);

struct settings_store {
	struct store *store;
	struct live *live; /* NULL: a command without a server of its own */
	char *const *environment;
	/* Could a server run with these? ERR_SYNTAX and a sentence if not. */
	enum err (*check)(void *arg, const struct settings *s, struct why *why);
	/* They are in force now; before are those until now. */
	void (*apply)(void *arg, const struct settings *before, const struct settings *now);
	void *arg;
	pthread_mutex_t lock; /* one change at a time */
	struct settings_troubles troubles;
	/* End of the trial, monotonic; 0: no change is on trial. */
	_Atomic int64_t trial_began_us, trial_until_ms;
};

/* Every stored value, in a; what is no setting's row is left out. */
enum err settings_load(struct txn *t, struct arena *a, struct settings_stored *out) MUST_USE;
/* The same in a transaction of its own. */
enum err settings_stored_read(struct store *s, struct arena *a,
                              struct settings_stored *out) MUST_USE;

/* Make the edits, all or none. also (may be NULL) runs in the same transaction: for the audit
 * trail and what else belongs to the change.
 * ERR_SYNTAX: a value will not do, alone or with the others. ERR_DENIED: a setting is fixed by
 * the environment. Else the errors of also and of the store. Not inside a transaction. */
enum err settings_change(struct settings_store *s, const struct setting_edit *edits, size_t count,
                         enum err (*also)(struct txn *t, void *arg), void *arg,
                         struct why *why) MUST_USE;

/* A value as JSON for before and after in the audit trail, in a; a secret is only said to be one.
 * The second is of the value that s has. */
struct str setting_note(enum setting_id id, struct str value, struct arena *a);
struct str setting_note_of(const struct settings *s, enum setting_id id, struct arena *a);

/* Another process may have changed them: look, and take up what changed. */
enum err settings_reload(struct settings_store *s, struct why *why) MUST_USE;

#endif
