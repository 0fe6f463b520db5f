/* formats/message/body_lists.c: textBody, htmlBody and attachments (RFC 8621 4.1.4); see
 * body_lists.h. The RFC's function calls itself for each multipart; here a frame is on a stack. */
#include "formats/message/body_lists.h"

#include "foundation/base/arena.h"

struct body_frame {
	uint32_t next; /* the next part in it */
	size_t index;  /* and its number      */
	bool alternative, related;
	bool in_alternative;
	bool text, html; /* are the lists still filled here? */
	size_t text_length, html_length;
};

struct body_walk {
	const struct structure *s;
	struct arena *a;
	struct body_lists *out;
};

static void body_list_add(struct body_list *list, uint32_t part)
{
	list->parts[list->n++] = part;
}

static bool is_media(const struct structure_part *p)
{
	return str_eqi(p->type, STR("image")) || str_eqi(p->type, STR("audio")) ||
	       str_eqi(p->type, STR("video"));
}

static bool is_text(const struct structure_part *p, struct str subtype)
{
	return str_eqi(p->type, STR("text")) && str_eqi(p->subtype, subtype);
}

static bool has_name(const struct body_walk *w, const struct structure_part *p)
{
	struct str name;

	return param_get(w->a, &p->disposition_params, STR("filename"), &name) ||
	       param_get(w->a, &p->params, STR("name"), &name);
}

/* "Is this a body part rather than an attachment" */
static bool is_inline(const struct body_walk *w, const struct body_frame *f,
                      const struct structure_part *p)
{
	if (p->kind != PART_LEAF || str_eqi(p->disposition, STR("attachment")))
		return false;
	if (!is_media(p) && !is_text(p, STR("plain")) && !is_text(p, STR("html")))
		return false;
	return f->index == 0 || (!f->related && (is_media(p) || !has_name(w, p)));
}

static void inline_place(const struct body_walk *w, struct body_frame *f, uint32_t part)
{
	const struct structure_part *p = &w->s->parts[part];
	bool plain = is_text(p, STR("plain")), html = is_text(p, STR("html"));

	if (f->alternative) {
		/* The RFC pushes to lists that may have ended: those are left out. */
		if (plain && f->text)
			body_list_add(&w->out->text, part);
		else if (html && f->html)
			body_list_add(&w->out->html, part);
		else
			body_list_add(&w->out->attachments, part);
		return;
	}
	if (f->in_alternative) {
		f->html = f->html && !plain;
		f->text = f->text && !html;
	}
	if (f->text)
		body_list_add(&w->out->text, part);
	if (f->html)
		body_list_add(&w->out->html, part);
	if ((!f->text || !f->html) && (is_media(p) || (!f->text && !f->html)))
		body_list_add(&w->out->attachments, part);
}

/* An alternative with only one of both: the other list shows the same. */
static void alternative_end(const struct body_walk *w, const struct body_frame *f)
{
	struct body_list *text = &w->out->text, *html = &w->out->html;
	size_t text_n = text->n, html_n = html->n;

	if (!f->alternative || !f->text || !f->html)
		return;
	if (text_n == f->text_length)
		for (size_t i = f->html_length; i < html_n; i++)
			body_list_add(text, html->parts[i]);
	if (html_n == f->html_length)
		for (size_t i = f->text_length; i < text_n; i++)
			body_list_add(html, text->parts[i]);
}

static struct body_frame frame_below(const struct body_walk *w, const struct body_frame *f,
                                     const struct structure_part *p)
{
	bool alternative = str_eqi(p->subtype, STR("alternative"));

	return (struct body_frame){
		.next = p->first_child,
		.alternative = alternative,
		.related = str_eqi(p->subtype, STR("related")),
		.in_alternative = f->in_alternative || alternative,
		.text = f->text,
		.html = f->html,
		.text_length = w->out->text.n,
		.html_length = w->out->html.n,
	};
}

static void lists_fill(const struct body_walk *w, struct body_frame *stack)
{
	size_t depth = 1;

	stack[0] = (struct body_frame){ .text = true, .html = true };
	while (depth > 0) {
		struct body_frame *f = &stack[depth - 1];
		uint32_t part = f->next;
		const struct structure_part *p;

		if (part == PART_NONE) {
			alternative_end(w, f);
			depth--;
			continue;
		}
		p = &w->s->parts[part];
		f->next = depth == 1 ? PART_NONE : p->next;
		if (p->kind == PART_MULTIPART)
			stack[depth++] = frame_below(w, f, p);
		else if (is_inline(w, f, p))
			inline_place(w, f, part);
		else
			body_list_add(&w->out->attachments, part);
		f->index++;
	}
}

void body_lists_of(struct arena *a, const struct structure *s, struct body_lists *out)
{
	struct body_walk w = { s, a, out };

	/* A part is at most twice in a list: alternative_end adds those of the other one. */
	out->text = (struct body_list){ arena_array(a, uint32_t, 2 * (size_t)s->n), 0 };
	out->html = (struct body_list){ arena_array(a, uint32_t, 2 * (size_t)s->n), 0 };
	out->attachments = (struct body_list){ arena_array(a, uint32_t, s->n), 0 };
	lists_fill(&w, arena_array(a, struct body_frame, (size_t)s->n + 1));
}

static bool is_embedded(const struct structure *s, const struct structure_part *p)
{
	return str_eqi(p->type, STR("image")) && p->id.n != 0 && p->parent != PART_NONE &&
	       !str_eqi(p->disposition, STR("attachment")) &&
	       str_eqi(s->parts[p->parent].subtype, STR("related"));
}

bool body_has_attachment(const struct structure *s, const struct body_lists *lists)
{
	for (size_t i = 0; i < lists->attachments.n; i++) {
		const struct structure_part *p = &s->parts[lists->attachments.parts[i]];

		if (!str_eqi(p->disposition, STR("inline")) && !is_embedded(s, p))
			return true;
	}
	return false;
}
