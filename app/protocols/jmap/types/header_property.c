/* protocols/jmap/types/header_property.c: see header_property.h. */
#include "protocols/jmap/types/header_property.h"

#include "foundation/base/cur.h"

static const struct str form_names[HEADER_FORMS] = {
	[HEADER_RAW] = { "asRaw", 5 },
	[HEADER_TEXT] = { "asText", 6 },
	[HEADER_ADDRESSES] = { "asAddresses", 11 },
	[HEADER_GROUPED_ADDRESSES] = { "asGroupedAddresses", 18 },
	[HEADER_MESSAGE_IDS] = { "asMessageIds", 12 },
	[HEADER_DATE] = { "asDate", 6 },
	[HEADER_URLS] = { "asURLs", 6 },
};

enum {
	RAW = BIT(HEADER_RAW),
	TEXT = RAW | BIT(HEADER_TEXT),
	ADDRESSES = RAW | BIT(HEADER_ADDRESSES) | BIT(HEADER_GROUPED_ADDRESSES),
	MESSAGE_IDS = RAW | BIT(HEADER_MESSAGE_IDS),
	DATE = RAW | BIT(HEADER_DATE),
	URLS = RAW | BIT(HEADER_URLS),
	ANY = BIT(HEADER_FORMS) - 1,
};

/* The fields of RFC 5322 and RFC 2369 with their forms; every other field has all forms. */
static const struct {
	const char *field;
	unsigned forms;
} fields[] = {
	{ "Date", DATE },
	{ "From", ADDRESSES },
	{ "Sender", ADDRESSES },
	{ "Reply-To", ADDRESSES },
	{ "To", ADDRESSES },
	{ "Cc", ADDRESSES },
	{ "Bcc", ADDRESSES },
	{ "Message-ID", MESSAGE_IDS },
	{ "In-Reply-To", MESSAGE_IDS },
	{ "References", MESSAGE_IDS },
	{ "Subject", TEXT },
	{ "Comments", TEXT },
	{ "Keywords", TEXT },
	{ "Resent-Date", DATE },
	{ "Resent-From", ADDRESSES },
	{ "Resent-Sender", ADDRESSES },
	{ "Resent-Reply-To", ADDRESSES },
	{ "Resent-To", ADDRESSES },
	{ "Resent-Cc", ADDRESSES },
	{ "Resent-Bcc", ADDRESSES },
	{ "Resent-Message-ID", MESSAGE_IDS },
	{ "Return-Path", RAW },
	{ "Received", RAW },
	{ "List-Help", URLS },
	{ "List-Unsubscribe", URLS },
	{ "List-Subscribe", URLS },
	{ "List-Post", URLS },
	{ "List-Owner", URLS },
	{ "List-Archive", URLS },
};

static unsigned forms_of(struct str field)
{
	for (size_t i = 0; i < COUNT(fields); i++)
		if (str_eqi(field, str_of(fields[i].field)))
			return fields[i].forms;
	return ANY;
}

/* RFC 8621 4.1.3: printable ASCII except a colon. */
static bool field_name_valid(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < 33 || name.p[i] > 126)
			return false;
	return name.n != 0;
}

/* Takes the text up to the next colon, and the colon. */
static struct str piece_take(struct str *rest)
{
	ptrdiff_t colon = str_find_byte(*rest, ':');
	size_t n = colon < 0 ? rest->n : (size_t)colon;
	struct str piece = str_sub(*rest, 0, n);

	*rest = str_sub(*rest, n + (colon >= 0), rest->n);
	return piece;
}

bool header_property_parse(struct str name, struct header_property *out)
{
	struct str rest = str_sub(name, sizeof "header:" - 1, name.n), piece;

	if (!str_starts(name, STR("header:")) || str_ends(name, STR(":")))
		return false;
	*out = (struct header_property){ .field = piece_take(&rest), .form = HEADER_RAW };
	if (!field_name_valid(out->field))
		return false;
	piece = piece_take(&rest);
	for (unsigned i = 0; i < HEADER_FORMS; i++)
		if (str_eq(piece, form_names[i])) {
			out->form = (enum header_form)i;
			piece = piece_take(&rest);
			break;
		}
	if (str_eq(piece, STR("all"))) {
		out->all = true;
		piece = piece_take(&rest);
	}
	return piece.n == 0 && rest.n == 0 && (forms_of(out->field) & BIT(out->form)) != 0;
}

bool header_convenience_parse(struct str name, struct header_property *out)
{
	static const struct {
		const char *name, *field;
		enum header_form form;
	} table[] = {
		{ "messageId", "Message-ID", HEADER_MESSAGE_IDS },
		{ "inReplyTo", "In-Reply-To", HEADER_MESSAGE_IDS },
		{ "references", "References", HEADER_MESSAGE_IDS },
		{ "sender", "Sender", HEADER_ADDRESSES },
		{ "from", "From", HEADER_ADDRESSES },
		{ "to", "To", HEADER_ADDRESSES },
		{ "cc", "Cc", HEADER_ADDRESSES },
		{ "bcc", "Bcc", HEADER_ADDRESSES },
		{ "replyTo", "Reply-To", HEADER_ADDRESSES },
		{ "subject", "Subject", HEADER_TEXT },
		{ "sentAt", "Date", HEADER_DATE },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (str_eq(name, str_of(table[i].name))) {
			out->field = str_of(table[i].field);
			out->form = table[i].form;
			out->all = false;
			return true;
		}
	return false;
}
