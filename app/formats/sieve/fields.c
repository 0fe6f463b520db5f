/* formats/sieve/fields.c: the header of the message with its edits; see run.h. */
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/sieve/run.h"

#include "foundation/text/utf8.h"

#include <string.h>

static uint16_t name_hash(struct str name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)ascii_lower(name.p[i])) * 16777619u;
	return (uint16_t)(h ^ (h >> 16));
}

/* A header is read once: 200 rules look up fields by their hash. Fields past FIELDS_INDEXED are
 * searched each time, so that the index has a fixed size. */
void sieve_fields_index(struct sieve_run *r)
{
	struct cur c;
	struct header_field f;

	r->header = str_sub(r->m->raw, 0, header_size(r->m->raw));
	r->field_count = r->fields_n = 0;
	r->addresses_n = 0;
	c = cur_of(r->header);
	for (; header_next(&c, &f); r->field_count++)
		;
	if ((r->fields = sieve_alloc(r, MIN(r->field_count, (uint32_t)FIELDS_INDEXED) *
	                                    sizeof *r->fields)) == NULL)
		return;
	c = cur_of(r->header);
	while (r->fields_n < FIELDS_INDEXED && header_next(&c, &f))
		r->fields[r->fields_n++] = (struct sieve_field_at){
			.name = (uint32_t)(f.raw.p - r->header.p),
			.value = (uint32_t)(f.value.n != 0 ? f.value.p - r->header.p : 0),
			.value_bytes = (uint32_t)f.value.n,
			.hash = name_hash(f.name),
			.name_bytes = (uint16_t)MIN(f.name.n, (size_t)UINT16_MAX),
		};
	r->fields_end = (size_t)(c.p - r->header.p);
	(void)sieve_work(r, r->header.n);
}

void sieve_fields_init(struct sieve_run *r, struct sieve_fields *f, struct str name)
{
	*f = (struct sieve_fields){ .name = name,
		                    .hash = name_hash(name),
		                    .first = r->result->edits_n != 0,
		                    .last = r->result->edits_n != 0,
		                    .c = cur_of(str_sub(r->header, r->fields_end, r->header.n)) };
}

void sieve_fields_init_part(struct sieve_run *r, struct sieve_fields *f, struct str name,
                            uint32_t part)
{
	const struct message *m;

	if (part == 0)
		return sieve_fields_init(r, f, name);
	m = sieve_parts(r);
	*f = (struct sieve_fields){ .name = name,
		                    .in_part = true,
		                    .c = cur_of(message_str(m, m->parts[part].header)) };
}

static bool edit_deletes(const struct sieve_edit *e, uint32_t number)
{
	return e->name.n == 0 && (e->all ? number < e->field : e->field == number);
}

static bool is_deleted(const struct sieve_run *r, uint32_t number)
{
	for (const struct sieve_edit *e = r->result->edits; e != NULL; e = e->next)
		if (edit_deletes(e, number))
			return true;
	return false;
}

/* The next added field of that name at this end of the header. A field that is added at the
 * begin stands before those that were added there earlier. */
static bool added_next(struct sieve_run *r, struct sieve_fields *f, bool last, struct str *value)
{
	uint32_t n = 0, number = r->field_count;
	struct sieve_edit *found = NULL;

	for (struct sieve_edit *e = r->result->edits; e != NULL; e = e->next, number++) {
		if (e == f->edit && !last)
			break;
		if (e->name.n == 0 || e->last != last || !str_eqi(e->name, f->name) ||
		    is_deleted(r, number) || (last && f->edit != NULL && number <= f->number))
			continue;
		found = e;
		n = number;
		if (last)
			break;
	}
	if (found == NULL)
		return false;
	f->edit = found;
	f->number = n;
	*value = found->value;
	return true;
}

/* The value of the field at f->next, if it has the name. */
static bool indexed_next(struct sieve_run *r, struct sieve_fields *f, struct str *value)
{
	while (f->next < r->fields_n) {
		const struct sieve_field_at *at = &r->fields[f->next++];

		if (at->hash != f->hash || at->name_bytes != f->name.n || f->name.n == 0 ||
		    !str_eqi(str_from(r->header.p + at->name, at->name_bytes), f->name) ||
		    is_deleted(r, f->next - 1))
			continue;
		f->number = f->next - 1;
		*value = str_from(r->header.p + at->value, at->value_bytes);
		return true;
	}
	return false;
}

/* Behind the index, or in the header of a part. */
static bool searched_next(struct sieve_run *r, struct sieve_fields *f, struct str *value)
{
	struct header_field field;

	while (header_next(&f->c, &field)) {
		f->number = f->next++;
		if (!sieve_work(r, field.raw.n / 8))
			return false;
		if (f->name.n != 0 && str_eqi(field.name, f->name) &&
		    (f->in_part || !is_deleted(r, f->number))) {
			*value = field.value;
			return true;
		}
	}
	return false;
}

