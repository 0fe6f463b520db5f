/* formats/reports/arf.c: see arf.h. */
#include "formats/reports/arf.h"

#include "formats/message/address.h"
#include "formats/message/decode.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "foundation/base/buf.h"
#include "foundation/text/date.h"
#include "foundation/text/utf8.h"

enum { FIELDS_MAX = 64 << 10 };

static struct str arf_cut(struct arena *a, struct str value)
{
	return utf8_cut(str_trim(header_unfold(a, value)), WIRE_ARF_TEXT_MAX);
}

/* "<a@b>" */
static struct str bare(struct str s)
{
	return s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>' ? str_sub(s, 1, s.n - 1) : s;
}

static void arf_list_put(struct str *items, size_t *count, struct str value)
{
	if (*count < WIRE_ARF_LIST && value.n != 0)
		items[(*count)++] = value;
}

static void arf_number_take(struct str value, uint32_t *to)
{
	struct cur c = cur_of(value);
	uint32_t n;

	if (cur_u32(&c, &n) && cur_done(&c) && n != 0)
		*to = n;
}

static void date_take(struct str value, int64_t *to)
{
	struct date date;

	if (date_parse_mail(value, &date))
		*to = date.time_ms;
}

static bool plain_take(struct wire_arf *out, struct str name, struct str value)
{
	const struct {
		struct str name;
		struct str *to;
	} fields[] = {
		{ STR("User-Agent"), &out->agent },
		{ STR("Reporting-MTA"), &out->mta },
		{ STR("Source-IP"), &out->source_ip },
		{ STR("Authentication-Results"), &out->results },
		{ STR("Delivery-Result"), &out->delivery },
		{ STR("Auth-Failure"), &out->failure },
		{ STR("DKIM-Domain"), &out->dkim_domain },
		{ STR("DKIM-Selector"), &out->dkim_selector },
		{ STR("SPF-DNS"), &out->spf },
	};

	for (size_t i = 0; i < COUNT(fields); i++)
		if (str_eqi(name, fields[i].name)) {
			*fields[i].to = value;
			return true;
		}
	return false;
}

static void arf_field_take(struct arena *a, struct wire_arf *out, struct str name, struct str value)
{
	if (plain_take(out, name, value))
		return;
	if (str_eqi(name, STR("Feedback-Type")))
		out->type = str_lower(a, value);
	else if (str_eqi(name, STR("Original-Mail-From")))
		out->mail_from = bare(value);
	else if (str_eqi(name, STR("Original-Rcpt-To")))
		arf_list_put(out->to, &out->to_count, bare(value));
	else if (str_eqi(name, STR("Reported-Domain")))
		arf_list_put(out->domains, &out->domain_count, str_lower(a, value));
	else if (str_eqi(name, STR("Incidents")))
		arf_number_take(value, &out->incidents);
	else if (str_eqi(name, STR("Arrival-Date")) || str_eqi(name, STR("Received-Date")))
		date_take(value, &out->arrived_ms);
}

/* mta-name-type ";" name (RFC 3464 2.1.2), without the type. */
static struct str mta_name(struct str value)
{
	struct str rest = value;

	if (str_startsi(rest, STR("dns")))
		rest = str_trim(str_sub(rest, 3, rest.n));
	return rest.n != 0 && rest.p[0] == ';' ? str_trim(str_sub(rest, 1, rest.n)) : value;
}

/* The decoded fields of a part. */
static struct str part_text(struct arena *a, const struct message *m, const struct part *p)
{
	struct buf b;
	struct str text;

	buf_init(&b, FIELDS_MAX);
	decode_bytes(&b, p->encoding_kind, str_sub(message_str(m, p->body), 0, FIELDS_MAX / 2));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void fields_take(struct arena *a, struct str text, struct wire_arf *out)
{
	struct cur c = cur_of(text);
	struct header_field f;

	while (header_next(&c, &f))
		if (f.name.n != 0)
			arf_field_take(a, out, f.name, arf_cut(a, f.value));
}

static struct str original_field(struct arena *a, struct str header, struct str name)
{
	struct header_field f;

	return header_find(header, name, &f) ? encword_text(a, f.value, WIRE_ARF_TEXT_MAX)
	                                     : STR_EMPTY;
}

/* Comments and names may contain an "@" too. */
static struct str author_domain(struct arena *a, struct str header)
{
	struct address_list list = { .n = 0 };
	struct header_field f;

	if (header_find(header, STR("From"), &f))
		address_list_parse(a, f.value, WIRE_ARF_LIST, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.items[i].domain.n != 0)
			return list.items[i].domain;
	return STR_EMPTY;
}

/* tag-list = tag-spec *( ";" tag-spec )		RFC 6376 3.2 */
static struct str domain_tag(struct str list)
{
	struct cur c = cur_of(list);

	do {
		struct str tag;
		ptrdiff_t equals;

		if (!cur_until(&c, ';', &tag))
			(void)cur_take(&c, cur_left(&c), &tag);
		equals = str_find_byte(tag, '=');
		if (equals >= 0 && str_eq(str_trim(str_sub(tag, 0, (size_t)equals)), STR("d")))
			return str_trim(str_sub(tag, (size_t)equals + 1, tag.n));
	} while (cur_byte(&c, ';'));
	return STR_EMPTY;
}

static void signers_take(struct arena *a, struct str header, struct wire_arf *out)
{
	struct cur c = cur_of(header);
	struct header_field f;

	while (header_next(&c, &f))
		if (str_eqi(f.name, STR("DKIM-Signature")))
			arf_list_put(out->signers, &out->signer_count,
			         domain_tag(arf_cut(a, f.value)));
}

static void original_take(struct arena *a, struct str header, struct wire_arf *out)
{
	out->from = original_field(a, header, STR("From"));
	out->from_domain = author_domain(a, header);
	signers_take(a, header, out);
	out->subject = original_field(a, header, STR("Subject"));
	out->message_id = original_field(a, header, STR("Message-ID"));
}

/* The declared type: message_type is the parsed one. */
static bool part_is(const struct message *m, const struct part *p, struct str type,
                    struct str subtype)
{
	return str_eqi(message_str(m, p->type), type) &&
	       str_eqi(message_str(m, p->subtype), subtype);
}

static void child_take(struct arena *a, const struct message *m, const struct part *p,
                       struct wire_arf *out)
{
	if (part_is(m, p, STR("message"), STR("feedback-report")))
		fields_take(a, part_text(a, m, p), out);
	else if (p->kind == PART_MESSAGE)
		original_take(a, message_str(m, m->parts[p->first_child].header), out);
	else if (part_is(m, p, STR("text"), STR("rfc822-headers")) ||
	         part_is(m, p, STR("message"), STR("rfc822-headers")) ||
	         part_is(m, p, STR("message"), STR("rfc822"))) /* encoded, which is not allowed */
		original_take(a, part_text(a, m, p), out);
}

bool wire_arf_parse(const struct message *m, struct arena *a, struct wire_arf *out)
{
	*out = (struct wire_arf){ .incidents = 1, .arrived_ms = -1 };
	if (m->parts[0].kind != PART_MULTIPART)
		return false;
	for (uint32_t i = m->parts[0].first_child; i != PART_NONE; i = m->parts[i].next)
		child_take(a, m, &m->parts[i], out);
	out->mta = mta_name(out->mta);
	return out->type.n != 0;
}
