/* flow/policy/milter/wire_milter_reply.c: parses replies; see wire_milter.h. */
#include "flow/policy/milter/wire_milter.h"
#include "flow/policy/reply_code.h"
#include "foundation/base/arena.h"

#include <string.h>

enum milter_packet milter_packet_take(struct cur *c, size_t max, char *command, struct str *data)
{
	struct cur at = *c;
	uint64_t n;

	if (!cur_be(&at, 4, &n))
		return MILTER_MORE;
	if (n == 0 || n > max)
		return MILTER_BROKEN;
	if (cur_left(&at) < n)
		return MILTER_MORE;
	cur_any(&at, command);
	cur_take(&at, (size_t)n - 1, data);
	*c = at;
	return MILTER_PACKET;
}

/* --- replies ------------------------------------------------------------------ */

enum shape {
	NOTHING,         /* data is an error                       */
	TEXT,            /* one text                               */
	BYTES,           /* the rest of the packet                 */
	NAME_TEXT,       /* two texts                              */
	INDEX_NAME_TEXT, /* a number of four bytes before them     */
	ADDRESS,         /* one text, not empty                    */
	ADDRESS_TEXT,    /* the same, and optionally a second text */
};

enum { ANY = 0 };

/* after: the command it replies to, or ANY. actions: at least one must have been
 * negotiated. */
static const struct row {
	char command;
	enum milter_reply_kind kind;
	enum shape shape;
	char after;
	uint32_t actions;
	const char *name;
} rows[] = {
	{ 'c', MILTER_SAYS_CONTINUE, NOTHING, ANY, 0, "continue" },
	{ 'a', MILTER_SAYS_ACCEPT, NOTHING, ANY, 0, "accept" },
	{ 'r', MILTER_SAYS_REJECT, NOTHING, ANY, 0, "reject" },
	{ 't', MILTER_SAYS_TEMPFAIL, NOTHING, ANY, 0, "tempfail" },
	{ 'd', MILTER_SAYS_DISCARD, NOTHING, ANY, 0, "discard" },
	{ 'y', MILTER_SAYS_CODE, TEXT, ANY, 0, "reply" },
	{ 'f', MILTER_SAYS_CONN_FAIL, NOTHING, ANY, 0, "connection failure" },
	{ '4', MILTER_SAYS_SHUTDOWN, NOTHING, ANY, 0, "shutdown" },
	{ 'p', MILTER_SAYS_PROGRESS, NOTHING, ANY, 0, "progress" },
	{ 's', MILTER_SAYS_SKIP, NOTHING, ANY, 0, "skip" },
	{ 'q', MILTER_SAYS_QUARANTINE, TEXT, MILTER_END, MILTER_CAN_QUARANTINE, "quarantine" },
	{ 'h', MILTER_SAYS_ADD_HEADER, NAME_TEXT, MILTER_END, MILTER_CAN_ADD_HEADERS,
	  "add header" },
	{ 'i', MILTER_SAYS_PUT_HEADER, INDEX_NAME_TEXT, MILTER_END,
	  MILTER_CAN_ADD_HEADERS | MILTER_CAN_CHANGE_HEADERS, "insert header" },
	{ 'm', MILTER_SAYS_SET_HEADER, INDEX_NAME_TEXT, MILTER_END, MILTER_CAN_CHANGE_HEADERS,
	  "change header" },
	{ 'e', MILTER_SAYS_SET_FROM, ADDRESS_TEXT, MILTER_END, MILTER_CAN_CHANGE_FROM,
	  "change sender" },
	{ '+', MILTER_SAYS_ADD_RCPT, ADDRESS, MILTER_END,
	  MILTER_CAN_ADD_RCPTS | MILTER_CAN_ADD_RCPTS_WITH, "add recipient" },
	{ '2', MILTER_SAYS_ADD_RCPT, ADDRESS_TEXT, MILTER_END, MILTER_CAN_ADD_RCPTS_WITH,
	  "add recipient" },
	{ '-', MILTER_SAYS_DELETE_RCPT, ADDRESS, MILTER_END, MILTER_CAN_DELETE_RCPTS,
	  "delete recipient" },
	{ 'b', MILTER_SAYS_BODY, BYTES, MILTER_END, MILTER_CAN_CHANGE_BODY, "replace body" },
};

static bool text_take(struct cur *c, struct str *out)
{
	if (!cur_until(c, '\0', out))
		return false;
	cur_skip(c, 1);
	return true;
}

