/* formats/mailauth/tags.c: see tags.h. */
#include "formats/mailauth/tags.h"

#include "foundation/text/base64.h"

static bool tags_is_name(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_';
}

/* VALCHAR and white space; 8-bit bytes, which may be UTF-8 (RFC 8616 3) */
static bool is_value(unsigned char c)
{
	return (c > ' ' && c != ';' && c != 0x7f) || ascii_space(c);
}

static struct str trim(struct str s)
{
	while (s.n != 0 && ascii_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	while (s.n != 0 && ascii_space((unsigned char)s.p[0]))
		s = str_sub(s, 1, s.n);
	return s;
}

/* tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]		RFC 6376 3.2 */
static bool tag_parse(struct cur *c, struct tag *out)
{
	(void)cur_while(c, ascii_space);
	if (!ascii_alpha((char)cur_peek(c)))
		return false;
	out->name = cur_while(c, tags_is_name);
	(void)cur_while(c, ascii_space);
	if (!cur_byte(c, '='))
		return false;
	out->whole = cur_while(c, is_value);
	out->value = trim(out->whole);
	return true;
}

/* tag-list = tag-spec *( ";" tag-spec ) [ ";" ]			RFC 6376 3.2 */
bool tags_parse(struct str list, struct tags *out)
{
	struct cur c = cur_of(list);
	struct tag tag;

	out->count = 0;
	do {
		if (out->count == TAGS_MAX || !tag_parse(&c, &tag) ||
		    tags_find(out, tag.name) != NULL)
			return false;
		out->items[out->count++] = tag;
		if (!cur_byte(&c, ';'))
			break;
		(void)cur_while(&c, ascii_space);
	} while (!cur_done(&c));
	return cur_done(&c);
}

const struct tag *tags_find(const struct tags *t, struct str name)
{
	for (size_t i = 0; i < t->count; i++)
		if (str_eq(t->items[i].name, name))
			return &t->items[i];
	return NULL;
}

struct str tags_value(const struct tags *t, struct str name, struct str absent)
{
	const struct tag *tag = tags_find(t, name);

	return tag != NULL ? tag->value : absent;
}

bool tags_base64(struct str value, struct buf *out)
{
	char room[TAGS_BASE64_MAX + 3];
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		if (ascii_space((unsigned char)value.p[i]))
			continue;
		if (n == TAGS_BASE64_MAX)
			return false;
		room[n++] = value.p[i];
	}
	if (n == 0)
		return false;
	while (n % 4 != 0)
		room[n++] = '=';
	return base64_parse(str_from(room, n), out) && buf_ok(out);
}

bool tags_same_packed(struct str a, struct str b)
{
	struct cur x = cur_of(a), y = cur_of(b);
	char byte;

	for (;;) {
		(void)cur_while(&x, ascii_space);
		(void)cur_while(&y, ascii_space);
		if (!cur_any(&x, &byte))
			return cur_done(&y);
		if (!cur_byte(&y, byte))
			return false;
	}
}
