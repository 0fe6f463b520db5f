/* formats/message/address.c: see address.h.
 *
 * The list is split at structural characters, ( ) < > @ , ; : outside of quotes and comments; the
 * text between them is read as name, local part or domain, depending on its neighbours. So
 * everything that a person could read as an address is one. Writing is in address_put.c. */
#include "formats/message/address.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

struct parse {
	struct cur c;
	struct arena *a;
	struct address_list *out;
	size_t cap, max;
	bool in_group;
	struct str comment; /* content of the last one in this address */
};

static bool address_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static struct str trim(struct str s)
{
	while (s.n != 0 && address_is_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	while (s.n != 0 && address_is_space((unsigned char)s.p[0]))
		s = str_sub(s, 1, s.n);
	return s;
}

/* --- regions of the text --------------------------------------------------------------- */

/* At "(": the comment with nested ones; content is the text in the outer parentheses. */
static void comment_skip(struct cur *c, struct str *content)
{
	const char *start = c->p + 1;
	unsigned depth = 0;
	char byte;

	while (cur_any(c, &byte)) {
		if (byte == '\\')
			cur_skip(c, 1);
		else if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			break;
	}
	*content = str_from(start, (size_t)(c->p - start));
	if (depth == 0 && content->n != 0)
		content->n--;
}

/* At a double quote: the quoted-string; without an end it takes the rest. */
static void quoted_skip(struct cur *c)
{
	char byte;

	cur_skip(c, 1);
	while (cur_any(c, &byte) && byte != '"')
		if (byte == '\\')
			cur_skip(c, 1);
}

/* The text up to a byte of stops outside of quotes and comments. */
static struct str region(struct parse *p, struct str stops)
{
	const char *start = p->c.p;

	while (!cur_done(&p->c)) {
		int byte = cur_peek(&p->c);

		if (byte == '"')
			quoted_skip(&p->c);
		else if (byte == '(')
			comment_skip(&p->c, &p->comment);
		else if (str_find_byte(stops, (char)byte) >= 0)
			break;
		else
			cur_skip(&p->c, byte == '\\' ? 2 : 1);
	}
	return str_from(start, (size_t)(p->c.p - start));
}

static bool is_simple(struct str s, bool keep_space)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '"' || ch == '\\' || ch == '(' || ch == '\r' || ch == '\n' ||
		    ch == '\0' || (!keep_space && (ch == ' ' || ch == '\t')))
			return false;
	}
	return true;
}

/* The value of a region: quotes, escapes, comments and folding removed, white space outside of
 * quotes reduced to one space or removed. */
static struct str meaning(struct arena *a, struct str s, bool keep_space)
{
	struct cur c;
	char *to, byte;
	size_t n = 0;
	bool quoted = false, gap = false;
	struct str ignored;

	s = trim(s);
	if (is_simple(s, keep_space))
		return s;
	if ((to = arena_try(a, s.n)) == NULL)
		return STR_EMPTY;
	for (c = cur_of(s); !cur_done(&c);) {
		if (!quoted && cur_peek(&c) == '(') {
			comment_skip(&c, &ignored);
			gap = true;
			continue;
		}
		cur_any(&c, &byte);
		if (byte == '"') {
			quoted = !quoted;
			continue;
		}
		if (byte == '\\' && !cur_done(&c))
			cur_any(&c, &byte);
		if (address_is_space((unsigned char)byte)) {
			if (quoted && byte != '\r' && byte != '\n')
				to[n++] = ' ';
			else
				gap = gap || !quoted;
			continue;
		}
		if (gap && keep_space && n != 0)
			to[n++] = ' ';
		gap = false;
		to[n++] = byte;
	}
	return str_from(to, n);
}

static struct str meaning_name(struct parse *p, struct str s)
{
	return meaning(p->a, s, true);
}

/* --- results ---------------------------------------------------------------------------- */

/* The length of the array for a list of n items. */
static size_t cap_of(size_t n)
{
	size_t cap = 4;

	while (cap < n)
		cap *= 2;
	return n == 0 ? 0 : cap;
}

/* False when the arena is full. */
static bool items_grow(struct parse *p, size_t n)
{
	struct address_list *out = p->out;
	size_t cap = cap_of(n);
	struct address *items;

	if (n <= p->cap)
		return true;
	if ((items = arena_try_array(p->a, struct address, cap)) == NULL)
		return false;
	for (size_t i = 0; i < out->n; i++)
		items[i] = out->items[i];
	out->items = items;
	p->cap = cap;
	return true;
}

/* The caller has checked that there is room. */
static void item_push(struct parse *p, struct address item)
{
	p->out->items[p->out->n++] = item;
}

/* Room for one more item, and for the end of an open group. */
static bool has_room(struct parse *p, bool begins_group)
{
	size_t n = p->out->n + 1 + (p->in_group || begins_group);

	if (n > p->max || !items_grow(p, n))
		p->out->limited = true;
	return !p->out->limited;
}

