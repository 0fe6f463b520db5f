/* console/api/settings/settings_places.h: rules that name a file or a socket of this machine.
 *
 * A token or a session could otherwise have the server connect to any socket that it can reach, and
 * learn from the error which files exist. */
#ifndef API_SETTINGS_PLACES_H
#define API_SETTINGS_PLACES_H
#include "foundation/config/settings.h"

/* May the API, the console or the setup set this text? As setting_remote_check, which it includes,
 * but for rules too. ERR_DENIED. Rules with an error pass: they are refused for that. */
enum err settings_places_check(enum setting_id id, struct str text, struct why *why) MUST_USE;

#endif
