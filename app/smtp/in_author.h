/* smtp/in_author.h: is the author a submitted message names the one who submits it? */
#ifndef SMTP_IN_AUTHOR_H
#define SMTP_IN_AUTHOR_H
#include "base/err.h"
#include "directory/resolve.h"

struct store;

/* OK unless the From field of the header has an address at one of our domains that is not
 * this account's to use (RFC 6409 6.1): so no user can write in the name of another. An
 * author elsewhere is the business of his own domain's policy. ERR_DENIED, also beyond
 * LIMIT_smtp_from_fields such fields, or the store's errors. */
enum err in_author_check(struct store *store, const struct resolve_config *resolve,
                         uint32_t account, struct str header) MUST_USE;

#endif