bool sieve_fields_next(struct sieve_run *r, struct sieve_fields *f, struct str *value)
{
	if (f->first && added_next(r, f, false, value))
		return true;
	f->first = false;
	if (!f->in_part && indexed_next(r, f, value))
		return true;
	if (searched_next(r, f, value))
		return true;
	if (f->last && f->edit != NULL && !f->edit->last)
		f->edit = NULL;
	return f->last && added_next(r, f, true, value);
}

/* --- fields of a list of names ------------------------------------------------------------ */

bool sieve_picked_next(struct sieve_run *r, struct sieve_picked *p, struct str *value)
{
	struct str name;

	while (!r->stopped) {
		if (p->open && sieve_fields_next(r, &p->fields, value)) {
			if (p->index == 0 || ++p->at == p->index)
				return true;
			continue;
		}
		if (sieve_list_next(r, &p->names, &name)) {
			sieve_fields_init_part(r, &p->fields, name, p->part);
			p->open = true;
		} else if (p->part + 1 < p->part_end) {
			p->names = p->all_names;
			p->part++;
			p->open = false;
		} else {
			break;
		}
	}
	return false;
}

void sieve_picked_init(struct sieve_run *r, struct sieve_picked *p, const struct sieve_op *op,
                       struct sieve_list names)
{
	uint64_t index = sieve_number(op, ARG_INDEX, 0), count = 0;
	struct sieve_picked all = { .names = names, .all_names = names };
	struct str value;

	if (sieve_has(op, ARG_MIME_TEST)) {
		all.mime = true;
		all.part = sieve_part_now(r);
		all.part_end = sieve_has(op, ARG_ANYCHILD)
		                   ? sieve_part_end(sieve_parts(r), all.part)
		                   : all.part + 1;
	}
	*p = all;
	p->index = sieve_has(op, ARG_INDEX) && index == 0 ? UINT64_MAX : index;
	if (!sieve_has(op, ARG_LAST))
		return;
	while (sieve_picked_next(r, &all, &value))
		count++;
	p->index = index == 0 || index > count ? UINT64_MAX : count - index + 1;
}

/* --- values ------------------------------------------------------------------------------- */

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x7f || (c < ' ' && c != '\t') ||
		    (c == '=' && i + 1 < s.n && s.p[i + 1] == '?'))
			return false;
	}
	return true;
}

struct str sieve_field_text(struct sieve_run *r, struct str value)
{
	struct buf out;
	struct str text;
	char *p;

	if (is_plain(value))
		return value;
	buf_init(&out, r->limits->string_bytes);
	encword_text_put(&out, value);
	text = buf_ok(&out) ? buf_str(&out) : utf8_cut(buf_str(&out), out.n - (out.n != 0));
	(void)sieve_work(r, value.n);
	if ((p = arena_try(&r->scratch, text.n)) == NULL)
		(void)sieve_fail(r, "The script needs too much memory");
	else if (text.n != 0)
		memcpy(p, text.p, text.n);
	text = p != NULL ? str_from(p, text.n) : STR_EMPTY;
	buf_deinit(&out);
	return text;
}

/* --- the edited header ------------------------------------------------------------------- */

static bool is_deleted_by(const struct sieve_result *result, size_t n, uint32_t number)
{
	const struct sieve_edit *e = result->edits;

	for (size_t i = 0; i < n; i++, e = e->next)
		if (edit_deletes(e, number))
			return true;
	return false;
}

static void added_put(struct buf *out, const struct sieve_edit *e)
{
	buf_put(out, e->name);
	buf_put(out, STR(": "));
	buf_put(out, e->value);
	buf_put(out, STR("\r\n"));
}

static const struct sieve_edit *edit_at(const struct sieve_result *result, size_t i)
{
	const struct sieve_edit *e = result->edits;

	while (i-- > 0)
		e = e->next;
	return e;
}

void sieve_header_put(struct buf *out, const struct sieve_message *m,
                      const struct sieve_result *result, size_t n)
{
	struct str header = str_sub(m->raw, 0, header_size(m->raw));
	struct cur c = cur_of(header), count = c;
	struct header_field f;
	uint32_t fields = 0, number = 0;

	while (header_next(&count, &f))
		fields++;
	for (size_t i = n; i-- > 0;) {
		const struct sieve_edit *e = edit_at(result, i);

		if (e->name.n != 0 && !e->last && !is_deleted_by(result, n, fields + (uint32_t)i))
			added_put(out, e);
	}
	for (; header_next(&c, &f); number++)
		if (!is_deleted_by(result, n, number))
			buf_put(out, f.raw);
	for (size_t i = 0; i < n; i++) {
		const struct sieve_edit *e = edit_at(result, i);

		if (e->name.n != 0 && e->last && !is_deleted_by(result, n, fields + (uint32_t)i))
			added_put(out, e);
	}
	buf_put(out, cur_rest(&c));
}
