/* protocols/jmap/types/keyword.h: keywords of emails, as JMAP names them (RFC 8621 4.1.1): "$seen"
 * for \Seen, every name in lower case. \Deleted and \Recent have no name. */
#ifndef JMAP_KEYWORD_H
#define JMAP_KEYWORD_H
#include "model/mailbox/keywords.h"

/* Is it the name of a keyword that a client may set? */
bool jmap_keyword_valid(struct str name);
/* The flag of that name; -1: no email of the account has it. */
int jmap_keyword_find(const struct keywords *k, struct str name);
/* Write, if the keyword is new. name is valid. ERR_LIMIT: the name is too long, or the account has
 * its maximum of keywords. */
enum err jmap_keyword_intern(const struct mail_txn *m, struct str name, unsigned *flag) MUST_USE;
/* The name of a flag; empty: it has none. In a, or static. */
struct str jmap_keyword_name(const struct keywords *k, unsigned flag, struct arena *a);

#endif
