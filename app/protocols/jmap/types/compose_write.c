/* protocols/jmap/types/compose_write.c: the parts of a message as bytes (RFC 8621 4.6). */
#include "flow/submission/letter.h"
#include "formats/message/build.h"
#include "formats/message/build_body.h"
#include "foundation/text/utf8.h"
#include "protocols/jmap/types/composing.h"

enum { VALUE_MAX = 8192 };

static enum err type_field_put(struct composing *c, const struct compose_part *p, struct buf *out)
{
	struct str charset = STR("utf-8"), name = STR_EMPTY;
	bool text = str_starts(p->type, STR("text/"));
	struct buf b;

	buf_init(&b, VALUE_MAX);
	buf_put(&b, p->type);
	if (p->multipart)
		build_param_put(&b, STR("boundary"), p->boundary);
	if (str_eq(p->type, STR("multipart/related"))) /* RFC 2387 3.1: of its first part */
		build_param_put(&b, STR("type"), p[1].type);
	if (text && (p->is_text || json_str(json_get(p->json, "charset"), &charset)))
		build_param_put(&b, STR("charset"), charset);
	if (compose_is_absent(json_get(p->json, "disposition")) &&
	    json_str(json_get(p->json, "name"), &name) && !str_eq(p->property, STR("attachments")))
		build_param_put(&b, STR("name"), name);
	if (buf_ok(&b))
		build_field(out, STR("Content-Type"), buf_str(&b));
	buf_deinit(&b);
	return b.over ? compose_refuse(c, p->property, "the fields of a part are too long") : OK;
}

static enum err disposition_put(struct composing *c, const struct compose_part *p, struct buf *out)
{
	struct str disposition = STR_EMPTY, name;
	struct buf b;
	bool fits;

	if (!json_str(json_get(p->json, "disposition"), &disposition)) {
		if (!str_eq(p->property, STR("attachments")) || p->json.value == NULL)
			return OK;
		disposition = compose_is_related(p->json) ? STR("inline") : STR("attachment");
	}
	buf_init(&b, VALUE_MAX);
	buf_put(&b, disposition);
	if (json_str(json_get(p->json, "name"), &name))
		build_param_put(&b, STR("filename"), name);
	fits = buf_ok(&b);
	if (fits)
		build_field(out, STR("Content-Disposition"), buf_str(&b));
	buf_deinit(&b);
	return fits ? OK : compose_refuse(c, p->property, "the name of a part is too long");
}

static enum err language_put(struct composing *c, const struct compose_part *p, struct buf *out)
{
	struct json list = json_get(p->json, "language");
	struct json_iter it = json_iter(list);
	struct buf b;
	bool valid = json_kind(list) == JSON_ARRAY || compose_is_absent(list);

	buf_init(&b, VALUE_MAX);
	while (valid && json_next(&it)) {
		struct str tag;

		valid = json_str(it.value, &tag) && utf8_ascii(tag);
		if (valid)
			buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(tag));
	}
	valid = valid && buf_ok(&b);
	if (valid && b.n != 0)
		build_field(out, STR("Content-Language"), buf_str(&b));
	buf_deinit(&b);
	return valid ? OK : compose_refuse(c, p->property, "language must be a list of tags");
}

/* The fields of properties with names of their own, and which of them were written. */
static enum err named_fields_put(struct composing *c, const struct compose_part *p, struct buf *out,
                                 struct field_names *written)
{
	struct str value;
	enum err e;

	if (!field_names_has(written, STR("Content-Type"))) {
		if ((e = type_field_put(c, p, out)))
			return e;
		field_names_add(written, c->arena, STR("Content-Type"));
	}
	if ((e = disposition_put(c, p, out)) || (e = language_put(c, p, out)))
		return e;
	if (json_str(json_get(p->json, "cid"), &value)) {
		if (!letter_content_id_check(value))
			return compose_refuse(c, p->property, "\"%.*s\" is not a Content-ID",
			                      STR_ARG(value));
		buf_fmt(out, "Content-ID: <%.*s>\r\n", STR_ARG(value));
	}
	if (json_str(json_get(p->json, "location"), &value))
		build_field(out, STR("Content-Location"), value);
	return OK;
}

/* "header:" properties of a part; true for a property that a part may have. */
static enum err member_put(struct composing *c, const struct compose_part *p, struct str name,
                           struct json value, struct buf *out, struct field_names *written)
{
	static const char *const known[] = { "partId", "blobId", "size",     "name",
		                             "type",   "charset", "disposition", "cid",
		                             "language", "location", "subParts" };
	struct header_property what;

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(name, str_of(known[i])))
			return OK;
	if (!header_property_parse(name, &what))
		return compose_refuse(c, p->property, "a part cannot have the property %.*s",
		                      STR_ARG(name));
	if (str_eqi(what.field, STR("Content-Transfer-Encoding")) ||
	    (p->multipart && str_eqi(what.field, STR("Content-Type"))))
		return compose_refuse(c, p->property, "a part cannot have the field %.*s",
		                      STR_ARG(what.field));
	return compose_field(c, out, p->property, &what, value, written);
}

/* Two properties for one field. */
static bool field_twice(const struct compose_part *p, const struct field_names *own)
{
	static const struct {
		const char *property, *field;
	} rows[] = { { "type", "Content-Type" },
		     { "charset", "Content-Type" },
		     { "disposition", "Content-Disposition" },
		     { "cid", "Content-ID" },
		     { "language", "Content-Language" },
		     { "location", "Content-Location" } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (!compose_is_absent(json_get(p->json, rows[i].property)) &&
		    field_names_has(own, str_of(rows[i].field)))
			return true;
	return false;
}

static enum err part_fields_put(struct composing *c, const struct compose_part *p, struct buf *out,
                           struct field_names *written)
{
	struct json_iter it = json_iter(p->json);
	enum err e;

	while (json_next(&it))
		if ((e = member_put(c, p, it.name, it.value, out, written)))
			return e;
	if (field_twice(p, written))
		return compose_refuse(c, p->property,
		                      "two properties of a part stand for one header field");
	return named_fields_put(c, p, out, written);
}

static enum err content_put(struct composing *c, const struct compose_part *p, struct buf *out)
{
	if (p->multipart) {
		if (p->is_8bit)
			buf_put(out, STR("Content-Transfer-Encoding: 8bit\r\n"));
		buf_put(out, STR("\r\n"));
	} else if (p->is_text) {
		build_text_body(out, p->content);
	} else if (!str_eq(p->type, STR("message/rfc822"))) {
		build_bytes_body(out, p->content);
	} else if (!build_message_body(out, p->content)) {
		return compose_refuse(c, p->property,
		                      "a part of message/rfc822 has lines that end in CRLF, of at "
		                      "most 998 bytes");
	}
	return OK;
}

enum err compose_parts_put(struct composing *c, const struct compose_parts *parts, struct buf *out,
                           struct field_names *header)
{
	struct str open[JSON_DEPTH_MAX]; /* boundaries of the multiparts around the present part */
	unsigned depth = 0;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < parts->n; i++) {
		const struct compose_part *p = &parts->items[i];
		struct field_names own = { .n = 0 };

		while (depth > p->depth)
			build_boundary_put(out, open[--depth], true);
		if (depth != 0)
			build_boundary_put(out, open[depth - 1], false);
		if ((e = part_fields_put(c, p, out, i == 0 ? header : &own)) == OK)
			e = content_put(c, p, out);
		if (p->multipart)
			open[depth++] = p->boundary;
	}
	while (e == OK && depth != 0)
		build_boundary_put(out, open[--depth], true);
	return e;
}
