/* operations/transfer/wire_maildir.h: the names of files and folders in a Maildir.
 * Pure.
 *
 *	1637500000.M1P2.host,S=4321:2,FSa      time . unique , size : flags
 *	.Sent.2024                             Maildir++: a folder Sent/2024
 *
 * Courier and Dovecot write these flags. Small letters are Dovecot's keywords, whose
 * names are in the file dovecot-keywords ("0 $Label1"). */
#ifndef TRANSFER_WIRE_MAILDIR_H
#define TRANSFER_WIRE_MAILDIR_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

enum { MAILDIR_KEYWORDS = 26, MAILDIR_FLAGS = 32 + MAILDIR_KEYWORDS };

struct maildir_keywords {
	struct str names[MAILDIR_KEYWORDS]; /* empty: none */
};
/* The names borrow from text. Malformed lines are skipped. */
void maildir_keywords_parse(struct str text, struct maildir_keywords *out);

/* The IMAP flags of a file's name into out; returns how many. They borrow from k, or are
 * static. Accepts ":2,", and "!2," and ";2," of Windows and mbsync. */
size_t maildir_flags(struct str name, const struct maildir_keywords *k,
                     struct str out[MAILDIR_FLAGS]);
/* The letter of a flag, 0 if it needs a keyword. */
char maildir_letter(struct str flag);

/* The mailbox of a Maildir++ folder (".Sent.2024"), or of a plain folder below parent (""
 * at the top): levels of modified UTF-7, else UTF-8. Lives in a. False: neither. */
bool maildir_mailbox(struct str folder, struct arena *a, struct str *out);
bool maildir_mailbox_below(struct str parent, struct str folder, struct arena *a, struct str *out);
/* Append the Maildir++ folder of a mailbox; nothing for INBOX. A dot in a level is
 * "&AC4-". */
void maildir_folder_put(struct buf *out, struct str mailbox);

#endif
