/* flow/policy/view.c: see view.h. */
#include "flow/policy/view.h"

#include "formats/message/header.h"

#include <string.h>

/* --- the fields ---------------------------------------------------------------- */

static bool goes_on(struct str raw)
{
	return str_starts(raw, STR(" ")) || str_starts(raw, STR("\t"));
}

/* No field is inserted before a line that would continue it. */
static void view_place(struct policy_view *v, size_t at, struct view_field f)
{
	if (v->count == v->room) {
		size_t room = MAX(2 * v->room, (size_t)32);
		struct view_field *grown = arena_array(v->arena, struct view_field, room);

		if (v->count != 0)
			memcpy(grown, v->fields, v->count * sizeof *grown);
		v->fields = grown;
		v->room = room;
	}
	at = MIN(at, v->count);
	if (at < v->count && goes_on(v->fields[at].raw))
		at++;
	memmove(v->fields + at + 1, v->fields + at, (v->count - at) * sizeof *v->fields);
	v->fields[at] = f;
	v->count++;
}

static void take_away(struct policy_view *v, size_t at)
{
	v->count--;
	memmove(v->fields + at, v->fields + at + 1, (v->count - at) * sizeof *v->fields);
}

static struct str view_joined(struct arena *a, struct str front, struct str back)
{
	char *to = arena_alloc(a, front.n + back.n);

	memcpy(to, front.p, front.n);
	memcpy(to + front.n, back.p, back.n);
	return str_from(to, front.n + back.n);
}

/* One received field. The last line of a message may lack its end, which is added so that
 * the next field stays separate. A first line with a leading blank is read as a
 * continuation of the preceding field, our last one, and is treated so here (RFC 5322
 * 2.2.3). */
static void view_field_take(struct policy_view *v, struct str name, struct str raw)
{
	struct view_field *last = v->count != 0 ? &v->fields[v->count - 1] : NULL;

	if (!str_ends(raw, STR("\n")))
		raw = view_joined(v->arena, raw, STR("\r\n"));
	if (last != NULL && goes_on(raw))
		last->raw = view_joined(v->arena, last->raw, raw);
	else
		view_place(v, v->count, (struct view_field){ .name = name, .raw = raw });
}

/* The length of the fields in block. */
static size_t fields_take(struct policy_view *v, struct str block)
{
	struct cur c = cur_of(block);
	struct header_field f;

	while (header_next(&c, &f))
		view_field_take(v, f.name, f.raw);
	return (size_t)(c.p - block.p);
}

static size_t fields_count(struct str block)
{
	struct cur c = cur_of(block);
	struct header_field f;
	size_t n = 0;

	while (header_next(&c, &f))
		n++;
	return n;
}

void policy_view_init(struct policy_view *v, struct str ours, struct str results,
                      struct str message, struct arena *a)
{
	size_t i;

	*v = (struct policy_view){ .arena = a };
	/* In one allocation: growing would need three times the memory. */
	v->room = fields_count(ours) + fields_count(results) + fields_count(message) + 8;
	v->fields = arena_array(a, struct view_field, v->room);
	fields_take(v, ours);
	if (v->count != 0)
		v->fields[0].own = true;
	i = v->count;
	fields_take(v, results);
	for (; i < v->count; i++)
		v->fields[i].stays = true;
	v->rest = str_sub(message, fields_take(v, message), message.n);
}

/* --- changes ------------------------------------------------------------------- */

/* Line ends become CRLF; a space is added after the colon unless the value has its
 * own. */
static struct str field_text(struct arena *a, const struct policy_change *c)
{
	struct buf b;
	struct str text;

	buf_init(&b, c->name.n + 2 * c->value.n + 16);
	buf_put(&b, c->name);
	buf_put(&b, c->spaced ? STR(":") : STR(": "));
	for (size_t i = 0; i < c->value.n; i++) {
		if (c->value.p[i] == '\n' && (i == 0 || c->value.p[i - 1] != '\r'))
			buf_byte(&b, '\r');
		buf_byte(&b, c->value.p[i]);
	}
	buf_put(&b, STR("\r\n"));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static struct view_field field_of(const struct policy_view *v, const struct policy_change *c)
{
	return (struct view_field){ .name = c->name, .raw = field_text(v->arena, c) };
}

/* Index of the index-th field of this name, from 1; 0 means 1, as in Sendmail. SIZE_MAX:
 * there are fewer. */
static size_t view_find(const struct policy_view *v, const struct policy_change *c)
{
	uint32_t index = MAX(c->index, 1u);

	for (size_t i = 0; i < v->count; i++) {
		const struct view_field *f = &v->fields[i];

		if (!f->own && !(c->came && f->stays) && str_eqi(f->name, c->name) && --index == 0)
			return i;
	}
	return SIZE_MAX;
}

static void view_field_set(struct policy_view *v, const struct policy_change *c)
{
	size_t at = view_find(v, c);

	if (at == SIZE_MAX) {
		if (c->value.n != 0)
			view_place(v, v->count, field_of(v, c));
	} else if (v->fields[at].stays) {
		return;
	} else if (c->value.n == 0) {
		take_away(v, at);
	} else {
		v->fields[at] = field_of(v, c);
	}
}

void policy_view_change(struct policy_view *v, const struct policy_change *c)
{
	switch (c->kind) {
	case CHANGE_ADD:
		view_place(v, v->count, field_of(v, c));
		break;
	case CHANGE_INSERT:
		view_place(v, c->index, field_of(v, c));
		break;
	case CHANGE_FIELD:
		view_field_set(v, c);
		break;
	case CHANGE_BODY:
		v->body = c->value;
		v->has_body = true;
		break;
	case CHANGE_SENDER:
	case CHANGE_RCPT_ADD:
	case CHANGE_RCPT_DELETE:
		break;
	}
}

void policy_view_changes(struct policy_view *v, const struct policy_changes *c)
{
	list_each(it, &c->items)
		policy_view_change(v, container_of(it, struct policy_change, link));
}

/* --- output --------------------------------------------------------------------- */

static struct str fields_text(const struct policy_view *v, size_t from, size_t to)
{
	struct str text;
	struct buf b;
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += v->fields[i].raw.n;
	if (n == 0)
		return STR_EMPTY;
	buf_init(&b, n);
	for (size_t i = from; i < to; i++)
		buf_put(&b, v->fields[i].raw);
	text = str_dup(v->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* The number of fields before the received ones. */
static size_t top_count(const struct policy_view *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->fields[i].own)
			return i + 1;
	return 0;
}

struct str policy_view_top(const struct policy_view *v)
{
	return fields_text(v, 0, top_count(v));
}

struct str policy_view_header(const struct policy_view *v)
{
	return fields_text(v, top_count(v), v->count);
}

struct str policy_view_rest(const struct policy_view *v)
{
	return v->has_body ? view_joined(v->arena, STR("\r\n"), v->body) : v->rest;
}
