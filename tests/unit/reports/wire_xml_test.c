/* XML of strangers: what is read, in pieces of any size, and what is refused. */
#include "harness/check.h"

#include "formats/reports/xml.h"
#include "foundation/base/buf.h"

/* What was read, as "<a>text</a>", or "!why". */
static struct str told(struct str xml, size_t step, struct buf *out)
{
	static struct wire_xml x;
	enum xml_event e = XML_MORE;

	buf_reset(out);
	wire_xml_init(&x);
	for (size_t at = 0; e == XML_MORE && at < xml.n; at += step) {
		wire_xml_feed(&x, str_sub(xml, at, at + step));
		while ((e = wire_xml_next(&x)) == XML_OPEN || e == XML_CLOSE)
			buf_fmt(out, e == XML_OPEN ? "<%.*s>" : "%.*s</%.*s>",
			        STR_ARG(e == XML_OPEN ? x.name : x.text), STR_ARG(x.name));
	}
	if (e == XML_BAD)
		buf_fmt(out, "!%s", x.why);
	else if (e == XML_MORE)
		buf_put(out, STR("..."));
	return buf_str(out);
}

static const struct {
	const char *xml, *told;
} rows[] = {
	{ "<a>x</a>", "<a>x</a>" },
	{ "\xef\xbb\xbf\n<?xml version=\"1.0\"?><!-- <b> -- --><a> x\n</a>junk", "<a>x</a>" },
	{ "<n:a xmlns:n='u>'><n:b/></n:a>", "<a><b></b></a>" },
	{ "<a k = \"/>\" ><b >1</b ><c/>2</a>", "<a><b>1</b><c></c>2</a>" },
	{ "<a>&lt;&amp;&#65;&#x42;&quot;&apos;&gt;</a>", "<a><&AB\"'></a>" },
	{ "<a><![CDATA[<b>]]]&lt;]]></a>", "<a><b>]]]&lt;</a>" },
	{ "<a>\xe4\xff</a>", "<a>\xe4\xff</a>" },
	{ "<a><?pi ? > ?>1<!----></a>", "<a>1</a>" },
	{ "<a><b></a>", "<a><b>!an element ends in another's name" },
	{ "<a>", "<a>..." },
	{ "", "..." },
	{ "x", "!it is not XML" },
	{ "<a>\x01</a>", "<a>!there are control characters in it" },
	{ "</a>", "!an end without its beginning" },
	{ "<a><<", "<a>!a lone <" },
	{ "<a b<", "!a tag that does not end" },
	{ "<a b='<", "!an attribute that does not end" },
	{ "<a&", "!an odd name" },
	{ "<a/x", "!a lone /" },
	/* bombs of entities need a document type */
	{ "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "!a document type, or odd markup" },
	{ "<![CDATA[x]]><a/>", "!a document type, or odd markup" },
	{ "<a>&b;</a>", "<a>!it refers to an entity" },
	{ "<a>&#0;</a>", "<a>!it refers to an entity" },
	{ "<a>&#;</a>", "<a>!it refers to an entity" },
	{ "<a>&#x110000;</a>", "<a>!it refers to an entity" },
	{ "<a>&#-1;</a>", "<a>!it refers to an entity" },
	{ "<a>a & b and so on;</a>", "<a>!a lone &" },
	{ "\xff\xfe<\0a\0>\0", "!it is not XML" },
};

static void what_is_read(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t step = 1; step < 100; step += 7)
			check_str_at(i, told(str_of(rows[i].xml), step, &out),
			             str_of(rows[i].told));
	buf_deinit(&out);
}

static void cut_anywhere(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n < str_of(rows[i].xml).n; n++)
			(void)told(str_sub(str_of(rows[i].xml), 0, n), 3, &out);
	buf_deinit(&out);
}

static void one_too_many(void **state)
{
	struct buf xml, out;

	(void)state;
	buf_init(&xml, 1 << 16);
	buf_init(&out, 1 << 16);
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		buf_put(&xml, STR("<a>"));
	assert_true(str_ends(told(buf_str(&xml), 5, &out), STR("<a>...")));
	buf_put(&xml, STR("<a>"));
	assert_true(str_ends(told(buf_str(&xml), 5, &out), STR("!elements lie too deep")));

	for (int n = XML_NAME_MAX; n <= XML_NAME_MAX + 1; n++) {
		buf_reset(&xml);
		buf_byte(&xml, '<');
		for (int i = 0; i < n; i++)
			buf_byte(&xml, 'n');
		buf_byte(&xml, '>');
		assert_int_equal(str_ends(told(buf_str(&xml), 5, &out), STR("!a name is too long")),
		                 n > XML_NAME_MAX);
	}
	buf_reset(&xml);
	buf_put(&xml, STR("<a>"));
	for (int i = 0; i < XML_TEXT_MAX + 1000; i++)
		buf_byte(&xml, 't');
	buf_put(&xml, STR("</a>")); /* the text is cut, the document goes on */
	assert_int_equal(told(buf_str(&xml), 5, &out).n, XML_TEXT_MAX + 7);
	buf_deinit(&xml);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(one_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
