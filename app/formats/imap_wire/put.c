/* formats/imap_wire/put.c: see put.h. */
#include "formats/imap_wire/put.h"
#include "formats/imap_wire/token.h"
#include "formats/message/structure.h"
#include "foundation/text/date.h"
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"
#include <string.h>

enum { QUOTED_MAX = 1000 }; /* longer ones become literals, because clients have line limits */

static bool quotable(struct str s)
{
	if (s.n > QUOTED_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == 0)
			return false;
	return true;
}

void imap_put_literal_bytes(struct buf *out, struct str s)
{
	ptrdiff_t nul;

	while ((nul = str_find_byte(s, '\0')) >= 0) {
		buf_bytes(out, s.p, (size_t)nul);
		buf_byte(out, (char)0x80);
		s = str_sub(s, (size_t)nul + 1, s.n);
	}
	buf_put(out, s);
}

static void put_literal(struct buf *out, struct str s)
{
	buf_byte(out, '{');
	buf_u64(out, s.n);
	buf_put(out, STR("}\r\n"));
	imap_put_literal_bytes(out, s);
}

static void put_quoted(struct buf *out, struct str s)
{
	size_t from = 0;

	buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_put(out, str_sub(s, from, i));
		buf_byte(out, '\\');
		from = i;
	}
	buf_put(out, str_sub(s, from, s.n));
	buf_byte(out, '"');
}

/* Not 0 when a byte of v is 0. */
static uint64_t zeros(uint64_t v)
{
	return (v - 0x0101010101010101) & ~v & 0x8080808080808080;
}

/* Can it be quoted unchanged? Nearly always, so eight bytes are checked at once. */
static bool put_is_plain(struct str s)
{
	static const uint64_t each = 0x0101010101010101;
	uint64_t w, bad = 0;

	for (; s.n >= sizeof w && !bad; s = str_sub(s, sizeof w, s.n)) {
		memcpy(&w, s.p, sizeof w);
		bad = (w & 0x80 * each) | zeros(w) | zeros(w ^ '\r' * each) |
		      zeros(w ^ '\n' * each) | zeros(w ^ '"' * each) | zeros(w ^ '\\' * each);
	}
	for (size_t i = 0; i < s.n && !bad; i++)
		bad = (unsigned char)s.p[i] >= 0x80 || s.p[i] == 0 || s.p[i] == '\r' ||
		      s.p[i] == '\n' || s.p[i] == '"' || s.p[i] == '\\';
	return !bad;
}

/* s.n <= QUOTED_MAX */
static void put_plain(struct buf *out, struct str s)
{
	char *to = buf_room(out, s.n + 2);

	if (!to)
		return;
	to[0] = '"';
	if (s.n)
		memcpy(to + 1, s.p, s.n);
	to[s.n + 1] = '"';
	buf_commit(out, s.n + 2);
}

void imap_put_string(struct buf *out, struct str s)
{
	if (s.n <= QUOTED_MAX && put_is_plain(s))
		put_plain(out, s);
	else if (quotable(s) && utf8_ascii(s))
		put_quoted(out, s);
	else
		put_literal(out, s);
}

void imap_put_nstring(struct buf *out, struct str s, bool present)
{
	if (present)
		imap_put_string(out, s);
	else
		buf_put(out, STR("NIL"));
}

void imap_put_astring(struct buf *out, struct str s)
{
	struct cur c = cur_of(s);

	cur_while(&c, imap_is_astring_char);
	/* NIL would be read as an nstring by clients that are not careful. */
	if (s.n == 0 || s.n > QUOTED_MAX || !cur_done(&c) || str_eqi(s, STR("NIL")))
		imap_put_string(out, s);
	else
		buf_put(out, s);
}

void imap_put_mailbox(struct buf *out, struct str name, bool utf8)
{
	struct buf utf7;

	if (utf8 && quotable(name) && !utf8_ascii(name)) {
		put_quoted(out, name);
		return;
	}
	buf_init(&utf7, 4 * name.n + 1);
	if (!utf8 && utf7imap_put(&utf7, name))
		name = buf_str(&utf7);
	imap_put_astring(out, name);
	buf_deinit(&utf7);
}

