/* model/queue/dsn/bounce.c: see bounce.h.
 *
 *	multipart/report (RFC 6522 3)
 *	|- text/plain               for people
 *	|- message/delivery-status  machine-readable (RFC 3464 2)
 *	`- text/rfc822-headers      the original's header; with RET=FULL message/rfc822
 *
 * The second and third parts use the types of RFC 6533 if they have UTF-8:
 * message/global-delivery-status if the original used SMTPUTF8, so that its sender
 * supports it; message/global-headers and message/global if its header is UTF-8.
 *
 * Everything is 7-bit or encoded, so that a bounce can take any path. There are two
 * exceptions: an address in the header that needs SMTPUTF8, and a whole message with
 * 8-bit bytes, which MIME forbids to encode (RFC 2046 5.2.1). */
#include "model/queue/dsn/bounce.h"

#include "formats/message/build.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/lines.h"
#include "foundation/base/arena.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"
#include "model/queue/dsn/bounce_text.h"
#include "model/queue/entry.h"

enum { BOUNCE_SUBJECT_MAX = 200 };

/* --- Parts ------------------------------------------------------------------------------ */

/* CRLF everywhere, no line too long (RFC 5322 2.1.1), no control characters that break
 * lines. */
static bool has_lines(struct str text)
{
	return lines_text_strict(text) && lines_text_fit(text) && str_find_byte(text, 0x7f) < 0;
}

static void boundary_put(struct buf *out, struct str boundary, bool last)
{
	buf_put(out, STR("\r\n--"));
	buf_put(out, boundary);
	buf_put(out, last ? STR("--\r\n") : STR("\r\n"));
}

/* The fields of a part and its text, encoded if necessary. */
static void part_put(struct buf *out, struct str type, struct str text, bool may_8bit)
{
	bool plain = has_lines(text) && (may_8bit || utf8_ascii(text));

	build_field(out, STR("Content-Type"), type);
	build_field(out, STR("Content-Transfer-Encoding"),
	            !plain             ? STR("quoted-printable")
	            : utf8_ascii(text) ? STR("7bit")
	                               : STR("8bit"));
	buf_put(out, STR("\r\n"));
	if (plain)
		buf_put(out, text);
	else
		qp_put(out, text);
}

/* --- The message ------------------------------------------------------------------------ */

static struct str original_field(const struct bounce *b, struct str name)
{
	struct header_field field;

	return header_find(b->original, name, &field) ? field.value : STR_EMPTY;
}

/* The bounce joins the thread of the original. */
static void thread_put(struct buf *out, struct arena *a, const struct bounce *b)
{
	struct str id = str_trim(header_unfold(a, original_field(b, STR("Message-ID"))));

	/* A long identifier is folded onto a line of its own. */
	if (id.n == 0 || id.n >= LINES_MAX_BYTES || !utf8_ascii(id))
		return;
	build_field(out, STR("In-Reply-To"), id);
	build_field(out, STR("References"), id);
}

static void header_put(struct buf *out, struct arena *a, const struct bounce *b,
                       struct str boundary, unsigned flags)
{
	struct address from = {
		.name = STR("Mail Delivery System"),
		.local = STR("MAILER-DAEMON"),
		.domain = b->hostname,
	};
	struct address to = {
		.local = b->item->envelope.sender.local,
		.domain = b->item->envelope.sender.domain,
	};

	build_date(out, STR("Date"), b->now_ms);
	build_addresses(out, STR("From"), &from, 1);
	build_addresses(out, STR("To"), &to, 1);
	build_text(out, STR("Subject"), bounce_subject(bounce_action(b)));
	build_field(out, STR("Message-ID"), build_message_id(a, b->hostname));
	thread_put(out, a, b);
	build_field(out, STR("Auto-Submitted"), STR("auto-replied")); /* RFC 3834 5.1 */
	build_field(out, STR("MIME-Version"), STR("1.0"));
	build_field(out, STR("Content-Type"),
	            str_fmt(a, "multipart/report; report-type=delivery-status; boundary=\"%.*s\"",
	                    STR_ARG(boundary)));
	if (flags & ENVELOPE_8BIT)
		build_field(out, STR("Content-Transfer-Encoding"), STR("8bit"));
}

/* --- The original --------------------------------------------------------------------------- */

