/* protocols/jmap/request/set_error.c: SetErrors (RFC 8620 5.3); see set.h. */
#include "protocols/jmap/request/set.h"

#include <stdarg.h>
#include <stdio.h>

enum err jmap_set_refuse(struct jmap_set *s, const char *type, const char *property,
                         const char *fmt, ...)
{
	struct set_item *item = s->run->now;
	struct set_error *x = item->error;
	va_list args;

	if (x == NULL || x->type != type)
		x = item->error = arena_new(s->arena, struct set_error);
	x->type = type;
	if (property != NULL && x->property_count < COUNT(x->properties))
		x->properties[x->property_count++] =
			str_z(s->arena, str_of(property));
	va_start(args, fmt);
	vsnprintf(x->why.text, sizeof x->why.text, fmt, args);
	va_end(args);
	return ERR_DENIED;
}

void jmap_set_detail(struct jmap_set *s, const char *name, struct str json)
{
	struct set_error *x = s->run->now->error;

	assert(x != NULL && x->member_count < COUNT(x->members));
	x->members[x->member_count++] = (struct set_member){ name, str_dup(s->arena, json) };
}

void set_fail(struct jmap_set_run *run, enum err e)
{
	static const struct {
		enum err e;
		const char *type, *sentence;
	} rows[] = {
		{ ERR_MISSING, "notFound", "there is no such object" },
		{ ERR_DENIED, "forbidden", "you have no right to do this" },
		{ ERR_LIMIT, "overQuota", "the account has no room for it" },
		{ ERR_SYNTAX, "invalidProperties", "a value is not allowed" },
		{ ERR_CONFLICT, "invalidProperties", "it conflicts with another object" },
		{ ERR_RETRY, "serverUnavailable", "the server is busy: try again" },
		{ ERR_FULL, "serverUnavailable", "the server has no room: try again later" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].e == e) {
			(void)jmap_set_refuse(&run->set, rows[i].type, NULL, "%s",
			                      rows[i].sentence);
			return;
		}
	(void)jmap_set_refuse(&run->set, "serverFail", NULL, "%s", err_name(e));
}

void set_error_put(const struct set_error *e, struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_put_str(w, "type", str_of(e->type));
	json_put_str(w, "description", str_of(e->why.text));
	if (e->property_count != 0) {
		json_open(w, "properties", '[');
		for (size_t i = 0; i < e->property_count; i++)
			json_put_str(w, NULL, str_of(e->properties[i]));
		json_close(w);
	}
	for (size_t i = 0; i < e->member_count; i++)
		json_put_raw(w, e->members[i].name, e->members[i].json);
	json_close(w);
}
