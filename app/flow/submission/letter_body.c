/* flow/submission/letter_body.c: see letter_body.h. */
#include "flow/submission/letter_body.h"

#include "formats/message/build.h"
#include "formats/message/build_body.h"

enum { VALUE_MAX = 4096 };

/* --- fields of a part -------------------------------------------------------------------- */

static void type_put(struct buf *out, struct str type, struct str param, struct str value)
{
	struct buf b;

	buf_init(&b, VALUE_MAX);
	buf_put(&b, type);
	if (param.n != 0)
		build_param_put(&b, param, value);
	build_field(out, STR("Content-Type"), buf_str(&b));
	buf_deinit(&b);
}

static struct str multipart_open(struct buf *out, struct str type, struct arena *a)
{
	struct str boundary = build_boundary(a);

	type_put(out, type, STR("boundary"), boundary);
	return boundary;
}

/* --- texts -------------------------------------------------------------------------------- */

static void text_put(struct buf *out, struct str type, struct str text)
{
	type_put(out, type, STR("charset"), STR("utf-8"));
	build_text_body(out, text);
}

/* --- parts -------------------------------------------------------------------------------- */

static bool is_message_type(struct str type)
{
	return str_eqi(type, STR("message/rfc822"));
}

static void disposition_put(struct buf *out, const struct letter_part *p)
{
	struct buf b;

	buf_init(&b, VALUE_MAX);
	buf_put(&b, p->content_id.n != 0 ? STR("inline") : STR("attachment"));
	if (p->name.n != 0)
		build_param_put(&b, STR("filename"), p->name);
	build_field(out, STR("Content-Disposition"), buf_str(&b));
	buf_reset(&b);
	if (p->content_id.n != 0)
		buf_fmt(out, "Content-ID: <%.*s>\r\n", STR_ARG(p->content_id));
	buf_deinit(&b);
}

static enum err part_put(struct buf *out, const struct letter_part *p, struct why *why)
{
	type_put(out, p->type, STR_EMPTY, STR_EMPTY);
	disposition_put(out, p);
	if (!is_message_type(p->type)) {
		build_bytes_body(out, p->content);
		return OK;
	}
	if (build_message_body(out, p->content))
		return OK;
	return fail(why, ERR_SYNTAX,
	            "an attachment of message/rfc822 has lines that end in CRLF, of at "
	            "most 998 bytes");
}

/* Those that html refers to, or the others. */
static enum err parts_put(struct buf *out, const struct letter *l, bool related,
                          struct str boundary, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < l->part_count; i++) {
		const struct letter_part *p = &l->parts[i];

		if ((p->content_id.n != 0 && l->html.n != 0) != related)
			continue;
		build_boundary_put(out, boundary, false);
		e = part_put(out, p, why);
	}
	return e;
}

static bool any_part(const struct letter *l, bool related)
{
	for (size_t i = 0; i < l->part_count; i++)
		if ((l->parts[i].content_id.n != 0 && l->html.n != 0) == related)
			return true;
	return false;
}

static bool any_8bit(const struct letter *l)
{
	for (size_t i = 0; i < l->part_count; i++)
		if (is_message_type(l->parts[i].type) && build_message_is_8bit(l->parts[i].content))
			return true;
	return false;
}

/* --- the tree ------------------------------------------------------------------------------ */

static enum err html_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e;

	if (!any_part(l, true)) {
		text_put(out, STR("text/html"), l->html);
		return OK;
	}
	boundary = multipart_open(out, STR("multipart/related; type=\"text/html\""), a);
	build_boundary_put(out, boundary, false);
	text_put(out, STR("text/html"), l->html);
	e = parts_put(out, l, true, boundary, why);
	build_boundary_put(out, boundary, true);
	return e;
}

static enum err texts_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e;

	if (l->html.n == 0) {
		text_put(out, STR("text/plain"), l->text);
		return OK;
	}
	if (l->text.n == 0)
		return html_put(out, l, a, why);
	boundary = multipart_open(out, STR("multipart/alternative"), a);
	build_boundary_put(out, boundary, false);
	text_put(out, STR("text/plain"), l->text);
	build_boundary_put(out, boundary, false); /* the best last: RFC 2046 5.1.4 */
	e = html_put(out, l, a, why);
	build_boundary_put(out, boundary, true);
	return e;
}

enum err letter_body_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	struct str boundary;
	enum err e = OK;

	if (!any_part(l, false))
		return texts_put(out, l, a, why);
	boundary = multipart_open(out, STR("multipart/mixed"), a);
	if (any_8bit(l)) /* RFC 2045 6.4: what is in it has it */
		buf_put(out, STR("Content-Transfer-Encoding: 8bit\r\n"));
	if (l->text.n != 0 || l->html.n != 0) {
		build_boundary_put(out, boundary, false);
		e = texts_put(out, l, a, why);
	} else {
		buf_put(out, STR("\r\n"));
	}
	if (e == OK)
		e = parts_put(out, l, false, boundary, why);
	build_boundary_put(out, boundary, true);
	return e;
}
