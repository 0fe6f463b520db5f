/* formats/message/structure.c: the tree from a parsed message, and look-ups by IMAP's part numbers;
 * see structure.h. The record is in structure_pack.c. */
#include "formats/message/structure.h"

#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

/* left: the rest of the limits, for this part and later ones. */
static void part_params(struct arena *a, const struct message *m, const struct part *p,
                        struct message_limits *left, struct structure_part *out)
{
	param_list_parse(a, message_str(m, p->params), MIN(left->params, left->all_params),
	                 &out->params);
	left->all_params -= (uint32_t)out->params.n;
	param_list_parse(a, message_str(m, p->disposition_params),
	                 MIN(left->params, left->all_params), &out->disposition_params);
	left->all_params -= (uint32_t)out->disposition_params.n;
}

static void part_envelope(struct arena *a, struct str header, struct message_limits *left,
                          struct structure_part *out)
{
	if ((out->envelope = arena_try(a, sizeof *out->envelope)) == NULL)
		return;
	envelope_of(a, header, left, out->envelope);
	left->all_addresses -=
		MIN((uint32_t)envelope_addresses(out->envelope), left->all_addresses);
}

static void structure_part_of(struct arena *a, const struct message *m, uint32_t i,
                    struct message_limits *left, struct structure_part *out)
{
	const struct part *p = &m->parts[i];

	*out = (struct structure_part){
		.parent = p->parent,
		.first_child = p->first_child,
		.next = p->next,
		.kind = p->kind,
		.header = p->header,
		.body = p->body,
		.body_lines = p->body_lines,
		.type = message_type(m, p),
		.subtype = message_subtype(m, p),
		.encoding = p->encoding.len != 0 ? message_str(m, p->encoding) : STR("7BIT"),
		.id = header_unfold(a, message_str(m, p->id)),
		.description = header_unfold(a, message_str(m, p->description)),
		.md5 = header_unfold(a, message_str(m, p->md5)),
		.language = header_unfold(a, message_str(m, p->language)),
		.location = header_unfold(a, message_str(m, p->location)),
		.disposition = message_str(m, p->disposition),
	};
	part_params(a, m, p, left, out);
	if (p->kind == PART_MESSAGE)
		part_envelope(a, message_str(m, m->parts[p->first_child].header), left, out);
}

bool structure_of(struct arena *a, const struct message *m, const struct message_limits *limits,
                  struct structure *out)
{
	struct message_limits left = *limits;

	arena_cap(a, limits->memory_bytes);
	*out = (struct structure){ arena_try_array(a, struct structure_part, m->n), m->n };
	for (uint32_t i = 0; i < m->n && !a->full; i++)
		structure_part_of(a, m, i, &left, &out->parts[i]);
	return !a->full;
}

/* --- part numbers -------------------------------------------------------------------- */

/* Child number nr of a multipart, from 1. */
static uint32_t child_at(const struct structure *s, uint32_t i, uint32_t nr)
{
	uint32_t child = s->parts[i].first_child;

	if (nr == 0)
		return PART_NONE;
	while (child != PART_NONE && --nr != 0)
		child = s->parts[child].next;
	return child;
}

uint32_t structure_find(const struct structure *s, const uint32_t *path, size_t n)
{
	uint32_t at = 0;
	bool is_message = true; /* the message itself, whose content may be numbered 1 */

	for (size_t i = 0; i < n; i++) {
		if (!is_message && s->parts[at].kind == PART_MESSAGE) {
			at = s->parts[at].first_child;
			is_message = true;
		}
		if (s->parts[at].kind == PART_MULTIPART)
			at = child_at(s, at, path[i]);
		else if (!is_message || path[i] != 1)
			at = PART_NONE;
		if (at == PART_NONE)
			return PART_NONE;
		is_message = false;
	}
	return at;
}

bool structure_find_text(const struct structure *s, struct str path, uint32_t *part)
{
	uint32_t numbers[STRUCTURE_PATH_MAX];
	struct cur c = cur_of(path);
	size_t n = 0;

	while (!cur_done(&c)) {
		if (n == COUNT(numbers) || (n != 0 && !cur_byte(&c, '.')) ||
		    !cur_u32(&c, &numbers[n++]))
			return false;
	}
	*part = structure_find(s, numbers, n);
	return *part != PART_NONE;
}

static struct span whole(const struct structure_part *p)
{
	return (struct span){ p->header.off, p->header.len + p->body.len };
}

bool structure_slice(const struct structure *s, const uint32_t *path, size_t n,
                     enum structure_section section, struct span *out)
{
	uint32_t i = structure_find(s, path, n);
	const struct structure_part *p;

	if (i == PART_NONE)
		return false;
	p = &s->parts[i];
	if (section == SECTION_MIME || section == SECTION_ALL) {
		if (n == 0 && section == SECTION_MIME)
			return false;
		*out = section == SECTION_MIME ? p->header : n == 0 ? whole(p) : p->body;
		return true;
	}
	if (n != 0) {
		if (p->kind != PART_MESSAGE)
			return false;
		p = &s->parts[p->first_child];
	}
	*out = section == SECTION_HEADER ? p->header : p->body;
	return true;
}
