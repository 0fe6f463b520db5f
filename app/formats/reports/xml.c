/* formats/reports/xml.c: see xml.h. Each state takes one byte. */
#include "formats/reports/xml.h"

#include "foundation/text/utf8.h"

enum state {
	OUTSIDE, /* before the root                    */
	TEXT,
	MARKUP,  /* after "<" */
	NAME,    /* of an element that begins          */
	TAG,     /* after its name */
	VALUE,   /* of an attribute                    */
	SLASH,   /* after the "/" of <a/> */
	ENDING,  /* the name in </a>                   */
	ENDED,   /* after that name */
	TARGET,  /* <? until ?>                        */
	BANG,    /* after "<!" */
	COMMENT, /* until -->                          */
	CDATA,   /* until ]]>                          */
	REF,     /* after "&" */
	STATES
};

void wire_xml_init(struct wire_xml *x)
{
	*x = (struct wire_xml){ .state = OUTSIDE };
}

void wire_xml_feed(struct wire_xml *x, struct str piece)
{
	x->in = cur_of(piece);
}

static enum xml_event bad(struct wire_xml *x, const char *why)
{
	x->why = why;
	return XML_BAD;
}

static bool xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* XML 1.0 2.3, NameChar, lenient: all non-ASCII bytes are allowed. */
static bool xml_is_name(char c)
{
	return ascii_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':' ||
	       (unsigned char)c >= 0x80;
}

static enum xml_event enter(struct wire_xml *x, enum state state)
{
	x->state = (unsigned char)state;
	x->matched = 0;
	return XML_MORE;
}

/* Return to the context of the markup. */
static enum xml_event xml_go_on(struct wire_xml *x)
{
	return enter(x, x->depth == 0 ? OUTSIDE : TEXT);
}

/* --- text --------------------------------------------------------------------------------- */

static void xml_text_put(struct wire_xml *x, char c)
{
	if (x->text_n < XML_TEXT_MAX)
		x->chars[x->text_n++] = c;
}

static enum xml_event outside(struct wire_xml *x, char c)
{
	/* a byte order mark in UTF-8 is EF BB BF */
	if (c == '<')
		return enter(x, MARKUP);
	if (xml_is_space(c) || c == '\xef' || c == '\xbb' || c == '\xbf')
		return XML_MORE;
	return bad(x, "it is not XML");
}

static enum xml_event xml_text(struct wire_xml *x, char c)
{
	if (c == '<')
		return enter(x, MARKUP);
	if (c == '&') {
		x->ref_n = 0;
		return enter(x, REF);
	}
	if ((unsigned char)c < ' ' && !xml_is_space(c)) /* XML 1.0 2.2 */
		return bad(x, "there are control characters in it");
	xml_text_put(x, c);
	return XML_MORE;
}

static enum xml_event ref_take(struct wire_xml *x)
{
	uint32_t number;
	char room[8];
	struct buf b;

	if (!wire_xml_ref(str_from(x->ref, x->ref_n), &number))
		return bad(x, "it refers to an entity");
	buf_init_in(&b, room, sizeof room);
	utf8_put(&b, number);
	for (size_t i = 0; i < b.n; i++)
		xml_text_put(x, room[i]);
	return enter(x, TEXT);
}

static enum xml_event ref(struct wire_xml *x, char c)
{
	if (c == ';')
		return ref_take(x);
	if (x->ref_n == XML_REF_MAX)
		return bad(x, "a lone &");
	x->ref[x->ref_n++] = c;
	return XML_MORE;
}

/* --- elements ----------------------------------------------------------------------------- */

static struct str without_prefix(struct str name)
{
	ptrdiff_t colon = str_rfind_byte(name, ':');

	return str_sub(name, (size_t)(colon + 1), name.n);
}

static struct str innermost(const struct wire_xml *x)
{
	size_t start = x->starts[x->depth - 1];

	return str_from(x->names + start, x->names_n - start);
}

static enum xml_event markup(struct wire_xml *x, char c)
{
	if (c == '?')
		return enter(x, TARGET);
	if (c == '!')
		return enter(x, BANG);
	if (c == '/') {
		x->close_n = 0;
		return x->depth == 0 ? bad(x, "an end without its beginning") : enter(x, ENDING);
	}
	if (!xml_is_name(c))
		return bad(x, "a lone <");
	if (x->depth == XML_DEPTH_MAX)
		return bad(x, "elements lie too deep");
	x->starts[x->depth++] = x->names_n;
	x->names[x->names_n++] = c; /* names_n never exceeds XML_DEPTH_MAX of the longest */
	return enter(x, NAME);
}

static enum xml_event opened(struct wire_xml *x, bool empty)
{
	x->empty = empty;
	x->text_n = 0;
	x->name = without_prefix(innermost(x));
	enter(x, TEXT);
	return XML_OPEN;
}

