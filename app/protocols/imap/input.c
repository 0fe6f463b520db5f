/* protocols/imap/input.c: see input.h. */
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "protocols/imap/append/append.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/input.h"

void imap_input_init(struct imap_input *in)
{
	*in = (struct imap_input){ 0 };
	buf_init(&in->text, LIMIT_imap_command);
}

void imap_input_reset(struct imap_input *in, bool secret)
{
	if (secret && in->text.n)
		mem_wipe(in->text.p, in->text.cap);
	buf_deinit(&in->text);
	imap_input_init(in);
}

struct str imap_input_literal(struct imap *s, uint64_t *left)
{
	struct str bytes = conn_input(s->conn);

	if (bytes.n > *left)
		bytes.n = (size_t)*left;
	*left -= bytes.n;
	return bytes;
}

/* Does the current command begin with "tag ID "? */
static bool id_comes(struct imap *s)
{
	const struct buf *text = &s->input.text;
	struct cur c = cur_of(text->n ? buf_str(text) : conn_input(s->conn));
	struct imap_command command;

	return imap_command_parse(&c, &command) && str_eqi(command.name, STR("ID"));
}

enum { ID_FIELD = 1200 }; /* RFC 2971 3.3: 30 and 1,024 bytes, quoted */

/* Before login a command has LIMIT_imap_line_id bytes in all, including the part of a
 * line still in the connection. ID may use all, any other command keeps room for a last
 * line. */
static size_t line_max(struct imap *s)
{
	if (s->state != STATE_GREETED)
		return LIMIT_imap_line;
	return id_comes(s) ? LIMIT_imap_line_id - s->input.text.n : LIMIT_imap_line_login;
}

/* The least room after every literal: a line, or a field of ID. */
static size_t line_least(struct imap *s)
{
	return s->state == STATE_GREETED && id_comes(s) ? ID_FIELD : line_max(s);
}

static size_t command_max(struct imap *s)
{
	return s->state == STATE_GREETED ? LIMIT_imap_line_id : LIMIT_imap_command;
}

static bool literal_fits(struct imap *s, uint64_t size)
{
	size_t one = s->state == STATE_GREETED ? LIMIT_imap_line_login : LIMIT_imap_literal;

	return size <= one && s->input.text.n + size + line_least(s) <= command_max(s);
}

/* Is so much drained, instead of ending the session? */
static bool drainable(const struct imap *s, uint64_t size)
{
	return s->state != STATE_GREETED ? size <= 4 * s->settings->message_size
	                                 : size <= LIMIT_imap_literal;
}

/* Is the literal at the end of text a message? Yes if the text before it is a command
 * with messages, up to a message. */
static bool message_begins(struct imap *s, struct str before)
{
	struct cur c = cur_of(before);
	const struct imap_command_row *row;
	struct imap_command command;
	union imap_args args;
	struct imap_parse p = {
		.arena = &s->run.arena, .utf8 = imap_utf8(s), .literal = true, .args = &args
	};

	if (s->mode == MODE_APPEND)
		return imap_append_continues(s, before);
	if (!imap_command_parse(&c, &command))
		return false;
	row = imap_command_find(command.name, command.uid);
	return row && row->flags & MESSAGES && row->parse(&command.args, &p);
}

/* A line of the command has arrived and ends in a literal. */
static enum input literal_begins(struct imap *s, const struct imap_literal *literal, size_t line_at)
{
	struct imap_input *in = &s->input;
	struct str before = str_sub(buf_str(&in->text), 0, line_at + literal->at);

	/* Before login there are no messages to store. */
	if (s->state != STATE_GREETED && message_begins(s, before)) {
		buf_cut(&in->text, before.n);
		in->message = literal->size;
		in->message_sync = literal->sync;
		in->message_binary = literal->binary;
		in->message_follows = true;
		return INPUT_COMMAND;
	}
	if (!literal_fits(s, literal->size)) {
		if (literal->sync)
			return INPUT_BIG;
		in->literal_left = literal->size;
		return drainable(s, literal->size) ? INPUT_DRAIN : INPUT_LINE;
	}
	buf_put(&in->text, STR("\r\n"));
	in->literal_left = literal->size;
	if (literal->sync)
		buf_put(imap_out(s), STR("+ Ready for literal\r\n"));
	return INPUT_MORE;
}

enum input imap_input_take(struct imap *s)
{
	struct imap_input *in = &s->input;
	struct imap_literal literal;
	struct str line;
	size_t at;

	in->text.max = command_max(s);
	for (;;) {
		while (in->literal_left) {
			struct str bytes = imap_input_literal(s, &in->literal_left);

			if (bytes.n == 0)
				return INPUT_MORE;
			buf_put(&in->text, bytes);
			conn_consume(s->conn, bytes.n);
		}
		switch (conn_line(s->conn, line_max(s), &line)) {
		case CONN_MORE:
			return INPUT_MORE;
		case CONN_TOO_LONG:
			return INPUT_LINE;
		case CONN_LINE:
			break;
		}
		at = in->text.n;
		buf_put(&in->text, line);
		if (s->state == STATE_GREETED) /* it may hold a password */
			mem_wipe((char *)(uintptr_t)line.p, line.n);
		if (!buf_ok(&in->text))
			return INPUT_LINE;
		if (!imap_literal_at_end(str_sub(buf_str(&in->text), at, in->text.n), &literal))
			return INPUT_COMMAND;
		enum input next = literal_begins(s, &literal, at);

		if (next != INPUT_MORE)
			return next;
	}
}

bool imap_input_drop_message(struct imap *s)
{
	s->input.literal_left = s->input.message;
	s->input.message_follows = false;
	return drainable(s, s->input.message);
}

enum input imap_input_drain(struct imap *s)
{
	struct imap_input *in = &s->input;
	struct imap_literal literal;
	struct str line;

	for (;;) {
		while (in->literal_left) {
			struct str bytes = imap_input_literal(s, &in->literal_left);

			if (bytes.n == 0)
				return INPUT_MORE;
			conn_consume(s->conn, bytes.n);
		}
		switch (conn_line(s->conn, line_max(s), &line)) {
		case CONN_MORE:
			return INPUT_MORE;
		case CONN_TOO_LONG:
			return INPUT_LINE;
		case CONN_LINE:
			break;
		}
		if (!imap_literal_at_end(line, &literal))
			return INPUT_COMMAND;
		if (literal.sync)
			return INPUT_BIG;
		if (!drainable(s, literal.size))
			return INPUT_LINE;
		in->literal_left = literal.size;
	}
}
