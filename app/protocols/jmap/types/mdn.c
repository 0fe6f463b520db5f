/* protocols/jmap/types/mdn.c: MDN/send and MDN/parse (RFC 9007): message disposition notifications
 * (RFC 8098). */
#include "formats/message/build.h"
#include "formats/message/build_body.h"
#include "formats/message/decode.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/param.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/directory/normal.h"
#include "model/mailbox/placement.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"
#include "protocols/jmap/request/call.h"
#include "protocols/jmap/types/identity_read.h"
#include "protocols/jmap/types/submission_send.h"

#include <string.h>

enum { MDN_MAX = 1 << 20, MDN_TEXT_MAX = 64 << 10, MDN_FIELDS_MAX = 50, BLOB_MAX = 64 << 20 };

static const struct str report_type = STR("disposition-notification");

/* --- MDN/send --- */

struct disposition {
	struct str action, sending, type;
};

/* One MDN of the call. */
struct mdn {
	struct jmap_call *call;
	struct str creation;
	struct json object;
	struct identity identity;
	uint64_t email;
	struct buf original; /* the message that it is about */
	struct flags flags;
	struct str message_id, to, recipient, original_recipient;
	struct disposition disposition;
	/* Its SetError; NULL: it was sent. */
	const char *error, *property;
	struct why why;
};

static bool mdn_refuse(struct mdn *m, const char *error, const char *property, const char *text)
{
	m->error = error;
	m->property = property;
	(void)fail(&m->why, ERR_DENIED, "%s", text);
	return false;
}

static bool word_is(struct json of, const char *name, const char *const *words, struct str *out)
{
	if (!json_str(json_get(of, name), out))
		return false;
	for (; *words != NULL; words++)
		if (str_eq(*out, str_of(*words)))
			return true;
	return false;
}

static bool disposition_read(struct mdn *m)
{
	static const char *const actions[] = { "manual-action", "automatic-action", NULL };
	static const char *const sendings[] = { "mdn-sent-manually", "mdn-sent-automatically",
		                                NULL };
	static const char *const types[] = { "deleted", "dispatched", "displayed", "processed",
		                             NULL };
	struct json v = json_get(m->object, "disposition");

	return (word_is(v, "actionMode", actions, &m->disposition.action) &&
	        word_is(v, "sendingMode", sendings, &m->disposition.sending) &&
	        word_is(v, "type", types, &m->disposition.type) && json_count(v) == 3) ||
	       mdn_refuse(m, "invalidProperties", "disposition",
	                  "disposition has actionMode, sendingMode and type of RFC 9007 2");
}

/* The members of an MDN that a client may set, with strings of one line where it matters. */
static bool members_check(struct mdn *m)
{
	static const struct {
		const char *name;
		enum json_kind kind;
		bool line;
	} rows[] = {
		{ "forEmailId", JSON_STRING, true },
		{ "subject", JSON_STRING, true },
		{ "textBody", JSON_STRING, false },
		{ "includeOriginalMessage", JSON_BOOL, false },
		{ "reportingUA", JSON_STRING, true },
		{ "disposition", JSON_OBJECT, false },
		{ "finalRecipient", JSON_STRING, true },
		{ "extensionFields", JSON_OBJECT, false },
	};
	struct json_iter it = json_iter(m->object);

	while (json_next(&it)) {
		enum json_kind kind = json_kind(it.value);
		struct str text;
		size_t i = 0;

		while (i < COUNT(rows) && !str_eq(it.name, str_of(rows[i].name)))
			i++;
		if (i == COUNT(rows) || (kind != rows[i].kind && kind != JSON_NULL) ||
		    (rows[i].line && json_str(it.value, &text) && !normal_line(text)) ||
		    (json_str(it.value, &text) && text.n > MDN_TEXT_MAX))
			return mdn_refuse(m, "invalidProperties",
			                  str_z(m->call->arena, it.name),
			                  "a property of the MDN is unknown or has another form");
	}
	return true;
}

