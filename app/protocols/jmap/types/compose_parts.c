/* protocols/jmap/types/compose_parts.c: the tree of parts (RFC 8621 4.6).
 *
 * The parts become a list in preorder with their depths, so nothing here recurses. */
#include "flow/submission/letter.h"
#include "formats/message/build.h"
#include "formats/message/build_body.h"
#include "protocols/jmap/types/composing.h"

static bool is_multipart(struct str type)
{
	return str_startsi(type, STR("multipart/"));
}

/* --- A part and its content --- */

static const struct compose_blob *blob_find(const struct composing *c, struct str id)
{
	for (size_t i = 0; i < c->blob_count; i++)
		if (str_eq(c->blobs[i].id, id))
			return &c->blobs[i];
	return NULL;
}

/* The value of a part with a partId. */
static enum err value_take(struct composing *c, struct compose_part *p, struct str part_id)
{
	struct json value = json_get(json_get(c->email, "bodyValues"), str_z(c->arena, part_id));
	bool problem = false, truncated = false;

	if (json_kind(value) != JSON_OBJECT || !json_str(json_get(value, "value"), &p->content))
		return compose_refuse(c, STR("bodyValues"), "the part %.*s has no value",
		                      STR_ARG(part_id));
	json_bool(json_get(value, "isEncodingProblem"), &problem);
	json_bool(json_get(value, "isTruncated"), &truncated);
	if (problem || truncated)
		return compose_refuse(
			c, STR("bodyValues"),
			"isEncodingProblem and isTruncated of the part %.*s must be false",
			STR_ARG(part_id));
	if (!compose_is_absent(json_get(p->json, "charset")) ||
	    !compose_is_absent(json_get(p->json, "size")))
		return compose_refuse(c, p->property,
		                      "a part with a partId has no charset and no size");
	p->is_text = true;
	return OK;
}

static enum err content_take(struct composing *c, struct compose_part *p)
{
	struct json part_id = json_get(p->json, "partId"), blob_id = json_get(p->json, "blobId");
	const struct compose_blob *blob;
	struct str id;

	if (compose_is_absent(part_id) == compose_is_absent(blob_id))
		return compose_refuse(c, p->property, "a part has either a partId or a blobId");
	if (!compose_is_absent(part_id))
		return json_str(part_id, &id)
		               ? value_take(c, p, id)
		               : compose_refuse(c, p->property, "partId must be text");
	if (!json_str(blob_id, &id))
		return compose_refuse(c, p->property, "blobId must be an id");
	blob = blob_find(c, id);
	if (blob == NULL)
		return OK; /* compose_blob_ids collects them first */
	p->content = blob->bytes;
	p->is_8bit = str_eq(p->type, STR("message/rfc822")) && build_message_is_8bit(p->content);
	return OK;
}

static enum err type_take(struct composing *c, struct compose_part *p, const char *def)
{
	struct json type = json_get(p->json, "type");
	struct str text = str_of(def);

	if (!compose_is_absent(type) && !json_str(type, &text))
		return compose_refuse(c, p->property, "type must be text");
	p->type = str_lower(c->arena, text);
	p->multipart = is_multipart(p->type);
	if (!letter_type_check(p->type) && !p->multipart)
		return compose_refuse(c, p->property, "\"%.*s\" is not a type of a part",
		                      STR_ARG(text));
	return OK;
}

static enum err part_add(struct composing *c, struct compose_parts *parts, struct compose_part p)
{
	if (parts->n == COMPOSE_PARTS_MAX)
		return compose_refuse(c, p.property, "there are more than %d parts",
		                      COMPOSE_PARTS_MAX);
	if (p.multipart)
		p.boundary = build_boundary(c->arena);
	parts->items[parts->n++] = p;
	return OK;
}

/* --- bodyStructure --- */

static enum err structure_part(struct composing *c, struct compose_parts *parts, struct json object,
                               unsigned depth)
{
	struct compose_part p = { .json = object, .depth = depth };
	bool nested = !compose_is_absent(json_get(object, "subParts"));
	enum err e;

	p.property = STR("bodyStructure");
	if (json_kind(object) != JSON_OBJECT)
		return compose_refuse(c, p.property, "a part must be an object");
	if ((e = type_take(c, &p, nested ? "multipart/mixed" : "text/plain")))
		return e;
	if (p.multipart != nested || (nested && json_count(json_get(object, "subParts")) == 0))
		return compose_refuse(c, p.property,
		                      "a multipart has subParts, and no other part has them");
	if (!p.multipart && (e = content_take(c, &p)))
		return e;
	return part_add(c, parts, p);
}

static enum err structure_parts(struct composing *c, struct compose_parts *parts, struct json root)
{
	struct json_iter levels[JSON_DEPTH_MAX];
	unsigned depth = 0;
	enum err e = structure_part(c, parts, root, 0);

	levels[0] = json_iter(json_get(root, "subParts"));
	while (e == OK) {
		struct json part;

		if (!json_next(&levels[depth])) {
			if (depth == 0)
				break;
			depth--;
			continue;
		}
		part = levels[depth].value;
		e = structure_part(c, parts, part, depth + 1);
		assert(depth + 1 < JSON_DEPTH_MAX); /* the parser's limit */
		levels[++depth] = json_iter(json_get(part, "subParts"));
	}
	return e;
}

/* --- textBody, htmlBody, attachments --- */

/* The one part of textBody or htmlBody; missing: there is none. */
static enum err body_list_take(struct composing *c, const char *property, const char *type,
                          struct compose_part *out)
{
	struct json list = json_get(c->email, property);
	struct json_iter it = json_iter(list);
	enum err e;

