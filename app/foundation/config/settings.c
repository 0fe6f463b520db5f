/* foundation/config/settings.c: see settings.h. */
#include "foundation/config/settings.h"

#include "foundation/base/buf.h"
#include "foundation/config/parsed.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"

#include <string.h>

static const struct setting_row rows[SETTINGS] = {
#define SETTING(field, name, kind, value, when, help) \
	[SETTING_##field] = { #name, #kind, value, SETTING_##when, help },
#include "foundation/config/settings.def"
#undef SETTING
};

/* The field of a row; private to this file. */
static const struct field {
	const struct value_kind *kind;
	size_t offset; /* in struct settings */
} fields[SETTINGS] = {
#define SETTING(field, name, kind, value, when, help) \
	[SETTING_##field] = { &value_kind_##kind, offsetof(struct settings, field) },
#include "foundation/config/settings.def"
#undef SETTING
};

/* Names of earlier versions, which still work. */
static const struct {
	const char *name;
	enum setting_id id;
} old_names[] = {
	{ "SMTP_OUT_PATIENCE", SETTING_smtp_out_timeout_s },
	{ "DOCTOR_PATIENCE", SETTING_doctor_delay_s },
	{ "LOOK_DOMAIN", SETTING_doctor_test_domain },
	{ "LOOK_LISTS", SETTING_doctor_blocklists },
};

const char *setting_old_name(enum setting_id id)
{
	for (size_t i = 0; i < COUNT(old_names); i++)
		if (old_names[i].id == id)
			return old_names[i].name;
	return NULL;
}

static void *field(const struct settings *s, enum setting_id id)
{
	return (char *)(uintptr_t)s + fields[id].offset;
}

static enum err setting_set(struct settings *s, enum setting_id id, struct str text,
                            struct str variable, struct why *why)
{
	const struct value_kind *kind = fields[id].kind;
	struct why detail = { "" };

	if (kind->parse(&s->arena, text, field(s, id), &detail))
		return OK;
	/* Messages must not contain a secret. */
	if (kind->secret)
		return fail(why, ERR_SYNTAX, "%.*s: the value is not valid%s%s. Use %s.",
		            STR_ARG(variable), detail.text[0] ? ": " : "", detail.text,
		            kind->valid);
	return fail(why, ERR_SYNTAX, "%.*s: \"%.*s\" is not valid%s%s. Use %s.", STR_ARG(variable),
	            STR_ARG(text), detail.text[0] ? ": " : "", detail.text, kind->valid);
}

static bool setting_row_find(struct str name, enum setting_id *id)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (!str_eq(name, str_of(rows[i].name)))
			continue;
		*id = (enum setting_id)i;
		return true;
	}
	for (size_t i = 0; i < COUNT(old_names); i++) {
		if (!str_eq(name, str_of(old_names[i].name)))
			continue;
		*id = old_names[i].id;
		return true;
	}
	return false;
}

/* The known name with the longest common prefix, as a suggestion. */
static const char *row_near(struct str name)
{
	const char *best = NULL;
	size_t best_n = 2;

	for (size_t i = 0; i < SETTINGS; i++) {
		struct str known = str_of(rows[i].name);
		size_t n = 0;

		while (n < known.n && n < name.n && known.p[n] == name.p[n])
			n++;
		if (n > best_n) {
			best_n = n;
			best = rows[i].name;
		}
	}
	return best;
}

static enum err unknown(struct str variable, struct str name, struct why *why)
{
	const char *near = row_near(name);

	if (near == NULL)
		return fail(why, ERR_SYNTAX, "%.*s is no setting; `roost settings` lists them",
		            STR_ARG(variable));
	return fail(why, ERR_SYNTAX,
	            "%.*s is no setting; is ROOST_%s meant? `roost settings` lists them",
	            STR_ARG(variable), near);
}

/* Variables of scripts with our prefix that are not settings. */
static bool foreign(struct str name)
{
	return str_eq(name, STR("CACHE")) || str_starts(name, STR("TEST_"));
}

static enum err set_variable(struct settings *s, struct str variable, struct str text,
                             struct why *why)
{
	struct str name = str_sub(variable, strlen("ROOST_"), variable.n);
	enum setting_origin origin = ORIGIN_ENVIRONMENT;
	enum setting_id id = SETTINGS;
	enum err e;

	if (!setting_row_find(name, &id) && str_ends(name, STR("_FILE")) &&
	    setting_row_find(str_sub(name, 0, name.n - strlen("_FILE")), &id))
		origin = ORIGIN_FILE;
	if (id == SETTINGS)
		return foreign(name) ? OK : unknown(variable, name, why);
	if (s->origin[id] >= ORIGIN_ENVIRONMENT)
		return fail(why, ERR_CONFLICT, "ROOST_%s and ROOST_%s_FILE are both set; keep one",
		            rows[id].name, rows[id].name);
	if (origin == ORIGIN_FILE && (e = value_read_file(&s->arena, text, variable, &text, why)))
		return e;
	s->origin[id] = origin;
	s->renamed[id] = !str_starts(name, str_of(rows[id].name));
	return setting_set(s, id, text, variable, why);
}

static enum err set_defaults(struct settings *s, struct why *why)
{
	for (enum setting_id id = 0; id < SETTINGS; id++) {
		enum err e = setting_set(s, id, str_of(rows[id].value), str_of(rows[id].name), why);

		if (e)
			return e;
	}
	return OK;
}

static void set_stored(struct settings *s, struct settings_stored *stored)
{
	for (size_t i = 0; i < stored->count; i++) {
		struct setting_stored *one = &stored->items[i];
		enum setting_id id;

		one->ignored = !setting_row_find(one->name, &id) ||
		               rows[id].when == SETTING_START ||
		               setting_set(s, id, one->value, one->name, NULL) != OK;
		if (!one->ignored)
			s->origin[id] = ORIGIN_STORE;
	}
}

