/* flow/reports_in/part.c: see reports_in_private.h. */
#include "flow/reports_in/reports_in_private.h"

#include "formats/message/param.h"
#include "foundation/base/arena.h"

enum { DEPTH_MAX = 3 };

static bool among(struct str s, const struct str *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eqi(s, items[i]))
			return true;
	return false;
}

/* RFC 7489 7.2.1.1, RFC 8460 5.3, and types used in practice. "multipart/x-zip" is what
 * some type tables have for .zip; it has no parts. */
static bool type_says(struct str type, struct str subtype)
{
	static const struct str subtypes[] = {
		STR("gzip"),
		STR("x-gzip"),
		STR("gzip-compressed"),
		STR("x-gzip-compressed"),
		STR("gzipped"),
		STR("x-gunzip"),
		STR("zip"),
		STR("x-zip"),
		STR("zip-compressed"),
		STR("x-zip-compressed"),
		STR("compressed"),
		STR("x-compressed"),
		STR("x-compress"),
		STR("xml"),
		STR("json"),
		STR("tlsrpt+gzip"),
		STR("tlsrpt+json"),
	};

	return (str_eqi(type, STR("application")) || str_eqi(type, STR("text")) ||
	        str_eqi(type, STR("multipart"))) &&
	       among(subtype, subtypes, COUNT(subtypes));
}

static struct str part_name_of(struct str params, struct str which, struct arena *a)
{
	struct str name = STR_EMPTY;

	(void)param_find(a, params, which, &name);
	return str_trim(name);
}

static bool name_says(struct str name)
{
	static const struct str ends[] = { STR("xml"), STR("json"), STR("gz"), STR("gzip"),
		                           STR("zip") };
	ptrdiff_t dot = str_rfind_byte(name, '.');

	return dot >= 0 && among(str_sub(name, (size_t)dot + 1, name.n), ends, COUNT(ends));
}

bool report_part_may(const struct message *m, const struct part *p, struct arena *a)
{
	struct str type = message_str(m, p->type), subtype = message_str(m, p->subtype);
	struct str file, name;

	if (p->kind != PART_LEAF || p->depth > DEPTH_MAX)
		return false;
	if (type_says(type, subtype))
		return true;
	file = part_name_of(message_str(m, p->disposition_params), STR("filename"), a);
	name = part_name_of(message_str(m, p->params), STR("name"), a);
	/* check untyped bytes without a name too */
	return name_says(file) || name_says(name) ||
	       (file.n == 0 && name.n == 0 && str_eqi(subtype, STR("octet-stream")));
}
