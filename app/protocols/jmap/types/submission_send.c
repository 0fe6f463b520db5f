/* protocols/jmap/types/submission_send.c: see submission_send.h. */
#include "protocols/jmap/types/submission_send.h"

#include "flow/acceptance/addresses.h"
#include "flow/submission/raw.h"
#include "flow/submission/submit_sent.h"
#include "formats/message/address.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/text/utf8.h"
#include "model/directory/normal.h"
#include "model/mailbox/placement.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/types/identity_read.h"
#include "protocols/jmap/types/submission_row.h"

#include <stdarg.h>
#include <stdio.h>

/* One submission. */
struct run {
	struct sending *s;
	const struct settings *settings;
	struct identity identity;
	struct buf stored; /* the email's message */
	struct buf body;   /* as it is sent: CRLF, without Bcc */
	struct raw_letter letter;
	struct submit submit;
	struct sent_new new;
	struct buf record;
	bool kept; /* an object and the states of recipients are kept */
};

static enum err sending_refuse(struct sending *s, const char *error, const char *property,
                               const char *fmt, ...) PRINTF(4, 5);
static enum err sending_refuse(struct sending *s, const char *error, const char *property,
                               const char *fmt, ...)
{
	va_list args;

	s->error = error;
	s->property = property;
	va_start(args, fmt);
	vsnprintf(s->why.text, sizeof s->why.text, fmt, args);
	va_end(args);
	return ERR_DENIED;
}

static void sending_detail_u64(struct sending *s, const char *name, uint64_t n)
{
	s->detail_name = name;
	s->detail = str_fmt(s->call->arena, "%" PRIu64, n);
}

/* --- The email --- */

static enum err sending_email_read(const struct mail_txn *m, struct run *r)
{
	struct sending *s = r->s;
	struct email_viewer *viewer;
	struct email_view view;
	struct email email;
	enum err e;

	if (!jmap_id_parse(s->email_id, ID_EMAIL, m->account, &s->email))
		return ERR_MISSING;
	if ((e = email_viewer_new(m, s->call->arena, &viewer)) ||
	    (e = email_view_get(viewer, s->email, s->call->arena, &view)) ||
	    (e = email_get(m, s->email, &email)))
		return e;
	s->thread = view.thread;
	if (email.size_bytes > r->settings->message_size) {
		sending_detail_u64(s, "maxSize", r->settings->message_size);
		return sending_refuse(s, "tooLarge", NULL,
		                      "the message is larger than %" PRIu64 " bytes",
		                      r->settings->message_size);
	}
	buf_deinit(&r->stored); /* the transaction may run again */
	buf_init(&r->stored, email.size_bytes);
	return blob_get(m->t, &email.blob, 0, SIZE_MAX, &r->stored);
}

static enum err sending_identity_read(const struct mail_txn *m, struct run *r)
{
	uint64_t number;

	if (!jmap_id_parse(r->s->identity_id, ID_IDENTITY, m->account, &number))
		return ERR_MISSING;
	return identity_find(m, number, r->s->call->arena, &r->identity);
}

static enum err sources_read(struct txn *t, void *arg)
{
	struct run *r = arg;
	struct mail_txn m = jmap_mail(r->s->call, t);
	enum err e = sending_identity_read(&m, r);

	if (e == ERR_MISSING)
		return sending_refuse(r->s, "invalidProperties", "identityId",
		                      "there is no such identity");
	if (!e)
		e = sending_email_read(&m, r);
	if (e == ERR_MISSING)
		return sending_refuse(r->s, "invalidProperties", "emailId",
		                      "there is no such email");
	return e;
}

/* --- The envelope --- */

static struct str sending_header_of(struct str message)
{
	return str_sub(message, 0, header_size(message));
}

/* RFC 8621 7: the address of the only Sender or From field. */
enum field_sender { SENDER_NONE, SENDER_ONE, SENDER_UNCLEAR };
static enum field_sender field_sender(struct str header, struct str name, struct arena *a,
                                      struct mailaddr *out)
{
	struct address_list list;
	struct header_field field;
	size_t n = header_count(header, name);

	if (n == 0 || !header_find(header, name, &field))
		return SENDER_NONE;
	address_list_parse(a, field.value, 2, &list);
	if (n > 1 || list.n != 1 || list.items[0].kind != ADDRESS_MAILBOX)
		return SENDER_UNCLEAR;
	*out = (struct mailaddr){ list.items[0].local, list.items[0].domain };
	return SENDER_ONE;
}

static bool same_address(struct arena *a, struct mailaddr one, struct str other)
{
	struct mailaddr b;

	if (!mailaddr_of(other, a, MAILADDR_UTF8, &b))
		return false;
	one.domain = mailaddr_domain_normal(a, one.domain);
	one = normal_fold(a, one);
	b = normal_fold(a, b);
	return mailaddr_equal(&one, &b);
}

