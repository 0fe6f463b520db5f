/* doctor/dns_zone.c: records as a zone file (RFC 1035 5); see dns_records.h. */
#include "doctor/dns_records.h"

#include <string.h>

enum { STRING_MAX = 255 /* RFC 1035 3.3: <character-string> */ };

/* One <character-string> in quotes (RFC 1035 5.1). */
static void string_put(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			buf_fmt(out, "\\%03u", c);
		else
			buf_byte(out, (char)c);
	}
	buf_byte(out, '"');
}

static void text_put(struct buf *out, struct str text)
{
	size_t at = 0;

	do {
		if (at != 0)
			buf_byte(out, ' ');
		string_put(out, str_sub(text, at, at + STRING_MAX));
		at += STRING_MAX;
	} while (at < text.n);
}

void dns_zone_data_put(struct buf *out, const struct dns_record *record)
{
	bool ends_in_host = strcmp(record->type, "MX") == 0 || strcmp(record->type, "SRV") == 0 ||
	                    strcmp(record->type, "CNAME") == 0 ||
	                    strcmp(record->type, "PTR") == 0;

	if (strcmp(record->type, "TXT") == 0) {
		text_put(out, record->expected);
		return;
	}
	buf_put(out, record->expected);
	if (ends_in_host)
		buf_byte(out, '.');
}

struct str dns_zone_line(const struct dns_record *record, struct str data, struct arena *a)
{
	struct dns_record r = *record;
	struct buf line;
	struct str text;

	if (data.n == 0)
		return STR_EMPTY;
	r.expected = data;
	buf_init(&line, KIB(8));
	buf_fmt(&line, "%.*s. IN %s ", STR_ARG(r.name), r.type);
	dns_zone_data_put(&line, &r);
	text = str_dup(a, buf_str(&line));
	buf_deinit(&line);
	return text;
}

void dns_zone_put(struct buf *out, const struct dns_records *records, struct str domain)
{
	buf_fmt(out, "; %.*s: what its mail needs\n$TTL 3600\n", STR_ARG(domain));
	for (size_t i = 0; i < records->count; i++) {
		const struct dns_record *r = &records->items[i];

		buf_fmt(out, "\n; %s\n%.*s. IN %s ", r->purpose, STR_ARG(r->name), r->type);
		dns_zone_data_put(out, r);
		buf_byte(out, '\n');
	}
}
