/* model/mailbox/keywords.h: an account's own keywords: names of the flags from FLAG_CUSTOM on.
 *
 * A keyword keeps its number for ever, so a session may keep its snapshot and load it again when it
 * meets an unknown number. Names compare without ASCII case and keep the case of their first use
 * (RFC 9051 2.3.2). */
#ifndef MAILBOX_KEYWORDS_H
#define MAILBOX_KEYWORDS_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"

struct arena;

enum { KEYWORD_MAX = 100 }; /* bytes of a name */

/* Names by number; empty for none. The system flags and registered keywords are always there. */
struct keywords {
	struct str names[FLAG_MAX];
};

/* Fill out; the names live in a. An account without any is OK. */
enum err keywords_load(const struct mail_txn *m, struct arena *a, struct keywords *out) MUST_USE;
/* The number of a flag or keyword by IMAP name; -1 when k has none. */
int keywords_find(const struct keywords *k, struct str name);
/* Does every member of f have a name in k? If not, load again. */
bool keywords_cover(const struct keywords *k, struct flags f);

/* Write, only when the name is new. The number of the flag or keyword name. ERR_SYNTAX: not an atom
 * (RFC 9051 9, flag-keyword), or begins with "\" and is no system flag. ERR_LIMIT: longer than
 * KEYWORD_MAX, or the account has its maximum. */
enum err keyword_intern(const struct mail_txn *m, struct str name, unsigned *id) MUST_USE;

#endif