static bool address_take(struct cur *c, struct str *out)
{
	return text_take(c, out) && out->n != 0;
}

static bool index_take(struct cur *c, uint32_t *out)
{
	uint64_t n;

	if (!cur_be(c, 4, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool name_text_take(struct cur *c, struct milter_reply *out)
{
	return text_take(c, &out->name) && out->name.n != 0 && text_take(c, &out->text);
}

static bool shape_take(struct cur *c, enum shape shape, struct milter_reply *out)
{
	switch (shape) {
	case NOTHING:
		return true;
	case TEXT:
		return text_take(c, &out->text);
	case BYTES:
		return cur_take(c, cur_left(c), &out->text);
	case NAME_TEXT:
		return name_text_take(c, out);
	case INDEX_NAME_TEXT:
		return index_take(c, &out->index) && name_text_take(c, out);
	case ADDRESS:
		return address_take(c, &out->name);
	case ADDRESS_TEXT:
		return address_take(c, &out->name) && (cur_done(c) || text_take(c, &out->text));
	}
	return false;
}

bool milter_reply_parse(char command, struct str data, struct milter_reply *out)
{
	struct cur c = cur_of(data);
	struct milter_reply got = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].command != command)
			continue;
		got.kind = rows[i].kind;
		if (!shape_take(&c, rows[i].shape, &got) || !cur_done(&c))
			return false;
		*out = got;
		return true;
	}
	return false;
}

bool milter_reply_fits(const struct milter_reply *r, char command, uint32_t actions)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].kind == r->kind)
			return (rows[i].after == ANY || rows[i].after == command) &&
			       (rows[i].actions == 0 || (rows[i].actions & actions));
	return false;
}

const char *milter_reply_name(enum milter_reply_kind kind)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].kind == kind)
			return rows[i].name;
	return "";
}

/* --- a reply with a code ------------------------------------------------------- */

/* "%%" becomes "%", since Sendmail uses the text as a format; a single one is dropped, as
 * in Postfix. Unprintable bytes become "?", because the text goes into an SMTP reply. */
static void reply_text_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);
	char byte;

	while (cur_any(&c, &byte)) {
		if (byte == '%' && !cur_any(&c, &byte))
			break;
		buf_byte(out, (byte >= ' ' && byte <= '~') || byte == '\t' ? byte : '?');
	}
}

static bool code_digits(struct cur *c, unsigned *out)
{
	unsigned code = 0;
	char byte;

	for (int i = 0; i < 3; i++) {
		if (!cur_any(c, &byte) || !ascii_digit(byte))
			return false;
		code = code * 10 + (unsigned)(byte - '0');
	}
	*out = code;
	return reply_code_is(code, 4) || reply_code_is(code, 5);
}

static bool status_byte(unsigned char c)
{
	return ascii_digit((char)c) || c == '.';
}

/* One line without its end: code, "-" or a blank, optionally the enhanced code, text. */
static bool code_line(struct str line, struct milter_code *code, bool first, struct buf *text)
{
	struct cur c = cur_of(line), at;
	struct str status;
	unsigned n;

	if (!code_digits(&c, &n) || (!first && n != code->code))
		return false;
	code->code = n;
	if (!cur_done(&c) && !cur_byte(&c, ' ') && !cur_byte(&c, '-'))
		return false;
	at = c;
	status = cur_while(&at, status_byte);
	if (reply_status_is(status, n / 100) && (cur_done(&at) || cur_byte(&at, ' '))) {
		if (first)
			code->enhanced = status;
		c = at;
	}
	if (!first)
		buf_byte(text, '\n');
	reply_text_put(text, cur_rest(&c));
	return true;
}

bool milter_code_parse(struct str text, struct arena *a, struct milter_code *out)
{
	struct milter_code code = { 0 };
	struct cur c = cur_of(text);
	struct str line;
	struct buf lines;
	bool ok = true, first = true;
	int count = 0;

	buf_init(&lines, text.n + 1);
	for (; ok && cur_line(&c, &line); first = false)
		ok = ++count <= MILTER_CODE_LINES && code_line(line, &code, first, &lines);
	if (ok && !first && code.code != 0) {
		if (code.enhanced.n == 0)
			code.enhanced = code.code < 500 ? STR("4.7.1") : STR("5.7.1");
		code.enhanced = str_dup(a, code.enhanced);
		code.text = str_dup(a, buf_str(&lines));
		*out = code;
	} else {
		ok = false;
	}
	buf_deinit(&lines);
	return ok;
}
