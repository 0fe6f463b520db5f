/* formats/message/arf.c: see arf.h. */
#include "formats/message/arf.h"

#include "formats/message/decode.h"
#include "formats/message/header.h"
#include "formats/message/param.h"
#include "foundation/base/arena.h"

enum { ARF_FIELDS_MAX = 64 << 10 };

/* --- the parts ------------------------------------------------------------------------------ */

/* The first child of the report with this type. */
static const struct part *child_find(const struct message *m, struct str type, struct str subtype)
{
	for (uint32_t i = m->parts[0].first_child; i != PART_NONE; i = m->parts[i].next) {
		const struct part *p = &m->parts[i];

		/* message_type is the parsed type; a report's type is the declared one */
		if (str_eqi(message_str(m, p->type), type) &&
		    str_eqi(message_str(m, p->subtype), subtype))
			return p;
	}
	return NULL;
}

static bool is_report(struct arena *a, const struct message *m)
{
	struct str kind;

	return message_is(m, &m->parts[0], STR("multipart"), STR("report")) &&
	       param_find(a, message_str(m, m->parts[0].params), STR("report-type"), &kind) &&
	       str_eqi(kind, STR("feedback-report"));
}

/* RFC 5965 2 (d): the message, or its header alone */
static struct str original_header(struct arena *a, const struct message *m)
{
	const struct part *whole = child_find(m, STR("message"), STR("rfc822"));
	const struct part *header = child_find(m, STR("text"), STR("rfc822-headers"));
	struct str text = STR_EMPTY;

	if (whole != NULL && whole->kind == PART_MESSAGE)
		return str_dup(a, message_str(m, m->parts[whole->first_child].header));
	if (header != NULL) {
		struct buf b;

		buf_init(&b, ARF_FIELDS_MAX);
		decode_bytes(&b, header->encoding_kind, message_str(m, header->body));
		text = str_dup(a, buf_str(&b));
		buf_deinit(&b);
	}
	return text;
}

/* --- the fields ------------------------------------------------------------------------------ */

enum seen {
	SEEN_TYPE = BIT(0),
	SEEN_AGENT = BIT(1),
	SEEN_VERSION = BIT(2),
	SEEN_INCIDENTS = BIT(3),
	SEEN_FROM = BIT(4),
	SEEN_ARRIVAL = BIT(5),
	SEEN_ENVID = BIT(6),
	SEEN_MTA = BIT(7),
	SEEN_SOURCE = BIT(8),
	SEEN_NEEDED = SEEN_TYPE | SEEN_AGENT | SEEN_VERSION, /* RFC 5965 3.1 */
};

/* Fields that occur at most once (RFC 5965 3.1, 3.2); "Received-Date" is the old Arrival-Date. */
static const struct {
	struct str name;
	enum seen bit;
} once[] = {
	{ STR("Feedback-Type"), SEEN_TYPE },	  { STR("User-Agent"), SEEN_AGENT },
	{ STR("Version"), SEEN_VERSION },	  { STR("Incidents"), SEEN_INCIDENTS },
	{ STR("Original-Mail-From"), SEEN_FROM }, { STR("Arrival-Date"), SEEN_ARRIVAL },
	{ STR("Received-Date"), SEEN_ARRIVAL },	  { STR("Original-Envelope-Id"), SEEN_ENVID },
	{ STR("Reporting-MTA"), SEEN_MTA },	  { STR("Source-IP"), SEEN_SOURCE },
};

static enum seen bit_of(struct str name)
{
	for (size_t i = 0; i < COUNT(once); i++)
		if (str_eqi(name, once[i].name))
			return once[i].bit;
	return 0;
}

/* "<a@b>", or "a@b", which is common. */
static bool address_parse(struct arena *a, struct str value, struct mailaddr *out)
{
	struct cur c = cur_of(value);

	if (mailaddr_parse_path(&c, a, MAILADDR_UTF8 | MAILADDR_NULL | MAILADDR_LITERAL, out))
		return cur_done(&c);
	return mailaddr_of(value, a, MAILADDR_UTF8 | MAILADDR_LITERAL, out);
}

static bool number_parse(struct str value, uint32_t *out)
{
	struct cur c = cur_of(value);

	return cur_u32(&c, out) && cur_done(&c) && *out != 0;
}

static bool once_take(struct arena *a, enum seen bit, struct str value, struct arf *out)
{
	struct cur c = cur_of(value);
	struct str second;
	uint32_t version;

	switch (bit) {
	case SEEN_TYPE:
		if (!param_head_parse(&c, &out->type, &second) || second.n != 0)
			return false;
		out->type = str_lower(a, out->type);
		return true;
	case SEEN_AGENT:
		out->agent = str_dup(a, value);
		return value.n != 0;
	case SEEN_VERSION:
		return number_parse(value, &version);
	case SEEN_INCIDENTS:
		return number_parse(value, &out->incidents);
	case SEEN_FROM: /* a malformed value does not invalidate the report */
		if (!address_parse(a, value, &out->from))
			out->from = (struct mailaddr){ STR_EMPTY, STR_EMPTY };
		return true;
	default:
		return true;
	}
}

static void rcpt_take(struct arena *a, struct str value, struct arf *out)
{
	struct mailaddr rcpt;

	if (out->rcpt_count < ARF_RCPTS_MAX && address_parse(a, value, &rcpt) &&
	    !mailaddr_is_null(&rcpt))
		out->rcpts[out->rcpt_count++] = mailaddr_dup(a, &rcpt);
}

static bool fields_take(struct arena *a, struct str text, struct arf *out)
{
	struct cur c = cur_of(text);
	struct header_field field;
	unsigned seen = 0;

	while (header_next(&c, &field)) {
		struct str value = str_trim(header_unfold(a, field.value));
		enum seen bit = bit_of(field.name);

		if (seen & bit)
			return false; /* a repeated field */
		seen |= bit;
		if (bit != 0 && !once_take(a, bit, value, out))
			return false;
		if (str_eqi(field.name, STR("Original-Rcpt-To")))
			rcpt_take(a, value, out);
	}
	return (seen & SEEN_NEEDED) == SEEN_NEEDED;
}

bool arf_parse(struct arena *a, struct str raw, const struct message_limits *limits,
               struct arf *out)
{
	const struct part *report;
	struct message m;
	struct buf b;
	bool ok;

	*out = (struct arf){ .incidents = 1, .from = { STR_EMPTY, STR_EMPTY } };
	message_parse(a, raw, limits, &m);
	if (!is_report(a, &m))
		return false;
	report = child_find(&m, STR("message"), STR("feedback-report"));
	out->original = original_header(a, &m);
	if (report == NULL || out->original.n == 0)
		return false;
	out->rcpts = arena_array(a, struct mailaddr, ARF_RCPTS_MAX);
	buf_init(&b, ARF_FIELDS_MAX);
	decode_bytes(&b, report->encoding_kind, message_str(&m, report->body));
	ok = buf_ok(&b) && fields_take(a, str_dup(a, buf_str(&b)), out);
	buf_deinit(&b);
	return ok;
}
