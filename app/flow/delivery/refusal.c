/* flow/delivery/refusal.c: see refusal.h. */
#include "flow/delivery/refusal.h"

#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

enum { REJECT_TEXT_MAX = 400 }; /* a reply has at most 512 bytes (RFC 5321 4.5.3.1.5) */

const struct envelope_reply refusal_full = {
	.code = 552,
	.status = STR("5.2.2"),
	.text = STR("mailbox full"),
};

/* RFC 3463 3.3: X.2.3 */
const struct envelope_reply refusal_too_big = {
	.code = 552,
	.status = STR("5.2.3"),
	.text = STR("the message is larger than this mailbox takes"),
};

/* As at RCPT: flow/acceptance/addresses.c. */
static const struct envelope_reply lost[] = {
	[RESOLVE_UNKNOWN] = { .code = 550,
	                      .status = STR("5.1.1"),
	                      .text = STR("user unknown") },
	[RESOLVE_DISABLED] = { .code = 550,
	                       .status = STR("5.2.1"),
	                       .text = STR("mailbox disabled") },
	[RESOLVE_LOOP] = { .code = 550,
	                   .status = STR("5.4.6"),
	                   .text = STR("alias loop") },
};

const struct envelope_reply *refusal_of(enum resolve_verdict why)
{
	assert(why < COUNT(lost) && lost[why].code != 0);
	return &lost[why];
}

/* Control characters and spaces become one space, other characters "?". */
static void line_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		uint32_t rune = utf8_next(&c);

		if (rune > ' ' && rune < 0x7f)
			buf_byte(out, (char)rune);
		else if (rune >= 0x7f)
			buf_byte(out, '?');
		else if (out->n != 0 && out->p[out->n - 1] != ' ')
			buf_byte(out, ' ');
	}
}

const struct envelope_reply *refusal_rejected(struct arena *a, struct str text)
{
	struct envelope_reply *reply = arena_new(a, struct envelope_reply);
	struct buf line;

	buf_init(&line, text.n + 1);
	line_put(&line, text);
	*reply = (struct envelope_reply){
		.code = 550,
		.status = STR("5.7.1"),
		.text = str_dup(a, str_trim(str_sub(buf_str(&line), 0, REJECT_TEXT_MAX))),
	};
	if (reply->text.n == 0)
		reply->text = STR("the recipient rejects the message");
	buf_deinit(&line);
	return reply;
}
