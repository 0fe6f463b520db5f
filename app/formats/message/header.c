/* formats/message/header.c: see header.h. */
#include "formats/message/header.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

/* The end of the header: an empty line. */
static bool at_end(const struct cur *c)
{
	int byte = cur_peek(c);

	return byte == -1 || byte == '\n' || (byte == '\r' && cur_peek_at(c, 1) == '\n');
}

static struct str trim(struct str s)
{
	while (s.n != 0 && ascii_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	while (s.n != 0 && ascii_space((unsigned char)s.p[0]))
		s = str_sub(s, 1, s.n);
	return s;
}

/* field-name = 1*ftext, ftext = %d33-57 / %d59-126	RFC 5322 3.6.8 */
static bool header_is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126)
			return false;
	return s.n != 0;
}

bool header_next(struct cur *c, struct header_field *out)
{
	struct cur start = *c;
	struct str line, name;
	ptrdiff_t colon;

	if (at_end(c))
		return false;
	do
		cur_line(c, &line);
	while (cur_peek(c) == ' ' || cur_peek(c) == '\t');
	out->raw = str_from(start.p, (size_t)(c->p - start.p));

	colon = str_find_byte(out->raw, ':');
	name = str_sub(out->raw, 0, colon > 0 ? (size_t)colon : 0);
	while (name.n != 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--; /* RFC 5322 4.5: space before the colon */
	if (header_is_name(name)) {
		out->name = name;
		out->value = trim(str_sub(out->raw, (size_t)colon + 1, out->raw.n));
	} else {
		out->name = STR_EMPTY;
		out->value = trim(out->raw);
	}
	return true;
}

bool header_find(struct str block, struct str name, struct header_field *out)
{
	struct cur c = cur_of(block);

	while (header_next(&c, out))
		if (str_eqi(out->name, name))
			return true;
	return false;
}

size_t header_count(struct str block, struct str name)
{
	struct cur c = cur_of(block);
	struct header_field field;
	size_t n = 0;

	while (header_next(&c, &field))
		n += str_eqi(field.name, name);
	return n;
}

size_t header_size(struct str raw)
{
	struct cur c = cur_of(raw);
	struct str line;

	while (cur_line(&c, &line))
		if (line.n == 0)
			break;
	return raw.n - cur_left(&c);
}

static bool needs_unfold(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return true;
	return false;
}

/* The next byte of the unfolded value, or -1. */
static int unfolded(struct cur *c)
{
	struct cur try = *c;
	int byte;

	cur_byte(&try, '\r');
	if (cur_byte(&try, '\n') && (cur_peek(&try) == ' ' || cur_peek(&try) == '\t'))
		*c = try;
	byte = cur_peek(c);
	cur_skip(c, 1);
	return byte == '\r' || byte == '\n' || byte == '\0' ? ' ' : byte;
}

struct str header_unfold(struct arena *a, struct str value)
{
	struct cur c = cur_of(value);
	char *to;
	size_t n = 0;
	int byte;

	if (!needs_unfold(value))
		return value;
	if ((to = arena_try(a, value.n)) == NULL)
		return STR_EMPTY;
	while ((byte = unfolded(&c)) != -1)
		to[n++] = (char)byte;
	return str_from(to, n);
}

void header_unfold_put(struct buf *out, struct str value)
{
	struct cur c = cur_of(value);
	int byte;

	if (!needs_unfold(value)) {
		buf_put(out, value);
		return;
	}
	while ((byte = unfolded(&c)) != -1)
		buf_byte(out, (char)byte);
}
