/* formats/message/mime_fields.c: see mime_fields.h. */
#include "formats/message/mime_fields.h"

#include "formats/message/decode.h"
#include "formats/message/header.h"
#include "formats/message/param.h"

static struct span span_of(const struct message *m, struct str s)
{
	if (s.n == 0)
		return (struct span){ 0, 0 };
	return (struct span){ (uint32_t)(s.p - m->raw.p), (uint32_t)s.n };
}

/* type "/" subtype *(";" parameter); without both it is invalid and text/plain applies (RFC 2045
 * 5.2). */
static void content_type(const struct message *m, struct part *part, struct str value)
{
	struct cur c = cur_of(value);
	struct str type, subtype;

	if (param_head_parse(&c, &type, &subtype) && subtype.n != 0) {
		part->type = span_of(m, type);
		part->subtype = span_of(m, subtype);
	}
	part->params = span_of(m, cur_rest(&c));
}

static void disposition(const struct message *m, struct part *part, struct str value)
{
	struct cur c = cur_of(value);
	struct str type, subtype;

	if (param_head_parse(&c, &type, &subtype))
		part->disposition = span_of(m, type);
	part->disposition_params = span_of(m, cur_rest(&c));
}

/* The encoding is one token; comments around it are dropped. */
static void encoding(const struct message *m, struct part *part, struct str value)
{
	struct cur c = cur_of(value);
	struct str name, rest;

	if (!param_head_parse(&c, &name, &rest))
		return;
	part->encoding = span_of(m, name);
	decode_encoding_of(name, &part->encoding_kind);
}

/* Fields that are stored unchanged. */
static const struct {
	struct str name; /* after "Content-" */
	size_t span;     /* in struct part   */
} verbatim[] = {
	{ { "ID", 2 }, offsetof(struct part, id) },
	{ { "Description", 11 }, offsetof(struct part, description) },
	{ { "Language", 8 }, offsetof(struct part, language) },
	{ { "Location", 8 }, offsetof(struct part, location) },
	{ { "MD5", 3 }, offsetof(struct part, md5) },
};

/* seen has a bit for each field, so that only the first one of a name counts. */
static bool first_time(unsigned *seen, unsigned which)
{
	bool first = !(*seen & BIT(which));

	*seen |= BIT(which);
	return first;
}

void mime_fields_read(const struct message *m, struct part *part)
{
	struct cur c = cur_of(message_str(m, part->header));
	struct header_field field;
	unsigned seen = 0;

	while (header_next(&c, &field)) {
		struct str name = str_sub(field.name, 8, field.name.n);

		if (!str_startsi(field.name, STR("Content-")))
			continue;
		if (str_eqi(name, STR("Type")) && first_time(&seen, 0))
			content_type(m, part, field.value);
		else if (str_eqi(name, STR("Transfer-Encoding")) && first_time(&seen, 1))
			encoding(m, part, field.value);
		else if (str_eqi(name, STR("Disposition")) && first_time(&seen, 2))
			disposition(m, part, field.value);
		for (unsigned i = 0; i < COUNT(verbatim); i++)
			if (str_eqi(name, verbatim[i].name) && first_time(&seen, 3 + i))
				*(struct span *)(void *)((char *)part + verbatim[i].span) =
					span_of(m, field.value);
	}
}

void mime_fields_type(const struct message *m, const struct part *part, struct str *type,
                      struct str *subtype)
{
	if (part->type.len != 0) {
		*type = message_str(m, part->type);
		*subtype = message_str(m, part->subtype);
	} else {
		*type = part->digest_child ? STR("message") : STR("text");
		*subtype = part->digest_child ? STR("rfc822") : STR("plain");
	}
}

bool mime_fields_declares(const struct message *m, const struct part *part, struct str type,
                          struct str subtype)
{
	struct str declared, declared_sub;

	mime_fields_type(m, part, &declared, &declared_sub);
	return str_eqi(declared, type) && (subtype.n == 0 || str_eqi(declared_sub, subtype));
}

bool mime_fields_is_message(const struct message *m, const struct part *part)
{
	return part->encoding_kind <= ENCODING_BINARY &&
	       (mime_fields_declares(m, part, STR("message"), STR("rfc822")) ||
	        mime_fields_declares(m, part, STR("message"), STR("global")));
}

bool mime_fields_boundary(struct arena *a, const struct message *m, const struct part *part,
                          const struct message_limits *limits, struct str *out)
{
	struct param_list list;
	bool found = false;

	if (!mime_fields_declares(m, part, STR("multipart"), STR_EMPTY))
		return false;
	param_list_parse(a, message_str(m, part->params), limits->params, &list);
	/* Not decoded: it is compared with bytes of the body. */
	for (size_t i = 0; i < list.n && !found; i++) {
		found = str_eqi(list.items[i].name, STR("boundary"));
		*out = list.items[i].value;
	}
	if (!found && !param_get(a, &list, STR("boundary"), out))
		return false;
	while (out->n != 0 && (out->p[out->n - 1] == ' ' || out->p[out->n - 1] == '\t'))
		out->n--; /* RFC 2046 5.1.1: never ends in white space */
	return out->n != 0;
}
