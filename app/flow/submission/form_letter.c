/* flow/submission/form_letter.c: see form_letter.h. */
#include "flow/submission/form_letter.h"

#include "flow/submission/letter_json.h"
#include "foundation/base/cur.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { INDENT_GROWTH = 8, TEXT_ROOM = 4096 };

/* --- fields ----------------------------------------------------------------------------- */

static int hex(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "a+b%C3%A9"; what is no escape stands for itself. */
static struct str decoded(struct str s, struct arena *a)
{
	struct buf raw, clean;
	struct str out;

	buf_init(&raw, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? hex(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? hex(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && high >= 0 && low >= 0) {
			buf_byte(&raw, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_byte(&raw, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
	buf_init(&clean, 3 * s.n + 1);
	utf8_put_clean(&clean, buf_str(&raw));
	out = str_dup(a, buf_str(&clean));
	buf_deinit(&clean);
	buf_deinit(&raw);
	return out;
}

static enum err field_add(struct form_fields *out, struct str name, struct str value, size_t max,
                          struct why *why)
{
	if (out->count == max)
		return fail(why, ERR_LIMIT, "at most %zu fields", max);
	if (!send_line_check(name, FORM_FIELD_NAME_MAX))
		return fail(why, ERR_SYNTAX, "a field's name is one line of at most %d bytes",
		            FORM_FIELD_NAME_MAX);
	out->items[out->count++] = (struct form_field){ name, value };
	return OK;
}

enum err form_fields_parse(struct str body, size_t max, struct arena *a, struct form_fields *out,
                           struct why *why)
{
	struct cur c = cur_of(body);
	enum err e = OK;

	*out = (struct form_fields){ .items = arena_array(a, struct form_field, max) };
	while (e == OK && !cur_done(&c)) {
		struct str pair, name;
		struct cur in;

		if (!cur_until(&c, '&', &pair))
			cur_take(&c, cur_left(&c), &pair);
		cur_byte(&c, '&');
		if (pair.n == 0)
			continue;
		in = cur_of(pair);
		if (!cur_until(&in, '=', &name))
			cur_take(&in, cur_left(&in), &name);
		cur_byte(&in, '=');
		e = field_add(out, decoded(name, a), decoded(cur_rest(&in), a), max, why);
	}
	return e;
}

enum err form_fields_of(struct json body, size_t max, struct arena *a, struct form_fields *out,
                        struct why *why)
{
	struct json_iter it = json_iter(body);
	enum err e = OK;

	*out = (struct form_fields){ .items = arena_array(a, struct form_field, max) };
	if (json_kind(body) != JSON_OBJECT)
		return fail(why, ERR_SYNTAX, "the body must be an object");
	while (e == OK && json_next(&it)) {
		struct str value;

		if (!json_str(it.value, &value))
			return fail(why, ERR_SYNTAX, "each field must be a string");
		e = field_add(out, it.name, value, max, why);
	}
	return e;
}

struct str form_field_get(const struct form_fields *fields, struct str name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (str_eqi(fields->items[i].name, name))
			return fields->items[i].value;
	return STR_EMPTY;
}

/* --- the letter ---------------------------------------------------------------------------- */

static bool is_one_line(struct str s)
{
	return memchr(s.p, '\n', s.n) == NULL && memchr(s.p, '\r', s.n) == NULL;
}

/* Lines that somebody wrote are indented, those that begin at the margin are ours. */
static void value_put(struct buf *out, struct str value)
{
	struct cur c = cur_of(value);
	struct str line;

	buf_put(out, STR("\n"));
	while (cur_line(&c, &line)) {
		buf_put(out, STR("    "));
		for (size_t i = 0; i < line.n; i++)
			buf_byte(out, (unsigned char)line.p[i] < ' ' && line.p[i] != '\t'
			                      ? ' '
			                      : line.p[i]);
		buf_put(out, STR("\n"));
	}
}

static void field_put(struct buf *out, const struct form_field *f)
{
	buf_fmt(out, "%.*s:", STR_ARG(f->name));
	if (is_one_line(f->value) && memchr(f->value.p, '\0', f->value.n) == NULL)
		buf_fmt(out, " %.*s\n", STR_ARG(f->value));
	else
		value_put(out, f->value);
}

static struct str text_make(const struct form_letter *f, const struct form_fields *fields,
                            struct arena *a)
{
	size_t room = TEXT_ROOM;
	struct buf out;
	struct str text;

	for (size_t i = 0; i < fields->count; i++)
		room += INDENT_GROWTH * (fields->items[i].name.n + fields->items[i].value.n + 8);
	buf_init(&out, room);
	for (size_t i = 0; i < fields->count; i++)
		if (!str_eqi(fields->items[i].name, f->trap) && fields->items[i].value.n != 0)
			field_put(&out, &fields->items[i]);
	if (out.n != 0)
		buf_fmt(&out, "\n-- \nThe form \"%.*s\"%s%.*s, filled in from %.*s\n",
		        STR_ARG(f->form), f->origin.n != 0 ? " of " : "", STR_ARG(f->origin),
		        STR_ARG(f->peer));
	text = buf_ok(&out) ? str_dup(a, buf_str(&out)) : STR_EMPTY;
	buf_deinit(&out);
	return text;
}

enum err form_letter_make(const struct form_letter *f, const struct form_fields *fields,
                          struct arena *a, struct letter *out, struct why *why)
{
	struct letter_address *to = arena_new(a, struct letter_address);
	struct letter_address *visitor = arena_new(a, struct letter_address);
	struct letter_field *form = arena_new(a, struct letter_field);

	*to = (struct letter_address){ STR_EMPTY, f->to };
	*form = (struct letter_field){ STR("X-Roost-Form"), f->form };
	*out = (struct letter){ .from = { STR("Web form"), f->from },
		                .to = { to, 1 },
		                .subject = f->subject,
		                .text = text_make(f, fields, a),
		                .fields = form,
		                .field_count = 1,
		                .date_ms = f->date_ms,
		                .message_id = f->message_id };
	if (out->text.n == 0)
		return fail(why, ERR_SYNTAX, "nothing was filled in");
	if (letter_address_parse(str_trim(form_field_get(fields, f->reply)), a, visitor))
		out->reply_to = (struct letter_addresses){ visitor, 1 };
	return OK;
}