/* RFC 9007 2.1: onSuccessUpdateEmail must set $mdnsent. */
static bool keyword_is_set(struct mdn *m)
{
	struct json all = jmap_arg(m->call, "onSuccessUpdateEmail");
	struct json patch = json_get(all, str_z(m->call->arena,
	                                        str_fmt(m->call->arena, "#%.*s",
	                                                STR_ARG(m->creation))));
	bool set = false;

	if (!json_bool(json_get(patch, "keywords/$mdnsent"), &set))
		(void)json_bool(json_get(json_get(patch, "keywords"), "$mdnsent"), &set);
	return set || mdn_refuse(m, "invalidProperties", NULL,
	                         "onSuccessUpdateEmail must set the keyword $mdnsent");
}

static enum err mdn_email_read(struct txn *t, void *arg)
{
	struct mdn *m = arg;
	struct mail_txn mail = jmap_mail(m->call, t);
	struct email_viewer *viewer;
	struct email_view view;
	struct email email;
	struct str id;
	enum err e;

	if (!json_str(json_get(m->object, "forEmailId"), &id) ||
	    !jmap_id_parse(jmap_id_resolve(m->call, id), ID_EMAIL, mail.account, &m->email))
		return ERR_MISSING;
	if ((e = email_viewer_new(&mail, m->call->arena, &viewer)) ||
	    (e = email_view_get(viewer, m->email, m->call->arena, &view)) ||
	    (e = email_get(&mail, m->email, &email)))
		return e;
	m->flags = view.flags;
	buf_deinit(&m->original);
	buf_init(&m->original, email.size_bytes);
	return blob_get(t, &email.blob, 0, SIZE_MAX, &m->original);
}

static struct str field_line(struct str header, const char *name, struct arena *a)
{
	struct header_field field;

	return header_find(header, str_of(name), &field) ? str_dup(a, header_unfold(a, field.value))
	                                                 : STR_EMPTY;
}

static bool original_read(struct mdn *m)
{
	struct arena *a = m->call->arena;
	struct str raw = buf_str(&m->original), header = str_sub(raw, 0, header_size(raw));

	m->message_id = field_line(header, "Message-ID", a);
	m->original_recipient = field_line(header, "Original-Recipient", a);
	m->to = field_line(header, "Disposition-Notification-To", a);
	if (flags_has(m->flags, FLAG_MDN_SENT))
		return mdn_refuse(m, "mdnAlreadySent", NULL, "$mdnsent is set already");
	return m->to.n != 0 || mdn_refuse(m, "notFound", NULL,
	                                  "the email does not request a notification");
}

/* "rfc822; user@example.org" of the identity, or the client's, if it has the same address. */
static bool recipient_read(struct mdn *m)
{
	struct arena *a = m->call->arena;
	struct str own = str_fmt(a, "rfc822; %.*s", STR_ARG(m->identity.email)), given;
	ptrdiff_t type;

	m->recipient = own;
	if (!json_str(json_get(m->object, "finalRecipient"), &given))
		return true;
	type = str_find_byte(given, ';');
	if (!str_eqi(str_trim(str_sub(given, type < 0 ? 0 : (size_t)type + 1, given.n)),
	             m->identity.email))
		return mdn_refuse(m, "forbiddenFrom", "finalRecipient",
		                  "finalRecipient is not the address of the identity");
	m->recipient = type < 0 ? own : given;
	return true;
}

static struct str member_text(struct mdn *m, const char *name)
{
	struct str text = STR_EMPTY;

	(void)json_str(json_get(m->object, name), &text);
	return text;
}

/* The second part (RFC 8098 3.1). */
static void mdn_report_put(struct mdn *m, struct buf *out)
{
	const struct disposition *d = &m->disposition;
	struct str ua = member_text(m, "reportingUA");
	struct json_iter it = json_iter(json_get(m->object, "extensionFields"));

	if (ua.n != 0)
		build_text(out, STR("Reporting-UA"), ua);
	if (m->original_recipient.n != 0)
		build_field(out, STR("Original-Recipient"), m->original_recipient);
	build_field(out, STR("Final-Recipient"), m->recipient);
	if (m->message_id.n != 0)
		build_field(out, STR("Original-Message-ID"), m->message_id);
	build_field(out, STR("Disposition"),
	            str_fmt(m->call->arena, "%.*s/%.*s; %.*s", STR_ARG(d->action),
	                    STR_ARG(d->sending), STR_ARG(d->type)));
	while (json_next(&it)) {
		struct str value;

		if (json_str(it.value, &value))
			build_text(out, it.name, value);
	}
}

