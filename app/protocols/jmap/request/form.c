/* protocols/jmap/request/form.c: see form.h. */
#include "protocols/jmap/request/form.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"

#include <string.h>

/* --- Forms -------------------------------------------------------------------- */

#define INT_MAX_JSON (((int64_t)1 << 53) - 1)

/* RFC 8620 1.2, or a creation id (5.3). */
static bool form_id(struct json v)
{
	struct str s;

	return json_str(v, &s) && jmap_id_valid(str_starts(s, STR("#")) ? str_sub(s, 1, s.n) : s);
}

/* RFC 8620 1.4: capital "T" and "Z", no fraction of zero. */
static bool form_date(struct json v, bool utc)
{
	struct str s;
	int64_t ms;
	ptrdiff_t dot;

	if (!json_str(v, &s) || !json_time(v, &ms) || s.n < 20 || s.p[10] != 'T')
		return false;
	if (utc ? !str_ends(s, STR("Z")) : str_ends(s, STR("z")))
		return false;
	dot = str_find_byte(s, '.');
	for (size_t i = dot < 0 ? s.n : (size_t)dot + 1; i < s.n && ascii_digit(s.p[i]); i++)
		if (s.p[i] != '0')
			return true;
	return dot < 0;
}

static bool form_number(struct json v, int64_t min)
{
	int64_t n;

	return json_i64(v, &n) && n >= min && n <= INT_MAX_JSON;
}

static bool form_one(struct json v, enum jmap_form form)
{
	switch (form) {
	case FORM_ANY:
		return json_kind(v) != JSON_MISSING;
	case FORM_ID:
		return form_id(v);
	case FORM_STRING:
		return json_kind(v) == JSON_STRING;
	case FORM_BOOL:
		return json_kind(v) == JSON_BOOL;
	case FORM_INT:
		return form_number(v, -INT_MAX_JSON);
	case FORM_UNSIGNED:
		return form_number(v, 0);
	case FORM_DATE:
		return form_date(v, false);
	case FORM_UTC_DATE:
		return form_date(v, true);
	case FORM_OBJECT:
		return json_kind(v) == JSON_OBJECT;
	}
	return false;
}

static bool is_true(struct json v)
{
	bool yes;

	return json_bool(v, &yes) && yes;
}

static bool form_each(struct json v, enum jmap_form form, unsigned flags)
{
	struct json_iter it = json_iter(v);

	while (json_next(&it)) {
		struct str key = it.name;

		if (flags & MAP && form == FORM_BOOL ? !is_true(it.value)
		                                     : !form_one(it.value, form))
			return false;
		if (flags & ID_KEYS &&
		    !jmap_id_valid(str_starts(key, STR("#")) ? str_sub(key, 1, key.n) : key))
			return false;
	}
	return true;
}

bool jmap_form_ok(struct json v, enum jmap_form form, unsigned flags, uint32_t max)
{
	struct str s;

	if (json_kind(v) == JSON_NULL)
		return (flags & OR_NULL) != 0 || (form == FORM_ANY && !(flags & (LIST | MAP)));
	if (flags & (LIST | MAP))
		return json_kind(v) == (flags & LIST ? JSON_ARRAY : JSON_OBJECT) &&
		       json_count(v) <= (max != 0 ? max : LIMIT_jmap_elements) &&
		       form_each(v, form, flags);
	return form_one(v, form) && (max == 0 || !json_str(v, &s) || s.n <= max);
}

/* --- Rows --------------------------------------------------------------------- */

struct jmap_rows jmap_rows_of(const struct jmap_type *type)
{
	return (struct jmap_rows){ .properties = type->properties,
		                   .property_count = type->property_count };
}

bool jmap_rows_find(const struct jmap_rows *rows, struct str name, struct jmap_argument *out)
{
	for (size_t t = 0; t < COUNT(rows->arguments); t++)
		for (size_t i = 0; i < rows->argument_count[t]; i++)
			if (str_eq(name, str_of(rows->arguments[t][i].name))) {
				*out = rows->arguments[t][i];
				return true;
			}
	for (size_t i = 0; i < rows->property_count; i++) {
		const struct jmap_property *p = &rows->properties[i];

		if (str_eq(name, str_of(p->name))) {
			*out = (struct jmap_argument){ p->name, p->form, p->flags, 0 };
			return true;
		}
	}
	return false;
}

bool jmap_row_ok(const struct jmap_argument *row, struct json v)
{
	return jmap_form_ok(v, row->form, row->flags, row->max);
}

struct str jmap_row_words(const struct jmap_argument *row, struct arena *a)
{
	static const char *const words[][2] = {
		[FORM_ANY] = { "a value", "values" },
		[FORM_ID] = { "an id", "ids" },
		[FORM_STRING] = { "a string", "strings" },
		[FORM_BOOL] = { "true or false", "true" },
		[FORM_INT] = { "a whole number", "whole numbers" },
		[FORM_UNSIGNED] = { "a whole number of 0 or more", "whole numbers of 0 or more" },
		[FORM_DATE] = { "a date as of RFC 3339", "dates as of RFC 3339" },
		[FORM_UTC_DATE] = { "a date as of RFC 3339 in UTC", "dates as of RFC 3339 in UTC" },
		[FORM_OBJECT] = { "an object", "objects" },
	};

