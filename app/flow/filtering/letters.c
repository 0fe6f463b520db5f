/* flow/filtering/letters.c: see results.h. */
#include "flow/filtering/results.h"

#include "formats/message/build.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "formats/message/msgid.h"
#include "foundation/config/settings.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"
#include "model/directory/directory.h"

enum {
	SUBJECT_MAX = 900,
	MSGID_USED_MAX = 500, /* longer ones are left out of In-Reply-To and References */
	REFERENCES_MAX = 20,
	SUMMARY_MAX = 300, /* of a field in a text */
};

static struct str letter_end(struct results *x, struct buf *out)
{
	struct str message = buf_ok(out) ? str_dup(x->a, buf_str(out)) : STR_EMPTY;

	buf_deinit(out);
	return message;
}

static struct address address_of(const struct mailaddr *m)
{
	return (struct address){ .local = m->local, .domain = m->domain };
}

/* --- From ----------------------------------------------------------------------------------- */

/* :from, when it is an address of the account (RFC 5230 4.7, RFC 5435 3.3). */
static bool from_given(struct results *x, struct str text, struct address *out)
{
	struct address_list list;
	struct mailaddr address;
	struct buf spec;
	char room[MAILADDR_PATH_MAX + 2];

	address_list_parse(x->a, text, 1, &list);
	if (list.n == 0)
		return false;
	*out = list.items[0];
	buf_init_in(&spec, room, sizeof room);
	address_put_spec(&spec, out);
	return buf_ok(&spec) &&
	       mailaddr_of(buf_str(&spec), x->a, MAILADDR_UTF8 | MAILADDR_LITERAL, &address) &&
	       filter_host_owns(x->host, address);
}

/* :from; or the address to which the message was sent, if it is the account's, with its name (RFC
 * 5230 5.1). */
static struct address from_get(struct results *x, struct str given)
{
	const struct filtering_mail *m = x->host->mail;
	const struct mailaddr *written = envelope_rcpt_written(m->rcpt);
	struct account account = { 0 };
	struct address from;

	if (given.n != 0 && from_given(x, given, &from))
		return from;
	from = address_of(filter_host_owns(x->host, *written) ? written : &m->address);
	if (filter_host_found(x->host, account_get(x->host->t, m->account, x->a, &account)))
		from.name = account.name;
	return from;
}

/* --- the original --------------------------------------------------------------------------- */

static struct str original_field(const struct results *x, struct str name)
{
	struct str raw = x->message->raw;
	struct header_field field;

	return header_find(str_sub(raw, 0, header_size(raw)), name, &field) ? field.value
	                                                                    : STR_EMPTY;
}

static bool msgid_usable(struct str id)
{
	return id.n <= MSGID_USED_MAX && utf8_ascii(id);
}

static void msgids_put(struct buf *out, struct str field)
{
	struct cur c = cur_of(field);
	struct str id;

	for (size_t i = 0; i < REFERENCES_MAX && msgid_next(&c, &id); i++)
		if (msgid_usable(id))
			buf_fmt(out, "<%.*s> ", STR_ARG(id));
}

/* The References of the original, or its In-Reply-To, and its own identifier (RFC 5322 3.6.4). */
static void thread_put(struct buf *out, const struct results *x)
{
	struct str id, references = original_field(x, STR("References"));
	struct cur c = cur_of(original_field(x, STR("Message-ID")));
	struct buf ids;

	if (!msgid_next(&c, &id) || !msgid_usable(id))
		return;
	if (references.n == 0)
		references = original_field(x, STR("In-Reply-To"));
	buf_init(&ids, (REFERENCES_MAX + 2) * (MSGID_USED_MAX + 4));
	buf_fmt(&ids, "<%.*s>", STR_ARG(id));
	build_field(out, STR("In-Reply-To"), buf_str(&ids));
	buf_reset(&ids);
	msgids_put(&ids, references);
	buf_fmt(&ids, "<%.*s>", STR_ARG(id));
	build_field(out, STR("References"), buf_str(&ids));
	buf_deinit(&ids);
}

/* --- parts ---------------------------------------------------------------------------------- */

struct letter_head {
	struct address from;
	const struct mailaddr *to;
	size_t to_n;
	struct str subject;
	struct str automatic; /* value of Auto-Submitted */
	bool thread;          /* it refers to the original */
};

static void head_put(struct buf *out, struct results *x, const struct letter_head *h)
{
	struct address to[SIEVE_MAILTO_MAX];

	for (size_t i = 0; i < h->to_n; i++)
		to[i] = address_of(&h->to[i]);
	build_date(out, STR("Date"), x->host->sieve.now_ms);
	build_addresses(out, STR("From"), &h->from, 1);
	build_addresses(out, STR("To"), to, h->to_n);
	build_text(out, STR("Subject"), utf8_cut(h->subject, SUBJECT_MAX));
	build_field(out, STR("Message-ID"),
	            build_message_id(x->a, x->host->mail->settings->hostname));
	if (h->thread)
		thread_put(out, x);
	build_field(out, STR("Auto-Submitted"), h->automatic);
	build_field(out, STR("MIME-Version"), STR("1.0"));
}

/* A line with CRLF for each line of text. */
static void crlf_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line)) {
		buf_put(out, line);
		buf_put(out, STR("\r\n"));
	}
}

