/* model/queue/dsn/bounce_text.c: the text part of a bounce; see bounce_text.h.
 *
 * In this order: the message, its result, the recipients, the remote's words, their
 * meaning, the next step. */
#include "model/queue/dsn/bounce_text.h"

#include "foundation/text/date.h"

enum { TEXT_WIDTH = 72, REASON_MAX = 8192 };

/* Phrases for each action. */
static const struct {
	struct str subject;
	struct str first; /* after "Your message ... of ..." */
	struct str other; /* its own sentence, after another */
} actions[BOUNCE_ACTIONS] = {
	[BOUNCE_FAILED] = { STR("Your message could not be delivered"),
	                    STR("could not be delivered to:"),
	                    STR("It could not be delivered to:") },
	[BOUNCE_DELAYED] = { STR("Your message is delayed"), STR("has not been delivered yet to:"),
	                     STR("It has not been delivered yet to:") },
	[BOUNCE_RELAYED] = { STR("Your message was passed on"), STR("was passed on for:"),
	                     STR("It was passed on for:") },
	[BOUNCE_EXPANDED] = { STR("Your message was distributed"),
	                      STR("was sent to all members of:"),
	                      STR("It was sent to all members of:") },
	[BOUNCE_DELIVERED] = { STR("Your message was delivered"), STR("was delivered to:"),
	                       STR("It was delivered to:") },
};

struct str bounce_subject(enum bounce_action action)
{
	return actions[action].subject;
}

static void line_put(struct buf *out, struct str indent, struct str line)
{
	buf_put(out, indent);
	buf_put(out, line);
	buf_put(out, STR("\r\n"));
}

/* Append text wrapped at blanks; a word longer than a line stays whole. */
static void wrapped_put(struct buf *out, struct str indent, struct str text)
{
	while (text.n > TEXT_WIDTH - indent.n) {
		ptrdiff_t at = str_rfind_byte(str_sub(text, 0, TEXT_WIDTH - indent.n), ' ');

		if (at <= 0)
			at = str_find_byte(text, ' ');
		if (at <= 0)
			break;
		line_put(out, indent, str_sub(text, 0, (size_t)at));
		text = str_trim(str_sub(text, (size_t)at, text.n));
	}
	line_put(out, indent, text);
}

/* --- one recipient ------------------------------------------------------------------------ */

static void reply_put(struct buf *out, const struct bounce_rcpt *r)
{
	struct buf said;

	buf_init(&said, 8192);
	if (r->reply.remote.n != 0) {
		buf_put(&said, r->reply.remote);
		buf_put(&said, r->reply.code != 0 ? STR(" said: ") : STR(": "));
	}
	if (r->reply.code != 0)
		buf_fmt(&said, "%u ", r->reply.code);
	if (r->reply.code != 0 && r->reply.status.n != 0) {
		buf_put(&said, r->reply.status);
		buf_byte(&said, ' ');
	}
	buf_put(&said, r->reply.text);
	if (said.n != 0)
		wrapped_put(out, STR("        "), buf_str(&said));
	buf_deinit(&said);
}

/* All lines of it (RFC 5429 2.2.1). */
static void reason_put(struct buf *out, struct str reason)
{
	struct str left = str_sub(reason, 0, REASON_MAX);

	while (left.n != 0) {
		ptrdiff_t at = str_find_byte(left, '\n');
		size_t n = at >= 0 ? (size_t)at : left.n;

		wrapped_put(out, STR("        "), str_trim(str_sub(left, 0, n)));
		left = str_sub(left, MIN(n + 1, left.n), left.n);
	}
}

static void rcpt_put(struct buf *out, const struct bounce_rcpt *r)
{
	struct str words = bounce_words(bounce_status(r));

	buf_put(out, STR("\r\n    "));
	mailaddr_put(out, &r->rcpt->address);
	buf_put(out, STR("\r\n"));
	if (r->reason.n != 0)
		reason_put(out, r->reason);
	else
		reply_put(out, r);
	if (r->late)
		wrapped_put(out, STR("        "),
		            STR("The delivery deadline you set has passed."));
	else if (r->expired)
		wrapped_put(out, STR("        "),
		            STR("Delivery attempts ended because the message expired."));
	else if (words.n != 0)
		wrapped_put(out, STR("        "), words);
}

/* --- the next step -------------------------------------------------------------------------- */

static void next_put(struct buf *out, const struct bounce *b, enum bounce_action action)
{
	switch (action) {
	case BOUNCE_FAILED:
		buf_put(out, STR("\r\nNo further delivery attempts will be made.\r\n"));
		return;
	case BOUNCE_DELAYED:
		buf_put(out, STR("\r\nNo action is needed. Roost retries until\r\n"));
		date_put_mail(out, b->last_attempt_ms, 0);
		buf_put(out, STR(".\r\n"));
		return;
	case BOUNCE_RELAYED:
		buf_put(out, STR("\r\nThe next server accepted the message. It does not send "
		                 "delivery\r\nnotifications, so further delivery is unknown.\r\n"));
		return;
	case BOUNCE_EXPANDED:
		buf_put(out, STR("\r\nNo notification is sent for each member.\r\n"));
		return;
	default:
		return;
	}
}

static bool group_put(struct buf *out, const struct bounce *b, enum bounce_action action,
                      bool first)
{
	bool any = false;

	for (size_t i = 0; i < b->rcpt_count; i++) {
		if (b->rcpts[i].action != action)
			continue;
		if (!any) {
			buf_put(out, STR("\r\n"));
			buf_put(out, first ? actions[action].first : actions[action].other);
			buf_put(out, STR("\r\n"));
		}
		any = true;
		rcpt_put(out, &b->rcpts[i]);
	}
	if (any)
		next_put(out, b, action);
	return any;
}

void bounce_text_put(struct buf *out, const struct bounce *b, struct str subject)
{
	bool first = true;

	buf_put(out, STR("This is the mail server "));
	buf_put(out, b->hostname);
	buf_put(out, STR(".\r\n\r\n"));
	if (subject.n != 0) {
		buf_put(out, STR("Your message \""));
		buf_put(out, subject);
		buf_put(out, STR("\"\r\n"));
	} else {
		buf_put(out, STR("Your message "));
	}
	buf_put(out, STR("of "));
	date_put_mail(out, b->item->created_ms, 0);
	for (int action = 0; action < BOUNCE_ACTIONS; action++)
		if (group_put(out, b, (enum bounce_action)action, first))
			first = false;
}
