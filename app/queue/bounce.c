/* queue/bounce.c: see bounce.h.
 *
 *	multipart/report (RFC 6522 3)
 *	|- text/plain               for people
 *	|- message/delivery-status  for programs (RFC 3464 2)
 *	`- text/rfc822-headers      the original's header; with RET=FULL message/rfc822
 *
 * Everything is 7-bit, what is not gets encoded, so that a bounce can take any way back;
 * only an address in the header cannot, and then it needs SMTPUTF8 (RFC 6533). */
#include "queue/bounce.h"

#include "base/arena.h"
#include "message/build.h"
#include "message/encword.h"
#include "message/header.h"
#include "queue/bounce_text.h"
#include "text/qp.h"
#include "text/utf8.h"

enum {
	BOUNCE_FIELD_MAX = 8192,
	BOUNCE_SUBJECT_MAX = 200,
	BOUNCE_LINE_MAX = 998, /* RFC 5322 2.1.1 */
};

/* --- Parts ------------------------------------------------------------------------------ */

/* CRLF everywhere, no line too long, no 8-bit byte, no other control character. */
static bool is_7bit(struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool end = c == '\n';

		if (end && (i == 0 || text.p[i - 1] != '\r'))
			return false;
		if (c == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'))
			return false;
		line = end ? 0 : line + 1;
		if (c >= 0x7f || c == '\0' || line > BOUNCE_LINE_MAX)
			return false;
	}
	return true;
}

static void boundary_put(struct buf *out, struct str boundary, bool last)
{
	buf_put(out, STR("\r\n--"));
	buf_put(out, boundary);
	buf_put(out, last ? STR("--\r\n") : STR("\r\n"));
}

/* The fields of a part and its text, encoded if it must be. */
static void part_put(struct buf *out, struct str type, struct str text)
{
	bool plain = is_7bit(text);

	build_field(out, STR("Content-Type"), type);
	build_field(out, STR("Content-Transfer-Encoding"),
	            plain ? STR("7bit") : STR("quoted-printable"));
	buf_put(out, STR("\r\n"));
	if (plain)
		buf_put(out, text);
	else
		qp_put(out, text);
}

/* --- message/delivery-status ------------------------------------------------------------ */

/* "type; value" or, with rest, "type; value rest". Blanks and the like in what peers said
 * have become spaces before; what is not ASCII becomes "?" here. */
static void typed_field_put(struct buf *out, struct str name, const char *type, struct str value)
{
	struct buf b;

	buf_init(&b, BOUNCE_FIELD_MAX);
	buf_fmt(&b, "%s; ", type);
	for (size_t i = 0; i < value.n; i++)
		buf_byte(&b, (unsigned char)value.p[i] < 0x7f ? value.p[i] : '?');
	build_field(out, name, buf_str(&b));
	buf_deinit(&b);
}

static bool addr_char_plain(uint32_t c)
{
	/* QCHAR of RFC 6533 3 */
	return c > ' ' && c < 0x7f && c != '\\' && c != '+' && c != '=';
}

/* An address in any alphabet as 7-bit text: utf-8-addr-xtext of RFC 6533 3. */
static void utf8_address_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t n = utf8_next(&c);

		if (addr_char_plain(n))
			buf_byte(out, (char)n);
		else
			buf_fmt(out, "\\x{%02" PRIX32 "}", n);
	}
}

static void final_recipient_put(struct buf *out, const struct mailaddr *address)
{
	struct buf plain, coded;

	buf_init(&plain, 4 * MAILADDR_PATH_MAX);
	buf_init(&coded, BOUNCE_FIELD_MAX);
	mailaddr_put(&plain, address);
	if (mailaddr_is_utf8(address)) {
		utf8_address_put(&coded, buf_str(&plain));
		typed_field_put(out, STR("Final-Recipient"), "utf-8", buf_str(&coded));
	} else {
		typed_field_put(out, STR("Final-Recipient"), "rfc822", buf_str(&plain));
	}
	buf_deinit(&plain);
	buf_deinit(&coded);
}

static void diagnostic_put(struct buf *out, const struct queue_reply *reply)
{
	struct buf b;

	if (reply->code == 0)
		return; /* no mail transport said anything; the text is for the first part */
	buf_init(&b, BOUNCE_FIELD_MAX);
	buf_fmt(&b, "%u ", reply->code);
	if (reply->status.n != 0) {
		buf_put(&b, reply->status);
		buf_byte(&b, ' ');
	}
	buf_put(&b, reply->text);
	typed_field_put(out, STR("Diagnostic-Code"), "smtp", buf_str(&b));
	buf_deinit(&b);
}

