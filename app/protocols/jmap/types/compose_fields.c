/* protocols/jmap/types/compose_fields.c: header fields from JSON values (RFC 8621 4.1.2). */
#include "formats/message/build.h"
#include "foundation/text/date.h"
#include "foundation/text/utf8.h"
#include "protocols/jmap/types/composing.h"

#include <stdarg.h>
#include <stdio.h>

enum err compose_refuse(struct composing *c, struct str property, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->refusal.why.text, sizeof c->refusal.why.text, fmt, args);
	va_end(args);
	c->refusal.property = property;
	return ERR_SYNTAX;
}

bool field_names_has(const struct field_names *f, struct str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eqi(f->names[i], name))
			return true;
	return false;
}

void field_names_add(struct field_names *f, struct arena *a, struct str name)
{
	if (f->n == f->cap) {
		struct str *more = arena_array(a, struct str, 2 * f->cap + 16);

		for (size_t i = 0; i < f->n; i++)
			more[i] = f->names[i];
		f->names = more;
		f->cap = 2 * f->cap + 16;
	}
	f->names[f->n++] = name;
}

/* One field that is being written. */
struct field {
	struct composing *c;
	struct buf *out;
	struct str property; /* for refusals */
	struct str name;
	struct json value;
};

static enum err wrong(const struct field *f, const char *needed)
{
	return compose_refuse(f->c, f->property, "%.*s must be %s", STR_ARG(f->property), needed);
}

/* RFC 5322 2.2: lines that end in CRLF and continue with white space. */
static bool raw_valid(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		char ch = value.p[i];
		bool crlf = ch == '\r' && i + 2 < value.n && value.p[i + 1] == '\n' &&
		            (value.p[i + 2] == ' ' || value.p[i + 2] == '\t');

		if (crlf)
			i++;
		else if (ch == '\0' || ch == '\r' || ch == '\n')
			return false;
	}
	return true;
}

static enum err raw_form_put(const struct field *f)
{
	struct str value;

	if (!json_str(f->value, &value) || !raw_valid(value))
		return wrong(f, "the text of a header field, folded with CRLF and a space");
	buf_put(f->out, f->name);
	buf_byte(f->out, ':');
	buf_put(f->out, value);
	buf_put(f->out, STR("\r\n"));
	return OK;
}

static enum err text_form_put(const struct field *f)
{
	struct str value;

	if (!json_str(f->value, &value))
		return wrong(f, "text");
	build_text(f->out, f->name, value);
	return OK;
}

/* --- Addresses --- */

struct addresses {
	struct address *items;
	size_t n;
};

/* An address of a draft need not be valid: without an "@" it is all local part. */
static struct address address_of(struct str name, struct str email)
{
	ptrdiff_t at = str_rfind_byte(email, '@');
	size_t local = at < 0 ? email.n : (size_t)at;

	return (struct address){ .kind = ADDRESS_MAILBOX,
		                 .name = name,
		                 .local = str_sub(email, 0, local),
		                 .domain = str_sub(email, local + 1, email.n) };
}

/* A string or null. */
static bool name_take(struct json object, struct str *out)
{
	struct json name = json_get(object, "name");

	*out = STR_EMPTY;
	return json_kind(name) == JSON_NULL || json_kind(name) == JSON_MISSING ||
	       json_str(name, out);
}

static bool mailboxes_take(struct json list, struct addresses *out)
{
	struct json_iter it = json_iter(list);

	if (json_kind(list) != JSON_ARRAY)
		return false;
	while (json_next(&it)) {
		struct str name, email;

		if (json_kind(it.value) != JSON_OBJECT || !name_take(it.value, &name) ||
		    !json_str(json_get(it.value, "email"), &email))
			return false;
		out->items[out->n++] = address_of(name, email);
	}
	return true;
}

static bool groups_take(struct json list, struct addresses *out)
{
	struct json_iter it = json_iter(list);

	while (json_next(&it)) {
		struct str name;
		bool named;

		if (json_kind(it.value) != JSON_OBJECT || !name_take(it.value, &name))
			return false;
		named = json_kind(json_get(it.value, "name")) == JSON_STRING;
		if (named)
			out->items[out->n++] =
				(struct address){ .kind = ADDRESS_GROUP_BEGIN, .name = name };
		if (!mailboxes_take(json_get(it.value, "addresses"), out))
			return false;
		if (named)
			out->items[out->n++] = (struct address){ .kind = ADDRESS_GROUP_END };
	}
	return true;
}

static size_t addresses_count(struct json list)
{
	struct json_iter it = json_iter(list);
	size_t n = json_count(list);

	while (json_next(&it))
		n += json_count(json_get(it.value, "addresses")) + 2;
	return n;
}

