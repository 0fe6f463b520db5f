/* model/search/text.c: see text.h. */
#include "model/search/text.h"

#include "formats/message/address.h"
#include "formats/message/decode.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/param.h"
#include "foundation/base/arena.h"
#include "foundation/text/charset.h"
#include "foundation/text/html.h"
#include "foundation/text/utf8.h"

enum {
	BODY_PIECE = 256 << 10, /* bodies are converted to UTF-8 in pieces of this size */
	ADDRESSES_MAX = 1000,   /* of one field, whose comments are left out   */
};

struct str search_fold_piece(struct str *text)
{
	struct str piece = utf8_cut(*text, SEARCH_FOLD_PIECE);

	if (piece.n == 0) /* one long invalid character */
		piece = str_sub(*text, 0, SEARCH_FOLD_PIECE);
	*text = str_sub(*text, piece.n, text->n);
	return piece;
}

/* --- headers ---------------------------------------------------------------------------- */

static enum search_field field_of(struct str name)
{
	static const struct {
		struct str name;
		enum search_field field;
	} known[] = {
		{ { "subject", 7 }, FIELD_SUBJECT }, { { "from", 4 }, FIELD_FROM },
		{ { "to", 2 }, FIELD_TO },           { { "cc", 2 }, FIELD_CC },
		{ { "bcc", 3 }, FIELD_BCC },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eqi(name, known[i].name))
			return known[i].field;
	return FIELD_OTHER;
}

/* The kind of a header for a search. */
enum header_place {
	HEADER_OWN,   /* of the message                                        */
	HEADER_INNER, /* of an inner message: part of the outer message's body */
	HEADER_MIME,  /* of a part: neither body nor field of the message */
};

static enum search_field field_in(enum header_place place, struct str name)
{
	switch (place) {
	case HEADER_OWN:
		return field_of(name);
	case HEADER_INNER:
		return FIELD_BODY;
	case HEADER_MIME:
		break;
	}
	return FIELD_OTHER;
}

static bool has_addresses(struct str name)
{
	enum search_field field = field_of(name);

	return field == FIELD_FROM || field == FIELD_TO || field == FIELD_CC || field == FIELD_BCC;
}

/* A comment may be inside an address, as in "user (comment)@ domain.org", so that the text does not
 * contain the address. SEARCH FROM, TO, CC and BCC are about the envelope (RFC 3501 6.4.4), which
 * has no comments. */
static bool addresses_walk(struct search_piece out, struct str value, search_piece_fn *fn,
                           void *arg)
{
	struct address_list list;
	struct arena a = { 0 };
	struct buf text;
	bool on = true;

	buf_init(&text, 2 * value.n + 16);
	address_list_parse(&a, value, ADDRESSES_MAX, &list);
	for (size_t i = 0; i < list.n && on; i++) {
		if (list.items[i].domain.n == 0)
			continue;
		buf_reset(&text);
		address_put_spec(&text, &list.items[i]);
		out.text = buf_str(&text);
		on = fn(arg, &out);
	}
	buf_deinit(&text);
	arena_deinit(&a);
	return on;
}

static bool header_walk(struct str header, struct str name, enum header_place place,
                        search_piece_fn *fn, void *arg)
{
	struct cur c = cur_of(header);
	struct header_field field;
	struct search_piece out;
	struct buf text;
	bool on = true;

	buf_init(&text, CHARSET_GROWTH * header.n + 16);
	while (on && header_next(&c, &field)) {
		if (name.n && !str_eqi(field.name, name))
			continue;
		buf_reset(&text);
		encword_text_put(&text, field.value);
		out = (struct search_piece){ .field = field_in(place, field.name),
			                     .name = field.name,
			                     .header = true,
			                     .first = true,
			                     .text = buf_str(&text) };
		on = fn(arg, &out);
		if (on && has_addresses(field.name) && str_find_byte(field.value, '(') >= 0)
			on = addresses_walk(out, field.value, fn, arg);
	}
	buf_deinit(&text);
	return on;
}

bool search_header_walk(struct str header, struct str name, search_piece_fn *fn, void *arg)
{
	return header_walk(header, name, HEADER_OWN, fn, arg);
}

/* --- bodies ----------------------------------------------------------------------------- */

