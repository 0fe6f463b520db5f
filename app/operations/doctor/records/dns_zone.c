/* operations/doctor/records/dns_zone.c: records as a zone file (RFC 1035 5); see dns_records.h and
 * dns_check.h. */
#include "operations/doctor/records/dns_check.h"

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

/* Is the record's meaning there in other words, which these would only make ambiguous? */
static bool is_needless(const struct dns_seen *s, struct str data)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (str_eqi(s->seen[i], data))
			return false;
	return s->state == DNS_STATE_OK;
}

/* Where there is none it would keep others from getting certificates: nobody adds it unasked. */
static bool is_harmful(const struct dns_record *record, const struct dns_seen *s)
{
	return strcmp(record->type, "CAA") == 0 && s->state == DNS_STATE_UNKNOWN;
}

static void record_put(struct buf *out, const struct dns_record *record,
                       const struct dns_seen *seen)
{
	struct dns_record r = *record;

	r.expected = seen->wanted.n != 0 ? seen->wanted : r.expected;
	if (r.expected.n == 0 || is_needless(seen, r.expected) || is_harmful(record, seen))
		return;
	buf_fmt(out, "\n; %s\n", r.purpose);
	if (seen->state == DNS_STATE_UNKNOWN)
		buf_put(out, STR("; The present records could not be queried. Add the record "
		                 "only if none exists.\n"));
	buf_fmt(out, "%.*s. IN %s ", STR_ARG(r.name), r.type);
	dns_zone_data_put(out, &r);
	buf_byte(out, '\n');
}

void dns_zone_put(struct buf *out, const struct dns_records *records, const struct dns_seen *seen,
                  struct str domain)
{
	buf_fmt(out, "; %.*s: what its mail needs\n$TTL 3600\n", STR_ARG(domain));
	for (size_t i = 0; i < records->count; i++)
		record_put(out, &records->items[i], &seen[i]);
}