static enum err sender_find(struct run *r, struct mailaddr *out)
{
	struct arena *a = r->s->call->arena;
	struct str header = sending_header_of(buf_str(&r->body));
	struct mailaddr written = { 0 };
	enum field_sender found = field_sender(header, STR("Sender"), a, &written);
	const char *name = "sender";

	if (found == SENDER_NONE) {
		found = field_sender(header, STR("From"), a, &written);
		name = "from";
	}
	if (found == SENDER_UNCLEAR) {
		r->s->detail_name = "properties";
		r->s->detail = str_fmt(a, "[\"%s\"]", name);
		return sending_refuse(r->s, "invalidEmail", NULL,
		              "%s of the email must have exactly one address", name);
	}
	if (!mailaddr_of(r->identity.email, a, MAILADDR_UTF8, out))
		return ERR_CORRUPT;
	/* "If the address found from this is not allowed by the Identity [...], the "email"
	 * property from the Identity MUST be used instead." The identity allows its own. */
	if (found == SENDER_ONE && same_address(a, written, r->identity.email))
		*out = (struct mailaddr){ written.local,
			                  mailaddr_domain_normal(a, written.domain) };
	return OK;
}

static enum err envelope_error(struct run *r)
{
	struct sending *s = r->s;

	s->error = s->made.error;
	if (str_eq(str_of(s->error), STR("invalidProperties")))
		s->property = "envelope";
	if (str_eq(str_of(s->error), STR("tooManyRecipients")))
		sending_detail_u64(s, "maxRecipients", LIMIT_smtp_rcpts);
	if (str_eq(str_of(s->error), STR("invalidRecipients"))) {
		s->detail_name = "invalidRecipients";
		s->detail = s->made.invalid;
	}
	return ERR_DENIED;
}

static enum err envelope_get(struct run *r)
{
	struct sending *s = r->s;
	struct mailaddr sender;
	enum err e;

	if (json_kind(s->envelope) == JSON_OBJECT)
		return jmap_envelope_read(s->envelope, LIMIT_smtp_rcpts, s->call->caller->tls,
		                          s->call->arena, &s->made, &s->why)
		               ? OK
		               : envelope_error(r);
	if ((e = sender_find(r, &sender)))
		return e;
	return jmap_envelope_make(&sender, &r->letter.rcpts, s->call->arena, &s->made, &s->why)
	               ? OK
	               : envelope_error(r);
}

/* The message as it is sent: CRLF, without Bcc. */
static enum err body_make(struct run *r)
{
	struct sending *s = r->s;
	bool given = json_kind(s->envelope) == JSON_OBJECT;
	struct why why = { 0 };
	enum err e;

	buf_init(&r->body, 2 * buf_str(&r->stored).n + 2);
	e = raw_letter_read(buf_str(&r->stored), given ? 0 : LIMIT_smtp_rcpts, s->call->arena,
	                    &r->body, &r->letter, &why);
	if (e == ERR_LIMIT) {
		sending_detail_u64(s, "maxRecipients", LIMIT_smtp_rcpts);
		return sending_refuse(s, "tooManyRecipients", NULL, "%s", why.text);
	}
	if (e == ERR_SYNTAX)
		return sending_refuse(s, "invalidEmail", NULL, "%s", why.text);
	return e;
}

/* --- Submission --- */

static struct str sending_message_id(struct str header, struct arena *a)
{
	struct header_field field;
	struct cur cur;
	struct str id;

	if (!header_find(header, STR("Message-ID"), &field))
		return STR_EMPTY;
	cur = cur_of(field.value);
	return msgid_next(&cur, &id) ? str_fmt(a, "<%.*s>", STR_ARG(id)) : STR_EMPTY;
}

/* All recipients are accepted: the object and its record in the history. */
static const struct sent_new *sending_sent_make(struct submit *submit, void *arg)
{
	struct run *r = arg;
	struct sending *s = r->s;
	struct arena *a = s->call->arena;
	struct sent_rcpt *rcpts = arena_array(a, struct sent_rcpt, submit->rcpt_count);

	for (size_t i = 0; i < submit->rcpt_count; i++)
		rcpts[i].address = mailaddr_text(a, envelope_rcpt_written(&submit->rcpts[i].rcpt));
	submit_sent_make(submit, rcpts, a, &r->new);
	s->created_ms = r->new.sent.created_ms;
	r->new.sent.message_id = sending_message_id(sending_header_of(submit->body), a);
	submission_pack(&r->record,
	                &(struct submission){
				.identity = s->identity_id,
				.email = s->email,
				.thread = s->thread,
				.sent = r->new.sent.id,
				.created_ms = s->created_ms,
				.send_at_ms = MAX(s->made.release_ms, s->created_ms),
				.envelope = s->made.text,
			});
	r->new.object = buf_str(&r->record);
	r->new.object_id = &s->object;
	return &r->new;
}