enum err settings_read_over(struct settings *s, char *const *environment,
                            struct settings_stored *stored, struct why *why)
{
	enum err e;

	*s = (struct settings){ .environment = environment };
	arena_init(&s->arena, true);
	if ((e = set_defaults(s, why)))
		return e;
	set_stored(s, stored);
	for (; *environment != NULL; environment++) {
		struct str entry = str_of(*environment);
		ptrdiff_t equals = str_find_byte(entry, '=');

		if (equals < 0 || !str_starts(entry, STR("ROOST_")))
			continue;
		e = set_variable(s, str_sub(entry, 0, (size_t)equals),
		                 str_sub(entry, (size_t)equals + 1, entry.n), why);
		if (e)
			return e;
	}
	return OK;
}

enum err settings_read(struct settings *s, char *const *environment, struct why *why)
{
	return settings_read_over(s, environment, &(struct settings_stored){ 0 }, why);
}

void settings_deinit(struct settings *s)
{
	settings_parsed_free(s); /* borrows from the arena */
	arena_deinit(&s->arena);
}

void settings_put(struct buf *out, const struct settings *s)
{
	static const char *const when[] = { ", may change while running",
		                            ", may change while running and must be confirmed", "",
		                            "" };

	for (enum setting_id id = 0; id < SETTINGS; id++) {
		buf_fmt(out, "ROOST_%s = ", rows[id].name);
		setting_put(out, s, id);
		buf_fmt(out, "\n    %s (%s%s)\n", rows[id].help, setting_origin_name(s->origin[id]),
		        when[rows[id].when]);
	}
}

/* --- one row ------------------------------------------------------------------------ */

const struct setting_row *setting_row(enum setting_id id)
{
	return &rows[id];
}

const char *setting_group(enum setting_id id)
{
	/* Rows and titles in the order of settings.def; NULL for a row. */
	static const char *const lines[] = {
#define SETTING_GROUP(title) title,
#define SETTING(field, name, kind, value, when, help) NULL,
#include "foundation/config/settings.def"
#undef SETTING
	};
	const char *title = "";
	size_t row = 0;

	for (size_t i = 0; i < COUNT(lines) && row <= id; i++) {
		if (lines[i] != NULL)
			title = lines[i];
		else
			row++;
	}
	return title;
}

const char *setting_valid(enum setting_id id)
{
	return fields[id].kind->valid;
}

bool setting_secret(enum setting_id id)
{
	return fields[id].kind->secret;
}

enum err setting_find(struct str name, enum setting_id *id, struct why *why)
{
	char upper[64];
	struct str plain = name;

	if (str_startsi(plain, STR("ROOST_")))
		plain = str_sub(plain, strlen("ROOST_"), plain.n);
	plain.n = MIN(plain.n, sizeof upper);
	for (size_t i = 0; i < plain.n; i++)
		upper[i] = ascii_upper(plain.p[i]);
	plain.p = upper;
	if (setting_row_find(plain, id))
		return OK;
	unknown(name, plain, why);
	return ERR_MISSING;
}

const char *setting_origin_name(enum setting_origin origin)
{
	static const char *const names[] = { "default", "store", "environment", "file" };

	return names[origin];
}

bool setting_locked(const struct settings *s, enum setting_id id)
{
	return rows[id].when == SETTING_START || s->origin[id] >= ORIGIN_ENVIRONMENT;
}

bool setting_machine(enum setting_id id)
{
	const struct value_kind *kind = fields[id].kind;

	/* A kind that only the machine may set refuses the empty text too. */
	return kind->machine != NULL && kind->machine(STR_EMPTY);
}

enum err setting_remote_check(enum setting_id id, struct str text, struct why *why)
{
	const struct value_kind *kind = fields[id].kind;

	return kind->machine == NULL || !kind->machine(text) ? OK : setting_remote_fail(id, why);
}

enum err setting_remote_fail(enum setting_id id, struct why *why)
{
	return fail(why, ERR_DENIED,
	            "ROOST_%s names a file or a socket: set it in the environment, or with `roost "
	            "settings set %s` at the machine",
	            rows[id].name, rows[id].name);
}

enum err setting_store_check(enum setting_id id, struct str text, struct why *why)
{
	if (fields[id].kind != &value_kind_PROGRAM || !value_kind_PROGRAM.machine(text))
		return OK;
	return fail(why, ERR_DENIED,
	            "ROOST_%s names a program: set it in the environment and start Roost again; "
	            "only a URL can be set here",
	            rows[id].name);
}

void setting_put(struct buf *out, const struct settings *s, enum setting_id id)
{
	fields[id].kind->put(out, field(s, id));
}

bool setting_many_lines(enum setting_id id)
{
	return fields[id].kind->lines;
}

bool setting_is_set(const struct settings *s, enum setting_id id)
{
	assert(fields[id].kind->secret);
	return ((const struct str *)field(s, id))->n != 0;
}

enum err setting_reveal(const struct settings *s, enum setting_id id, struct arena *a,
                        struct str *text, struct why *why)
{
	if (!setting_secret(id) || !setting_many_lines(id))
		return OK;
	return rules_reveal(*text, *(const struct str *)field(s, id), a, text, why);
}

enum err setting_check(enum setting_id id, struct str text, struct why *why)
{
	struct settings s = { 0 };
	enum err e;

	arena_init(&s.arena, true);
	e = setting_set(&s, id, text, str_of(rows[id].name), why);
	settings_deinit(&s);
	return e;
}