static void mdn_message_put(struct mdn *m, struct buf *out)
{
	struct arena *a = m->call->arena;
	struct str boundary = build_boundary(a), subject = member_text(m, "subject");
	struct str text = member_text(m, "textBody"), domain = STR_EMPTY;
	struct str original = buf_str(&m->original);
	ptrdiff_t at = str_rfind_byte(m->identity.email, '@');
	bool whole = false;

	(void)json_bool(json_get(m->object, "includeOriginalMessage"), &whole);
	domain = str_sub(m->identity.email, (size_t)(at + 1), m->identity.email.n);
	build_field(out, STR("From"), m->identity.email);
	build_field(out, STR("To"), m->to);
	build_text(out, STR("Subject"), subject.n != 0 ? subject : STR("Read receipt"));
	build_date(out, STR("Date"), clock_real_ms());
	build_field(out, STR("Message-ID"), build_message_id(a, domain));
	if (m->message_id.n != 0)
		build_field(out, STR("In-Reply-To"), m->message_id);
	build_field(out, STR("MIME-Version"), STR("1.0"));
	build_field(out, STR("Content-Type"),
	            str_fmt(a, "multipart/report; report-type=%.*s; boundary=\"%.*s\"",
	                    STR_ARG(report_type), STR_ARG(boundary)));
	build_boundary_put(out, boundary, false);
	build_field(out, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	build_text_body(out, text.n != 0 ? text : STR("The message was read.\n"));
	build_boundary_put(out, boundary, false);
	build_field(out, STR("Content-Type"), STR("message/disposition-notification"));
	buf_put(out, STR("\r\n"));
	mdn_report_put(m, out);
	build_boundary_put(out, boundary, false);
	/* RFC 8098 3: the third part is optional; 8-bit headers are left out. */
	if (whole) {
		build_field(out, STR("Content-Type"), STR("message/rfc822"));
		(void)build_message_body(out, original);
	} else {
		build_field(out, STR("Content-Type"), STR("text/rfc822-headers"));
		(void)build_message_body(out, str_sub(original, 0, header_size(original)));
	}
	build_boundary_put(out, boundary, true);
}

static bool extensions_check(struct mdn *m)
{
	struct json_iter it = json_iter(json_get(m->object, "extensionFields"));
	size_t n = 0;

	while (json_next(&it)) {
		struct str value;
		bool good = json_str(it.value, &value) && normal_line(value) && it.name.n != 0 &&
		            n++ < MDN_FIELDS_MAX;

		for (size_t i = 0; good && i < it.name.n; i++)
			good = it.name.p[i] > ' ' && it.name.p[i] < 0x7f && it.name.p[i] != ':';
		if (!good)
			return mdn_refuse(m, "invalidProperties", "extensionFields",
			                  "extensionFields: names of fields with strings");
	}
	return true;
}

static bool address_read(struct mdn *m, struct jmap_envelope *e)
{
	struct arena *a = m->call->arena;
	struct address_list list;
	struct mailaddr to;

	address_list_parse(a, m->to, 2, &list);
	if (list.n != 1 || list.items[0].kind != ADDRESS_MAILBOX)
		return mdn_refuse(m, "notFound", NULL,
		                  "Disposition-Notification-To has no single address");
	to = (struct mailaddr){ list.items[0].local, list.items[0].domain };
	if (!mailaddr_of(mailaddr_text(a, &to), a, MAILADDR_UTF8, &to))
		return mdn_refuse(m, "notFound", NULL,
		                  "Disposition-Notification-To has no valid address");
	e->rcpts = arena_array(a, struct submit_rcpt, 1);
	e->rcpts[0].rcpt.address = to;
	e->rcpts[0].rcpt.notify = DSN_NEVER; /* RFC 8098 3 */
	e->rcpt_count = 1;
	return true;
}

static enum err mdn_submit(struct mdn *m)
{
	struct sending s = { .call = m->call };
	struct buf message;
	enum err e = OK;

	if (!address_read(m, &s.made))
		return OK;
	buf_init(&message, MDN_MAX + 2 * buf_str(&m->original).n);
	mdn_message_put(m, &message);
	if (!buf_ok(&message)) {
		mdn_refuse(m, "tooLarge", NULL, "the notification is too large");
	} else {
		e = submission_send_body(&s, buf_str(&message));
		if (e == ERR_DENIED) {
			mdn_refuse(m, s.error, s.property, s.why.text);
			e = OK;
		}
	}
	buf_deinit(&message);
	return e;
}

static enum err mdn_send_one(struct mdn *m)
{
	enum err e;

	if (json_kind(m->object) != JSON_OBJECT)
		return mdn_refuse(m, "invalidProperties", NULL, "an MDN is an object"), OK;
	if (!members_check(m) || !disposition_read(m) || !extensions_check(m) ||
	    !keyword_is_set(m))
		return OK;
	e = store_read(m->call->server->store, mdn_email_read, m);
	if (e == ERR_MISSING)
		return mdn_refuse(m, "notFound", NULL, "there is no such email"), OK;
	if (e)
		return e;
	return original_read(m) && recipient_read(m) ? mdn_submit(m) : OK;
}

/* Members that the client did not set. */
static void mdn_sent_put(const struct mdn *m, struct json_writer *w)
{
	json_put_name(w, m->creation);
	json_open(w, NULL, '{');
	if (json_kind(json_get(m->object, "finalRecipient")) != JSON_STRING)
		json_put_str(w, "finalRecipient", m->recipient);
	if (m->message_id.n != 0)
		json_put_str(w, "originalMessageId", m->message_id);
	if (m->original_recipient.n != 0)
		json_put_str(w, "originalRecipient", m->original_recipient);
	if (json_kind(json_get(m->object, "includeOriginalMessage")) == JSON_MISSING)
		json_put_bool(w, "includeOriginalMessage", false);
	json_close(w);
}

static void mdn_error_put(const struct mdn *m, struct json_writer *w)
{
	json_put_name(w, m->creation);
	json_open(w, NULL, '{');
	json_put_str(w, "type", str_of(m->error));
	json_put_str(w, "description", str_of(m->why.text));
	if (m->property != NULL) {
		json_open(w, "properties", '[');
		json_put_str(w, NULL, str_of(m->property));
		json_close(w);
	}
	json_close(w);
}

static void mdns_put(struct jmap_call *c, const struct mdn *all, size_t n, bool sent,
                     const char *name)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += (all[i].error == NULL) == sent;
	if (found == 0) {
		json_put_null(c->out, name);
		return;
	}
	json_open(c->out, name, '{');
	for (size_t i = 0; i < n; i++)
		if ((all[i].error == NULL) == sent)
			sent ? mdn_sent_put(&all[i], c->out) : mdn_error_put(&all[i], c->out);
	json_close(c->out);
}

