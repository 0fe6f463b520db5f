/* queue/bounce_text.c: see bounce_text.h. */
#include "queue/bounce_text.h"

#include "text/date.h"

enum { TEXT_WIDTH = 72 };

static bool status_ok(struct str s)
{
	struct cur c = cur_of(s);
	char class;
	uint32_t subject, detail;

	/* Only failures: a remote may have said "2.0.0" with its 550. RFC 3464 2.3.4 */
	return cur_any(&c, &class) && (class == '4' || class == '5') && cur_byte(&c, '.') &&
	       cur_u32(&c, &subject) && subject < 1000 && cur_byte(&c, '.') &&
	       cur_u32(&c, &detail) && detail < 1000 && cur_done(&c);
}

struct str bounce_status(const struct bounce *b, const struct bounce_rcpt *r)
{
	if (status_ok(r->reply.status))
		return r->reply.status;
	if (r->reply.code >= 500 && !r->expired)
		return STR("5.0.0");
	if (r->reply.code == 0 && b->action == BOUNCE_FAILED && !r->expired)
		return STR("5.4.0"); /* it was we who found that there is no way */
	return r->expired ? STR("4.4.7") : STR("4.0.0"); /* delivery time expired */
}

static void line_put(struct buf *out, struct str indent, struct str line)
{
	buf_put(out, indent);
	buf_put(out, line);
	buf_put(out, STR("\r\n"));
}

/* Text broken at blanks, a word longer than a line left whole. */
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

static void rcpts_put(struct buf *out, const struct bounce *b)
{
	for (size_t i = 0; i < b->rcpt_count; i++) {
		const struct bounce_rcpt *r = &b->rcpts[i];

		buf_put(out, STR("\r\n    "));
		mailaddr_put(out, &r->rcpt->address);
		buf_put(out, STR("\r\n"));
		if (r->expired)
			line_put(out, STR("        "), STR("gave up after trying for too long"));
		reply_put(out, r);
	}
}

void bounce_text_put(struct buf *out, const struct bounce *b, struct str subject)
{
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
	if (b->action == BOUNCE_FAILED) {
		buf_put(out, STR("\r\ncould not be delivered to:\r\n"));
		rcpts_put(out, b);
		buf_put(out, STR("\r\nIt will not be tried again.\r\n"));
		return;
	}
	buf_put(out, STR("\r\nhas not been delivered yet to:\r\n"));
	rcpts_put(out, b);
	buf_put(out, STR("\r\nYou do not have to do anything: it is being tried again until\r\n"));
	date_put_mail(out, b->last_attempt_ms, 0);
	buf_put(out, STR(".\r\n"));
}