/* Types that are converted to text; the first match counts. put converts a part's content, which is
 * UTF-8, to text; NULL when it is text already. */
static const struct format {
	struct str type, subtype; /* an empty subtype is any */
	void (*put)(struct buf *out, struct str content);
} formats[] = {
	{ { "text", 4 }, { "html", 4 }, html_text_put },
	{ { "text", 4 }, { "", 0 }, NULL },
};

static const struct format *format_of(const struct message *m, const struct part *p)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (message_is(m, p, formats[i].type, formats[i].subtype))
			return &formats[i];
	return NULL;
}

/* The first BODY_PIECE bytes, up to the last line end in them: no character, and rarely a tag,
 * continues after it. */
static struct str body_piece(struct str bytes)
{
	struct str piece = str_sub(bytes, 0, BODY_PIECE);
	ptrdiff_t end = str_rfind_byte(piece, '\n');

	return piece.n == bytes.n || end < 0 ? piece : str_sub(piece, 0, (size_t)end + 1);
}

/* Text can become much longer in UTF-8, so bytes are again converted in pieces, except from
 * charsets that do not grow. */
static bool bytes_walk(struct str bytes, struct str charset, const struct format *format,
                       search_piece_fn *fn, void *arg)
{
	struct search_piece out = { .field = FIELD_BODY, .first = true };
	bool on = true;

	while (bytes.n && on) {
		struct str piece = charset_is_wide(charset) ? bytes : body_piece(bytes);
		struct buf text, plain;

		buf_init(&text, CHARSET_GROWTH * piece.n + 16);
		buf_init(&plain, CHARSET_GROWTH * piece.n + 16);
		charset_decode(&text, charset, piece);
		if (format->put)
			format->put(&plain, buf_str(&text));
		out.text = format->put && plain.n ? buf_str(&plain) : buf_str(&text);
		on = fn(arg, &out);
		out.first = false;
		buf_deinit(&plain);
		buf_deinit(&text);
		bytes = str_sub(bytes, piece.n, bytes.n);
	}
	return on;
}

static bool part_walk(const struct message *m, const struct part *p, const struct format *format,
                      search_piece_fn *fn, void *arg)
{
	struct str charset = STR_EMPTY, body = message_str(m, p->body);
	bool encoded = p->encoding_kind > ENCODING_BINARY, on;
	struct arena a = { 0 };
	struct buf bytes;

	buf_init(&bytes, body.n + 3);
	if (encoded)
		decode_bytes(&bytes, p->encoding_kind, body);
	param_find(&a, message_str(m, p->params), STR("charset"), &charset);
	on = bytes_walk(encoded ? buf_str(&bytes) : body, charset, format, fn, arg);
	buf_deinit(&bytes);
	arena_deinit(&a);
	return on;
}

/* The name of a file, which may be split and encoded in its field (RFC 2231). */
static bool name_walk(const struct message *m, struct span params, struct str param,
                      search_piece_fn *fn, void *arg)
{
	struct search_piece out = { .field = FIELD_OTHER, .first = true };
	struct arena a = { 0 };
	bool on = true;

	if (param_find(&a, message_str(m, params), param, &out.text))
		on = fn(arg, &out);
	arena_deinit(&a);
	return on;
}

/* The header of an inner message belongs to the body of the outer one. */
static bool part_header_walk(const struct message *m, const struct part *p, search_piece_fn *fn,
                             void *arg)
{
	bool inner = m->parts[p->parent].kind == PART_MESSAGE;

	return header_walk(message_str(m, p->header), STR_EMPTY, inner ? HEADER_INNER : HEADER_MIME,
	                   fn, arg) &&
	       name_walk(m, p->params, STR("name"), fn, arg) &&
	       name_walk(m, p->disposition_params, STR("filename"), fn, arg);
}

bool search_body_walk(const struct message *m, search_piece_fn *fn, void *arg)
{
	bool on = true;

	for (uint32_t i = 0; i < m->n && on; i++) {
		const struct part *p = &m->parts[i];
		const struct format *format = p->kind == PART_LEAF ? format_of(m, p) : NULL;

		if (p->parent != PART_NONE)
			on = part_header_walk(m, p, fn, arg);
		if (on && format)
			on = part_walk(m, p, format, fn, arg);
	}
	return on;
}
