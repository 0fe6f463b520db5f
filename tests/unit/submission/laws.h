/* tests/unit/submission/laws.h: what holds of every message that submission/ makes, whatever was
 * asked for. The tests and the fuzz target share it. */
#ifndef UNIT_SEND_LAWS_H
#define UNIT_SEND_LAWS_H
#include "flow/submission/letter_json.h"
#include "flow/submission/raw.h"
#include "formats/message/header.h"
#include "foundation/base/buf.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { LAWS_OUT_MAX = 8 << 20 };

static const struct send_limits laws_limits = {
	.rcpts = 100, .fields = 20, .attachments = 10, .bytes = 1 << 20
};

/* Lines end in CRLF, CR and LF are nowhere else, there is no NUL. */
static inline void law_lines(struct str message)
{
	assert(str_ends(message, STR("\r\n")));
	assert(memchr(message.p, '\0', message.n) == NULL);
	for (size_t i = 0; i < message.n; i++) {
		assert(message.p[i] != '\n' || (i != 0 && message.p[i - 1] == '\r'));
		assert(message.p[i] != '\r' || (i + 1 < message.n && message.p[i + 1] == '\n'));
	}
}

/* RFC 5322 2.1.1 */
static inline void law_short(struct str message)
{
	size_t line = 0;

	for (size_t i = 0; i < message.n; i++) {
		line = message.p[i] == '\n' ? 0 : line + 1;
		assert(line <= 999); /* its CR counted */
	}
}

/* A letter's header has each of its fields once, and none that nobody asked for. */
static inline void law_fields(const struct letter *l, struct str message)
{
	struct str header = str_sub(message, 0, header_size(message));
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field))
		assert(field.name.n != 0);
	assert(header_count(header, STR("From")) == 1);
	assert(header_count(header, STR("Date")) == 1);
	assert(header_count(header, STR("Message-ID")) == 1);
	assert(header_count(header, STR("Subject")) == 1);
	assert(header_count(header, STR("MIME-Version")) == 1);
	assert(header_count(header, STR("Content-Type")) == 1);
	assert(header_count(header, STR("Bcc")) == 0);
	assert(header_count(header, STR("To")) == (l->to.count != 0));
	assert(header_count(header, STR("Cc")) == (l->cc.count != 0));
	assert(header_count(header, STR("Reply-To")) == (l->reply_to.count != 0));
	assert(letter_is_utf8(l) ? utf8_valid(header) : utf8_ascii(header));
}

/* Read JSON and write the message; out is empty when it is refused, with a sentence in why. */
static inline bool laws_letter(struct str text, struct arena *a, struct letter *l,
                               struct send_wishes *w, struct buf *out, struct why *why)
{
	struct json body = { NULL };

	buf_reset(out);
	if (!json_parse(a, text, &body))
		return fail(why, ERR_SYNTAX, "no JSON") == OK;
	if (letter_json_read(body, &laws_limits, a, l, w, why) != OK)
		return false;
	l->date_ms = 1000;
	l->message_id = STR("<1@example.org>");
	if (letter_put(out, l, a, why) != OK) {
		buf_reset(out);
		return false;
	}
	assert(buf_ok(out) && w->rcpts.count != 0 && w->rcpts.count <= laws_limits.rcpts);
	law_lines(buf_str(out));
	law_short(buf_str(out));
	law_fields(l, buf_str(out));
	return true;
}

/* The same of a message that comes whole. */
static inline bool laws_raw(struct str raw, struct arena *a, struct raw_letter *l, struct buf *out,
                            struct why *why)
{
	struct str header;

	buf_reset(out);
	if (raw_letter_read(raw, laws_limits.rcpts, a, out, l, why) != OK)
		return false;
	law_lines(buf_str(out));
	header = str_sub(buf_str(out), 0, header_size(buf_str(out)));
	assert(header_count(header, STR("Bcc")) == 0 && str_ends(header, STR("\r\n\r\n")));
	assert(l->rcpts.count <= laws_limits.rcpts && utf8_valid(header));
	return true;
}

#endif
