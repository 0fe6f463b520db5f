/* operations/transfer/wire_mbox.h: messages in an mbox file (RFC 4155). Pure.
 *
 * Each message begins with a line "From sender date", after an empty line or at the
 * file's beginning. Formats differ in how they escape such lines in the text:
 *
 *	mboxo    puts a ">" before it; lines that had one already are not changed
 *	mboxrd   puts a ">" before "From ", ">From ", ">>From "
 *	mboxcl   has Content-Length in the header; and as mboxo
 *	mboxcl2  has Content-Length in the header; changes nothing
 *
 * A Content-Length is trusted if a message may end there. Otherwise one ">" is
 * removed. */
#ifndef TRANSFER_WIRE_MBOX_H
#define TRANSFER_WIRE_MBOX_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum { MBOX_FLAGS = 64 };

struct mbox_message {
	int64_t date_ms;   /* of the From line, taken as UTC      */
	struct str header; /* with the empty line; as in the file */
	struct str body;
	bool quoted;                  /* remove one ">" */
	bool folder;                  /* not a message, but UW's data about the folder */
	struct str flags[MBOX_FLAGS]; /* IMAP names, of Status, X-Status, X-Keywords */
	size_t flag_count;
};

/* Does the text begin like an mbox? */
bool mbox_check(struct str text);
/* Take the next message; false at the end. Linear. The cursor must be where mbox_check
 * was true. */
bool mbox_next(struct cur *c, struct mbox_message *out);

/* Append the message: CRLF, without ">" and without the fields of the mailbox. */
void mbox_put_mail(struct buf *out, const struct mbox_message *m);
/* The reverse: append a message as mboxrd, with LF, and its flags as fields. */
void mbox_put_file(struct buf *out, struct str mail, int64_t date_ms, const struct str *flags,
                   size_t flag_count);

#endif
