/* formats/message/build.c: see build.h. */
#include "formats/message/build.h"

#include "formats/message/encword.h"
#include "foundation/base/cur.h"
#include "foundation/base/random.h"
#include "foundation/text/base64.h"
#include "foundation/text/date.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

enum {
	LINE_MAX_CHARS = 76, /* RFC 2047 2 for lines with encoded-words, used for all */
	WORD_TEXT = 60,      /* encoded-text in a word; 72 with the rest of it */
	MSGID_RANDOM = 26,   /* 130 bits */
	BOUNDARY_RANDOM = 28,
};

/* --- folding ----------------------------------------------------------------------------- */

/* A field being written: tokens are preceded by a space or a fold. */
struct fold {
	struct buf *out;
	size_t column;
};

static struct fold field_begin(struct buf *out, struct str name)
{
	buf_put(out, name);
	buf_byte(out, ':');
	return (struct fold){ out, name.n + 1 };
}

/* Append text that must not be broken, with white space before it. */
static void token_put(struct fold *f, struct str text)
{
	bool fold = f->column + 1 + text.n > LINE_MAX_CHARS && f->column > 1;

	if (fold) {
		buf_put(f->out, STR("\r\n"));
		f->column = 0;
	}
	buf_byte(f->out, ' ');
	for (size_t i = 0; i < text.n; i++) {
		char ch = text.p[i];

		buf_byte(f->out, ch == '\r' || ch == '\n' || ch == '\0' ? ' ' : ch);
	}
	f->column += 1 + text.n;
}

static void field_end(struct fold *f)
{
	buf_put(f->out, STR("\r\n"));
}

static bool build_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool build_is_word(unsigned char c)
{
	return !build_is_space(c);
}

/* Take the next word and the white space before it. */
static bool build_word_next(struct cur *c, struct str *out)
{
	cur_while(c, build_is_space);
	*out = cur_while(c, build_is_word);
	return out->n != 0;
}

void build_field(struct buf *out, struct str name, struct str value)
{
	struct fold f = field_begin(out, name);
	struct cur c = cur_of(value);
	struct str word;

	while (build_word_next(&c, &word))
		token_put(&f, word);
	field_end(&f);
}

/* --- encoded-words ------------------------------------------------------------------------ */

static bool needs_encoding(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x7f || (unsigned char)s.p[i] < ' ')
			return true;
	return str_find(s, STR("=?")) >= 0;
}

static size_t q_width(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += qp_word_width((unsigned char)s.p[i]);
	return n;
}

/* Take as many whole characters as one encoded-word can hold (RFC 2047 5). */
static struct str piece_next(struct cur *c, bool q)
{
	struct cur end = *c, try = *c;
	struct str piece = STR_EMPTY;

	while (!cur_done(&try)) {
		struct str longer;

		utf8_next(&try);
		longer = str_from(c->p, (size_t)(try.p - c->p));
		if ((q ? q_width(longer) : (longer.n + 2) / 3 * 4) > WORD_TEXT)
			break;
		piece = longer;
		end = try;
	}
	*c = end;
	return piece;
}

/* Text, valid UTF-8, as encoded-words; in Q where that is shorter, since it is partly readable. */
static void encoded_put(struct fold *f, struct str text)
{
	char bytes[LINE_MAX_CHARS];
	struct buf word = { .p = bytes, .cap = sizeof bytes, .max = sizeof bytes };
	bool q = q_width(text) <= (text.n + 2) / 3 * 4;
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		struct str piece = piece_next(&c, q);

		buf_reset(&word);
		buf_put(&word, q ? STR("=?utf-8?q?") : STR("=?utf-8?b?"));
		if (q)
			qp_word_put(&word, piece);
		else
			base64_put(&word, piece);
		buf_put(&word, STR("?="));
		token_put(f, buf_str(&word));
	}
}

