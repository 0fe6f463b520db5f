/* flow/reports_out/letter.c: see letter.h. */
#include "flow/reports_out/letter.h"

#include "formats/message/build.h"
#include "foundation/base/arena.h"
#include "foundation/text/base64.h"

enum { HEAD_MAX = 16384, PART_MAX = 512 };

static void letter_header_put(struct buf *out, const struct out_letter *l, struct str boundary,
                              struct arena *a)
{
	struct address from = { .name = l->organization,
		                .local = l->from.local,
		                .domain = l->from.domain };

	build_addresses(out, STR("From"), &from, 1);
	build_field(out, STR("To"), mailaddr_text(a, &l->to));
	build_field(out, STR("Subject"), l->subject);
	build_date(out, STR("Date"), l->date_ms);
	build_field(out, STR("Message-ID"), l->id);
	/* RFC 3834 5: prevents automatic replies */
	build_field(out, STR("Auto-Submitted"), STR("auto-generated"));
	buf_put(out, l->fields);
	build_field(out, STR("MIME-Version"), STR("1.0"));
	build_field(out, STR("Content-Type"),
	            str_fmt(a, "multipart/%.*s; boundary=\"%.*s\"", STR_ARG(l->multipart),
	                    STR_ARG(boundary)));
}

static void file_put(struct buf *out, const struct out_letter *l, struct arena *a)
{
	build_field(out, STR("Content-Type"), l->type);
	build_field(out, STR("Content-Disposition"),
	            str_fmt(a, "attachment; filename=\"%.*s\"", STR_ARG(l->file)));
	build_field(out, STR("Content-Transfer-Encoding"), STR("base64"));
	buf_put(out, STR("\r\n"));
	base64_put_lines(out, l->content);
}

void out_letter_put(struct buf *out, const struct out_letter *l, struct arena *a)
{
	struct str boundary = build_boundary(a);

	letter_header_put(out, l, boundary, a);
	buf_fmt(out, "\r\n--%.*s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n",
	        STR_ARG(boundary));
	buf_put(out, l->text);
	for (size_t i = 0; i < l->part_count; i++) {
		buf_fmt(out, "\r\n--%.*s\r\n", STR_ARG(boundary));
		build_field(out, STR("Content-Type"), l->parts[i].type);
		buf_put(out, STR("\r\n"));
		buf_put(out, l->parts[i].content);
	}
	if (l->file.n != 0) {
		buf_fmt(out, "\r\n--%.*s\r\n", STR_ARG(boundary));
		file_put(out, l, a);
	}
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(boundary));
}

size_t out_letter_max(const struct out_letter *l)
{
	/* 76 characters and CRLF for 57 bytes */
	size_t n = HEAD_MAX + l->text.n + l->fields.n + (l->content.n / 57 + 1) * 78;

	for (size_t i = 0; i < l->part_count; i++)
		n += PART_MAX + l->parts[i].content.n;
	return n;
}
