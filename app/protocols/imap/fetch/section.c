/* protocols/imap/fetch/section.c: see section.h. */
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "protocols/imap/fetch/section.h"

bool section_needs_structure(const struct imap_section *s)
{
	return s->path_n != 0 || (s->form != IMAP_FORM_BODY && s->kind == IMAP_SECTION_TEXT);
}

uint32_t section_part(const struct structure *st, const struct imap_section *s)
{
	uint32_t i = structure_find(st, s->path, s->path_n);

	if (i == PART_NONE || (s->kind == IMAP_SECTION_ALL && s->path_n != 0))
		return i;
	if (s->kind != IMAP_SECTION_TEXT)
		return PART_NONE;
	if (s->path_n == 0)
		return i;
	return st->parts[i].kind == PART_MESSAGE ? st->parts[i].first_child : PART_NONE;
}

static enum structure_section structure_kind(enum imap_section_kind kind)
{
	switch (kind) {
	case IMAP_SECTION_HEADER:
	case IMAP_SECTION_FIELDS:
	case IMAP_SECTION_FIELDS_NOT:
		return SECTION_HEADER;
	case IMAP_SECTION_TEXT:
		return SECTION_TEXT;
	case IMAP_SECTION_MIME:
		return SECTION_MIME;
	case IMAP_SECTION_ALL:
		break;
	}
	return SECTION_ALL;
}

/* The span of a section of the whole message, from the record. */
static struct span message_span(const struct email *email, enum structure_section kind)
{
	if (kind == SECTION_HEADER)
		return (struct span){ 0, email->header_bytes };
	if (kind == SECTION_TEXT)
		return (struct span){ email->header_bytes,
			              email->size_bytes - email->header_bytes };
	return (struct span){ 0, email->size_bytes };
}

static bool is_chosen(const struct imap_section *s, struct str name)
{
	bool listed = false;

	for (size_t i = 0; i < s->fields.n && !listed; i++)
		listed = str_eqi(s->fields.items[i], name);
	return listed == (s->kind == IMAP_SECTION_FIELDS);
}

/* Append the fields of HEADER.FIELDS as in the message, and the empty line that ends a
 * header. */
static void choose_fields(struct buf *out, const struct imap_section *s, struct str header)
{
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field))
		if (field.name.n ? is_chosen(s, field.name) : s->kind == IMAP_SECTION_FIELDS_NOT)
			buf_put(out, field.raw);
	buf_put(out, STR("\r\n"));
}

static enum err fields_of(const struct mail_txn *m, const struct email *email, struct span header,
                          const struct imap_section *s, struct arena *a, struct str *out)
{
	struct buf raw, text;
	enum err e;

	buf_init(&raw, header.len + 1);
	buf_init(&text, header.len + 2);
	e = blob_get(m->t, &email->blob, header.off, header.len, &raw);
	if (!e) {
		choose_fields(&text, s, buf_str(&raw));
		*out = str_dup(a, buf_str(&text));
	}
	buf_deinit(&text);
	buf_deinit(&raw);
	return e;
}

/* Apply the partial [offset, offset + size): past the end is empty, not an error. */
static void cut_partial(const struct imap_section *s, struct section_source *out)
{
	uint64_t skip, n;

	if (!s->partial)
		return;
	skip = MIN(s->offset, out->size);
	n = MIN(s->size, out->size - skip);
	out->offset += skip;
	out->size = n;
	out->text = str_sub(out->text, (size_t)skip, (size_t)(skip + n));
}

enum err section_find(const struct mail_txn *m, const struct email *email,
                      const struct structure *st, const struct imap_section *s, struct arena *a,
                      struct section_source *out)
{
	enum structure_section kind = structure_kind(s->kind);
	struct span span;
	enum err e = OK;

	*out = (struct section_source){ .present = true };
	if (s->path_n == 0) {
		span = message_span(email, kind);
	} else if (!structure_slice(st, s->path, s->path_n, kind, &span)) {
		out->present = false;
		return OK;
	}
	out->offset = span.off;
	out->size = span.len;
	if (s->fields.n) {
		out->made = true;
		e = fields_of(m, email, span, s, a, &out->text);
		out->size = out->text.n;
	}
	cut_partial(s, out);
	return e;
}
