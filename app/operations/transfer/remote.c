/* operations/transfer/remote.c: sends commands and reads responses; see remote.h. */
#include "operations/transfer/transfer_private.h"

#include "foundation/base/mem.h"
#include "network/runtime/stream.h"

#include <stdio.h>

enum {
	RESPONSE_KEPT = 1048576, /* memory kept between responses                 */
	BAD_MAX = 1000,          /* malformed responses                           */
	TELLING = 8,             /* shortest piece of a sent command to recognize */
};

void remote_free(struct remote **r)
{
	if (*r == NULL)
		return;
	stream_free(&(*r)->stream);
	buf_deinit(&(*r)->response);
	mem_wipe((*r)->command.p, (*r)->command.n); /* held the password */
	buf_deinit(&(*r)->command);
	buf_deinit(&(*r)->capable);
	arena_deinit(&(*r)->arena);
	mem_free(*r);
	*r = NULL;
}

/* --- responses ---------------------------------------------------------------------------- */

/* Read a literal of n bytes into r->response, or skip it if it has no room. */
static enum err literal_read(struct remote *r, uint64_t n, bool keep, struct why *why)
{
	char scratch[STREAM_BUFFER] = "";

	while (n != 0) {
		size_t want = (size_t)MIN(n, STREAM_BUFFER), got;
		char *to = keep ? buf_room(&r->response, want) : scratch;
		enum err e = to == NULL ? fail(why, ERR_LIMIT, "the server sent too much at once")
		                        : stream_read(r->stream, to, want, &got, why);

		if (e)
			return e;
		if (got == 0)
			return fail(why, ERR_IO, "the server closed the connection");
		if (keep)
			buf_commit(&r->response, got);
		n -= got;
	}
	return OK;
}

/* Read the literal at the end of a line. One that is too big becomes empty, so that the
 * rest of the response is readable; beyond any message size the connection ends. */
static enum err literal_take(struct remote *r, uint64_t n, struct why *why)
{
	bool keep = n <= r->response.max - MIN(r->response.max, r->response.n + 2);

	if (n > UINT32_MAX)
		return fail(why, ERR_LIMIT, "the server sent too much at once");
	if (!keep) {
		buf_cut(&r->response, (size_t)str_rfind_byte(buf_str(&r->response), '{'));
		buf_put(&r->response, STR("{0}"));
	}
	buf_put(&r->response, STR("\r\n"));
	return literal_read(r, n, keep, why);
}

/* Read one response with its literals into r->response. */
static enum err response_read(struct remote *r, struct why *why)
{
	uint64_t n;

	if (r->response.cap > RESPONSE_KEPT)
		buf_deinit(&r->response);
	buf_reset(&r->response);
	for (;;) {
		struct str line;
		enum err e = stream_line(r->stream, STREAM_LINE_MAX, &line, why);

		if (e)
			return e;
		buf_put(&r->response, line);
		if (!said_literal(line, &n))
			break;
		if ((e = literal_take(r, n, why)))
			return e;
	}
	return buf_ok(&r->response) ? OK : fail(why, ERR_LIMIT, "the server sent too much at once");
}

/* Plain, or as it was sent, in base64 or with escapes: servers repeat unknown commands
 * and truncate them. */
static bool has_password(const struct remote *r, struct str text)
{
	struct str sent = str_sub(buf_str(&r->command), r->secret, r->secret + TELLING);
	struct str password = r->from->password;

	return (password.n != 0 && str_find(text, password) >= 0) ||
	       (sent.n != 0 && str_find(text, sent) >= 0);
}

/* An error with the server's words, unless they contain the password. */
static enum err in_words(const struct remote *r, struct str text, enum err e, struct why *why)
{
	if (has_password(r, text))
		return fail(why, e, "the server's answer has the password in it");
	return fail(why, e, "the server said: %.*s", STR_ARG(text));
}

static void capable_note(struct remote *r, const struct said *said)
{
	struct str capable = STR_EMPTY;

	if (said->kind == SAID_CAPABILITY)
		capable = said->text;
	else if (said->kind == SAID_STATUS && str_startsi(said->code, STR("CAPABILITY ")))
		capable = str_sub(said->code, 11, said->code.n);
	if (capable.n == 0)
		return;
	buf_reset(&r->capable);
	buf_put(&r->capable, capable);
}

