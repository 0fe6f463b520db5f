/* protocols/jmap/types/mdn_parse.c: MDN/parse (RFC 9007 2.2). */
#include "formats/message/decode.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/param.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/request/call.h"

enum { MDN_TEXT_MAX = 64 << 10, MDN_FIELDS_MAX = 50, BLOB_MAX = 64 << 20 };

static const struct str report_type = STR("disposition-notification");

struct disposition {
	struct str action, sending, type;
};

static struct str mdn_field_line(struct str header, const char *name, struct arena *a)
{
	struct header_field field;

	return header_find(header, str_of(name), &field) ? str_dup(a, header_unfold(a, field.value))
	                                                 : STR_EMPTY;
}

/* "mode/mode; type" in any case, with modifiers after the type. False: it is none. */
static bool disposition_parse(struct str value, struct arena *a, struct disposition *out)
{
	struct cur c = cur_of(str_lower(a, value));
	struct str rest;

	if (!cur_until(&c, '/', &out->action) || !cur_byte(&c, '/') ||
	    !cur_until(&c, ';', &out->sending) || !cur_byte(&c, ';') ||
	    !cur_take(&c, cur_left(&c), &rest))
		return false;
	c = cur_of(str_trim(rest));
	if (!cur_until(&c, '/', &out->type))
		out->type = str_trim(rest);
	out->action = str_trim(out->action);
	out->sending = str_trim(out->sending);
	out->type = str_trim(out->type);
	return out->action.n != 0 && out->sending.n != 0 && out->type.n != 0;
}

static void mdn_text_or_null(struct json_writer *w, const char *name, struct str text)
{
	if (text.n != 0)
		json_put_str(w, name, text);
	else
		json_put_null(w, name);
}

/* Fields of the report that RFC 9007 does not name. */
static void extensions_put(struct json_writer *w, struct str report, struct arena *a)
{
	static const char *const known[] = { "Reporting-UA",        "MDN-Gateway",
		                             "Original-Recipient",  "Final-Recipient",
		                             "Original-Message-ID", "Disposition", "Error" };
	struct cur c = cur_of(report);
	struct header_field field;
	size_t n = 0;

	while (n < MDN_FIELDS_MAX && header_next(&c, &field)) {
		bool named = field.name.n == 0;

		for (size_t i = 0; i < COUNT(known); i++)
			named = named || str_eqi(field.name, str_of(known[i]));
		if (named)
			continue;
		if (n++ == 0)
			json_open(w, "extensionFields", '{');
		json_put_name(w, field.name);
		json_put_str(w, NULL, header_unfold(a, field.value));
	}
	if (n == 0)
		json_put_null(w, "extensionFields");
	else
		json_close(w);
}

static void mdn_errors_put(struct json_writer *w, struct str report, struct arena *a)
{
	struct cur c = cur_of(report);
	struct header_field field;
	bool any = false;

	while (header_next(&c, &field)) {
		if (!str_eqi(field.name, STR("Error")))
			continue;
		if (!any)
			json_open(w, "error", '[');
		any = true;
		json_put_str(w, NULL, header_unfold(a, field.value));
	}
	if (any)
		json_close(w);
	else
		json_put_null(w, "error");
}

static struct str mdn_part_text(const struct message *m, const struct part *p, struct arena *a)
{
	struct str charset = STR_EMPTY, out;
	struct buf b;

	(void)param_find(a, message_str(m, p->params), STR("charset"), &charset);
	buf_init(&b, MDN_TEXT_MAX);
	decode_text(&b, p->encoding_kind, charset, message_str(m, p->body));
	out = str_dup(a, utf8_cut(buf_str(&b), MDN_TEXT_MAX));
	buf_deinit(&b);
	return out;
}

