/* foundation/config/settings.h: the settings of the server.
 *
 * Rows of settings.def become fields of struct settings. A value comes from the environment;
 * otherwise from the store, where the console and `roost settings set` write it; otherwise it is
 * the default. A struct settings never changes after it was read: foundation/config/live.h has the
 * present one. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

#include <stdatomic.h>

struct buf;
struct parsed;

#define SETTING_TYPE_TEXT struct str
#define SETTING_TYPE_MARKS struct str
#define SETTING_TYPE_SECRET struct str
#define SETTING_TYPE_PATH struct str
#define SETTING_TYPE_PEM struct str /* a path, or begins with VALUE_PEM: config/value.h */
#define SETTING_TYPE_PROGRAM struct str /* a path, or a URL */
#define SETTING_TYPE_SOCKET_RULES struct str
#define SETTING_TYPE_LISTEN_TRUSTED struct str /* with peers that are trusted */
#define SETTING_TYPE_RULES struct str /* in the form of foundation/config/rules.h */
#define SETTING_TYPE_SCRIPT struct str /* in Sieve, which its user checks */
#define SETTING_TYPE_SECRET_RULES struct str
#define SETTING_TYPE_FOLDER struct str /* not empty */
#define SETTING_TYPE_HOST struct str
#define SETTING_TYPE_LEVEL struct str
#define SETTING_TYPE_LISTEN struct str /* comma list of address:port, form checked */
#define SETTING_TYPE_COUNT uint64_t    /* at most a million      */
#define SETTING_TYPE_SOME uint64_t     /* the same, but never 0  */
#define SETTING_TYPE_PORT uint64_t
#define SETTING_TYPE_SIZE uint64_t    /* bytes                  */
#define SETTING_TYPE_ROOM uint64_t    /* bytes; 0: no limit */
#define SETTING_TYPE_SECONDS uint64_t /* at most ten years      */
#define SETTING_TYPE_WAIT uint64_t    /* the same, but never 0  */
#define SETTING_TYPE_BOOL bool

enum setting_id {
#define SETTING(field, name, kind, value, when, help) SETTING_##field,
#include "foundation/config/settings.def"
#undef SETTING
	SETTINGS
};

enum setting_origin {
	ORIGIN_DEFAULT,
	ORIGIN_STORE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_FILE, /* a file that a variable names */
};

/* When a new value takes effect. */
enum setting_when {
	SETTING_LIVE,    /* at once, for work that begins then */
	SETTING_TRIAL,   /* at once, and undone unless confirmed: api/settings/settings_trial.h */
	SETTING_RESTART, /* after the next start                                             */
	SETTING_START,   /* comes from the environment only: needed before the store is open, or
	                  * only at the first start */
};

struct settings {
#define SETTING(field, name, kind, value, when, help) SETTING_TYPE_##kind field;
#include "foundation/config/settings.def"
#undef SETTING
	enum setting_origin origin[SETTINGS];
	bool renamed[SETTINGS]; /* the environment has the setting's old name */
	char *const *environment; /* from which it was read; borrowed */
	_Atomic(struct parsed *) parsed; /* parsed forms of its texts: parsed.h */
	struct arena arena;       /* owns the strings; wiped by settings_deinit */
};

/* A value in the store. */
struct setting_stored {
	struct str name; /* "HOSTNAME" */
	struct str value;
	bool ignored; /* set by the reader: there is no such setting, it cannot be stored, or the
	               * value is not valid (any more) */
};
struct settings_stored {
	struct setting_stored *items;
	size_t count;
};

/* Read the environment (environ-like, NULL-terminated "NAME=value" strings) into s. On an
 * unknown ROOST_* name, a bad value or an unreadable _FILE, why names the variable and says
 * what would be valid; s must be given to settings_deinit in either case. */
enum err settings_read(struct settings *s, char *const *environment, struct why *why) MUST_USE;
/* The same with stored values below the environment. An invalid stored value is skipped and marked
 * as ignored, because it must not prevent the start of the server. */
enum err settings_read_over(struct settings *s, char *const *environment,
                            struct settings_stored *stored, struct why *why) MUST_USE;
void settings_deinit(struct settings *s);

/* Append the table for a person: name, value, origin, help. Secrets show as "(set)". */
void settings_put(struct buf *out, const struct settings *s);

/* --- one row --- */

struct setting_row {
	const char *name;  /* "HOSTNAME"                        */
	const char *kind;  /* of value.c: "HOST" */
	const char *value; /* default                           */
	enum setting_when when;
	const char *help;
};

/* Static storage, like all strings that the next ones return. */
const struct setting_row *setting_row(enum setting_id id);
const char *setting_group(enum setting_id id);
const char *setting_valid(enum setting_id id); /* description of valid values, for people */
bool setting_secret(enum setting_id id);
bool setting_many_lines(enum setting_id id);
/* The name in earlier versions, which still works; NULL: none. */
const char *setting_old_name(enum setting_id id);
/* By name, with or without ROOST_, any case. On an unknown name, why suggests a similar one. */
enum err setting_find(struct str name, enum setting_id *id, struct why *why) MUST_USE;
/* "default", "store", "environment", "file". */
const char *setting_origin_name(enum setting_origin origin);
/* Does the environment fix its value, or can it be set only there? */
bool setting_locked(const struct settings *s, enum setting_id id);
/* Can the API, the console and the setup never set it, whatever the value? */
bool setting_machine(enum setting_id id);
/* May the API, the console or the setup set this text? ERR_DENIED: it names a file or a socket;
 * only the environment and `roost settings set` may set it. */
enum err setting_remote_check(enum setting_id id, struct str text, struct why *why) MUST_USE;
/* The same error, for rules that name a file or a socket. */
enum err setting_remote_fail(enum setting_id id, struct why *why);
/* May this text be stored? ERR_DENIED: it names a program, and the helper that runs it starts
 * before the store is open. */
enum err setting_store_check(enum setting_id id, struct str text, struct why *why) MUST_USE;
/* Append the value as it would be written; a secret as "(set)", the secrets in rules as
 * rules_hide (foundation/config/rules.h) shows them. */
void setting_put(struct buf *out, const struct settings *s, enum setting_id id);
/* Does a secret setting have a value? */
bool setting_is_set(const struct settings *s, enum setting_id id);
/* Put the present secrets back into a text that was edited as setting_put shows it (rules_reveal).
 * *text lives in a afterwards, or is unchanged. */
enum err setting_reveal(const struct settings *s, enum setting_id id, struct arena *a,
                        struct str *text, struct why *why) MUST_USE;
/* Is this text a valid value? On failure, why says what is valid. */
enum err setting_check(enum setting_id id, struct str text, struct why *why) MUST_USE;

#endif
