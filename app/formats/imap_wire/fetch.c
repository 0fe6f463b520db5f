/* formats/imap_wire/fetch.c: see fetch.h. */
#include "formats/imap_wire/fetch.h"
#include "formats/imap_wire/put.h"

enum {
	MACRO_FAST = FETCH_FLAGS | FETCH_INTERNALDATE | FETCH_SIZE,
	MACRO_ALL = MACRO_FAST | FETCH_ENVELOPE,
	MACRO_FULL = MACRO_ALL | FETCH_BODY,
};

static const struct {
	struct str name;
	unsigned bits;
	bool macro; /* stands alone, never in a list */
} items[] = {
	{ { "ALL", 3 }, MACRO_ALL, true },
	{ { "FAST", 4 }, MACRO_FAST, true },
	{ { "FULL", 4 }, MACRO_FULL, true },
	{ { "UID", 3 }, FETCH_UID, false },
	{ { "FLAGS", 5 }, FETCH_FLAGS, false },
	{ { "INTERNALDATE", 12 }, FETCH_INTERNALDATE, false },
	{ { "RFC822.SIZE", 11 }, FETCH_SIZE, false },
	{ { "ENVELOPE", 8 }, FETCH_ENVELOPE, false },
	{ { "BODYSTRUCTURE", 13 }, FETCH_BODYSTRUCTURE, false },
	{ { "SAVEDATE", 8 }, FETCH_SAVEDATE, false },
	{ { "EMAILID", 7 }, FETCH_EMAILID, false },
	{ { "THREADID", 8 }, FETCH_THREADID, false },
	{ { "MODSEQ", 6 }, FETCH_MODSEQ, false },
};

/* RFC 3501 6.4.5: RFC822 is BODY[], RFC822.HEADER is BODY.PEEK[HEADER] and so on; the response has
 * the requested name. */
static const struct imap_section aliases[] = {
	{ .alias = { "RFC822", 6 }, .kind = IMAP_SECTION_ALL },
	{ .alias = { "RFC822.HEADER", 13 }, .kind = IMAP_SECTION_HEADER, .peek = true },
	{ .alias = { "RFC822.TEXT", 11 }, .kind = IMAP_SECTION_TEXT },
};

static const struct {
	struct str name;
	enum imap_section_kind kind;
} kinds[] = {
	/* The longer name first: HEADER is a prefix of the others. */
	{ { "HEADER.FIELDS.NOT", 17 }, IMAP_SECTION_FIELDS_NOT },
	{ { "HEADER.FIELDS", 13 }, IMAP_SECTION_FIELDS },
	{ { "HEADER", 6 }, IMAP_SECTION_HEADER },
	{ { "TEXT", 4 }, IMAP_SECTION_TEXT },
	{ { "MIME", 4 }, IMAP_SECTION_MIME },
};

static struct imap_section *section_add(struct arena *a, struct imap_fetch *f)
{
	return imap_push(a, &f->sections, &f->section_n, sizeof(*f->sections));
}

/* header-list = "(" header-fld-name *(SP header-fld-name) ")" */
static bool header_list(struct cur *c, struct arena *a, struct imap_strs *out)
{
	struct str name;

	if (!imap_space(c) || !cur_byte(c, '('))
		return false;
	do {
		if (!imap_astring_parse(c, a, &name) || name.n == 0 || out->n == IMAP_FIELDS_MAX)
			return false;
		*(struct str *)imap_push(a, &out->items, &out->n, sizeof(name)) = name;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

/* section-part = nz-number *("." nz-number); *dot: it ends in a dot, a name must follow */
static bool section_part(struct cur *c, struct arena *a, struct imap_section *s, bool *dot)
{
	uint32_t n;

	*dot = false;
	while (imap_nz_parse(c, &n)) {
		*(uint32_t *)imap_push(a, &s->path, &s->path_n, sizeof(n)) = n;
		*dot = cur_byte(c, '.');
		if (!*dot)
			return true;
	}
	return s->path_n == 0 || *dot;
}

/* section-text = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT" / "MIME" */
static bool section_text(struct cur *c, struct arena *a, struct imap_section *s)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!imap_word(c, kinds[i].name))
			continue;
		s->kind = kinds[i].kind;
		if (s->kind == IMAP_SECTION_FIELDS || s->kind == IMAP_SECTION_FIELDS_NOT)
			return header_list(c, a, &s->fields);
		/* MIME is the header of a part; the message has none of its own. */
		return s->kind != IMAP_SECTION_MIME || s->path_n != 0;
	}
	return false;
}

bool imap_section_spec_parse(struct cur *c, struct arena *a, struct imap_section *s)
{
	bool dot;

	if (!section_part(c, a, s, &dot))
		return false;
	if ((dot || s->path_n == 0) && !cur_done(c) && cur_peek(c) != ']' && !section_text(c, a, s))
		return false;
	return !(dot && s->kind == IMAP_SECTION_ALL);
}

/* section = "[" [section-spec] "]" ["<" number ["." nz-number] ">"]. The RFC requires the length;
 * Dovecot also accepts "<5>". */
static bool section_parse(struct cur *c, struct arena *a, struct imap_section *s)
{
	if (!imap_section_spec_parse(c, a, s) || !cur_byte(c, ']'))
		return false;
	if (!cur_byte(c, '<'))
		return true;
	s->partial = true;
	s->size = INT64_MAX;
	if (!cur_u64(c, &s->offset) || s->offset > INT64_MAX)
		return false;
	if (cur_byte(c, '.') && (!cur_u64(c, &s->size) || s->size == 0 || s->size > INT64_MAX))
		return false;
	return cur_byte(c, '>');
}