static enum xml_event tag(struct wire_xml *x, char c)
{
	if (c == '>')
		return opened(x, false);
	if (c == '/')
		return enter(x, SLASH);
	if (c == '"' || c == '\'') {
		x->quote = c;
		return enter(x, VALUE);
	}
	return c == '<' ? bad(x, "a tag that does not end") : enter(x, TAG);
}

static enum xml_event name(struct wire_xml *x, char c)
{
	if (!xml_is_name(c))
		return xml_is_space(c) || c == '>' || c == '/' ? tag(x, c)
		                                           : bad(x, "an odd name");
	if (innermost(x).n == XML_NAME_MAX)
		return bad(x, "a name is too long");
	x->names[x->names_n++] = c;
	return XML_MORE;
}

static enum xml_event value(struct wire_xml *x, char c)
{
	if (c == '<')
		return bad(x, "an attribute that does not end");
	return c == x->quote ? enter(x, TAG) : XML_MORE;
}

static enum xml_event slash(struct wire_xml *x, char c)
{
	return c == '>' ? opened(x, true) : bad(x, "a lone /");
}

/* The innermost element has ended; its name stays valid until the next one. */
static enum xml_event closed(struct wire_xml *x)
{
	struct str text = str_from(x->chars, x->text_n);

	while (text.n != 0 && xml_is_space(text.p[0]))
		text = str_sub(text, 1, text.n);
	while (text.n != 0 && xml_is_space(text.p[text.n - 1]))
		text.n--;
	x->text = text;
	x->name = without_prefix(innermost(x));
	x->names_n = x->starts[--x->depth];
	x->text_n = 0;
	x->empty = false;
	x->ended = x->depth == 0;
	xml_go_on(x);
	return XML_CLOSE;
}

static enum xml_event ended(struct wire_xml *x, char c)
{
	if (xml_is_space(c))
		return enter(x, ENDED);
	if (c != '>' || !str_eq(str_from(x->close, x->close_n), innermost(x)))
		return bad(x, "an element ends in another's name");
	return closed(x);
}

static enum xml_event ending(struct wire_xml *x, char c)
{
	if (!xml_is_name(c))
		return ended(x, c);
	if (x->close_n == XML_NAME_MAX)
		return bad(x, "a name is too long");
	x->close[x->close_n++] = c;
	return XML_MORE;
}

/* --- ignored markup ----------------------------------------------------------------------- */

static enum xml_event target(struct wire_xml *x, char c)
{
	if (c == '>' && x->matched == 1)
		return xml_go_on(x);
	x->matched = c == '?';
	return XML_MORE;
}

/* "<!--" or "<![CDATA[", by the second byte; a document type is refused. */
static enum xml_event bang(struct wire_xml *x, char c)
{
	static const char cdata[] = "[CDATA[";

	if (c == '-' && x->matched == 0)
		x->matched = 100;
	else if (c == '-' && x->matched == 100)
		return enter(x, COMMENT);
	else if (x->matched < sizeof cdata - 1 && c == cdata[x->matched] && x->depth != 0)
		x->matched++;
	else
		return bad(x, "a document type, or odd markup");
	return x->matched == sizeof cdata - 1 ? enter(x, CDATA) : XML_MORE;
}

static enum xml_event xml_comment(struct wire_xml *x, char c)
{
	if (c == '>' && x->matched >= 2)
		return xml_go_on(x);
	x->matched = c == '-' ? MIN(x->matched + 1, 2u) : 0;
	return XML_MORE;
}

static enum xml_event cdata(struct wire_xml *x, char c)
{
	if (c == '>' && x->matched >= 2)
		return enter(x, TEXT);
	if (c == ']') {
		if (x->matched == 2)
			xml_text_put(x, ']');
		x->matched = MIN(x->matched + 1, 2u);
		return XML_MORE;
	}
	for (; x->matched != 0; x->matched--)
		xml_text_put(x, ']');
	xml_text_put(x, c);
	return XML_MORE;
}

static enum xml_event (*const steps[STATES])(struct wire_xml *x, char c) = {
	[OUTSIDE] = outside, [TEXT] = xml_text,     [MARKUP] = markup, [NAME] = name,
	[TAG] = tag,         [VALUE] = value,   [SLASH] = slash,   [ENDING] = ending,
	[ENDED] = ended,     [TARGET] = target, [BANG] = bang,     [COMMENT] = xml_comment,
	[CDATA] = cdata,     [REF] = ref,
};

enum xml_event wire_xml_next(struct wire_xml *x)
{
	enum xml_event e = XML_MORE;
	char c;

	if (x->why != NULL)
		return XML_BAD;
	if (x->empty)
		return closed(x);
	if (x->ended)
		return XML_DONE;
	while (e == XML_MORE && cur_any(&x->in, &c))
		e = steps[x->state](x, c);
	return e;
}