static void body_put(struct buf *out, struct str text)
{
	struct buf lines;
	bool plain;

	buf_init(&lines, RESULTS_MESSAGE_MAX);
	crlf_put(&lines, text);
	plain = utf8_ascii(buf_str(&lines)) && lines_text_strict(buf_str(&lines)) &&
	        lines_text_fit(buf_str(&lines));
	build_field(out, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	build_field(out, STR("Content-Transfer-Encoding"),
	            plain ? STR("7bit") : STR("quoted-printable"));
	buf_put(out, STR("\r\n"));
	if (plain)
		buf_put(out, buf_str(&lines));
	else
		qp_put(out, buf_str(&lines));
	out->over |= !buf_ok(&lines);
	buf_deinit(&lines);
}

/* :mime: a MIME entity, of which only fields that describe its content are used (RFC 5230 4.6). */
static void entity_put(struct buf *out, struct str entity)
{
	size_t size = header_size(entity);
	struct cur c = cur_of(str_sub(entity, 0, size));
	struct header_field field;

	while (header_next(&c, &field))
		if (str_startsi(field.name, STR("Content-")))
			crlf_put(out, field.raw);
	buf_put(out, STR("\r\n"));
	crlf_put(out, str_sub(entity, size, entity.n));
}

/* A field of the original as a line of text. */
static void summary_put(struct buf *out, struct results *x, const char *name)
{
	struct str value = encword_text(x->a, original_field(x, str_of(name)), SUMMARY_MAX);

	if (value.n != 0)
		buf_fmt(out, "%s: %.*s\r\n", name, STR_ARG(value));
}

static void summaries_put(struct buf *out, struct results *x)
{
	static const char *const names[] = { "From", "Subject", "Date", "Message-ID" };

	for (size_t i = 0; i < COUNT(names); i++)
		summary_put(out, x, names[i]);
}

/* --- the letters ---------------------------------------------------------------------------- */

struct str letter_vacation(struct results *x, const struct sieve_action *s,
                           const struct mailaddr *to)
{
	const struct letter_head head = { .from = from_get(x, s->from),
		                          .to = to,
		                          .to_n = 1,
		                          .subject = s->subject,
		                          .automatic = STR("auto-replied (vacation)"),
		                          .thread = true };
	struct buf out;

	buf_init(&out, RESULTS_MESSAGE_MAX);
	head_put(&out, x, &head);
	if (s->mime)
		entity_put(&out, s->text);
	else
		body_put(&out, s->text);
	return letter_end(x, &out);
}

/* RFC 5436 2.6: :message is the subject, before that of the URI and that of the message. */
static struct str notify_subject(struct results *x, const struct sieve_action *s,
                                 const struct sieve_mailto *to)
{
	if (s->text.n != 0)
		return s->text;
	return to->subject.n != 0
	               ? to->subject
	               : encword_text(x->a, original_field(x, STR("Subject")), SUBJECT_MAX);
}

struct str letter_notify(struct results *x, const struct sieve_action *s,
                         const struct sieve_mailto *to)
{
	static const char *const importance[] = { NULL, "High", NULL, "Low" };
	struct str owner = mailaddr_text(x->a, &x->host->mail->address);
	const struct letter_head head = {
		.from = from_get(x, s->from),
		.to = to->addresses,
		.to_n = to->n,
		.subject = notify_subject(x, s, to),
		.automatic = str_fmt(x->a, "auto-notified; owner-email=\"%.*s\"", STR_ARG(owner)),
		.thread = true,
	};
	struct buf out, body;

	buf_init(&out, RESULTS_MESSAGE_MAX);
	buf_init(&body, RESULTS_MESSAGE_MAX);
	head_put(&out, x, &head);
	if (s->importance < COUNT(importance) && importance[s->importance] != NULL)
		build_field(&out, STR("Importance"), str_of(importance[s->importance]));
	buf_put(&out, to->fields);
	if (to->body.n != 0)
		buf_put(&body, to->body);
	else
		summaries_put(&body, x);
	body_put(&out, buf_str(&body));
	buf_deinit(&body);
	return letter_end(x, &out);
}

struct str letter_failure(struct results *x, uint32_t line, struct str error)
{
	const struct letter_head head = {
		.from = { .name = STR("Mail filter"),
		          .local = STR("MAILER-DAEMON"),
		          .domain = x->host->mail->settings->hostname },
		.to = &x->host->mail->address,
		.to_n = 1,
		.subject = STR("Your mail filter failed"),
		.automatic = STR("auto-generated"),
	};
	struct buf out, body;

	buf_init(&out, RESULTS_MESSAGE_MAX);
	buf_init(&body, RESULTS_MESSAGE_MAX);
	head_put(&out, x, &head);
	buf_fmt(&body,
	        "Your mail filter failed in line %" PRIu32 " of %.*s:\r\n\r\n"
	        "    %.*s.\r\n\r\n"
	        "The message was kept. It was:\r\n\r\n",
	        line, STR_ARG(x->name), STR_ARG(error));
	summaries_put(&body, x);
	buf_put(&body, STR("\r\nCorrect the filter: until then, messages may not be sorted.\r\n"
	                   "This notice is sent at most once a day.\r\n"));
	body_put(&out, buf_str(&body));
	buf_deinit(&body);
	return letter_end(x, &out);
}
