/* console/api/settings/settings_private.h: what the files of this folder share. */
#ifndef API_SETTINGS_PRIVATE_H
#define API_SETTINGS_PRIVATE_H
#include "console/api/settings/settings_store.h"
#include "foundation/config/settings.h"

/* --- settings_places.c --------------------------------------------------------------------- */

/* Rules that name a file or a socket of this machine.
 *
 * A token or a session could otherwise have the server connect to any socket that it can reach, and
 * learn from the error which files exist. */

/* May the API, the console or the setup set this text? As setting_remote_check, which it includes,
 * but for rules too. ERR_DENIED. Rules with an error pass: they are refused for that. */
enum err settings_places_check(enum setting_id id, struct str text, struct why *why) MUST_USE;

/* --- settings_rows.c ----------------------------------------------------------------------- */

/* The edit that would make the row what it is now: its value, borrowed from t, or unset. */
enum err settings_row_find(struct txn *t, enum setting_id id, struct setting_edit *out) MUST_USE;
enum err settings_row_write(struct txn *t, const struct setting_edit *edit) MUST_USE;

#endif
