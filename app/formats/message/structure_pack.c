/* formats/message/structure_pack.c: the record of a struct structure.
 *
 *   form, number of parts, then for each part, parents first:
 *   kind, parent + 1, gap, header length, body length, lines, bits of what follows,
 *   type, subtype, encoding, parameters, and what the bits say
 *
 * The gap is from the parent's body to the part's header; the body follows the header. Common words
 * are one byte. */
#include "formats/message/structure.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"

enum { STRUCTURE_FORM = 1 };

/* Values that most parts do not have. */
static const size_t optional[] = {
	offsetof(struct structure_part, id),       offsetof(struct structure_part, description),
	offsetof(struct structure_part, md5),      offsetof(struct structure_part, language),
	offsetof(struct structure_part, location), offsetof(struct structure_part, disposition),
};
enum { HAS_DISPOSITION_PARAMS = BIT(COUNT(optional)) };

static struct str *optional_at(const struct structure_part *p, size_t i)
{
	return (struct str *)(void *)((char *)(uintptr_t)p + optional[i]);
}

/* --- words ----------------------------------------------------------------------------- */

/* Stored as their index: only append. */
static const char *const words[] = {
	"text",          "plain",
	"html",          "7bit",
	"8bit",          "quoted-printable",
	"base64",        "charset",
	"utf-8",         "us-ascii",
	"multipart",     "alternative",
	"mixed",         "related",
	"signed",        "boundary",
	"application",   "octet-stream",
	"pdf",           "image",
	"jpeg",          "png",
	"gif",           "attachment",
	"inline",        "filename",
	"name",          "format",
	"flowed",        "message",
	"rfc822",        "7BIT",
	"UTF-8",         "iso-8859-1",
	"ISO-8859-1",    "US-ASCII",
	"report",        "delivery-status",
	"protocol",      "micalg",
	"pgp-signature", "calendar",
	"delsp",         "yes",
	"size",          "type",
	"report-type",   "windows-1252",
};

/* 0 to COUNT - 1 is a word; more is COUNT + length, and the bytes follow. */
static void word_pack(struct buf *out, struct str s)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		if (words[i][0] == (s.n != 0 ? s.p[0] : '\0') && str_eq(str_of(words[i]), s)) {
			pack_u64(out, i);
			return;
		}
	}
	pack_u64(out, COUNT(words) + s.n);
	buf_put(out, s);
}

static struct str word_unpack(struct unpack *u)
{
	uint64_t n = unpack_u64(u);
	struct str s = STR_EMPTY;

	if (u->bad)
		return s;
	if (n < COUNT(words))
		return str_of(words[n]);
	n -= COUNT(words);
	if (n > cur_left(&u->c) || !cur_take(&u->c, (size_t)n, &s))
		u->bad = true;
	return s;
}

static void params_pack(struct buf *out, const struct param_list *list)
{
	pack_u64(out, list->n);
	for (size_t i = 0; i < list->n; i++) {
		word_pack(out, list->items[i].name);
		word_pack(out, list->items[i].value);
	}
}

static void params_unpack(struct arena *a, struct unpack *u, struct param_list *out)
{
	uint64_t n = unpack_u64(u);

	*out = (struct param_list){ NULL, 0 };
	if (n > cur_left(&u->c) / 2) { /* a parameter has at least two bytes */
		u->bad = true;
		return;
	}
	out->items = arena_array(a, struct param, n);
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		out->items[i].name = word_unpack(u);
		out->items[i].value = word_unpack(u);
	}
}

/* --- parts ------------------------------------------------------------------------------- */

static void part_pack(struct buf *out, const struct structure *s, const struct structure_part *p)
{
	uint32_t base = p->parent != PART_NONE ? s->parts[p->parent].body.off : 0;
	unsigned bits = p->disposition_params.n != 0 ? HAS_DISPOSITION_PARAMS : 0;

	for (size_t i = 0; i < COUNT(optional); i++)
		bits |= optional_at(p, i)->n != 0 ? BIT(i) : 0;
	pack_u64(out, (unsigned)p->kind);
	pack_u64(out, p->parent + 1); /* 0 is none */
	pack_u64(out, p->header.off - base);
	pack_u64(out, p->header.len);
	pack_u64(out, p->body.len);
	pack_u64(out, p->body_lines);
	pack_u64(out, bits);
	word_pack(out, p->type);
	word_pack(out, p->subtype);
	word_pack(out, p->encoding);
	params_pack(out, &p->params);
	for (size_t i = 0; i < COUNT(optional); i++)
		if (bits & BIT(i))
			word_pack(out, *optional_at(p, i));
	if (bits & HAS_DISPOSITION_PARAMS)
		params_pack(out, &p->disposition_params);
	if (p->kind == PART_MESSAGE)
		envelope_pack(out, p->envelope);
}