static void mailbox_push(struct parse *p, struct address item)
{
	if (item.name.n == 0 && item.local.n + item.domain.n != 0)
		item.name = meaning_name(p, p->comment);
	if (item.name.n + item.local.n + item.domain.n != 0 && has_room(p, false))
		item_push(p, item);
}

static void group_begin(struct parse *p, struct str name)
{
	if (!has_room(p, true))
		return;
	item_push(p,
	          (struct address){ .kind = ADDRESS_GROUP_BEGIN, .name = meaning_name(p, name) });
	p->in_group = true;
}

static void group_end(struct parse *p)
{
	if (p->in_group)
		item_push(p, (struct address){ .kind = ADDRESS_GROUP_END });
	p->in_group = false;
}

/* --- the grammar -------------------------------------------------------------------------- */

static void cfws(struct parse *p)
{
	for (;;) {
		cur_while(&p->c, address_is_space);
		if (cur_peek(&p->c) != '(')
			return;
		comment_skip(&p->c, &p->comment);
	}
}

static bool in_domain(unsigned char c)
{
	return !address_is_space(c) && c != '(' && c != ',' && c != ';' && c != '<' && c != '>' &&
	       c != '@' && c != '"';
}

/* domain = dot-atom / domain-literal / obs-domain	RFC 5322 3.4.1
 * The obsolete form has white space and comments around its dots. */
static struct str domain(struct parse *p)
{
	const char *start;
	size_t n;

	cfws(p);
	start = p->c.p;
	if (cur_peek(&p->c) == '[') {
		struct str literal;

		if (cur_until(&p->c, ']', &literal)) {
			cur_skip(&p->c, 1);
			return meaning(p->a, str_from(start, literal.n + 1), false);
		}
	}
	for (;;) {
		struct str run = cur_while(&p->c, in_domain);
		struct cur after = p->c;

		n = (size_t)(p->c.p - start);
		cfws(p);
		if (after.p == p->c.p || (!str_ends(run, STR(".")) && cur_peek(&p->c) != '.') ||
		    run.n == 0) {
			p->c = after;
			return meaning(p->a, str_from(start, n), false);
		}
	}
}

/* addr-spec; local is the text before the "@" at the cursor. */
static void spec(struct parse *p, struct str local, struct address *item)
{
	item->local = meaning(p->a, local, false);
	cur_skip(&p->c, 1);
	item->domain = domain(p);
}

/* [obs-route] addr-spec ">"; "<" has been taken. obs-route = obs-domain-list ":" */
static void angle(struct parse *p, struct address *item)
{
	struct str text;

	cfws(p);
	while (cur_byte(&p->c, '<'))
		cfws(p);
	if (cur_peek(&p->c) == '@') {
		text = region(p, STR(":>"));
		if (cur_byte(&p->c, ':'))
			item->route = meaning(p->a, text, false);
		else
			item->domain = meaning(p->a, str_sub(text, 1, text.n), false);
	}
	text = region(p, STR("@>,;"));
	if (cur_peek(&p->c) == '@')
		spec(p, text, item);
	else if (item->domain.n == 0)
		item->local = meaning(p->a, text, false);
	region(p, STR(">,;"));
	while (cur_byte(&p->c, '>'))
		cfws(p);
}

/* One element of the list; the cursor stops after it. */
static void element(struct parse *p)
{
	struct address item = { .kind = ADDRESS_MAILBOX };
	struct str text;

	p->comment = STR_EMPTY;
	text = region(p, p->in_group ? STR("<>@,;") : STR("<>@,;:"));
	switch (cur_peek(&p->c)) {
	case ':':
		cur_skip(&p->c, 1);
		group_begin(p, text);
		return;
	case '@':
		spec(p, text, &item);
		cfws(p);
		if (cur_peek(&p->c) != '<')
			break;
		/* An address in place of the name: bob@example.com <bob@example.com> */
		text.n = (size_t)(p->c.p - text.p);
		/* fall through */
	case '<':
		cur_skip(&p->c, 1);
		item = (struct address){ .kind = ADDRESS_MAILBOX, .name = meaning_name(p, text) };
		angle(p, &item);
		break;
	default:
		item.local = meaning_name(p, text);
		break;
	}
	mailbox_push(p, item);
}

void address_list_more(struct arena *a, struct str value, size_t max, struct address_list *list)
{
	struct parse p = {
		.c = cur_of(value), .a = a, .out = list, .max = max, .cap = cap_of(list->n)
	};

	while (!cur_done(&p.c) && !list->limited) {
		const char *before = p.c.p;

		element(&p);
		if (cur_byte(&p.c, ';'))
			group_end(&p);
		else if (!cur_byte(&p.c, ',') && p.c.p == before)
			cur_skip(&p.c, 1); /* a stray ">" */
	}
	group_end(&p);
}

void address_list_parse(struct arena *a, struct str value, size_t max, struct address_list *out)
{
	*out = (struct address_list){ NULL, 0, false };
	address_list_more(a, value, max, out);
}
