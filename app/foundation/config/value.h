/* foundation/config/value.h: the kinds of values of settings: how each is read, checked and
 * printed. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct buf;

struct value_kind {
	const char *valid; /* description of valid values: "a number like 20" */
	bool secret;
	bool lines; /* may have more than one line */
	/* May this text be set only on the machine itself, because it names a program, a file or a
	 * socket (settings.h: setting_remote_check)? NULL: never. */
	bool (*machine)(struct str text);
	/* Check text and store it at out, of type SETTING_TYPE_kind. On false *detail may describe
	 * the error. */
	bool (*parse)(struct arena *a, struct str text, void *out, struct why *detail);
	void (*put)(struct buf *out, const void *value);
};

extern const struct value_kind value_kind_TEXT, value_kind_SECRET, value_kind_PATH, value_kind_HOST,
	value_kind_LEVEL, value_kind_LISTEN, value_kind_COUNT, value_kind_SIZE, value_kind_ROOM,
	value_kind_SECONDS, value_kind_BOOL, value_kind_MARKS, value_kind_FOLDER, value_kind_PORT,
	value_kind_SOME,
	value_kind_WAIT, value_kind_PEM, value_kind_RULES, value_kind_SECRET_RULES,
	value_kind_PROGRAM, value_kind_SCRIPT, value_kind_SOCKET_RULES, value_kind_LISTEN_TRUSTED;

/* The beginning of a PEM value that is not a path. */
#define VALUE_PEM STR("-----BEGIN ")

/* A name that SMTP and certificates can carry: letters, digits, inner hyphens and dots. */
bool value_is_host(struct str text);

/* The syntax of kinds, for values within rules too (foundation/config/rules.h). */
bool value_count(struct str text, uint64_t *out);   /* "20", at most a million      */
bool value_seconds(struct str text, uint64_t *out); /* "90", "30s", "5m", "4h", "5d" */
bool value_bytes(struct str text, uint64_t *out);   /* "1048576", "512K", "50M", "1G" */
bool value_bool(struct str text, bool *out);        /* "on", "off", "yes", "no"...  */

/* The contents of the file at path without its last line end, at most 64 KiB, for a
 * variable that ends in _FILE. */
enum err value_read_file(struct arena *a, struct str path, struct str variable, struct str *out,
                         struct why *why) MUST_USE;

#endif
