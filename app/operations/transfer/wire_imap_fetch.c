/* operations/transfer/wire_imap_fetch.c: FETCH responses; see wire_imap.h. */
#include "foundation/text/date.h"
#include "operations/transfer/wire_imap_token.h"

static bool flags(struct cur *c, struct said *out)
{
	struct str word;

	out->has_flags = true;
	out->flag_count = 0;
	if (!cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')')) {
		if (said_space(c))
			continue;
		if (!said_atom(c, &word))
			return false;
		if (out->flag_count < SAID_FLAGS)
			out->flags[out->flag_count++] = word;
	}
	return true;
}

static bool date(struct cur *c, struct arena *a, struct said *out)
{
	struct str text;
	struct date d;
	struct cur t;

	if (!said_quoted(c, a, &text))
		return false;
	t = cur_of(text);
	out->has_date = date_parse_imap(&t, &d);
	out->date_ms = out->has_date ? d.time_ms : 0;
	return true;
}

/* "BODY[]", "RFC822"; "BODY[]<0>" is never requested. */
static bool body(struct cur *c, struct arena *a, struct said *out)
{
	bool nil = cur_peek(c) != '"' && !said_at_literal(c);

	if (!said_string(c, a, &out->body))
		return false;
	out->has_body = !nil;
	return true;
}

/* section = "[" ... "]" of a header, after "BODY[HEADER.FIELDS" */
static bool header(struct cur *c, struct arena *a, struct said *out)
{
	struct str fields;

	return cur_until(c, ']', &fields) && cur_byte(c, ']') && said_space(c) &&
	       said_string(c, a, &out->header);
}

/* msg-att-static and msg-att-dynamic, in any order */
static bool item(struct cur *c, struct arena *a, struct said *out)
{
	struct str name;

	if (!said_atom(c, &name) || !said_space(c))
		return false;
	if (str_eqi(name, STR("BODY[HEADER.FIELDS")))
		return header(c, a, out);
	if (str_eqi(name, STR("X-GM-MSGID")))
		return cur_u64(c, &out->gmail_message);
	if (str_eqi(name, STR("UID")))
		return cur_u32(c, &out->uid);
	if (str_eqi(name, STR("FLAGS")))
		return flags(c, out);
	if (str_eqi(name, STR("INTERNALDATE")))
		return date(c, a, out);
	if (str_eqi(name, STR("RFC822.SIZE"))) {
		uint64_t n;

		if (!cur_u64(c, &n))
			return false;
		out->size = (uint32_t)MIN(n, UINT32_MAX);
		return true;
	}
	if (str_eqi(name, STR("BODY[]")) || str_eqi(name, STR("RFC822")))
		return body(c, a, out);
	return said_value_skip(c, a);
}

bool said_fetch(struct cur *c, struct arena *a, struct said *out)
{
	out->kind = SAID_FETCH;
	if (!said_space(c) || !cur_byte(c, '('))
		return false;
	while (!cur_byte(c, ')'))
		if (!said_space(c) && !item(c, a, out))
			return false;
	return true;
}
