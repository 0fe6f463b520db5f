/* protocols/imap/reply.c: see reply.h. */
#include "formats/imap_wire/put.h"
#include "protocols/imap/reply.h"
#include "protocols/imap/session.h"

void imap_ok(struct imap *s, const char *code, const char *text)
{
	s->reply = (struct imap_reply){ COND_OK, str_of(code), str_of(text) };
}

void imap_no(struct imap *s, const char *code, const char *text)
{
	s->reply = (struct imap_reply){ COND_NO, str_of(code), str_of(text) };
}

void imap_bad(struct imap *s, const char *text)
{
	s->reply = (struct imap_reply){ COND_BAD, STR_EMPTY, str_of(text) };
}

void imap_uid_required(struct imap *s)
{
	imap_bad(s, "UIDONLY is enabled: use UID commands");
	s->reply.code = STR("UIDREQUIRED");
}

/* RFC 5530 3 and RFC 9051 7.1. The first matching row counts; ABOUT_ANY matches all. text
 * is for the client if why has none. */
static const struct error_row {
	enum err e;
	enum imap_about about;
	const char *code;
	const char *text;
} errors[] = {
	{ ERR_MISSING, ABOUT_TARGET, "TRYCREATE", "No such mailbox" },
	{ ERR_MISSING, ABOUT_ANY, "NONEXISTENT", "No such mailbox" },
	{ ERR_LIMIT, ABOUT_TARGET, "OVERQUOTA", "Quota exceeded" },
	{ ERR_LIMIT, ABOUT_ANY, "LIMIT", "A server limit is reached" },
	{ ERR_DENIED, ABOUT_ANY, "NOPERM", "Permission denied" },
	{ ERR_CONFLICT, ABOUT_DELETE, "HASCHILDREN", "Mailbox has children" },
	{ ERR_CONFLICT, ABOUT_TARGET, "EXPUNGEISSUED", "Some messages no longer exist" },
	{ ERR_CONFLICT, ABOUT_ANY, "ALREADYEXISTS", "Mailbox already exists" },
	{ ERR_SYNTAX, ABOUT_ANY, "CANNOT", "Invalid mailbox name" },
	{ ERR_RETRY, ABOUT_ANY, "UNAVAILABLE", "Busy, try again" },
	{ ERR_FULL, ABOUT_ANY, "UNAVAILABLE", "The server disk is full" },
	{ ERR_IO, ABOUT_ANY, "UNAVAILABLE", "The server storage failed" },
	{ ERR_CORRUPT, ABOUT_ANY, "CORRUPTION", "Stored data is damaged" },
};

void imap_failed(struct imap *s, enum imap_about about, enum err e, const struct why *why)
{
	/* The store's own words are for the administrator, not for the client. */
	bool ours = e == ERR_FULL || e == ERR_IO || e == ERR_CORRUPT || e == ERR_RETRY;

	for (size_t i = 0; i < COUNT(errors); i++) {
		const struct error_row *row = &errors[i];

		if (row->e != e || (row->about != about && row->about != ABOUT_ANY))
			continue;
		imap_no(s, row->code, row->text);
		if (!ours && why && why->text[0])
			s->reply.text = str_fmt(&s->run.arena, "%c%s", ascii_upper(why->text[0]),
			                        why->text + 1);
		return;
	}
	assert(!"an error without a row");
}

void imap_reply_put(struct buf *out, struct str tag, struct str name, const struct imap_reply *r)
{
	static const struct str conds[] = {
		[COND_OK] = { " OK ", 4 },
		[COND_NO] = { " NO ", 4 },
		[COND_BAD] = { " BAD ", 5 },
	};

	buf_put(out, tag.n ? tag : STR("*"));
	buf_put(out, conds[r->cond]);
	if (r->code.n) {
		buf_byte(out, '[');
		buf_put(out, r->code);
		buf_put(out, STR("] "));
	}
	if (r->text.n) {
		imap_put_text(out, r->text);
	} else {
		imap_put_text(out, name);
		buf_put(out, STR(" completed"));
	}
	buf_put(out, STR("\r\n"));
}
