/* flow/submission/letter.c: what may be in a letter, and its header; see letter.h. */
#include "flow/submission/letter.h"

#include "flow/submission/letter_body.h"
#include "formats/message/build.h"
#include "foundation/text/utf8.h"

#include <string.h>

/* --- what may be in it --------------------------------------------------------------- */

/* Written by the letter itself, by this server when it passes on, or by the last server. */
static const char *const taken[] = {
	"Bcc",    "Cc",           "Date",     "Delivered-To", "DKIM-Signature",
	"From",   "MIME-Version", "Received", "Reply-To",     "Return-Path",
	"Sender", "Subject",      "To",       "Message-ID",   "TLS-Required",
};
static const char *const taken_beginnings[] = { "ARC-", "Authentication-Results", "Content-",
	                                        "Resent-" };

static bool is_taken(struct str name)
{
	for (size_t i = 0; i < COUNT(taken); i++)
		if (str_eqi(name, str_of(taken[i])))
			return true;
	for (size_t i = 0; i < COUNT(taken_beginnings); i++)
		if (str_startsi(name, str_of(taken_beginnings[i])))
			return true;
	return false;
}

/* ftext of RFC 5322 3.6.8. */
static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ':')
			return false;
	return name.n != 0;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	return false;
}

enum err letter_field_check(struct str name, struct str value, struct why *why)
{
	if (!is_name(name) || name.n > LETTER_FIELD_NAME_MAX)
		return fail(why, ERR_SYNTAX,
		            "the name of a header field is printable ASCII, of 1 to %d bytes",
		            LETTER_FIELD_NAME_MAX);
	if (is_taken(name))
		return fail(why, ERR_SYNTAX, "the header field %.*s is not for you to set",
		            STR_ARG(name));
	if (has_control(value) || !utf8_valid(value))
		return fail(why, ERR_SYNTAX, "the header field %.*s must be one line of text",
		            STR_ARG(name));
	if (value.n > LETTER_FIELD_VALUE_MAX)
		return fail(why, ERR_LIMIT, "the header field %.*s has more than %d bytes",
		            STR_ARG(name), LETTER_FIELD_VALUE_MAX);
	return OK;
}

/* restricted-name of RFC 6838 4.2. */
static bool is_type_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) &&
		    (i == 0 || s.p[i] == '\0' || strchr("!#$&-^_.+", s.p[i]) == NULL))
			return false;
	return s.n != 0 && s.n <= LETTER_TYPE_MAX;
}

bool letter_type_check(struct str type)
{
	ptrdiff_t slash = str_find_byte(type, '/');
	struct str top = str_sub(type, 0, (size_t)MAX(slash, 0));

	if (slash < 0 || !is_type_name(top) ||
	    !is_type_name(str_sub(type, (size_t)slash + 1, type.n)))
		return false;
	if (str_eqi(top, STR("message")))
		return str_eqi(type, STR("message/rfc822"));
	return !str_eqi(top, STR("multipart"));
}

/* The content of a msg-id (RFC 5322 3.6.4), without quoted strings and literals. */
bool letter_content_id_check(struct str id)
{
	enum { MOST = 200 };

	for (size_t i = 0; i < id.n; i++)
		if (!ascii_alnum(id.p[i]) &&
		    (id.p[i] == '\0' || strchr("!#$%&'*+-/=?^_`{|}~.@", id.p[i]) == NULL))
			return false;
	return id.n != 0 && id.n <= MOST;
}

/* --- its header -------------------------------------------------------------------------- */

static bool any_utf8(const struct letter_addresses *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (mailaddr_is_utf8(&list->items[i].address))
			return true;
	return false;
}

/* Names and texts are encoded-words; only a local part has no other form. */
bool letter_is_utf8(const struct letter *l)
{
	return mailaddr_is_utf8(&l->from.address) || any_utf8(&l->to) || any_utf8(&l->cc) ||
	       any_utf8(&l->reply_to);
}

static void addresses_put(struct buf *out, struct str name, const struct letter_address *items,
                          size_t count, struct arena *a)
{
	struct address *list = arena_array(a, struct address, count);

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		list[i] = (struct address){ .kind = ADDRESS_MAILBOX,
			                    .name = items[i].name,
			                    .local = items[i].address.local,
			                    .domain = items[i].address.domain };
	build_addresses(out, name, list, count);
}

/* RFC 5322 3.6: at most one of each but those that the caller brings. */
static void header_put(struct buf *out, const struct letter *l, struct arena *a)
{
	build_date(out, STR("Date"), l->date_ms);
	addresses_put(out, STR("From"), &l->from, 1, a);
	addresses_put(out, STR("Reply-To"), l->reply_to.items, l->reply_to.count, a);
	addresses_put(out, STR("To"), l->to.items, l->to.count, a);
	addresses_put(out, STR("Cc"), l->cc.items, l->cc.count, a);
	build_field(out, STR("Message-ID"), l->message_id);
	build_text(out, STR("Subject"), l->subject);
	for (size_t i = 0; i < l->field_count; i++)
		build_text(out, l->fields[i].name, l->fields[i].value);
	build_field(out, STR("MIME-Version"), STR("1.0"));
}

enum err letter_put(struct buf *out, const struct letter *l, struct arena *a, struct why *why)
{
	header_put(out, l, a);
	return letter_body_put(out, l, a, why);
}
