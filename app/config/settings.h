/* config/settings.h: what an administrator can set.
 *
 * Rows of settings.def become fields of struct settings. Values come from the environment;
 * everything else has its default. Read once at start, constant afterwards. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct buf;

#define SETTING_TYPE_TEXT struct str
#define SETTING_TYPE_MARK struct str
#define SETTING_TYPE_SECRET struct str
#define SETTING_TYPE_PATH struct str
#define SETTING_TYPE_FOLDER struct str /* not empty */
#define SETTING_TYPE_HOST struct str
#define SETTING_TYPE_LEVEL struct str
#define SETTING_TYPE_LISTEN struct str /* comma list of address:port, form checked */
#define SETTING_TYPE_COUNT uint64_t   /* at most a million      */
#define SETTING_TYPE_SOME uint64_t    /* the same, but never 0  */
#define SETTING_TYPE_PORT uint64_t
#define SETTING_TYPE_SIZE uint64_t    /* bytes                  */
#define SETTING_TYPE_SECONDS uint64_t /* at most ten years      */
#define SETTING_TYPE_WAIT uint64_t    /* the same, but never 0  */
#define SETTING_TYPE_BOOL bool

enum setting_id {
#define SETTING(field, name, kind, value, live, help) SETTING_##field,
#include "config/settings.def"
#undef SETTING
	SETTINGS
};

enum setting_origin { ORIGIN_DEFAULT, ORIGIN_ENVIRONMENT, ORIGIN_FILE };

struct settings {
#define SETTING(field, name, kind, value, live, help) SETTING_TYPE_##kind field;
#include "config/settings.def"
#undef SETTING
	enum setting_origin origin[SETTINGS];
	struct arena arena; /* owns the strings; wiped when given back */
};

/* Read the environment (environ-like, NULL-terminated "NAME=value" strings) into s. On an
 * unknown ROOST_* name, a bad value or an unreadable _FILE, why names the variable and says
 * what would be valid; s must be given to settings_deinit in either case. */
enum err settings_read(struct settings *s, char *const *environment, struct why *why) MUST_USE;
void settings_deinit(struct settings *s);

/* Append the table for a person: name, value, origin, help. Secrets show as "(set)". */
void settings_put(struct buf *out, const struct settings *s);

#endif