static enum err addresses_put(const struct field *f, bool grouped)
{
	size_t count = addresses_count(f->value);
	struct addresses all = { .n = 0 };

	if (json_kind(f->value) != JSON_ARRAY)
		return wrong(f, "a list of addresses");
	if (count > COMPOSE_ADDRESSES_MAX)
		return wrong(f, "a list of fewer addresses");
	all.items = arena_array(f->c->arena, struct address, count);
	if (!(grouped ? groups_take : mailboxes_take)(f->value, &all))
		return wrong(f, "a list of addresses with \"name\" and \"email\"");
	if (all.n != 0)
		build_addresses(f->out, f->name, all.items, all.n);
	return OK;
}

/* --- Message ids and URLs: words in angle brackets --- */

static bool word_valid(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if ((unsigned char)word.p[i] <= ' ' || word.p[i] == '<' || word.p[i] == '>' ||
		    word.p[i] == 0x7f)
			return false;
	return word.n != 0 && utf8_valid(word);
}

static enum err words_put(const struct field *f, const char *between, const char *needed)
{
	struct json_iter it = json_iter(f->value);
	struct buf b;
	enum err e = OK;

	if (json_kind(f->value) != JSON_ARRAY)
		return wrong(f, needed);
	buf_init(&b, JSON_BYTES_MAX);
	while (e == OK && json_next(&it)) {
		struct str word;

		if (!json_str(it.value, &word) || !word_valid(word))
			e = wrong(f, needed);
		else
			buf_fmt(&b, "%s<%.*s>", b.n ? between : "", STR_ARG(word));
	}
	if (e == OK && !buf_ok(&b))
		e = wrong(f, "shorter");
	if (e == OK && b.n != 0)
		build_field(f->out, f->name, buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- Dates --- */

/* The offset at the end of an RFC 3339 time that was parsed. */
static int zone_of(struct str text)
{
	struct str zone = str_sub(text, text.n - MIN(text.n, (size_t)6), text.n);
	struct cur c = cur_of(zone);
	uint64_t hours, minutes;
	int sign = zone.n == 6 && zone.p[0] == '-' ? -1 : 1;

	if (zone.n != 6 || (zone.p[0] != '+' && zone.p[0] != '-'))
		return 0;
	c = cur_of(str_sub(zone, 1, 3));
	if (!cur_u64(&c, &hours))
		return 0;
	c = cur_of(str_sub(zone, 4, 6));
	return cur_u64(&c, &minutes) ? sign * (int)(60 * hours + minutes) : 0;
}

static enum err date_form_put(const struct field *f)
{
	struct str text;
	struct cur c;
	int64_t time_ms;

	if (!json_str(f->value, &text))
		return wrong(f, "a date");
	c = cur_of(text);
	if (!date_parse_iso(&c, &time_ms) || !cur_done(&c))
		return wrong(f, "a date like 2026-11-21T04:58:05Z");
	buf_put(f->out, f->name);
	buf_put(f->out, STR(": "));
	date_put_mail(f->out, time_ms, zone_of(text));
	buf_put(f->out, STR("\r\n"));
	return OK;
}

/* --- A property --- */

static enum err form_put(const struct field *f, enum header_form form)
{
	switch (form) {
	case HEADER_TEXT:
		return text_form_put(f);
	case HEADER_ADDRESSES:
	case HEADER_GROUPED_ADDRESSES:
		return addresses_put(f, form == HEADER_GROUPED_ADDRESSES);
	case HEADER_MESSAGE_IDS:
		return words_put(f, " ", "a list of message ids without angle brackets");
	case HEADER_URLS:
		return words_put(f, ", ", "a list of URLs");
	case HEADER_DATE:
		return date_form_put(f);
	case HEADER_RAW:
	case HEADER_FORMS:
		break;
	}
	return raw_form_put(f);
}

enum err compose_field(struct composing *c, struct buf *out, struct str property,
                       const struct header_property *what, struct json value,
                       struct field_names *written)
{
	struct field f = { c, out, property, what->field, value };
	struct json_iter it;
	enum err e = OK;

	if (json_kind(value) == JSON_NULL)
		return OK;
	if (field_names_has(written, what->field))
		return compose_refuse(c, property, "two properties stand for the header field %.*s",
		                      STR_ARG(what->field));
	if (written->n == COMPOSE_FIELDS_MAX)
		return compose_refuse(c, property, "there are more than %d header fields",
		                      COMPOSE_FIELDS_MAX);
	field_names_add(written, c->arena, what->field);
	if (!what->all)
		return form_put(&f, what->form);
	if (json_kind(value) != JSON_ARRAY)
		return wrong(&f, "a list with a value for each field");
	it = json_iter(value);
	while (e == OK && json_next(&it)) {
		f.value = it.value;
		e = form_put(&f, what->form);
	}
	return e;
}
