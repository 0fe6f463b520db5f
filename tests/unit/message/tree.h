/* tests/unit/message/tree.h: what must hold of every parsed message, and its printed tree. The
 * tests of message/ and its fuzz target share it. */
#ifndef UNIT_MESSAGE_TREE_H
#define UNIT_MESSAGE_TREE_H
#include "formats/message/envelope.h"
#include "formats/message/mime.h"
#include "formats/message/preview.h"
#include "formats/message/structure.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

enum { TREE_OUT_MAX = 64 << 20 };

static const struct message_limits tree_limits = MESSAGE_LIMITS_DEFAULT;

#define LAW(condition) assert(condition)

/* --- laws -------------------------------------------------------------------------------- */

static inline void law_inside(struct span s, struct span whole)
{
	LAW(s.len == 0 || (s.off >= whole.off && s.off + s.len <= whole.off + whole.len));
}

static inline uint32_t lines_of(struct str body)
{
	uint32_t n = 0;

	for (size_t i = 0; i < body.n; i++)
		n += body.p[i] == '\n' || i + 1 == body.n;
	return n;
}

static inline void laws_of_part(const struct message *m, uint32_t i)
{
	const struct part *p = &m->parts[i];
	uint32_t end = p->body.off + p->body.len, from = p->body.off, children = 0;

	LAW(end <= m->raw.n);
	LAW(p->body.off == p->header.off + p->header.len);
	LAW(p->body_lines == lines_of(message_str(m, p->body)));
	LAW((p->kind == PART_LEAF) == (p->first_child == PART_NONE));
	for (uint32_t c = p->first_child; c != PART_NONE; c = m->parts[c].next, children++) {
		const struct part *child = &m->parts[c];

		LAW(c > i && c < m->n && child->parent == i && child->depth == p->depth + 1);
		LAW(child->next == PART_NONE || child->next > c);
		LAW(child->header.off >= from && child->body.off + child->body.len <= end);
		from = child->body.off + child->body.len;
	}
	LAW(p->kind != PART_MESSAGE ||
	    (children == 1 && m->parts[p->first_child].header.off == p->body.off));
	law_inside(p->type, p->header);
	law_inside(p->subtype, p->header);
	law_inside(p->params, p->header);
	law_inside(p->encoding, p->header);
	law_inside(p->id, p->header);
	law_inside(p->description, p->header);
	law_inside(p->language, p->header);
	law_inside(p->location, p->header);
	law_inside(p->md5, p->header);
	law_inside(p->disposition, p->header);
	law_inside(p->disposition_params, p->header);
}

/* What was packed can be unpacked, and packs to the same bytes. */
static inline void laws_of_records(struct arena *a, const struct message *m)
{
	struct structure s, s2;
	struct envelope e, e2;
	struct buf record, again;

	buf_init(&record, TREE_OUT_MAX);
	buf_init(&again, TREE_OUT_MAX);
	if (structure_of(a, m, &tree_limits, &s)) {
		structure_pack(&record, &s);
		LAW(structure_unpack(a, buf_str(&record), &s2));
		structure_pack(&again, &s2);
		LAW(str_eq(buf_str(&record), buf_str(&again)));
		for (uint32_t i = 0; i < s.n; i++) {
			LAW(s.parts[i].body.off == s2.parts[i].body.off);
			LAW(s.parts[i].body.len == s2.parts[i].body.len);
			LAW(s.parts[i].next == s2.parts[i].next);
			LAW(s.parts[i].first_child == s2.parts[i].first_child);
		}
	}
	buf_reset(&record);
	buf_reset(&again);
	envelope_of(a, message_str(m, m->parts[0].header), &tree_limits, &e);
	envelope_pack(&record, &e);
	LAW(envelope_unpack(a, buf_str(&record), &e2));
	envelope_pack(&again, &e2);
	LAW(str_eq(buf_str(&record), buf_str(&again)));
	buf_deinit(&record);
	buf_deinit(&again);
}

static inline void laws_of_preview(const struct message *m)
{
	struct buf out;

	buf_init(&out, PREVIEW_BYTES_MAX);
	preview_put(&out, m);
	LAW(buf_ok(&out) && utf8_valid(buf_str(&out)));
	LAW(utf8_count(buf_str(&out)) <= PREVIEW_CHARS);
	for (size_t i = 0; i < out.n; i++)
		LAW((unsigned char)out.p[i] >= ' ' && out.p[i] != 127);
	buf_deinit(&out);
}

/* All that is made of a message for the store needs memory in proportion to it, and never more
 * than the limit. */