	return str_fmt(a, "%s%s%s",
	               row->flags & LIST  ? "an array of "
	               : row->flags & MAP ? "an object with values that are "
	                                  : "",
	               words[row->form][(row->flags & (LIST | MAP)) != 0],
	               row->flags & OR_NULL ? ", or null" : "");
}

static bool needed_check(const struct jmap_rows *rows, struct json args, struct why *why)
{
	for (size_t t = 0; t < COUNT(rows->arguments); t++)
		for (size_t i = 0; i < rows->argument_count[t]; i++) {
			const struct jmap_argument *row = &rows->arguments[t][i];

			if (!(row->flags & NEEDED) ||
			    json_kind(json_get(args, row->name)) != JSON_MISSING)
				continue;
			fail(why, ERR_SYNTAX, "the argument %s is missing", row->name);
			return false;
		}
	return true;
}

bool jmap_arguments_check(const struct jmap_rows *rows, struct json args, struct arena *a,
                          struct why *why)
{
	struct json_iter it = json_iter(args);
	struct jmap_argument row;

	while (json_next(&it)) {
		if (!jmap_rows_find(rows, it.name, &row)) {
			fail(why, ERR_SYNTAX, "the method has no argument \"%.*s\"",
			     STR_ARG(str_sub(it.name, 0, 60)));
			return false;
		}
		if (jmap_row_ok(&row, it.value))
			continue;
		if (row.flags & (LIST | MAP) &&
		    json_count(it.value) > (row.max != 0 ? row.max : LIMIT_jmap_elements))
			fail(why, ERR_LIMIT, "%s has more than %u elements", row.name,
			     row.max != 0 ? row.max : LIMIT_jmap_elements);
		else
			fail(why, ERR_SYNTAX, "%s must be %.*s", row.name,
			     STR_ARG(jmap_row_words(&row, a)));
		return false;
	}
	return needed_check(rows, args, why);
}

/* --- Creation ids ------------------------------------------------------------- */

struct resolve {
	const struct jmap_resolver *with;
	bool used; /* one was replaced, or is to be */
	bool missing;
};

static struct str resolved(struct resolve *r, struct str id)
{
	struct str found;

	if (!str_starts(id, STR("#")))
		return id;
	found = r->with->find(r->with->arg, str_sub(id, 1, id.n));
	if (found.n == 0) {
		r->missing = true;
		return id;
	}
	r->used = true;
	return found;
}

/* The value of one row, to w; NULL: only set r. */
static void value_resolve(struct resolve *r, const struct jmap_argument *row, struct json v,
                          struct json_writer *w)
{
	struct json_iter it = json_iter(v);
	bool map = (row->flags & MAP) != 0;
	struct str s;

	if (!(row->flags & (LIST | MAP))) {
		s = json_str(v, &s) ? resolved(r, s) : STR_EMPTY;
		if (w != NULL)
			json_put_str(w, NULL, s);
		return;
	}
	if (w != NULL)
		json_open(w, NULL, map ? '{' : '[');
	while (json_next(&it)) {
		struct str key = map && row->flags & ID_KEYS ? resolved(r, it.name) : it.name;

		if (row->form == FORM_ID && json_str(it.value, &s))
			s = resolved(r, s);
		if (w == NULL)
			continue;
		if (map)
			json_put_name(w, key);
		if (row->form == FORM_ID)
			json_put_str(w, NULL, s);
		else
			json_put_value(w, NULL, it.value);
	}
	if (w != NULL)
		json_close(w);
}

static bool has_ids(const struct jmap_rows *rows, struct json_iter *it, struct jmap_argument *row)
{
	return jmap_rows_find(rows, it->name, row) && jmap_row_ok(row, it->value) &&
	       (row->form == FORM_ID || row->flags & ID_KEYS) && json_kind(it->value) != JSON_NULL;
}

static void object_resolve(const struct jmap_rows *rows, struct resolve *r, struct json object,
                           struct json_writer *w)
{
	struct json_iter it = json_iter(object);
	struct jmap_argument row;

	json_open(w, NULL, '{');
	while (json_next(&it)) {
		json_put_name(w, it.name);
		if (has_ids(rows, &it, &row))
			value_resolve(r, &row, it.value, w);
		else
			json_put_value(w, NULL, it.value);
	}
	json_close(w);
}

bool jmap_rows_resolve(const struct jmap_rows *rows, const struct jmap_resolver *with,
                       struct arena *a, struct json *object, struct str *missing)
{
	struct resolve r = { .with = with };
	struct json_iter it = json_iter(*object);
	struct jmap_argument row;
	struct json_writer w;
	struct buf text;
	bool ok;

	*missing = STR_EMPTY;
	while (json_next(&it)) {
		if (!has_ids(rows, &it, &row))
			continue;
		value_resolve(&r, &row, it.value, NULL);
		if (r.missing && missing->n == 0)
			*missing = it.name;
	}
	if (!r.used || (with->all && r.missing))
		return true;
	buf_init(&text, 2 * (size_t)LIMIT_jmap_request);
	json_writer_init(&w, &text);
	object_resolve(rows, &r, *object, &w);
	ok = buf_ok(&text) && json_parse_long(a, buf_str(&text), text.max, object);
	buf_deinit(&text);
	return ok;
}
