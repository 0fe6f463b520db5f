/* console/api/api_shape.c: does a body have the shape that its route says? See api_table.h.
 *
 * Values that are still to be looked at wait in a list, so depth costs no stack. */
#include "console/api/api_table.h"

struct pending {
	struct pending *next;
	struct json value;
	struct str path; /* for the sentence: "smarthost.port" */
	struct api_field field;
};

struct check {
	struct arena *arena;
	struct why *why;
	struct pending *todo;
};

static void push(struct check *c, struct json value, struct str path, struct api_field field)
{
	struct pending *p = arena_new(c->arena, struct pending);

	*p = (struct pending){ c->todo, value, path, field };
	c->todo = p;
}

static struct str below(struct check *c, struct str path, struct str name)
{
	return str_fmt(c->arena, "%.*s%s%.*s", STR_ARG(path), path.n != 0 ? "." : "",
	               STR_ARG(name));
}

static bool wrong(struct check *c, struct str path, const char *what)
{
	fail(c->why, ERR_SYNTAX, "%.*s%s%s", STR_ARG(path), path.n != 0 ? " " : "the body ", what);
	return false;
}

/* A field of a shape, by name. */
static bool field_find(struct str fields, struct str name, struct api_field *out)
{
	struct cur c = cur_of(fields);

	while (api_field_next(&c, out)) {
		if (str_eq(out->name, name))
			return true;
	}
	return false;
}

/* Every member is a field, and every field that must be is there. null where a field may be
 * absent is as if it were. */
static bool check_object(struct check *c, struct str path, struct json value, struct str fields)
{
	struct json_iter it = json_iter(value);
	struct cur all = cur_of(fields);
	struct api_field f;

	if (json_kind(value) != JSON_OBJECT)
		return wrong(c, path, "must be an object");
	while (json_next(&it)) {
		struct str at = below(c, path, it.name);

		if (!field_find(fields, it.name, &f))
			return wrong(c, at, "is not known");
		if (!f.optional || json_kind(it.value) != JSON_NULL)
			push(c, it.value, at, f);
	}
	while (api_field_next(&all, &f)) {
		const char *name = str_z(c->arena, f.name);

		if (!f.optional && json_kind(json_get(value, name)) == JSON_MISSING)
			return wrong(c, below(c, path, f.name), "is missing");
	}
	return true;
}

static bool check_plain(struct check *c, const struct pending *p)
{
	enum json_kind kind = json_kind(p->value);
	struct str type = p->field.type;
	int64_t i;
	uint64_t u;

	if (str_eq(type, STR("json")))
		return true;
	if (str_eq(type, STR("string")))
		return kind == JSON_STRING || wrong(c, p->path, "must be a string");
	if (str_eq(type, STR("bool")))
		return kind == JSON_BOOL || wrong(c, p->path, "must be true or false");
	if (str_eq(type, STR("int")))
		return json_u64(p->value, &u) ||
		       wrong(c, p->path, "must be a whole number of 0 or more");
	if (str_eq(type, STR("time")))
		return kind == JSON_NULL || json_time(p->value, &i) ||
		       wrong(c, p->path, "must be a time like 2027-01-31T12:00:00Z, or null");
	return check_object(c, p->path, p->value, str_of(api_shape_find(type)->fields));
}

static bool check_one(struct check *c, const struct pending *p)
{
	struct json_iter it = json_iter(p->value);
	struct api_field item = p->field;

	if (!item.list && !item.map)
		return check_plain(c, p);
	if (item.list && json_kind(p->value) != JSON_ARRAY)
		return wrong(c, p->path, "must be a list");
	if (item.map && json_kind(p->value) != JSON_OBJECT)
		return wrong(c, p->path, "must be an object");
	item.list = item.map = false;
	while (json_next(&it))
		push(c, it.value, p->path, item);
	return true;
}

bool api_shape_check(const char *shape, struct json body, struct arena *a, struct why *why)
{
	struct check c = { .arena = a, .why = why };
	const struct api_shape *s = api_shape_find(str_of(shape));

	if (json_kind(body) == JSON_MISSING)
		return s == NULL || wrong(&c, STR_EMPTY, "is missing");
	if (!check_object(&c, STR_EMPTY, body, s != NULL ? str_of(s->fields) : STR_EMPTY))
		return false;
	while (c.todo != NULL) {
		const struct pending *p = c.todo;

		c.todo = p->next;
		if (!check_one(&c, p))
			return false;
	}
	return true;
}
