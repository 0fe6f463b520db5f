/* formats/sieve/edit_header.c: addheader and deleteheader (RFC 5293). */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/utf8.h"

enum { NAME_BYTES = 200, VALUE_BYTES = 2048 };

/* field-name = 1*ftext (RFC 5322 3.6.8) */
static bool field_name_valid(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == ':')
			return false;
	return s.n != 0 && s.n <= NAME_BYTES;
}

/* Fields that show the way of a message stay as they are (RFC 5293 6), and those of replace (RFC
 * 5703 5). */
static bool field_is_kept(struct str name)
{
	return str_eqi(name, STR("received")) || str_eqi(name, STR("auto-submitted")) ||
	       str_eqi(name, STR("delivered-to")) || /* detects loops */
	       str_eqi(name, STR("original-subject")) || str_eqi(name, STR("original-from"));
}

/* unstructured: one line, or lines that are folded */
static bool field_value_valid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;

		if (s.p[i] == '\0' || (s.p[i] == '\r' && next != '\n') ||
		    (s.p[i] == '\n' && next != ' ' && next != '\t'))
			return false;
	}
	return s.n <= VALUE_BYTES && utf8_valid(s);
}

struct sieve_edit *sieve_edit_add(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_edit *edit = sieve_alloc(r, sizeof *edit);

	if (edit == NULL)
		return NULL;
	edit->line = op->line;
	*r->edits_end = edit;
	r->edits_end = &edit->next;
	r->result->edits_n++;
	return edit;
}

bool sieve_act_addheader(struct sieve_run *r, const struct sieve_op *op)
{
	struct str name = sieve_str(r, op, ARG_1), value = str_trim(sieve_str(r, op, ARG_2));
	struct sieve_edit *edit;

	if (!field_name_valid(name))
		return sieve_fail(r, "\"%.*s\" is not the name of a field",
		                  STR_ARG(str_sub(name, 0, 80)));
	if (!field_value_valid(value))
		return sieve_fail(r,
		                  "The value of the field is not text, or has more than %d bytes",
		                  VALUE_BYTES);
	name = sieve_keep_str(r, name);
	value = sieve_keep_str(r, value);
	if (name.n == 0 || (edit = sieve_edit_add(r, op)) == NULL)
		return false;
	edit->name = name;
	edit->value = value;
	edit->last = sieve_has(op, ARG_LAST);
	return true;
}

static void field_delete(struct sieve_run *r, const struct sieve_op *op, uint32_t number)
{
	struct sieve_edit *edit = sieve_edit_add(r, op);

	if (edit != NULL)
		edit->field = number;
}

/* Fields are deleted one by one while they are read: a deleted one does not come again. */
bool sieve_act_deleteheader(struct sieve_run *r, const struct sieve_op *op)
{
	struct str name = sieve_str(r, op, ARG_1), value;
	uint64_t index = sieve_number(op, ARG_INDEX, 0), count = 0, at = 0;
	struct sieve_matcher m;
	struct sieve_fields f;

	if (!field_name_valid(name))
		return sieve_fail(r, "\"%.*s\" is not the name of a field",
		                  STR_ARG(str_sub(name, 0, 80)));
	if (field_is_kept(name))
		return true;
	sieve_fields_init(r, &f, name);
	while (sieve_has(op, ARG_LAST) && sieve_fields_next(r, &f, &value))
		count++;
	if (sieve_has(op, ARG_LAST))
		index = index == 0 || index > count ? UINT64_MAX : count - index + 1;
	sieve_fields_init(r, &f, name);
	while (!r->stopped && sieve_fields_next(r, &f, &value)) {
		if (sieve_has(op, ARG_INDEX) && ++at != index)
			continue;
		sieve_matcher_init(&m, r, op, ARG_2);
		if (!sieve_has(op, ARG_2) || sieve_matcher_value(&m, sieve_field_text(r, value)) ||
		    sieve_matcher_end(&m))
			field_delete(r, op, f.number);
	}
	return true;
}

void sieve_check_edit(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *name = sieve_value_of(c, ARG_1);

	if (sieve_word_code(c->word) == OP_DELETEHEADER)
		sieve_check_match(p, c);
	if (sieve_constant(p, name, 0) && !field_name_valid(name->items[0]))
		sieve_report_value(p, name, "\"%.*s\" is not the name of a field",
		                   STR_ARG(str_sub(name->items[0], 0, 80)));
}
