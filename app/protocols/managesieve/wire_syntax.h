/* protocols/managesieve/wire_syntax.h: the grammar of commands, and strings of responses
 * (RFC 5804 4). */
#ifndef MANAGESIEVE_WIRE_SYNTAX_H
#define MANAGESIEVE_WIRE_SYNTAX_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { MANAGESIEVE_ARGS_MAX = 2, MANAGESIEVE_QUOTED_MAX = 1024 };

struct managesieve_arg {
	bool is_number;
	uint32_t number;
	struct str text; /* of a string */
};

struct managesieve_command {
	struct str verb;
	struct managesieve_arg args[MANAGESIEVE_ARGS_MAX];
	unsigned count;
};

/* A command without its last CRLF; literals are in it as they were sent. Strings are borrowed from
 * text, or live in a. Spaces at the end are allowed. */
bool managesieve_command_parse(struct str text, struct arena *a, struct managesieve_command *out);
/* The same for a response to a challenge of AUTHENTICATE: one string. */
bool managesieve_string_parse(struct str text, struct arena *a, struct str *out);

/* Does the line announce a literal: "{5+}" at its end? size is UINT64_MAX for a larger one. */
bool managesieve_literal_at_end(struct str line, uint64_t *size);

/* Append a string: quoted, or a literal if it is long or has bytes that must be escaped. */
void managesieve_string_put(struct buf *out, struct str s);

#endif
