/* protocols/imap/urlauth.h: tokens that authorize URLs (RFC 4467).
 *
 * The mechanism is INTERNAL: the token is the HMAC-SHA-256 of the URL before it, under
 * the owner's key for the mailbox, prefixed by the number of the algorithm (RFC 4467
 * 2.4.1). */
#ifndef IMAP_URLAUTH_H
#define IMAP_URLAUTH_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/mailbox/url_key.h"

struct account;
struct arena;
struct txn;

/* The token of a URL without one, in lower case, in a. */
struct str urlauth_token(struct arena *a, const uint8_t key[URL_KEY_BYTES], struct str rump);

/* The account of a URL's user, who may omit the domain if host is that domain. Errors of
 * account_find. */
enum err urlauth_user(struct txn *t, struct str user, struct str host,
                      struct account *out) MUST_USE;

#endif