/* Writes the MDN of the message as an object. False: it has none, and nothing is written. */
static bool mdn_put(struct json_writer *w, struct str id, struct str raw, struct arena *a)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	const struct part *text = NULL, *report = NULL;
	struct disposition d;
	struct message m;
	struct str fields;
	bool whole = false;

	message_parse(a, raw, &limits, &m);
	for (uint32_t i = m.n; i-- > 1;) {
		const struct part *p = &m.parts[i];

		if (p->parent != 0)
			continue;
		if (message_is(&m, p, STR("message"), report_type))
			report = p;
		else if (message_is(&m, p, STR("text"), STR("plain")))
			text = p;
		whole = whole || message_is(&m, p, STR("message"), STR("rfc822"));
	}
	if (report == NULL)
		return false;
	fields = mdn_part_text(&m, report, a);
	if (!disposition_parse(mdn_field_line(fields, "Disposition", a), a, &d))
		return false;
	json_put_name(w, id);
	json_open(w, NULL, '{');
	json_put_null(w, "forEmailId");
	mdn_text_or_null(w, "subject",
	             encword_text(a,
	                          mdn_field_line(message_str(&m, m.parts[0].header), "Subject", a),
	                          MDN_TEXT_MAX));
	mdn_text_or_null(w, "textBody", text != NULL ? mdn_part_text(&m, text, a) : STR_EMPTY);
	json_put_bool(w, "includeOriginalMessage", whole);
	mdn_text_or_null(w, "reportingUA", mdn_field_line(fields, "Reporting-UA", a));
	json_open(w, "disposition", '{');
	json_put_str(w, "actionMode", d.action);
	json_put_str(w, "sendingMode", d.sending);
	json_put_str(w, "type", d.type);
	json_close(w);
	mdn_text_or_null(w, "mdnGateway", mdn_field_line(fields, "MDN-Gateway", a));
	mdn_text_or_null(w, "originalRecipient", mdn_field_line(fields, "Original-Recipient", a));
	mdn_text_or_null(w, "finalRecipient", mdn_field_line(fields, "Final-Recipient", a));
	mdn_text_or_null(w, "originalMessageId", mdn_field_line(fields, "Original-Message-ID", a));
	mdn_errors_put(w, fields, a);
	extensions_put(w, fields, a);
	json_close(w);
	return true;
}

enum found { FOUND, NOT_PARSABLE, NOT_FOUND };

static void mdn_list_put(struct json_writer *w, const char *name, struct json ids,
                     const enum found *found, enum found which)
{
	struct json_iter it = json_iter(ids);
	bool any = false;

	for (size_t i = 0; json_next(&it); i++) {
		struct str id;

		if (found[i] != which || !json_str(it.value, &id))
			continue;
		if (!any)
			json_open(w, name, '[');
		any = true;
		json_put_str(w, NULL, id);
	}
	if (any)
		json_close(w);
	else
		json_put_null(w, name);
}

static enum err mdn_parse(struct jmap_call *c)
{
	struct json ids = jmap_arg(c, "blobIds");
	struct json_iter it = json_iter(ids);
	enum found *found;
	bool any = false;
	enum err e = OK;

	if (json_count(ids) > LIMIT_jmap_get)
		return jmap_refuse(c, "requestTooLarge", "at most %d ids", LIMIT_jmap_get);
	found = arena_array(c->arena, enum found, json_count(ids));
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	for (size_t i = 0; !e && json_next(&it); i++) {
		struct arena parse = { 0 };
		struct buf raw;
		struct str id = STR_EMPTY;

		(void)json_str(it.value, &id);
		buf_init(&raw, BLOB_MAX);
		e = jmap_blob_read(c->server, c->caller, id, c->arena, &raw, NULL);
		if (!e && !any)
			json_open(c->out, "parsed", '{');
		any = any || !e;
		found[i] = e                                                  ? NOT_FOUND
		           : mdn_put(c->out, id, buf_str(&raw), &parse) ? FOUND
		                                                              : NOT_PARSABLE;
		if (e == ERR_MISSING)
			e = OK;
		arena_deinit(&parse);
		buf_deinit(&raw);
	}
	if (e)
		return e;
	if (any)
		json_close(c->out);
	else
		json_put_null(c->out, "parsed");
	mdn_list_put(c->out, "notParsable", ids, found, NOT_PARSABLE);
	mdn_list_put(c->out, "notFound", ids, found, NOT_FOUND);
	return OK;
}

static const struct jmap_argument parse_arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "blobIds", FORM_ID, NEEDED | LIST, 0 },
};

static const struct jmap_method methods[] = {
	{ .name = "MDN/parse",
	  .capability = CAP_MDN,
	  .scope = JMAP_MAIL,
	  .arguments = parse_arguments,
	  .argument_count = COUNT(parse_arguments),
	  .run = mdn_parse },
};
const struct jmap_methods jmap_methods_mdn_parse = { methods, COUNT(methods) };
