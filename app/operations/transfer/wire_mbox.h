/* operations/transfer/wire_mbox.h: messages in an mbox file (RFC 4155). Pure.
 *
 * Each begins with a line "From sender date" behind an empty line or at the file's beginning.
 * How a line of the text that looks so is told from it differs:
 *	mboxo    gets a ">" before it; one that had it already stays, so it is not known
 *	mboxrd   "From ", ">From ", ">>From " each get one more
 *	mboxcl   the header says Content-Length; and as mboxo
 *	mboxcl2  the header says Content-Length; nothing is changed
 * We believe a Content-Length that ends where a message may end, and else take one ">" off. */
#ifndef TRANSFER_WIRE_MBOX_H
#define TRANSFER_WIRE_MBOX_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { MBOX_FLAGS = 64 };

struct mbox_message {
	int64_t date_ms;   /* of the From line, taken as UTC             */
	struct str header; /* with the empty line; as it lies in the file */
	struct str body;
	bool quoted;                  /* one ">" is to come off */
	bool folder;                  /* no message, but what UW's programs note of the folder */
	struct str flags[MBOX_FLAGS]; /* IMAP names, of Status, X-Status, X-Keywords */
	size_t flag_count;
};

/* Does the text begin as an mbox does? */
bool mbox_check(struct str text);
/* Take the next message; false at the end. Linear. The cursor must be where mbox_check held. */
bool mbox_next(struct cur *c, struct mbox_message *out);

/* Append the message: CRLF, without ">" and without the fields that were the mailbox's. */
void mbox_put_mail(struct buf *out, const struct mbox_message *m);
/* The other way: append a message as mboxrd, with LF, and its flags as fields. */
void mbox_put_file(struct buf *out, struct str mail, int64_t date_ms, const struct str *flags,
                   size_t flag_count);

#endif
