/* protocols/managesieve/input.c: see input.h. */
#include "protocols/managesieve/input.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/runtime/conn.h"
#include "protocols/managesieve/wire_syntax.h"

enum {
	COMMAND_MAX = LIMIT_sieve_script + 4 * LIMIT_managesieve_line,
	DROP_MAX = 4 * LIMIT_sieve_script, /* of a literal; a larger one ends the session */
};

void managesieve_input_reset(struct managesieve_input *in)
{
	if (in->text.n != 0)
		mem_wipe(in->text.p, in->text.cap);
	if (in->text.max != 0)
		buf_deinit(&in->text);
	*in = (struct managesieve_input){ 0 };
}

/* Append bytes of the connection's own input buffer, which nothing else reads. */
static void input_add(struct managesieve_input *in, struct str bytes, bool secret)
{
	if (!in->drop)
		buf_put(&in->text, bytes);
	if (secret && bytes.n != 0)
		mem_wipe((char *)(uintptr_t)bytes.p, bytes.n);
}

/* True: all of the literal has come. */
static bool literal_take(struct managesieve_input *in, struct conn *c, bool secret)
{
	while (in->literal_left != 0) {
		struct str bytes = conn_input(c);

		if (bytes.n == 0)
			return false;
		bytes = str_sub(bytes, 0, (size_t)MIN(in->literal_left, bytes.n));
		input_add(in, bytes, secret);
		in->literal_left -= bytes.n;
		conn_consume(c, bytes.n);
	}
	return true;
}

/* A literal begins. False: it is too large even to be dropped. */
static bool literal_begin(struct managesieve_input *in, struct conn *c, uint64_t size,
                          bool logged_in)
{
	if (size > in->text.max - MIN(in->text.max, in->text.n + LIMIT_managesieve_line))
		in->drop = true;
	if (in->drop && (!logged_in || size > DROP_MAX))
		return false;
	input_add(in, STR("\r\n"), false);
	in->literal_left = size;
	if (!conn_input_waits(c))
		conn_ack(c);
	return true;
}

enum managesieve_input_result managesieve_input_take(struct managesieve_input *in, struct conn *c,
                                                     bool logged_in)
{
	size_t line_max = logged_in ? LIMIT_managesieve_line : LIMIT_login_bytes;
	uint64_t size;
	struct str line;
	bool literal;

	if (in->text.max == 0)
		buf_init(&in->text, logged_in ? COMMAND_MAX : 2 * LIMIT_login_bytes);
	for (;;) {
		if (!literal_take(in, c, !logged_in))
			return MANAGESIEVE_MORE;
		switch (conn_line(c, line_max, &line)) {
		case CONN_MORE:
			return MANAGESIEVE_MORE;
		case CONN_TOO_LONG:
			return MANAGESIEVE_TOO_LONG;
		case CONN_LINE:
			break;
		}
		if (!conn_line_strict(line))
			return MANAGESIEVE_NOT_STRICT;
		literal = managesieve_literal_at_end(line, &size);
		input_add(in, line, !logged_in);
		if (!buf_ok(&in->text))
			return MANAGESIEVE_TOO_LONG;
		if (!literal)
			return in->drop ? MANAGESIEVE_DROPPED : MANAGESIEVE_COMMAND;
		if (!literal_begin(in, c, size, logged_in))
			return MANAGESIEVE_TOO_LONG;
	}
}