/* per-recipient-fields in their order			RFC 3464 2.3 */
static void rcpt_put(struct buf *out, const struct bounce *b, const struct bounce_rcpt *r)
{
	buf_put(out, STR("\r\n"));
	if (r->rcpt->orcpt.n != 0)
		build_field(out, STR("Original-Recipient"), r->rcpt->orcpt);
	final_recipient_put(out, &r->rcpt->address);
	build_field(out, STR("Action"),
	            b->action == BOUNCE_FAILED ? STR("failed") : STR("delayed"));
	build_field(out, STR("Status"), bounce_status(b, r));
	/* RFC 3464 2.3.5: not without a remote that was involved */
	if (r->reply.remote.n != 0)
		typed_field_put(out, STR("Remote-MTA"), "dns", r->reply.remote);
	diagnostic_put(out, &r->reply);
	build_date(out, STR("Last-Attempt-Date"), b->now_ms);
	if (b->action == BOUNCE_DELAYED)
		build_date(out, STR("Will-Retry-Until"), b->last_attempt_ms);
}

/* delivery-status-content				RFC 3464 2.1 */
static void status_put(struct buf *out, const struct bounce *b)
{
	if (b->item->envid.n != 0)
		build_field(out, STR("Original-Envelope-Id"), b->item->envid);
	typed_field_put(out, STR("Reporting-MTA"), "dns", b->hostname);
	build_date(out, STR("Arrival-Date"), b->item->created_ms);
	for (size_t i = 0; i < b->rcpt_count; i++)
		rcpt_put(out, b, &b->rcpts[i]);
}

/* --- The message ------------------------------------------------------------------------ */

static struct str original_field(const struct bounce *b, struct str name)
{
	struct header_field field;

	return header_find(b->original, name, &field) ? field.value : STR_EMPTY;
}

/* The bounce stands in the thread of what it is about. */
static void thread_put(struct buf *out, struct arena *a, const struct bounce *b)
{
	struct str id = str_trim(header_unfold(a, original_field(b, STR("Message-ID"))));

	if (id.n == 0 || id.n > BOUNCE_LINE_MAX || !utf8_ascii(id))
		return;
	build_field(out, STR("In-Reply-To"), id);
	build_field(out, STR("References"), id);
}

static void header_put(struct buf *out, struct arena *a, const struct bounce *b,
                       struct str boundary)
{
	struct address from = {
		.name = STR("Mail Delivery System"),
		.local = STR("MAILER-DAEMON"),
		.domain = b->hostname,
	};
	struct address to = {
		.local = b->item->sender.local,
		.domain = b->item->sender.domain,
	};

	build_date(out, STR("Date"), b->now_ms);
	build_addresses(out, STR("From"), &from, 1);
	build_addresses(out, STR("To"), &to, 1);
	build_text(out, STR("Subject"),
	           b->action == BOUNCE_FAILED ? STR("Your message could not be delivered")
	                                      : STR("Your message is delayed"));
	build_field(out, STR("Message-ID"), build_message_id(a, b->hostname));
	thread_put(out, a, b);
	build_field(out, STR("Auto-Submitted"), STR("auto-replied")); /* RFC 3834 5.1 */
	build_field(out, STR("MIME-Version"), STR("1.0"));
	build_field(out, STR("Content-Type"),
	            str_fmt(a, "multipart/report; report-type=delivery-status; boundary=\"%.*s\"",
	                    STR_ARG(boundary)));
}

static void original_put(struct buf *out, const struct bounce *b)
{
	struct str header = str_sub(b->original, 0, header_size(b->original));

	/* RFC 2046 5.2.1: message/rfc822 may not be encoded, so 8-bit ones lose their body. */
	if (b->original_whole && b->original.n <= BOUNCE_FULL_MAX && is_7bit(b->original))
		part_put(out, STR("message/rfc822"), b->original);
	else
		part_put(out, STR("text/rfc822-headers"), str_sub(header, 0, BOUNCE_HEADER_MAX));
}

void bounce_put(struct buf *out, const struct bounce *b, unsigned *flags)
{
	struct arena a = { 0 };
	struct str boundary = build_boundary(&a);
	struct str subject =
		encword_text(&a, original_field(b, STR("Subject")), BOUNCE_SUBJECT_MAX);
	struct buf part;

	*flags = mailaddr_is_utf8(&b->item->sender) ? QUEUE_UTF8 | QUEUE_8BIT : 0;
	header_put(out, &a, b, boundary);
	buf_init(&part, out->max);

	boundary_put(out, boundary, false);
	bounce_text_put(&part, b, subject);
	part_put(out, STR("text/plain; charset=utf-8"), buf_str(&part));
	buf_reset(&part);

	boundary_put(out, boundary, false);
	status_put(&part, b);
	part_put(out, STR("message/delivery-status"), buf_str(&part));
	buf_deinit(&part);

	boundary_put(out, boundary, false);
	original_put(out, b);
	boundary_put(out, boundary, true);
	arena_deinit(&a);
}
