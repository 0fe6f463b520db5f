/* formats/sieve/notify.c: notifications (RFC 5435) by mail (RFC 5436). */
#include "formats/message/address.h"
#include "formats/message/build.h"
#include "formats/message/mailaddr.h"
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/utf8.h"

enum { URI_BYTES = 8192, OPTIONS_BYTES = 2048 };

/* --- mailto URIs (RFC 6068) -------------------------------------------------------------- */

static int mailto_hex(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* s with "%41" as the byte; *ok becomes false for a wrong code or a NUL. */
static struct str percent_decoded(struct arena *a, struct str s, bool *ok)
{
	struct cur c = cur_of(s);
	struct buf out;
	struct str text;
	char byte;

	buf_init(&out, s.n + 1);
	while (cur_any(&c, &byte)) {
		int high = cur_peek(&c), low = cur_peek_at(&c, 1);

		if (byte == '%') {
			*ok = *ok && mailto_hex(high) >= 0 && mailto_hex(low) >= 0;
			byte = (char)(mailto_hex(high) * 16 + mailto_hex(low));
			cur_skip(&c, 2);
		}
		*ok = *ok && byte != '\0';
		buf_byte(&out, byte);
	}
	text = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	*ok = *ok && utf8_valid(text);
	return text;
}

static bool mailto_has(const struct sieve_mailto *m, const struct mailaddr *address)
{
	for (size_t i = 0; i < m->n; i++)
		if (mailaddr_equal(&m->addresses[i], address))
			return true;
	return false;
}

/* A list of addresses, each separated from the next by a comma that is not encoded. */
static bool recipients_add(struct arena *a, struct str list, struct sieve_mailto *out)
{
	struct cur c = cur_of(list);
	struct str item;
	bool ok = true;

	while (ok && cur_listed(&c, &item)) {
		struct mailaddr address;

		item = str_trim(percent_decoded(a, item, &ok));
		ok = ok && mailaddr_of(item, a, MAILADDR_UTF8 | MAILADDR_LITERAL, &address);
		if (!ok || mailto_has(out, &address))
			continue;
		ok = out->n < SIEVE_MAILTO_MAX;
		if (ok)
			out->addresses[out->n++] = address;
	}
	return ok;
}

/* Fields that a URI must not set (RFC 5436 2.7), and those of MIME, which the sender of the
 * notification writes. */
static bool field_is_unsafe(struct str name)
{
	static const char *const names[] = {
		"from",       "sender", "return-path", "reply-to", "date",    "message-id",
		"received",   "to",     "references",  "bcc",      "subject", "body",
		"in-reply-to", "cc",    "auto-submitted", "mime-version",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eqi(name, str_of(names[i])))
			return true;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return true;
	return name.n == 0 || str_startsi(name, STR("content-")) ||
	       str_startsi(name, STR("resent-")) || str_startsi(name, STR("list-"));
}

/* hfield = hfname "=" hfvalue */
static bool mailto_field(struct arena *a, struct str field, struct buf *fields,
                         struct sieve_mailto *out)
{
	ptrdiff_t equals = str_find_byte(field, '=');
	struct str name, value, raw;
	bool ok = equals > 0;

	if (!ok)
		return false;
	raw = str_sub(field, (size_t)equals + 1, field.n);
	name = percent_decoded(a, str_sub(field, 0, (size_t)equals), &ok);
	if (str_eqi(name, STR("to")) || str_eqi(name, STR("cc")) || str_eqi(name, STR("bcc")))
		return ok && recipients_add(a, raw, out);
	value = percent_decoded(a, raw, &ok);
	if (str_eqi(name, STR("subject")))
		out->subject = value;
	else if (str_eqi(name, STR("body")))
		out->body = value;
	else if (!field_is_unsafe(name))
		build_text(fields, name, value);
	return ok;
}

bool sieve_mailto_parse(struct arena *a, struct str uri, struct sieve_mailto *out)
{
	struct cur c = cur_of(uri);
	struct str to, rest, field;
	struct buf fields;
	bool ok;

	*out = (struct sieve_mailto){ 0 };
	if (uri.n > URI_BYTES || !cur_stri(&c, STR("mailto:")))
		return false;
	out->addresses = arena_array(a, struct mailaddr, SIEVE_MAILTO_MAX);
	if (!cur_until(&c, '?', &to)) {
		to = cur_rest(&c);
		c.p = c.end;
	}
	cur_skip(&c, 1);
	ok = recipients_add(a, to, out);
	buf_init(&fields, 4 * URI_BYTES);
	while (ok && !cur_done(&c)) {
		rest = cur_rest(&c);
		if (!cur_until(&c, '&', &field)) {
			field = rest;
			c.p = c.end;
		}
		cur_skip(&c, 1);
		ok = mailto_field(a, field, &fields, out);
	}
	out->fields = str_dup(a, buf_str(&fields));
	buf_deinit(&fields);
	return ok && out->n != 0;
}

/* --- notify ------------------------------------------------------------------------------ */

bool sieve_from_valid(struct arena *a, struct str s)
{
	struct address_list list;

	address_list_parse(a, s, SIEVE_MAILTO_MAX, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.items[i].kind != ADDRESS_MAILBOX || list.items[i].local.n == 0 ||
		    list.items[i].domain.n == 0)
			return false;
	return list.n != 0 && str_find_byte(s, '\n') < 0 && str_find_byte(s, '\r') < 0;
}

static struct str options_keep(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list options = sieve_list(op, ARG_OPTIONS);
	char room[OPTIONS_BYTES];
	struct str option;
	struct buf out;

	buf_init_in(&out, room, sizeof room);
	while (sieve_list_next(r, &options, &option))
		if (str_find_byte(option, '\n') < 0)
			buf_fmt(&out, "%s%.*s", out.n != 0 ? "\n" : "", STR_ARG(option));
	return sieve_keep_str(r, buf_str(&out));
}

bool sieve_is_automatic(struct sieve_run *r)
{
	struct sieve_fields f;
	struct str value;

	sieve_fields_init(r, &f, STR("auto-submitted"));
	while (sieve_fields_next(r, &f, &value))
		if (!str_eqi(str_trim(value), STR("no")))
			return true;
	return false;
}

/* RFC 5436 2.7 */
static struct str notify_suppressed(struct sieve_run *r)
{
	return sieve_is_automatic(r) ? STR("The message was sent automatically") : STR_EMPTY;
}

bool sieve_act_notify(struct sieve_run *r, const struct sieve_op *op)
{
	struct str method = sieve_str(r, op, ARG_1), from = sieve_str(r, op, ARG_FROM);
	struct str importance = sieve_str(r, op, ARG_IMPORTANCE);
	struct sieve_action *action;
	struct sieve_mailto mailto;

	if (!sieve_mailto_parse(&r->scratch, method, &mailto))
		return sieve_fail(r, "\"%.*s\" is not a mailto URI with an address",
		                  STR_ARG(str_sub(method, 0, 80)));
	for (struct sieve_action *a = r->result->actions; a != NULL; a = a->next)
		if (a->kind == SIEVE_NOTIFY && str_eq(a->target, method))
			return true; /* RFC 5436 2.7: one for each address */
	if ((action = sieve_action_add(r, op, SIEVE_NOTIFY)) == NULL)
		return false;
	action->target = sieve_keep_str(r, method);
	action->text = sieve_keep_str(r, sieve_str(r, op, ARG_MESSAGE));
	if (from.n != 0 && sieve_from_valid(&r->scratch, from)) /* RFC 5435 3.3 */
		action->from = sieve_keep_str(r, from);
	action->importance = str_eq(importance, STR("1"))   ? 1
	                     : str_eq(importance, STR("3")) ? 3
	                                                    : 2;
	action->options = options_keep(r, op);
	sieve_fcc_give(r, op, action);
	action->suppressed = notify_suppressed(r);
	sieve_explain(r, "%.*s", STR_ARG(action->suppressed));
	return true;
}

bool sieve_test_notify_method(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list uris = sieve_list(op, ARG_1);
	struct sieve_mailto mailto;
	struct str uri;

	while (sieve_list_next(r, &uris, &uri))
		if (!sieve_mailto_parse(&r->scratch, uri, &mailto))
			return false;
	return true;
}

/* Whether a person reads mail at this moment is unknown (RFC 5436 2.2). */
bool sieve_test_notify_capability(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_matcher m;
	struct sieve_mailto mailto;

	sieve_matcher_init(&m, r, op, ARG_3);
	return sieve_mailto_parse(&r->scratch, sieve_str(r, op, ARG_1), &mailto) &&
	       str_eqi(sieve_str(r, op, ARG_2), STR("online")) &&
	       (sieve_matcher_value(&m, STR("maybe")) || sieve_matcher_end(&m));
}

void sieve_check_notify(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *importance = sieve_value_of(c, ARG_IMPORTANCE);
	const struct sieve_value *from = sieve_value_of(c, ARG_FROM);
	const struct sieve_value *method = sieve_value_of(c, ARG_1);
	struct sieve_mailto mailto;

	if (importance != NULL && sieve_constant(p, importance, 0) &&
	    !str_eq(importance->items[0], STR("1")) && !str_eq(importance->items[0], STR("2")) &&
	    !str_eq(importance->items[0], STR("3")))
		sieve_report_value(p, importance, "The importance is \"1\", \"2\" or \"3\"");
	if (from != NULL && sieve_constant(p, from, 0) &&
	    !sieve_from_valid(&p->scratch, from->items[0]))
		sieve_report_value(p, from, "\"%.*s\" is not a mail address",
		                   STR_ARG(str_sub(from->items[0], 0, 80)));
	if (sieve_constant(p, method, 0) &&
	    !sieve_mailto_parse(&p->scratch, method->items[0], &mailto))
		sieve_report_value(p, method, "\"%.*s\" is not a mailto URI with an address",
		                   STR_ARG(str_sub(method->items[0], 0, 80)));
}
