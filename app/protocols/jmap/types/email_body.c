/* protocols/jmap/types/email_body.c: body parts as JSON (RFC 8621 4.1.4); see email_body.h. */
#include "protocols/jmap/types/email_body.h"

#include "formats/message/decode.h"
#include "protocols/jmap/types/header_value.h"

/* --- The bytes --- */

static enum err message_bytes_read(struct email_message *m, size_t n, struct str *out)
{
	struct buf b;
	enum err e;

	buf_init_in(&b, arena_alloc(m->arena, n + 1), n + 1);
	e = blob_get(m->t, &m->stored, 0, n, &b);
	*out = buf_str(&b);
	return e;
}

enum err email_message_raw(struct email_message *m, struct str *out)
{
	enum err e = m->raw.p == NULL ? message_bytes_read(m, m->size_bytes, &m->raw) : OK;

	*out = m->raw;
	return e;
}

enum err email_message_header(struct email_message *m, struct str *out)
{
	enum err e = OK;

	if (m->header.p == NULL && m->raw.p != NULL)
		m->header = str_sub(m->raw, 0, m->header_bytes);
	else if (m->header.p == NULL)
		e = message_bytes_read(m, m->header_bytes, &m->header);
	*out = m->header;
	return e;
}

static struct str span_of(struct str raw, struct span s)
{
	return str_sub(raw, s.off, (size_t)s.off + s.len);
}

/* --- Properties of a part --- */

struct part_put {
	struct json_writer *w;
	struct email_message *m;
	const struct body_wanted *wanted;
	uint32_t index;
	const struct structure_part *part;
	struct arena *scratch;
	enum err error;
};

typedef void part_put_fn(struct part_put *p, const char *name);

static void str_or_null(struct json_writer *w, const char *name, struct str s)
{
	if (s.n != 0)
		json_put_str(w, name, s);
	else
		json_put_null(w, name);
}

static void put_part_id(struct part_put *p, const char *name)
{
	if (p->part->kind == PART_MULTIPART)
		json_put_null(p->w, name);
	else
		json_put_str(p->w, name, str_fmt(p->scratch, "%" PRIu32, p->index));
}

static void put_blob_id(struct part_put *p, const char *name)
{
	str_or_null(p->w, name,
	            p->part->kind == PART_MULTIPART
	                    ? STR_EMPTY
	                    : jmap_blob_of_part(p->scratch, &p->m->blob, p->index));
}

/* "the raw data after content transfer decoding": an encoded body is decoded to be counted. */
static void put_size(struct part_put *p, const char *name)
{
	enum part_encoding encoding;
	uint64_t size = p->part->body.len;
	struct str raw;
	struct buf out;

	decode_encoding_of(p->part->encoding, &encoding);
	if (p->part->kind == PART_LEAF && encoding >= ENCODING_QP) {
		p->error = email_message_raw(p->m, &raw);
		if (p->error)
			return;
		buf_init(&out, (size_t)p->part->body.len + 3);
		decode_bytes(&out, encoding, span_of(raw, p->part->body));
		size = out.n;
		buf_deinit(&out);
	}
	json_put_u64(p->w, name, size);
}

static void part_header(struct part_put *p, struct str *header)
{
	struct str raw;

	if (p->index == 0) {
		p->error = email_message_header(p->m, header);
		return;
	}
	p->error = email_message_raw(p->m, &raw);
	*header = span_of(raw, p->part->header);
}

static void put_headers(struct part_put *p, const char *name)
{
	struct str header;

	part_header(p, &header);
	json_put_name(p->w, str_of(name));
	if (!p->error)
		header_list_put(p->w, header);
}

static void put_name(struct part_put *p, const char *name)
{
	struct str value;

	if (param_get(p->scratch, &p->part->disposition_params, STR("filename"), &value) ||
	    param_get(p->scratch, &p->part->params, STR("name"), &value))
		json_put_str(p->w, name, value);
	else
		json_put_null(p->w, name);
}

static void put_type(struct part_put *p, const char *name)
{
	struct str type = str_fmt(p->scratch, "%.*s/%.*s", STR_ARG(p->part->type),
	                          STR_ARG(p->part->subtype));

	json_put_str(p->w, name, str_lower(p->scratch, type));
}

static bool part_is_text(const struct structure_part *part)
{
	return part->kind == PART_LEAF && str_eqi(part->type, STR("text"));
}

static void put_charset(struct part_put *p, const char *name)
{
	struct str charset;

	if (!part_is_text(p->part))
		json_put_null(p->w, name);
	else if (param_get(p->scratch, &p->part->params, STR("charset"), &charset) && charset.n)
		json_put_str(p->w, name, charset);
	else
		json_put_str(p->w, name, STR("us-ascii"));
}

static void put_disposition(struct part_put *p, const char *name)
{
	str_or_null(p->w, name, str_lower(p->scratch, p->part->disposition));
}

static void put_cid(struct part_put *p, const char *name)
{
	struct str id = str_trim(p->part->id);

	if (str_starts(id, STR("<")) && str_ends(id, STR(">")))
		id = str_sub(id, 1, id.n - 1);
	str_or_null(p->w, name, id);
}

static void put_language(struct part_put *p, const char *name)
{
	struct cur c = cur_of(p->part->language);
	struct str tag;

	if (!cur_listed(&c, &tag)) {
		json_put_null(p->w, name);
		return;
	}
	json_open(p->w, name, '[');
	do
		json_put_str(p->w, NULL, tag);
	while (cur_listed(&c, &tag));
	json_close(p->w);
}

