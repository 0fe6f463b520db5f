/* console/cli/message_read.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include "formats/message/header.h"
#include "foundation/base/mem.h"

#include <stdio.h>

enum { HEADER_MAX = 1 << 20, PIECE = 64 << 10 };

struct message_read {
	FILE *from;
	bool own, cr;      /* from is ours; the last byte was a CR    */
	struct buf header; /* and what came of the body with its end  */
	struct buf piece;
	size_t body; /* in header; its n when that was given out */
};

/* Read some of the file, and append it with CRLF for lone LFs. False at the end. */
static enum err fill(struct message_read *r, struct buf *to, bool *more, struct why *why)
{
	char in[PIECE / 4];
	size_t n = fread(in, 1, sizeof in, r->from);

	if (ferror(r->from))
		return fail_errno(why, "reading");
	for (size_t i = 0; i < n; i++) {
		if (in[i] == '\n' && !r->cr)
			buf_byte(to, '\r');
		buf_byte(to, in[i]);
		r->cr = in[i] == '\r';
	}
	*more = n != 0;
	return OK;
}

/* Does the header end in what is here? */
static bool header_ends(const struct buf *b)
{
	struct str all = buf_str(b);

	return str_starts(all, STR("\r\n")) || str_find(all, STR("\r\n\r\n")) >= 0;
}

static enum err header_fill(struct message_read *r, struct why *why)
{
	bool more = true;
	enum err e = OK;

	while (e == OK && more && !header_ends(&r->header) && buf_ok(&r->header))
		e = fill(r, &r->header, &more, why);
	if (e == OK && !buf_ok(&r->header))
		e = fail(why, ERR_LIMIT, "the header has more than %d bytes", HEADER_MAX);
	return e;
}

enum err message_read_open(const char *path, struct message_read **out, struct str *header,
                           struct why *why)
{
	struct message_read *r = NEW(struct message_read);
	enum err e;

	*out = r;
	buf_init(&r->header, HEADER_MAX);
	buf_init(&r->piece, PIECE);
	r->own = path != NULL;
	r->from = path != NULL ? fopen(path, "rb") : stdin;
	if (r->from == NULL)
		return fail_errno(why, "%s", path);
	e = header_fill(r, why);
	r->body = header_size(buf_str(&r->header));
	*header = str_sub(buf_str(&r->header), 0, r->body);
	return e;
}

enum err message_read_next(struct message_read *r, struct str *piece, struct why *why)
{
	enum err e = OK;
	bool more = true;

	if (r->body < r->header.n) {
		*piece = str_sub(buf_str(&r->header), r->body, r->header.n);
		r->body = r->header.n;
		return OK;
	}
	buf_reset(&r->piece);
	while (e == OK && more && r->piece.n == 0)
		e = fill(r, &r->piece, &more, why);
	*piece = buf_str(&r->piece);
	return e;
}

void message_read_close(struct message_read **r)
{
	if (*r == NULL)
		return;
	if ((*r)->own && (*r)->from != NULL)
		fclose((*r)->from);
	buf_deinit(&(*r)->header);
	buf_deinit(&(*r)->piece);
	mem_free(*r);
	*r = NULL;
}
