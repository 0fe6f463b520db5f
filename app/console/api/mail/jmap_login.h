/* console/api/mail/jmap_login.h: the caller of a JMAP request.
 *
 *	Basic    the account's password, unless it has a second factor, or an app password with the
 *	         scope imap; its scopes smtp and sieve allow submissions and Sieve scripts
 *	Bearer   an API token with the scope mail
 *	cookie   a session of the console; requests that may change something need X-CSRF
 *
 * A client sends Basic with each request. A login that was right stays so for LIMIT_login_cache_s
 * and from the same network, while no password, second factor or account has changed
 * (row_login_moves): then neither a hash is computed nor a login logged. */
#ifndef API_JMAP_LOGIN_H
#define API_JMAP_LOGIN_H
#include "foundation/base/err.h"
#include "protocols/jmap/jmap.h"

struct jmap_logins;

struct jmap_logins *jmap_logins_new(void) MUST_USE;
/* NULL is a no-op; clears *l. Wipes its data. */
void jmap_logins_free(struct jmap_logins **l);

/* Strings of *out live in the request's arena. May block for a password hash. ERR_DENIED: wrong, or
 * there is none; ERR_RETRY: try later. why is for the client. */
enum err jmap_login(const struct http_request *q, struct http_response *r, struct jmap_caller *out,
                    struct why *why) MUST_USE;
/* The same without blocking, for the HTTP thread: ERR_RETRY when a password would have to be
 * verified. */
enum err jmap_login_quick(const struct http_request *q, struct http_response *r,
                          struct jmap_caller *out, struct why *why) MUST_USE;

/* struct jmap_server: login_check. */
enum err jmap_login_check(struct txn *t, const struct jmap_caller *c) MUST_USE;

#endif