void imap_put_text(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_byte(out, text.p[i] >= 0x20 && text.p[i] < 0x7f ? text.p[i] : '?');
}

void imap_put_date(struct buf *out, int64_t time_ms)
{
	buf_byte(out, '"');
	date_put_imap(out, time_ms, 0);
	buf_byte(out, '"');
}

/* --- ENVELOPE (RFC 9051 7.5.2) -------------------------------------------------------- */

/* address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")" */
static void put_address(struct buf *out, const struct address *a)
{
	/* A host of NIL marks a group, so an address without a domain has an empty one. */
	bool mailbox = a->kind == ADDRESS_MAILBOX, end = a->kind == ADDRESS_GROUP_END;

	buf_byte(out, '(');
	imap_put_nstring(out, a->name, mailbox && a->name.n);
	buf_byte(out, ' ');
	imap_put_nstring(out, a->route, mailbox && a->route.n);
	buf_byte(out, ' ');
	imap_put_nstring(out, mailbox ? a->local : a->name, !end);
	buf_byte(out, ' ');
	imap_put_nstring(out, a->domain, mailbox);
	buf_byte(out, ')');
}

static void put_addresses(struct buf *out, const struct address_list *l)
{
	buf_byte(out, ' ');
	if (l->n == 0) {
		buf_put(out, STR("NIL"));
		return;
	}
	buf_byte(out, '(');
	for (size_t i = 0; i < l->n; i++)
		put_address(out, &l->items[i]);
	buf_byte(out, ')');
}

void imap_put_envelope(struct buf *out, const struct envelope *e)
{
	const struct address_list *lists[] = { &e->from, &e->sender, &e->reply_to,
		                               &e->to,   &e->cc,     &e->bcc };

	buf_byte(out, '(');
	imap_put_nstring(out, e->date, e->has & ENVELOPE_DATE);
	buf_byte(out, ' ');
	imap_put_nstring(out, e->subject, e->has & ENVELOPE_SUBJECT);
	for (size_t i = 0; i < COUNT(lists); i++)
		put_addresses(out, lists[i]);
	buf_byte(out, ' ');
	imap_put_nstring(out, e->in_reply_to, e->has & ENVELOPE_IN_REPLY_TO);
	buf_byte(out, ' ');
	imap_put_nstring(out, e->message_id, e->has & ENVELOPE_MESSAGE_ID);
	buf_byte(out, ')');
}

/* --- BODYSTRUCTURE (RFC 9051 7.5.2) --------------------------------------------------- */

/* body-fld-param = "(" string SP string *(SP string SP string) ")" / nil */
static void put_params(struct buf *out, const struct param_list *l)
{
	if (l->n == 0) {
		buf_put(out, STR("NIL"));
		return;
	}
	buf_byte(out, '(');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_byte(out, ' ');
		imap_put_string(out, l->items[i].name);
		buf_byte(out, ' ');
		imap_put_string(out, l->items[i].value);
	}
	buf_byte(out, ')');
}

/* The next tag of a Content-Language field, which has commas between them (RFC 3282 2). */
static bool language_next(struct cur *c, struct str *tag)
{
	*tag = STR_EMPTY;
	while (tag->n == 0 && !cur_done(c)) {
		if (!cur_until(c, ',', tag)) {
			*tag = cur_rest(c);
			cur_skip(c, tag->n);
		}
		(void)cur_byte(c, ',');
		*tag = str_trim(*tag);
	}
	return tag->n != 0;
}

/* body-fld-lang = nstring / "(" string *(SP string) ")" */
static void put_language(struct buf *out, struct str field)
{
	struct cur c = cur_of(field);
	struct str tag, more;

	if (!language_next(&c, &tag) || !language_next(&c, &more)) {
		imap_put_nstring(out, tag, tag.n);
		return;
	}
	buf_byte(out, '(');
	imap_put_string(out, tag);
	do {
		buf_byte(out, ' ');
		imap_put_string(out, more);
	} while (language_next(&c, &more));
	buf_byte(out, ')');
}