static void submit_fill(struct run *r)
{
	const struct jmap_call *c = r->s->call;
	const struct jmap_envelope *e = &r->s->made;
	int64_t now_ms = clock_real_ms(), undo_ms = now_ms;

	if (r->kept)
		undo_ms += (int64_t)r->settings->undo_send_s * 1000;
	r->submit = (struct submit){
		.delivery = c->server->delivery,
		.policy = c->server->policy,
		.settings = r->settings,
		.peer = c->caller->peer,
		.tls = c->caller->tls ? STR("TLS") : STR_EMPTY,
		.login = c->caller->address,
		.rcpts = e->rcpts,
		.rcpt_count = e->rcpt_count,
		.all = true,
		.service = STR("jmap"),
		.body = buf_str(&r->body),
		.sent = r->kept ? sending_sent_make : NULL,
		.arg = r,
		.envelope = { .sender = e->sender,
		              .submitter = c->account,
		              .session.id = c->caller->request,
		              .flags = e->flags | (r->letter.utf8 ? ENVELOPE_UTF8 : 0u),
		              .priority = e->priority,
		              .by_mode = e->by_mode,
		              .by_trace = e->by_trace,
		              .by_ms = e->by_ms,
		              .envid = e->envid },
	};
	/* A held message can be canceled. */
	if (MAX(undo_ms, e->release_ms) > now_ms)
		r->submit.envelope.not_before_ms = MAX(undo_ms, e->release_ms);
}

/* May the account send as the sender of the envelope, and as the author of the header? */
static enum err authors_check(struct run *r)
{
	const struct accept_check look = { .store = r->submit.delivery->store,
		                           .settings = r->settings,
		                           .account = r->submit.envelope.submitter,
		                           .from = r->submit.envelope.sender,
		                           .size = r->submit.body.n,
		                           .anywhere = true };
	struct smtp_answer answer = { 0 };

	if (!accept_sender(&look, &answer))
		return sending_refuse(r->s,
		              answer.code / 100 == 4 ? "serverFail" : "forbiddenMailFrom", NULL,
		              "%s", answer.text);
	if (!accept_author(&look, sending_header_of(r->submit.body), &answer))
		return sending_refuse(r->s,
		                      answer.code / 100 == 4 ? "serverFail" : "forbiddenFrom", NULL,
		              "%s", answer.text);
	return OK;
}

static bool rcpts_refused(struct run *r)
{
	struct json_writer w;
	struct buf b;
	bool any = false;

	buf_init(&b, ENVELOPE_TEXT_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < r->submit.rcpt_count; i++) {
		const struct submit_rcpt *to = &r->submit.rcpts[i];

		/* 5.7.x is about the sender's permission (RFC 3463 3.8). */
		if (to->answer.code / 100 != 5 || str_starts(to->answer.enhanced, STR("5.7.")))
			continue;
		any = true;
		json_put_str(&w, NULL,
		             mailaddr_text(r->s->call->arena, envelope_rcpt_written(&to->rcpt)));
	}
	json_close(&w);
	if (any && buf_ok(&b)) {
		r->s->detail_name = "invalidRecipients";
		r->s->detail = str_dup(r->s->call->arena, buf_str(&b));
	}
	buf_deinit(&b);
	return any;
}

/* An SMTP reply as a SetError. */
static enum err answer_refuse(struct run *r, const struct submit_answer *answer)
{
	struct str text = submit_answer_text(r->s->call->arena, answer);
	const char *type = answer->code / 100 == 4 ? "rateLimit" : "forbiddenToSend";

	if (answer->code == 552) {
		type = "tooLarge";
		sending_detail_u64(r->s, "maxSize", r->settings->message_size);
	} else if (rcpts_refused(r)) {
		type = "invalidRecipients";
	}
	return sending_refuse(r->s, type, NULL, "%.*s", STR_ARG(text));
}

static enum err run_submit(struct run *r)
{
	struct submit_answer answer;
	enum err e;

	submit_fill(r);
	if ((e = authors_check(r)))
		return e;
	e = submit_run(&r->submit, r->s->call->arena, &answer);
	return e == ERR_DENIED ? answer_refuse(r, &answer) : e;
}

enum err submission_send(struct sending *s)
{
	struct run r = { .s = s, .kept = true };
	enum err e;

	r.settings = settings_ref(s->call->server->live);
	buf_init(&r.record, OBJECT_MAX);
	if (!(e = store_read(s->call->server->store, sources_read, &r)) && !(e = body_make(&r)) &&
	    !(e = envelope_get(&r)))
		e = run_submit(&r);
	buf_deinit(&r.record);
	buf_deinit(&r.stored);
	buf_deinit(&r.body);
	settings_unref(r.settings);
	return e;
}

enum err submission_send_body(struct sending *s, struct str body)
{
	struct run r = { .s = s };
	enum err e;

	r.settings = settings_ref(s->call->server->live);
	buf_init(&r.body, body.n);
	buf_put(&r.body, body);
	r.letter.utf8 = !utf8_ascii(sending_header_of(body));
	e = run_submit(&r);
	buf_deinit(&r.body);
	settings_unref(r.settings);
	return e;
}
