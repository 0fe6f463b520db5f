/* config/settings.c: see settings.h. */
#include "config/settings.h"

#include "base/buf.h"
#include "config/value.h"

#include <string.h>

struct row {
	const char *name;
	const struct value_kind *kind;
	const char *value; /* default */
	bool live;
	const char *help;
	size_t offset; /* of the field in struct settings */
};

static const struct row rows[SETTINGS] = {
#define SETTING(field, name, kind, value, live, help) \
	{ #name, &value_kind_##kind, value, live, help, offsetof(struct settings, field) },
#include "config/settings.def"
#undef SETTING
};

static void *field(const struct settings *s, const struct row *row)
{
	return (char *)(uintptr_t)s + row->offset;
}

static enum err set(struct settings *s, const struct row *row, struct str text, struct str variable,
                    struct why *why)
{
	struct why detail = { "" };

	if (row->kind->parse(&s->arena, text, field(s, row), &detail))
		return OK;
	/* A secret's text may be in no message. */
	if (row->kind->secret)
		return fail(why, ERR_SYNTAX, "%.*s: its value is not valid: %s", STR_ARG(variable),
		            row->kind->valid);
	return fail(why, ERR_SYNTAX, "%.*s: \"%.*s\" is not valid: %s%s%s", STR_ARG(variable),
	            STR_ARG(text), detail.text, detail.text[0] ? "; give " : "give ",
	            row->kind->valid);
}

static const struct row *row_find(struct str name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (str_eq(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

/* The known name with the most leading bytes in common: for "did you mean". */
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

/* Scripts keep variables of their own under our prefix: these are not settings. */
static bool foreign(struct str name)
{
	return str_eq(name, STR("CACHE")) || str_starts(name, STR("TEST_"));
}

static enum err set_variable(struct settings *s, struct str variable, struct str text,
                             struct why *why)
{
	struct str name = str_sub(variable, strlen("ROOST_"), variable.n);
	enum setting_origin origin = ORIGIN_ENVIRONMENT;
	const struct row *row = row_find(name);
	enum err e;

	if (row == NULL && str_ends(name, STR("_FILE"))) {
		row = row_find(str_sub(name, 0, name.n - strlen("_FILE")));
		origin = ORIGIN_FILE;
	}
	if (row == NULL)
		return foreign(name) ? OK : unknown(variable, name, why);
	if (s->origin[row - rows] != ORIGIN_DEFAULT)
		return fail(why, ERR_CONFLICT, "ROOST_%s and ROOST_%s_FILE are both set; keep one",
		            row->name, row->name);
	if (origin == ORIGIN_FILE && (e = value_read_file(&s->arena, text, variable, &text, why)))
		return e;
	s->origin[row - rows] = origin;
	return set(s, row, text, variable, why);
}

static enum err set_defaults(struct settings *s, struct why *why)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		enum err e = set(s, &rows[i], str_of(rows[i].value), str_of(rows[i].name), why);

		if (e)
			return e;
	}
	return OK;
}

enum err settings_read(struct settings *s, char *const *environment, struct why *why)
{
	enum err e;

	*s = (struct settings){ 0 };
	arena_init(&s->arena, true);
	if ((e = set_defaults(s, why)))
		return e;
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

void settings_deinit(struct settings *s)
{
	arena_deinit(&s->arena);
}

void settings_put(struct buf *out, const struct settings *s)
{
	static const char *const origins[] = { "default", "environment", "file" };

	for (size_t i = 0; i < SETTINGS; i++) {
		buf_fmt(out, "ROOST_%s = ", rows[i].name);
		rows[i].kind->put(out, field(s, &rows[i]));
		buf_fmt(out, "\n    %s (%s%s)\n", rows[i].help, origins[s->origin[i]],
		        rows[i].live ? ", may change while running" : "");
	}
}