/* body-fld-dsp SP body-fld-lang SP body-fld-loc, with the space before it */
static void put_extension(struct buf *out, const struct structure_part *p)
{
	if (p->disposition.n) {
		buf_put(out, STR(" ("));
		imap_put_string(out, p->disposition);
		buf_byte(out, ' ');
		put_params(out, &p->disposition_params);
		buf_byte(out, ')');
	} else {
		buf_put(out, STR(" NIL"));
	}
	buf_byte(out, ' ');
	put_language(out, p->language);
	buf_byte(out, ' ');
	imap_put_nstring(out, p->location, p->location.n);
}

/* The media type of a part. A multipart or message that could not be parsed gets another type,
 * because those forms have parts inside. */
static void put_media(struct buf *out, const struct structure_part *p)
{
	struct str type = p->type, subtype = p->subtype;

	if (p->kind == PART_LEAF && str_eqi(type, STR("multipart"))) {
		type = STR("text");
		subtype = STR("plain");
	} else if (p->kind == PART_LEAF && str_eqi(type, STR("message")) &&
	           (str_eqi(subtype, STR("rfc822")) || str_eqi(subtype, STR("global")))) {
		type = STR("application");
		subtype = STR("octet-stream");
	}
	imap_put_string(out, type);
	buf_byte(out, ' ');
	imap_put_string(out, subtype);
}

/* media-type SP body-fields */
static void put_body_fields(struct buf *out, const struct structure_part *p)
{
	put_media(out, p);
	buf_byte(out, ' ');
	put_params(out, &p->params);
	buf_byte(out, ' ');
	imap_put_nstring(out, p->id, p->id.n);
	buf_byte(out, ' ');
	imap_put_nstring(out, p->description, p->description.n);
	buf_byte(out, ' ');
	imap_put_string(out, p->encoding);
	buf_byte(out, ' ');
	buf_u64(out, p->body.len);
}

static bool has_lines(const struct structure_part *p)
{
	return p->kind == PART_MESSAGE || str_eqi(p->type, STR("text")) ||
	       str_eqi(p->type, STR("multipart"));
}

/* The text before the child parts. */
static void part_begin(struct buf *out, const struct structure_part *p)
{
	buf_byte(out, '(');
	if (p->kind == PART_MULTIPART)
		return;
	put_body_fields(out, p);
	if (p->kind == PART_MESSAGE) {
		buf_byte(out, ' ');
		imap_put_envelope(out, p->envelope);
		buf_byte(out, ' ');
	}
}

/* The text after the child parts. */
static void part_end(struct buf *out, const struct structure_part *p, bool extended)
{
	if (p->kind == PART_MULTIPART) {
		buf_byte(out, ' ');
		imap_put_string(out, p->subtype);
		if (extended) {
			buf_byte(out, ' ');
			put_params(out, &p->params);
			put_extension(out, p);
		}
	} else {
		if (has_lines(p)) {
			buf_byte(out, ' ');
			buf_u64(out, p->body_lines);
		}
		if (extended) {
			buf_byte(out, ' ');
			imap_put_nstring(out, p->md5, p->md5.n);
			put_extension(out, p);
		}
	}
	buf_byte(out, ')');
}

/* Down the first children, then along, then up by the parents: no recursion. */
void imap_put_part(struct buf *out, const struct structure *s, uint32_t part, bool extended)
{
	uint32_t i = part;

	for (;;) {
		part_begin(out, &s->parts[i]);
		if (s->parts[i].kind != PART_LEAF) {
			i = s->parts[i].first_child;
			continue;
		}
		part_end(out, &s->parts[i], extended);
		while (i != part && s->parts[i].next == PART_NONE) {
			i = s->parts[i].parent;
			part_end(out, &s->parts[i], extended);
		}
		if (i == part)
			return;
		i = s->parts[i].next;
	}
}

void imap_put_structure(struct buf *out, const struct structure *s, bool extended)
{
	imap_put_part(out, s, 0, extended);
}