static inline void laws_of_memory(struct str raw)
{
	size_t most = MESSAGE_MEMORY_BASE + MESSAGE_MEMORY_FACTOR * raw.n;
	struct arena a = { 0 };
	struct structure s;
	struct envelope e;
	struct message m;

	message_parse(&a, raw, &tree_limits, &m);
	envelope_of(&a, message_str(&m, m.parts[0].header), &tree_limits, &e);
	LAW(structure_of(&a, &m, &tree_limits, &s) || most > tree_limits.memory_bytes);
	LAW(a.used_bytes <= MIN(most, (size_t)tree_limits.memory_bytes));
	arena_deinit(&a);
}

static inline void tree_laws(const struct message *m)
{
	struct arena a = { 0 };

	LAW(m->n >= 1 && m->n <= tree_limits.parts);
	LAW(m->parts[0].header.off == 0 && m->parts[0].parent == PART_NONE);
	LAW(m->parts[0].next == PART_NONE);
	LAW(m->parts[0].body.off + m->parts[0].body.len == m->raw.n);
	for (uint32_t i = 0; i < m->n; i++)
		laws_of_part(m, i);
	laws_of_records(&a, m);
	laws_of_memory(m->raw);
	laws_of_preview(m);
	arena_deinit(&a);
}

/* --- printing ------------------------------------------------------------------------------ */

static inline void quoted_print(struct buf *out, const char *label, struct str s)
{
	if (s.n == 0)
		return;
	buf_fmt(out, " %s\"", label);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == '"' || c == '\\' || c == 127)
			buf_fmt(out, "\\x%02x", c);
		else
			buf_byte(out, (char)c);
	}
	buf_byte(out, '"');
}

static inline void params_print(struct buf *out, const struct param_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_fmt(out, " %.*s=", STR_ARG(list->items[i].name));
		quoted_print(out, "", list->items[i].value);
	}
}

static inline void list_print(struct buf *out, const char *label, const struct address_list *list)
{
	if (list->n == 0)
		return;
	buf_fmt(out, "%s:", label);
	for (size_t i = 0; i < list->n; i++) {
		static const char *const kinds[] = { "", " group", " end" };

		buf_fmt(out, "%s", kinds[list->items[i].kind]);
		quoted_print(out, "", list->items[i].name);
		if (list->items[i].kind == ADDRESS_MAILBOX)
			buf_fmt(out, " <%.*s|%.*s>", STR_ARG(list->items[i].local),
			        STR_ARG(list->items[i].domain));
	}
	buf_byte(out, '\n');
}

static inline void envelope_print(struct buf *out, const struct envelope *e)
{
	buf_fmt(out, "has: %x\n", e->has);
	buf_put(out, STR("strings:"));
	quoted_print(out, "date=", e->date);
	quoted_print(out, "subject=", e->subject);
	quoted_print(out, "in-reply-to=", e->in_reply_to);
	quoted_print(out, "message-id=", e->message_id);
	buf_byte(out, '\n');
	list_print(out, "from", &e->from);
	list_print(out, "sender", &e->sender);
	list_print(out, "reply-to", &e->reply_to);
	list_print(out, "to", &e->to);
	list_print(out, "cc", &e->cc);
	list_print(out, "bcc", &e->bcc);
}

static inline void part_print(struct buf *out, const struct message *m,
                              const struct structure_part *p, uint32_t i)
{
	for (uint32_t d = 0; d < m->parts[i].depth; d++)
		buf_put(out, STR("  "));
	buf_fmt(out, "%" PRIu32 " %.*s/%.*s", i, STR_ARG(p->type), STR_ARG(p->subtype));
	params_print(out, &p->params);
	buf_fmt(out,
	        " %.*s header %" PRIu32 "+%" PRIu32 " body %" PRIu32 "+%" PRIu32 " lines %" PRIu32,
	        STR_ARG(p->encoding), p->header.off, p->header.len, p->body.off, p->body.len,
	        p->body_lines);
	quoted_print(out, "id=", p->id);
	quoted_print(out, "description=", p->description);
	quoted_print(out, "md5=", p->md5);
	quoted_print(out, "language=", p->language);
	quoted_print(out, "location=", p->location);
	quoted_print(out, "disposition=", p->disposition);
	params_print(out, &p->disposition_params);
	buf_put(out, m->parts[i].limited ? STR(" limited\n") : STR("\n"));
}

/* Envelope, tree and preview, for people and for diffs. */
static inline void tree_print(struct buf *out, const struct message *m)
{
	struct arena a = { 0 };
	struct structure s;
	struct envelope e;

	LAW(structure_of(&a, m, &tree_limits, &s));
	for (uint32_t i = 0; i < s.n; i++)
		part_print(out, m, &s.parts[i], i);
	envelope_of(&a, message_str(m, m->parts[0].header), &tree_limits, &e);
	envelope_print(out, &e);
	buf_put(out, STR("preview: "));
	preview_put(out, m);
	buf_byte(out, '\n');
	arena_deinit(&a);
}

#endif
