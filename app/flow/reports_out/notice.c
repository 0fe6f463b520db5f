/* flow/reports_out/notice.c: see reports_out_private.h. */
#include "flow/reports_out/reports_out_private.h"

#include "formats/message/build.h"
#include "foundation/base/arena.h"

enum { FIELDS_MAX = 8192 };

static struct str fields(const struct out_notice *n, struct str host, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, FIELDS_MAX);
	build_date(&b, STR("Report-Date"), n->when_ms);
	build_field(&b, STR("Report-Domain"), n->domain);
	build_field(&b, STR("Report-ID"), n->id);
	build_field(&b, STR("Report-Size"), str_fmt(a, "%" PRIu64, n->bytes));
	build_field(&b, STR("Submitter"), host);
	build_field(&b, STR("Submitting-URI"),
	            str_fmt(a, "mailto:%.*s", STR_ARG(mailaddr_text(a, &n->to))));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

void out_notice_letter(struct out_notice *n, const struct out_letter *report, struct arena *a,
                       struct out_letter *out)
{
	*out = *report;
	out->multipart = STR("mixed");
	out->fields = out->type = out->file = out->content = STR_EMPTY;
	out->text = str_fmt(a,
	                    "There is a DMARC aggregate report about\r\n%.*s,\r\n"
	                    "but the message with it would have %" PRIu64 " bytes,\r\n"
	                    "more than the limit in the record (rua=) of all who are to\r\n"
	                    "get it. It was not sent.\r\n",
	                    STR_ARG(n->domain), n->bytes);
	n->part = (struct out_letter_part){ STR("text/plain; charset=us-ascii"),
		                            fields(n, report->organization, a) };
	out->parts = &n->part;
	out->part_count = 1;
}
