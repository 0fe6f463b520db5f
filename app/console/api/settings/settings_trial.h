/* console/api/settings/settings_trial.h: a change that may lock out who made it.
 *
 * Settings whose row says TRIAL decide how the server's own pages are reached. A change of one
 * counts at once, and what it was before is kept in the store. Unless the change is confirmed
 * within ROOST_TRIAL over a connection that began after it, which shows that there is a way in,
 * all is made as it was. A server that starts undoes what nobody has confirmed. A further change
 * meanwhile begins the time anew, and both are confirmed or undone together. */
#ifndef API_SETTINGS_TRIAL_H
#define API_SETTINGS_TRIAL_H
#include "console/api/settings/settings_store.h"

/* How long until it is undone; 0: nothing is on trial. Any thread. */
int64_t settings_trial_left_ms(struct settings_store *s);

/* When its time is up: undo it. Returns when to ask again, in ms; -1: there is no need before
 * the next change. */
int64_t settings_trial_check(struct settings_store *s);

/* Keep it. began_us is when the caller's connection began (clock_mono_us).
 * ERR_MISSING: nothing is on trial. ERR_CONFLICT: the connection is older than the change. */
enum err settings_trial_confirm(struct settings_store *s, int64_t began_us,
                                enum err (*also)(struct txn *t, void *arg), void *arg,
                                struct why *why) MUST_USE;
/* Undo it at once. ERR_MISSING. */
enum err settings_trial_undo(struct settings_store *s, enum err (*also)(struct txn *t, void *arg),
                             void *arg, struct why *why) MUST_USE;
/* Names of the settings on trial, in a. */
enum err settings_trial_names(struct settings_store *s, struct arena *a, struct str **names,
                              size_t *count) MUST_USE;

/* At start, before settings are read: undo what a server that is no more had on trial. */
enum err settings_trial_recover(struct store *store, struct why *why) MUST_USE;

/* --- for settings_store.c ----------------------------------------------------------------- */

/* In the transaction of a change, before it: keep what the TRIAL ones of edits are now. */
enum err trial_keep(struct txn *t, const struct setting_edit *edits, size_t count) MUST_USE;
/* After it, before it counts; and when it does: what was connected until then shows nothing. */
void trial_begin(struct settings_store *s);
void trial_taken_up(struct settings_store *s);
/* A change that is not on trial itself; the lock is held. */
enum err settings_undo(struct settings_store *s, const struct setting_edit *edits, size_t count,
                       enum err (*also)(struct txn *t, void *arg), void *arg,
                       struct why *why) MUST_USE;

#endif