void structure_pack(struct buf *out, const struct structure *s)
{
	pack_u64(out, STRUCTURE_FORM);
	pack_u64(out, s->n);
	for (uint32_t i = 0; i < s->n; i++)
		part_pack(out, s, &s->parts[i]);
}

static uint64_t end_of(const struct structure_part *p)
{
	return (uint64_t)p->body.off + p->body.len;
}

/* Add part i to the tree, after its parent's last child so far, last[]. False when its position is
 * invalid: it must be inside its parent, after its previous sibling. */
static bool structure_place_pack(const struct structure *s, uint32_t i, uint32_t *last)
{
	struct structure_part *p = &s->parts[i], *parent;

	p->first_child = p->next = PART_NONE;
	last[i] = PART_NONE;
	if (i == 0)
		return p->parent == PART_NONE && end_of(p) <= MESSAGE_SIZE_MAX;
	if (p->parent >= i)
		return false;
	parent = &s->parts[p->parent];
	if (parent->kind == PART_LEAF || end_of(p) > end_of(parent))
		return false;
	if (last[p->parent] == PART_NONE) {
		parent->first_child = i;
	} else {
		if (parent->kind == PART_MESSAGE ||
		    p->header.off < end_of(&s->parts[last[p->parent]]))
			return false;
		s->parts[last[p->parent]].next = i;
	}
	last[p->parent] = i;
	return true;
}

static void offsets_unpack(struct unpack *u, const struct structure *s, uint32_t i)
{
	struct structure_part *p = &s->parts[i];
	uint32_t kind = unpack_u32(u), gap;
	uint64_t off;

	p->kind = (enum part_kind)kind;
	p->parent = unpack_u32(u) - 1;
	gap = unpack_u32(u);
	p->header.len = unpack_u32(u);
	p->body.len = unpack_u32(u);
	p->body_lines = unpack_u32(u);
	off = (p->parent < i ? s->parts[p->parent].body.off : 0) + (uint64_t)gap;
	if (kind > PART_MESSAGE || off + p->header.len > MESSAGE_SIZE_MAX)
		u->bad = true;
	p->header.off = (uint32_t)off;
	p->body.off = p->header.off + p->header.len;
}

static void part_unpack(struct arena *a, struct unpack *u, struct structure_part *p)
{
	uint32_t bits = unpack_u32(u);

	p->type = word_unpack(u);
	p->subtype = word_unpack(u);
	p->encoding = word_unpack(u);
	params_unpack(a, u, &p->params);
	for (size_t i = 0; i < COUNT(optional); i++)
		if (bits & BIT(i))
			*optional_at(p, i) = word_unpack(u);
	if (bits & HAS_DISPOSITION_PARAMS)
		params_unpack(a, u, &p->disposition_params);
	if (p->kind == PART_MESSAGE) {
		p->envelope = arena_new(a, struct envelope);
		envelope_take(a, u, p->envelope);
	}
}

bool structure_unpack(struct arena *a, struct str record, struct structure *out)
{
	struct unpack u = unpack_of(record);
	uint32_t *last;

	if (unpack_u64(&u) != STRUCTURE_FORM)
		return false;
	out->n = unpack_u32(&u);
	if (out->n == 0 || out->n > cur_left(&u.c) / 11) /* a part has at least 11 bytes */
		return false;
	out->parts = arena_array(a, struct structure_part, out->n);
	last = arena_array(a, uint32_t, out->n);
	for (uint32_t i = 0; i < out->n; i++) {
		offsets_unpack(&u, out, i);
		if (u.bad || !structure_place_pack(out, i, last))
			return false;
		part_unpack(a, &u, &out->parts[i]);
	}
	for (uint32_t i = 0; i < out->n; i++)
		if (out->parts[i].kind != PART_LEAF && out->parts[i].first_child == PART_NONE)
			return false;
	return unpack_ok(&u);
}