/* The same for any text. */
static void build_text_put(struct fold *f, struct str text)
{
	struct buf clean;

	buf_init(&clean, 3 * text.n + 1);
	utf8_put_clean(&clean, text);
	encoded_put(f, buf_str(&clean));
	buf_deinit(&clean);
}

void build_text(struct buf *out, struct str name, struct str text)
{
	struct fold f;

	if (!needs_encoding(text)) {
		build_field(out, name, text);
		return;
	}
	f = field_begin(out, name);
	build_text_put(&f, text);
	field_end(&f);
}

/* --- addresses ------------------------------------------------------------------------------ */

/* A display name: atoms word by word, a quoted-string, or encoded-words. */
static void name_put(struct fold *f, struct str name, struct buf *scratch)
{
	struct cur c = cur_of(name);
	struct str word;

	if (needs_encoding(name)) {
		build_text_put(f, name);
		return;
	}
	buf_reset(scratch);
	address_put_name(scratch, name);
	if (!str_eq(buf_str(scratch), name)) {
		token_put(f, buf_str(scratch));
		return;
	}
	while (build_word_next(&c, &word))
		token_put(f, word);
}

/* One item; preceded by a comma, unless a group or the list has just begun. */
static void item_put(struct fold *f, const struct address *item, bool *comma, struct buf *scratch)
{
	if (item->kind == ADDRESS_GROUP_END) {
		buf_byte(f->out, ';');
		*comma = true;
		return;
	}
	if (*comma)
		buf_byte(f->out, ',');
	*comma = item->kind == ADDRESS_MAILBOX;
	if (item->name.n != 0)
		name_put(f, item->name, scratch);
	if (item->kind == ADDRESS_GROUP_BEGIN) {
		buf_byte(f->out, ':');
		return;
	}
	buf_reset(scratch);
	buf_put(scratch, item->name.n != 0 ? STR("<") : STR_EMPTY);
	address_put_spec(scratch, item);
	buf_put(scratch, item->name.n != 0 ? STR(">") : STR_EMPTY);
	token_put(f, buf_str(scratch));
}

void build_addresses(struct buf *out, struct str name, const struct address *items, size_t n)
{
	struct fold f = field_begin(out, name);
	struct buf scratch;
	bool comma = false;

	buf_init(&scratch, KIB(64));
	for (size_t i = 0; i < n; i++)
		item_put(&f, &items[i], &comma, &scratch);
	field_end(&f);
	buf_deinit(&scratch);
}

/* --- the rest --------------------------------------------------------------------------------- */

void build_date(struct buf *out, struct str name, int64_t time_ms)
{
	buf_put(out, name);
	buf_put(out, STR(": "));
	date_put_mail(out, time_ms, 0);
	buf_put(out, STR("\r\n"));
}

/* attribute-char of RFC 2231 7 */
static bool is_attribute(unsigned char c)
{
	return ascii_alnum((char)c) || c == '.' || c == '-' || c == '_';
}

void build_param_put(struct buf *out, struct str name, struct str value)
{
	bool extended = needs_encoding(value);

	buf_put(out, STR("; "));
	buf_put(out, name);
	buf_put(out, extended ? STR("*=utf-8''") : STR("=\""));
	for (size_t i = 0; i < value.n; i++) {
		unsigned char ch = (unsigned char)value.p[i];

		if (extended && !is_attribute(ch)) {
			buf_fmt(out, "%%%02X", ch);
			continue;
		}
		if (ch == '"' || ch == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (char)ch);
	}
	buf_put(out, extended ? STR_EMPTY : STR("\""));
}

struct str build_message_id(struct arena *a, struct str domain)
{
	struct str left = random_name(a, MSGID_RANDOM);

	return str_fmt(a, "<%.*s@%.*s>", STR_ARG(left), STR_ARG(domain));
}

/* "=_" cannot occur in quoted-printable (RFC 2045 6.7 note), "_" not in base64. */
struct str build_boundary(struct arena *a)
{
	struct str random = random_name(a, BOUNDARY_RANDOM);

	return str_fmt(a, "=_r_%.*s", STR_ARG(random));
}