static bool alias_parse(struct cur *c, struct arena *a, struct imap_fetch *f)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (imap_word(c, aliases[i].alias)) {
			*section_add(a, f) = aliases[i];
			return true;
		}
	return false;
}

/* "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"] (RFC 8970 6). The only modifier is LAZY,
 * which is ignored: previews are made at delivery. */
static bool preview_parse(struct cur *c, struct imap_fetch *f)
{
	struct cur at;

	if (!imap_word(c, STR("PREVIEW")))
		return false;
	f->items |= FETCH_PREVIEW;
	at = *c;
	if (cur_str(&at, STR(" (")) && imap_word(&at, STR("LAZY")) && cur_byte(&at, ')'))
		*c = at;
	return true;
}

/* "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary, where section-binary
 * = "[" [section-part] "]" (RFC 3516 7). Headers and texts, which Dovecot accepts too, are as in
 * BODY, except for the encoding of a text. */
static bool binary_parse(struct cur *c, struct arena *a, struct imap_fetch *f)
{
	bool size = cur_stri(c, STR("BINARY.SIZE["));
	bool peek = size || cur_stri(c, STR("BINARY.PEEK["));
	struct imap_section *s;

	if (!peek && !cur_stri(c, STR("BINARY[")))
		return false;
	s = section_add(a, f);
	s->form = size ? IMAP_FORM_SIZE : IMAP_FORM_BINARY;
	s->peek = peek;
	return section_parse(c, a, s) && !(size && s->partial);
}

static bool fetch_att(struct cur *c, struct arena *a, struct imap_fetch *f, bool macro)
{
	bool peek;

	for (size_t i = 0; i < COUNT(items); i++)
		if ((macro || !items[i].macro) && imap_word(c, items[i].name)) {
			f->items |= items[i].bits;
			return true;
		}
	if (alias_parse(c, a, f) || preview_parse(c, f))
		return true;
	peek = cur_stri(c, STR("BODY.PEEK["));
	if (peek || cur_stri(c, STR("BODY["))) {
		struct imap_section *s = section_add(a, f);

		s->peek = peek;
		return section_parse(c, a, s);
	}
	if (binary_parse(c, a, f))
		return true;
	f->items |= FETCH_BODY;
	return imap_word(c, STR("BODY"));
}

bool imap_fetch_atts_parse(struct cur *c, struct arena *a, struct imap_fetch *out)
{
	if (!cur_byte(c, '('))
		return fetch_att(c, a, out, true);
	do {
		if (!fetch_att(c, a, out, false))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')');
}

/* Each at most once. VANISHED needs CHANGEDSINCE (RFC 7162 3.2.6), in any order. */
static bool fetch_modifier(struct cur *c, struct imap_fetch *out)
{
	if (!out->vanished && imap_word(c, STR("VANISHED")))
		return out->vanished = true;
	if (!out->partial.from && imap_partial_parse(c, &out->partial))
		return true;
	if (out->changed || !imap_word(c, STR("CHANGEDSINCE")) || !imap_space(c))
		return false;
	out->changed = true;
	out->items |= FETCH_MODSEQ;
	return imap_modseq_parse(c, &out->changed_since);
}

bool imap_fetch_parse(struct cur *c, struct arena *a, struct imap_fetch *out)
{
	*out = (struct imap_fetch){ 0 };
	if (!imap_set_parse(c, a, &out->set) || !imap_space(c) || !imap_fetch_atts_parse(c, a, out))
		return false;
	if (cur_peek_at(c, 1) != '(' || !imap_space(c) || !cur_byte(c, '('))
		return true;
	do {
		if (!fetch_modifier(c, out))
			return false;
	} while (imap_space(c));
	return cur_byte(c, ')') && (!out->vanished || out->changed);
}

bool imap_fetch_marks_seen(const struct imap_fetch *f)
{
	for (size_t i = 0; i < f->section_n; i++)
		if (!f->sections[i].peek)
			return true;
	return false;
}

static struct str kind_name(enum imap_section_kind kind)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return STR_EMPTY;
}

void imap_section_put(struct buf *out, const struct imap_section *s)
{
	if (s->alias.n) {
		buf_put(out, s->alias);
		return;
	}
	buf_put(out, s->form == IMAP_FORM_SIZE     ? STR("BINARY.SIZE[")
	             : s->form == IMAP_FORM_BINARY ? STR("BINARY[")
	                                           : STR("BODY["));
	for (size_t i = 0; i < s->path_n; i++) {
		if (i)
			buf_byte(out, '.');
		buf_u64(out, s->path[i]);
	}
	if (s->path_n && s->kind != IMAP_SECTION_ALL)
		buf_byte(out, '.');
	buf_put(out, kind_name(s->kind));
	if (s->fields.n) {
		buf_put(out, STR(" ("));
		for (size_t i = 0; i < s->fields.n; i++) {
			if (i)
				buf_byte(out, ' ');
			imap_put_astring(out, s->fields.items[i]);
		}
		buf_byte(out, ')');
	}
	buf_byte(out, ']');
	if (s->partial) {
		buf_byte(out, '<');
		buf_u64(out, s->offset);
		buf_byte(out, '>');
	}
}
