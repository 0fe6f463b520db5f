/* protocols/imap/reply.h: the tagged response of a command. */
#ifndef IMAP_REPLY_H
#define IMAP_REPLY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct buf;
struct imap;

enum imap_cond { COND_OK, COND_NO, COND_BAD };

/* Strings are static or live in the command's arena. */
struct imap_reply {
	enum imap_cond cond;
	struct str code; /* response code without brackets, empty for none */
	struct str text; /* empty: "NAME completed" */
};

/* The subject of a failed command: the same error then has another code. */
enum imap_about {
	ABOUT_ANY,
	ABOUT_TARGET, /* the mailbox that APPEND, COPY or MOVE writes to */
	ABOUT_DELETE,
	ABOUT_CREATE, /* also RENAME */
	ABOUT_ABOUTS
};

/* Set the reply; static strings. code NULL: none. */
void imap_ok(struct imap *s, const char *code, const char *text);
void imap_no(struct imap *s, const char *code, const char *text);
void imap_bad(struct imap *s, const char *text);
/* BAD [UIDREQUIRED]: a message number from a client that has enabled UIDONLY (RFC 9586
 * 3). */
void imap_uid_required(struct imap *s);
/* Set the reply for an error of the store or mailbox/: the table of reply.c has the code.
 * why may be NULL; its text, if any, goes to the client. Asserts that e is not OK. */
void imap_failed(struct imap *s, enum imap_about about, enum err e, const struct why *why);

/* Append "tag OK [code] text". */
void imap_reply_put(struct buf *out, struct str tag, struct str name, const struct imap_reply *r);

#endif