	*out = (struct compose_part){ .property = str_of(property) };
	if (compose_is_absent(list))
		return OK;
	if (json_kind(list) != JSON_ARRAY || json_count(list) != 1 || !json_next(&it) ||
	    json_kind(it.value) != JSON_OBJECT)
		return compose_refuse(c, out->property, "%s must have exactly one part", property);
	out->json = it.value;
	if ((e = type_take(c, out, type)))
		return e;
	if (!str_eq(out->type, str_of(type)))
		return compose_refuse(c, out->property, "the part of %s must be %s", property,
		                      type);
	return content_take(c, out);
}

static enum err attachment_take(struct composing *c, struct json object, struct compose_part *out)
{
	enum err e;

	*out = (struct compose_part){ .property = STR("attachments"), .json = object };
	if (json_kind(object) != JSON_OBJECT)
		return compose_refuse(c, out->property, "an attachment must be an object");
	if ((e = type_take(c, out, "application/octet-stream")))
		return e;
	if (out->multipart)
		return compose_refuse(c, out->property, "an attachment cannot be a multipart");
	return content_take(c, out);
}

bool compose_is_related(struct json attachment)
{
	struct str disposition = STR_EMPTY;

	json_str(json_get(attachment, "disposition"), &disposition);
	return json_kind(json_get(attachment, "cid")) == JSON_STRING &&
	       !str_eqi(disposition, STR("attachment"));
}

static enum err multipart_add(struct composing *c, struct compose_parts *parts, const char *type,
                              unsigned *depth)
{
	struct compose_part p = { .type = str_of(type),
		                  .property = STR("attachments"),
		                  .depth = (*depth)++,
		                  .multipart = true };

	return part_add(c, parts, p);
}

static enum err attachments_add(struct composing *c, struct compose_parts *parts, bool html,
                                bool related, unsigned depth)
{
	struct json_iter it = json_iter(json_get(c->email, "attachments"));
	struct compose_part p;
	enum err e = OK;

	while (e == OK && json_next(&it)) {
		if ((html && compose_is_related(it.value)) != related)
			continue;
		if ((e = attachment_take(c, it.value, &p)))
			break;
		p.depth = depth;
		e = part_add(c, parts, p);
	}
	return e;
}

/* The same tree as that of a letter (flow/submission/letter.h). */
static enum err lists_parts(struct composing *c, struct compose_parts *parts)
{
	struct json attachments = json_get(c->email, "attachments");
	struct json_iter it = json_iter(attachments);
	struct compose_part text, html;
	size_t related = 0, others = 0;
	unsigned depth = 0;
	enum err e;

	if (!compose_is_absent(attachments) && json_kind(attachments) != JSON_ARRAY)
		return compose_refuse(c, STR("attachments"), "attachments must be a list");
	if ((e = body_list_take(c, "textBody", "text/plain", &text)) ||
	    (e = body_list_take(c, "htmlBody", "text/html", &html)))
		return e;
	while (json_next(&it))
		*(compose_is_related(it.value) && html.type.n ? &related : &others) += 1;
	if (others != 0 && (e = multipart_add(c, parts, "multipart/mixed", &depth)))
		return e;
	if (!text.type.n && !html.type.n && others == 0) /* a draft without a text */
		text = (struct compose_part){ .type = STR("text/plain"), .is_text = true };
	if (text.type.n && html.type.n &&
	    (e = multipart_add(c, parts, "multipart/alternative", &depth)))
		return e;
	text.depth = depth;
	if (text.type.n && (e = part_add(c, parts, text)))
		return e;
	if (related != 0 && (e = multipart_add(c, parts, "multipart/related", &depth)))
		return e;
	html.depth = depth;
	if (html.type.n && (e = part_add(c, parts, html)))
		return e;
	if ((e = attachments_add(c, parts, html.type.n != 0, true, depth)))
		return e;
	return attachments_add(c, parts, html.type.n != 0, false, 1);
}

/* In a multipart that is the parent of an 8-bit message: RFC 2045 6.4. */
static void eight_bit_spread(struct compose_parts *parts)
{
	unsigned depth = 0;

	for (size_t i = parts->n; i-- > 0;) {
		struct compose_part *p = &parts->items[i];

		if (p->is_8bit)
			depth = p->depth;
		else if (depth != 0 && p->depth == depth - 1) {
			p->is_8bit = true;
			depth = p->depth;
		}
	}
}

enum err compose_parts(struct composing *c, struct compose_parts *out)
{
	struct json structure = json_get(c->email, "bodyStructure");
	enum err e;

	*out = (struct compose_parts){
		.items = arena_array(c->arena, struct compose_part, COMPOSE_PARTS_MAX + 1)
	};
	if (json_count(json_get(c->email, "bodyValues")) > COMPOSE_PARTS_MAX)
		return compose_refuse(c, STR("bodyValues"), "there are more than %d values",
		                      COMPOSE_PARTS_MAX);
	if (compose_is_absent(structure))
		e = lists_parts(c, out);
	else if (!compose_is_absent(json_get(c->email, "textBody")) ||
	         !compose_is_absent(json_get(c->email, "htmlBody")) ||
	         !compose_is_absent(json_get(c->email, "attachments")))
		e = compose_refuse(c, STR("bodyStructure"),
		                   "bodyStructure excludes textBody, htmlBody and attachments");
	else
		e = structure_parts(c, out, structure);
	if (e == OK)
		eight_bit_spread(out);
	return e;
}

enum err compose_blob_ids(struct composing *c, struct str **ids, size_t *n)
{
	struct compose_parts parts;
	enum err e = compose_parts(c, &parts);

	*n = 0;
	if (e)
		return e;
	*ids = arena_array(c->arena, struct str, parts.n);
	for (size_t i = 0; i < parts.n; i++)
		*n += json_str(json_get(parts.items[i].json, "blobId"), &(*ids)[*n]);
	return OK;
}
