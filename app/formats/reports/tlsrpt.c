/* formats/reports/tlsrpt.c: see tlsrpt.h. */
#include "formats/reports/tlsrpt.h"

#include "foundation/base/cur.h"

static const struct str version = STR("v=TLSRPTv1");

/* tlsrpt-version must be followed by field-delim. */
bool tlsrpt_record_is(struct str text)
{
	struct cur c = cur_of(text);

	if (!cur_str(&c, version))
		return false;
	while (cur_blank(&c))
		;
	return cur_byte(&c, ';');
}

/* tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri) */
static void uris_take(struct str list, struct tlsrpt_record *out)
{
	struct cur c = cur_of(list);
	struct str uri;

	while (cur_listed(&c, &uri))
		if (out->count < TLSRPT_URIS_MAX)
			out->uris[out->count++] = uri;
}

/* tlsrpt-record = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim] */
bool tlsrpt_record_parse(struct str text, struct tlsrpt_record *out)
{
	struct cur c = cur_of(text);
	struct str field;

	*out = (struct tlsrpt_record){ .count = 0 };
	if (!tlsrpt_record_is(text))
		return false;
	while (!cur_done(&c)) {
		if (!cur_until(&c, ';', &field)) {
			field = cur_rest(&c);
			cur_skip(&c, field.n);
		} else {
			(void)cur_byte(&c, ';');
		}
		field = str_trim(field);
		if (field.n != 0 && str_find_byte(field, '=') <= 0)
			return false;
		if (out->count == 0 && str_starts(field, STR("rua=")))
			uris_take(str_sub(field, 4, field.n), out);
	}
	return out->count != 0;
}
