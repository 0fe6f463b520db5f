/* DMARC aggregate reports (RFC 7489 appendix C): whatever stands in what was seen, the report is
 * XML: elements that end in the order in which they began, between them text of nothing but
 * characters and references; and it is no longer than it may be. */
#include "formats/mailauth/report_dmarc.h"
#include "foundation/base/cur.h"
#include "foundation/text/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { DEPTH_MAX = 16, TEXTS = 12 };

static bool is_name(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_';
}

static bool is_text(unsigned char c)
{
	return c != '<' && c != '>' && (c >= ' ' || c == '\n' || c == '\t' || c == '\r');
}

static bool is_reference(unsigned char c)
{
	return ascii_alnum((char)c) || c == '#';
}

static void text_check(struct str text)
{
	struct cur c = cur_of(text);
	struct str skipped;

	assert(utf8_valid(text));
	while (cur_until(&c, '&', &skipped)) {
		cur_skip(&c, 1);
		assert(cur_while(&c, is_reference).n != 0 && cur_byte(&c, ';'));
	}
}

static void xml_check(struct str xml)
{
	struct str open[DEPTH_MAX], line;
	struct cur c = cur_of(xml);
	size_t depth = 0;

	assert(cur_line(&c, &line) && str_starts(line, STR("<?xml ")));
	do {
		bool end;
		struct str name;

		assert(cur_byte(&c, '<'));
		end = cur_byte(&c, '/');
		name = cur_while(&c, is_name);
		assert(name.n != 0 && cur_byte(&c, '>') && (end ? depth > 0 : depth < DEPTH_MAX));
		if (!end)
			open[depth++] = name;
		else
			assert(str_eq(open[--depth], name));
		text_check(cur_while(&c, is_text));
	} while (depth != 0);
	assert(cur_done(&c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct dmarc_record record = { .fo = 1 + (unsigned)(n % 15) };
	struct str text[TEXTS] = { { NULL, 0 } };
	struct report_dmarc_signature signature;
	struct report_dmarc_row row = { .ip = { .family = ADDR_V4 }, .signatures = &signature };
	struct report_dmarc about = { .record = &record };
	struct buf out;

	for (size_t i = 0; i < TEXTS && cur_line(&c, &text[i]); i++)
		;
	signature = (struct report_dmarc_signature){ text[0], text[1], text[2], text[3] };
	row.count_signatures = n % 2;
	row.override = (enum report_dmarc_override)(n % REPORT_DMARC_OVERRIDES);
	row.comment = text[4];
	row.envelope_to = text[5];
	row.envelope_from = text[6];
	row.header_from = text[7];
	row.spf_domain = text[8];
	about.organization = about.email = text[9];
	about.contact = about.id = text[10];
	about.domain = text[11];
	buf_init(&out, 1 + 2 * n);
	if (report_dmarc_begin(&out, &about)) {
		while (report_dmarc_row(&out, &row))
			;
		report_dmarc_end(&out);
		assert(buf_ok(&out));
		xml_check(buf_str(&out));
	}
	buf_deinit(&out);
	return 0;
}