/* tag: of the running command, whose final response must be readable. */
static enum err next(struct remote *r, struct str tag, struct said *said, struct why *why)
{
	enum err e = response_read(r, why);
	struct str response = buf_str(&r->response);

	if (e)
		return e;
	arena_reset(&r->arena);
	if (!said_parse(response, &r->arena, said)) {
		if (tag.n == 0 || str_starts(response, tag) || ++r->bad > BAD_MAX)
			return fail(why, ERR_SYNTAX, "the server said what is no IMAP");
		*said = (struct said){ .kind = SAID_OTHER };
	}
	capable_note(r, said);
	if (said->kind == SAID_STATUS && said->tag.n == 0 && said->result == SAID_BYE)
		return in_words(r, said->text, ERR_IO, why);
	return OK;
}

static enum err remote_status(const struct remote *r, const struct said *said, struct why *why)
{
	if (said->result == SAID_OK)
		return OK;
	return in_words(r, said->text, said->result == SAID_NO ? ERR_MISSING : ERR_SYNTAX, why);
}

/* Read the responses up to the tagged one; with go_on, up to a "+". */
static enum err answers(struct remote *r, struct str tag, remote_fn *fn, void *arg, bool *go_on,
                        struct why *why)
{
	for (;;) {
		struct said said;
		enum err e = next(r, tag, &said, why);

		if (e == OK && said.kind == SAID_GO_ON && go_on != NULL) {
			*go_on = true;
			return OK;
		}
		if (e == OK && said.tag.n == 0 && fn != NULL)
			e = fn(arg, &said, why);
		if (e) {
			stream_free(&r->stream);
			return e;
		}
		if (said.tag.n != 0 && str_eq(said.tag, tag))
			return remote_status(r, &said, why);
	}
}

static enum err remote_send(struct remote *r, struct str text, struct why *why)
{
	enum err e = stream_write(r->stream, text, why);

	if (e == OK)
		e = stream_flush(r->stream, why);
	if (e != OK)
		stream_free(&r->stream);
	return e;
}

/* End of the part after which the client must wait: a line that ends in a literal (RFC
 * 9051 4.3), or the first line of AUTHENTICATE. *skip: bytes of the literal, which may be
 * anything. */
static size_t part_end(struct str rest, size_t *skip)
{
	ptrdiff_t end = str_find(str_sub(rest, *skip, rest.n), STR("\r\n"));
	struct str line;
	uint64_t n = 0;

	if (end < 0)
		return 0;
	line = str_sub(rest, 0, *skip + (size_t)end);
	said_literal(line, &n);
	*skip = (size_t)n;
	return line.n + 2;
}

enum err remote_ask(struct remote *r, struct str command, remote_fn *fn, void *arg, struct why *why)
{
	size_t skip = 0, n;
	char tag[16];
	enum err e;

	if (r->stream == NULL)
		return fail(why, ERR_IO, "the connection is closed");
	snprintf(tag, sizeof tag, "r%u", ++r->tag);
	e = stream_write(r->stream, str_of(tag), why);
	if (e == OK)
		e = stream_write(r->stream, STR(" "), why);
	if (e != OK)
		return e; /* so the next will fail */
	while ((n = part_end(command, &skip)) != 0) {
		bool go_on = false;

		e = remote_send(r, str_sub(command, 0, n), why);
		if (e == OK)
			e = answers(r, str_of(tag), fn, arg, &go_on, why);
		if (e != OK || !go_on)
			return e ? e : fail(why, ERR_SYNTAX, "the server wants no more");
		command = str_sub(command, n, command.n);
	}
	e = stream_write(r->stream, command, why);
	if (e == OK)
		e = remote_send(r, STR("\r\n"), why);
	return e ? e : answers(r, str_of(tag), fn, arg, NULL, why);
}

enum err remote_greet(struct remote *r, struct why *why)
{
	struct said said;
	enum err e = next(r, STR_EMPTY, &said, why);

	if (e)
		return e;
	return said.kind == SAID_STATUS && said.tag.n == 0
	               ? remote_status(r, &said, why)
	               : fail(why, ERR_SYNTAX, "no IMAP server answers there");
}

bool remote_can(const struct remote *r, const char *word)
{
	return said_capable(buf_str(&r->capable), str_of(word));
}

bool remote_is_open(const struct remote *r)
{
	return r != NULL && r->stream != NULL;
}
