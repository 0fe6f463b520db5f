/* console/cli/send.c: `roost send`: a message of a file or of standard input, sent by the API of
 * the running server. */
#include "console/cli/command.h"

#include "console/cli/call.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/config/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 64 << 10 };

static enum err read_all(FILE *from, struct buf *out, struct why *why)
{
	char *to;

	while ((to = buf_room(out, PIECE)) != NULL) {
		size_t n = fread(to, 1, PIECE, from);

		buf_commit(out, n);
		if (ferror(from))
			return fail_errno(why, "reading");
		if (n == 0)
			return out->n != 0 ? OK : fail(why, ERR_SYNTAX, "there is no message");
	}
	return fail(why, ERR_LIMIT, "a message has at most %d bytes", LIMIT_send_body);
}

static enum err message_read(const char *path, struct buf *out, struct why *why)
{
	FILE *from = path != NULL ? fopen(path, "rb") : stdin;
	enum err e;

	if (from == NULL)
		return fail_errno(why, "%s", path);
	e = read_all(from, out, why);
	if (path != NULL)
		fclose(from);
	return e;
}

/* No header begins with a brace. */
static bool is_json(struct str text)
{
	size_t i = 0;

	while (i < text.n &&
	       (text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' || text.p[i] == '\n'))
		i++;
	return i < text.n && text.p[i] == '{';
}

int cli_send(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" };
	int status = EXIT_FAILURE;
	struct buf message;

	buf_init(&message, LIMIT_send_body);
	if (message_read(argc > 1 ? argv[1] : NULL, &message, &why) != OK)
		command_failed(argv[0], &why);
	else
		status = call_body(s, "api_send_as",
		                   is_json(buf_str(&message)) ? "application/json"
		                                              : "message/rfc822",
		                   buf_str(&message), argv[0]);
	buf_deinit(&message);
	return status;
}