static void put_location(struct part_put *p, const char *name)
{
	str_or_null(p->w, name, p->part->location);
}

static const struct {
	const char *name;
	part_put_fn *put; /* NULL: subParts, for body_structure_put */
	bool by_default;  /* RFC 8621 4.2 */
} rows[] = {
	{ "partId", put_part_id, true },
	{ "blobId", put_blob_id, true },
	{ "size", put_size, true },
	{ "name", put_name, true },
	{ "type", put_type, true },
	{ "charset", put_charset, true },
	{ "disposition", put_disposition, true },
	{ "cid", put_cid, true },
	{ "language", put_language, true },
	{ "location", put_location, true },
	{ "headers", put_headers, false },
	{ "subParts", NULL, true }, /* without it bodyStructure would be one part */
};
enum { ROW_SUB_PARTS = COUNT(rows) - 1 };

/* Everything but subParts; the object stays open. */
static enum err part_open(struct json_writer *w, struct email_message *m,
                          const struct body_wanted *wanted, uint32_t index)
{
	struct arena scratch = { 0 };
	struct part_put p = { .w = w,
		              .m = m,
		              .wanted = wanted,
		              .index = index,
		              .part = &m->structure.parts[index],
		              .scratch = &scratch };
	struct str header = STR_EMPTY;

	json_open(w, NULL, '{');
	for (size_t i = 0; i < COUNT(rows) && !p.error; i++)
		if ((wanted->properties >> i & 1) && rows[i].put != NULL)
			rows[i].put(&p, rows[i].name);
	if (wanted->header_count != 0 && !p.error)
		part_header(&p, &header);
	for (size_t i = 0; i < wanted->header_count && !p.error && buf_ok(w->out); i++) {
		json_put_name(w, wanted->header_names[i]);
		header_property_put(w, header, &wanted->headers[i]);
	}
	arena_deinit(&scratch);
	return p.error;
}

/* --- Lists and the tree --- */

enum err body_list_put(struct json_writer *w, struct email_message *m,
                       const struct body_wanted *wanted, const struct body_list *list)
{
	enum err e = OK;

	json_open(w, NULL, '[');
	for (size_t i = 0; i < list->n && !e && buf_ok(w->out); i++) {
		if ((e = part_open(w, m, wanted, list->parts[i])))
			break;
		json_close(w);
	}
	if (!e)
		json_close(w);
	return e;
}

/* A document has at most JSON_DEPTH_MAX levels, and two are a part and its subParts. The response
 * around the tree needs the rest. */
enum { TREE_DEPTH = (JSON_DEPTH_MAX - 10) / 2 };

enum err body_structure_put(struct json_writer *w, struct email_message *m,
                            const struct body_wanted *wanted)
{
	const struct structure_part *parts = m->structure.parts;
	bool tree = wanted->properties >> ROW_SUB_PARTS & 1;
	uint32_t i = 0;
	unsigned depth = 0;
	enum err e;

	for (;;) {
		if ((e = part_open(w, m, wanted, i)))
			return e;
		if (tree && parts[i].kind == PART_MULTIPART && buf_ok(w->out) &&
		    depth + 1 < TREE_DEPTH) {
			json_open(w, "subParts", '[');
			i = parts[i].first_child;
			depth++;
			continue;
		}
		json_close(w);
		while (depth > 0 && parts[i].next == PART_NONE) {
			json_close(w);
			json_close(w);
			i = parts[i].parent;
			depth--;
		}
		if (depth == 0)
			return OK;
		i = parts[i].next;
	}
}

/* --- Arguments --- */

const struct jmap_argument body_arguments[] = {
	{ "bodyProperties", FORM_STRING, LIST | OR_NULL, 0 },
	{ "fetchTextBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "fetchHTMLBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "fetchAllBodyValues", FORM_BOOL, OR_NULL, 0 },
	{ "maxBodyValueBytes", FORM_UNSIGNED, OR_NULL, 0 },
};
_Static_assert(COUNT(body_arguments) == BODY_ARGUMENTS, "the table of arguments");

static bool body_property_want(struct body_wanted *out, struct str name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eq(name, str_of(rows[i].name))) {
			out->properties |= BIT(i);
			return true;
		}
	for (size_t i = 0; i < out->header_count; i++)
		if (str_eq(name, out->header_names[i]))
			return true;
	if (!header_property_parse(name, &out->headers[out->header_count]))
		return false;
	out->header_names[out->header_count++] = name;
	return true;
}

enum err body_wanted_read(struct jmap_call *c, struct arena *a, struct body_wanted *out)
{
	struct json list = jmap_arg(c, "bodyProperties");
	struct json_iter it = json_iter(list);
	struct str name;

	*out = (struct body_wanted){
		.text_values = jmap_arg_bool(c, "fetchTextBodyValues", false),
		.html_values = jmap_arg_bool(c, "fetchHTMLBodyValues", false),
		.all_values = jmap_arg_bool(c, "fetchAllBodyValues", false),
		.value_bytes_max = jmap_arg_u64(c, "maxBodyValueBytes", 0),
		.header_names = arena_array(a, struct str, json_count(list)),
		.headers = arena_array(a, struct header_property, json_count(list)),
	};
	for (size_t i = 0; i < COUNT(rows) && json_kind(list) != JSON_ARRAY; i++)
		if (rows[i].by_default)
			out->properties |= BIT(i);
	while (json_next(&it) && json_str(it.value, &name))
		if (!body_property_want(out, name))
			return jmap_refuse(c, "invalidArguments",
			                   "a body part has no property \"%.*s\"",
			                   STR_ARG(str_sub(name, 0, 60)));
	return OK;
}