enum original_form { ORIGINAL_HEADER, ORIGINAL_WHOLE, ORIGINAL_WHOLE_8BIT };

static struct str original_header(const struct bounce *b)
{
	return str_sub(str_sub(b->original, 0, header_size(b->original)), 0, BOUNCE_HEADER_MAX);
}

/* Is it a header in UTF-8 (RFC 6532)? */
static bool header_is_global(struct str header)
{
	return !utf8_ascii(header) && utf8_valid(header);
}

/* RFC 2046 5.2.1: message/rfc822 may not be encoded; a message without lines cannot be
 * returned whole. */
static enum original_form original_form(const struct bounce *b)
{
	bool failed = bounce_action(b) == BOUNCE_FAILED;

	if (!b->original_whole || b->original.n > BOUNCE_FULL_MAX ||
	    !bounce_wants_all(b->item, failed) || !has_lines(b->original))
		return ORIGINAL_HEADER;
	return utf8_ascii(b->original) ? ORIGINAL_WHOLE : ORIGINAL_WHOLE_8BIT;
}

static void original_put(struct buf *out, const struct bounce *b, unsigned flags)
{
	struct str header = original_header(b);
	bool global = header_is_global(header);

	if (original_form(b) != ORIGINAL_HEADER)
		part_put(out, global ? STR("message/global") : STR("message/rfc822"), b->original,
		         true);
	else
		part_put(out, global ? STR("message/global-headers") : STR("text/rfc822-headers"),
		         header, global && (flags & ENVELOPE_8BIT));
}

/* --- All of it ------------------------------------------------------------------------------ */

enum bounce_action bounce_action(const struct bounce *b)
{
	enum bounce_action action = BOUNCE_ACTIONS - 1;

	for (size_t i = 0; i < b->rcpt_count; i++)
		action = MIN(action, b->rcpts[i].action);
	return action;
}

/* RFC 8689 5: "if both RET=FULL and REQUIRETLS are present, the RET=FULL MUST be disregarded" */
bool bounce_wants_all(const struct queue_item *item, bool failed)
{
	return failed && (item->envelope.flags & ENVELOPE_RET_FULL) &&
	       !(item->envelope.flags & ENVELOPE_REQUIRETLS);
}

/* The flags that the bounce itself needs. */
static unsigned flags_of(const struct bounce *b)
{
	unsigned flags = b->item->envelope.flags & ENVELOPE_REQUIRETLS;

	if (mailaddr_is_utf8(&b->item->envelope.sender))
		flags |= ENVELOPE_UTF8 | ENVELOPE_8BIT; /* RFC 6531 3.1 (8) */
	if (original_form(b) == ORIGINAL_WHOLE_8BIT)
		flags |= ENVELOPE_8BIT;
	return flags;
}

static void status_put(struct buf *out, const struct bounce *b, unsigned flags)
{
	bool utf8 = (b->item->envelope.flags & ENVELOPE_UTF8) != 0;
	struct buf part;

	buf_init(&part, out->max);
	bounce_status_put(&part, b, utf8);
	utf8 = utf8 && !utf8_ascii(buf_str(&part));
	part_put(out, utf8 ? STR("message/global-delivery-status") : STR("message/delivery-status"),
	         buf_str(&part), utf8 && (flags & ENVELOPE_8BIT));
	buf_deinit(&part);
}

void bounce_put(struct buf *out, const struct bounce *b, unsigned *flags)
{
	struct arena a = { 0 };
	struct str boundary = build_boundary(&a);
	struct str subject =
		encword_text(&a, original_field(b, STR("Subject")), BOUNCE_SUBJECT_MAX);
	struct buf part;

	*flags = flags_of(b);
	header_put(out, &a, b, boundary, *flags);

	boundary_put(out, boundary, false);
	buf_init(&part, out->max);
	bounce_text_put(&part, b, subject);
	part_put(out, STR("text/plain; charset=utf-8"), buf_str(&part), *flags & ENVELOPE_8BIT);
	buf_deinit(&part);

	boundary_put(out, boundary, false);
	status_put(out, b, *flags);

	boundary_put(out, boundary, false);
	original_put(out, b, *flags);
	boundary_put(out, boundary, true);
	arena_deinit(&a);
}
