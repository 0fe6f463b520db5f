/* protocols/jmap/types/mdn_send.c: MDN/send (RFC 9007 2.1): message disposition notifications (RFC
 * 8098). */
#include "formats/message/build.h"
#include "formats/message/build_body.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/normal.h"
#include "model/mailbox/placement.h"
#include "model/store/store.h"
#include "protocols/jmap/request/call.h"
#include "protocols/jmap/types/email_also.h"
#include "protocols/jmap/types/identity_read.h"
#include "protocols/jmap/types/submission_send.h"

#include <string.h>

enum { MDN_MAX = 1 << 20, MDN_TEXT_MAX = 64 << 10, MDN_FIELDS_MAX = 50 };

static const struct str report_type = STR("disposition-notification");

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

/* An error of the store is one of this MDN only: those before it have been sent. */
static void mdn_end(struct mdn *m, enum err e)
{
	if (e == ERR_RETRY || e == ERR_FULL)
		mdn_refuse(m, "serverUnavailable", NULL, "try again later");
	else if (e != OK)
		mdn_refuse(m, "serverFail", NULL, err_name(e));
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
	struct email_also also = { .updates = arena_array(c->arena, struct email_patch, n) };

	for (size_t i = 0; i < n; i++) {
		struct str key = str_fmt(c->arena, "#%.*s", STR_ARG(all[i].creation));

		if (all[i].error == NULL)
			also.updates[also.update_count++] = (struct email_patch){
				all[i].email, json_get(changes, str_z(c->arena, key))
			};
	}
	email_also_call(c, &also);
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
	if (e)
		return e;
	all = arena_array(c->arena, struct mdn, json_count(send));
	while (json_next(&it)) {
		struct mdn *m = &all[n++];

		*m = (struct mdn){ .call = c,
			           .creation = it.name,
			           .object = it.value,
			           .identity = look.out };
		mdn_end(m, mdn_send_one(m));
		buf_deinit(&m->original);
	}
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	mdns_put(c, all, n, true, "sent");
	mdns_put(c, all, n, false, "notSent");
	update_emails(c, all, n);
	return OK;
}

static const struct jmap_argument send_arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "identityId", FORM_ID, NEEDED, 0 },
	{ "send", FORM_ANY, NEEDED | MAP, 0 },
	{ "onSuccessUpdateEmail", FORM_OBJECT, MAP | ID_KEYS | OR_NULL, 0 },
};

static const struct jmap_method methods[] = {
	{ .name = "MDN/send",
	  .capability = CAP_MDN,
	  .scope = JMAP_SUBMISSION,
	  .arguments = send_arguments,
	  .argument_count = COUNT(send_arguments),
	  .own_only = true,
	  .run = mdn_send },
};
const struct jmap_methods jmap_methods_mdn_send = { methods, COUNT(methods) };