/* The implicit Email/set (RFC 9007 2.1). */
static void update_emails(struct jmap_call *c, const struct mdn *all, size_t n)
{
	struct json changes = jmap_arg(c, "onSuccessUpdateEmail");
	struct json_writer w;
	struct buf b;
	bool any = false;

	buf_init(&b, MDN_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "accountId", jmap_arg_str(c, "accountId"));
	json_open(&w, "update", '{');
	for (size_t i = 0; i < n; i++) {
		struct str key = str_fmt(c->arena, "#%.*s", STR_ARG(all[i].creation));

		if (all[i].error != NULL)
			continue;
		any = true;
		json_put_name(&w, jmap_id_text(c->arena, ID_EMAIL, c->account, all[i].email));
		json_put_value(&w, NULL, json_get(changes, str_z(c->arena, key)));
	}
	json_close(&w);
	json_close(&w);
	if (any && buf_ok(&b))
		jmap_call_also(c, "Email/set", buf_str(&b));
	buf_deinit(&b);
}

struct identity_look {
	struct jmap_call *call;
	struct identity out;
};

static enum err identity_look_run(struct txn *t, void *arg)
{
	struct identity_look *l = arg;
	struct mail_txn m = jmap_mail(l->call, t);
	uint64_t number;

	if (!jmap_id_parse(jmap_arg_str(l->call, "identityId"), ID_IDENTITY, m.account, &number))
		return ERR_MISSING;
	return identity_find(&m, number, l->call->arena, &l->out);
}

static enum err mdn_send(struct jmap_call *c)
{
	struct identity_look look = { .call = c };
	struct json send = jmap_arg(c, "send");
	struct json_iter it = json_iter(send);
	struct mdn *all;
	size_t n = 0;
	enum err e = store_read(c->server->store, identity_look_run, &look);

	if (e == ERR_MISSING)
		return jmap_refuse(c, "invalidArguments", "there is no such identity");
	if (!e && json_count(send) > LIMIT_jmap_set)
		return jmap_refuse(c, "requestTooLarge", "at most %d objects", LIMIT_jmap_set);
	all = arena_array(c->arena, struct mdn, json_count(send));
	while (!e && json_next(&it)) {
		struct mdn *m = &all[n++];

		*m = (struct mdn){ .call = c,
			           .creation = it.name,
			           .object = it.value,
			           .identity = look.out };
		e = mdn_send_one(m);
		buf_deinit(&m->original);
	}
	if (e)
		return e;
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	mdns_put(c, all, n, true, "sent");
	mdns_put(c, all, n, false, "notSent");
	update_emails(c, all, n);
	return OK;
}

/* --- MDN/parse --- */

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
	if (!disposition_parse(field_line(fields, "Disposition", a), a, &d))
		return false;
	json_put_name(w, id);
	json_open(w, NULL, '{');
	json_put_null(w, "forEmailId");
	mdn_text_or_null(w, "subject",
	             encword_text(a, field_line(message_str(&m, m.parts[0].header), "Subject", a),
	                          MDN_TEXT_MAX));
	mdn_text_or_null(w, "textBody", text != NULL ? mdn_part_text(&m, text, a) : STR_EMPTY);
	json_put_bool(w, "includeOriginalMessage", whole);
	mdn_text_or_null(w, "reportingUA", field_line(fields, "Reporting-UA", a));
	json_open(w, "disposition", '{');
	json_put_str(w, "actionMode", d.action);
	json_put_str(w, "sendingMode", d.sending);
	json_put_str(w, "type", d.type);
	json_close(w);
	mdn_text_or_null(w, "mdnGateway", field_line(fields, "MDN-Gateway", a));
	mdn_text_or_null(w, "originalRecipient", field_line(fields, "Original-Recipient", a));
	mdn_text_or_null(w, "finalRecipient", field_line(fields, "Final-Recipient", a));
	mdn_text_or_null(w, "originalMessageId", field_line(fields, "Original-Message-ID", a));
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

static const struct jmap_argument send_arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "identityId", FORM_ID, NEEDED, 0 },
	{ "send", FORM_ANY, NEEDED | MAP, 0 },
	{ "onSuccessUpdateEmail", FORM_OBJECT, MAP | ID_KEYS | OR_NULL, 0 },
};

static const struct jmap_argument parse_arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "blobIds", FORM_ID, NEEDED | LIST, 0 },
};

static const struct jmap_method methods[] = {
	{ .name = "MDN/send",
	  .capability = CAP_MDN,
	  .scope = JMAP_SUBMISSION,
	  .arguments = send_arguments,
	  .argument_count = COUNT(send_arguments),
	  .own_only = true,
	  .run = mdn_send },
	{ .name = "MDN/parse",
	  .capability = CAP_MDN,
	  .scope = JMAP_MAIL,
	  .arguments = parse_arguments,
	  .argument_count = COUNT(parse_arguments),
	  .run = mdn_parse },
};
const struct jmap_methods jmap_methods_mdn = { methods, COUNT(methods) };
